//! The way of an event to its endpoint.

use super::{SECRET, START_MS, listening, run_out, types_at};
use crate::stripe::merchant::Pay;
use crate::stripe::object::Fields;
use crate::stripe::webhook::{State, sign};
use crate::stripe::{Settings, Stripe};
use crate::{Clock, Outgoing, Party};
use serde_json::Value;

fn body(outgoing: &Outgoing) -> Value {
    serde_json::from_slice(&outgoing.request.body).unwrap()
}

#[test]
fn the_same_seed_delivers_the_same_bytes() {
    let run = |seed| {
        let (mut stripe, clock) = listening(seed);
        *stripe.dial() = crate::stripe::webhook::Dial {
            duplicate: 30,
            twin: 30,
            reorder: 30,
            delay: 30,
            drop: 10,
            ..Default::default()
        };
        for n in 1..20 {
            stripe.pay(&Pay::card(1000 + n, "usd")).unwrap();
        }
        run_out(&mut stripe, &clock)
    };
    let first = run(11);
    assert!(first.len() > 60, "{}", first.len());
    assert!(first == run(11));
    assert!(first != run(12));
}

#[test]
fn a_try_is_signed_anew_and_spaced_out_until_given_up() {
    let (mut stripe, clock) = listening(1);
    stripe.pay(&Pay::card(500, "usd")).unwrap();
    let first = stripe.outgoing().remove(0);
    let header = first.request.header("stripe-signature").unwrap().to_owned();
    let signature = sign::signature(SECRET, START_MS / 1000, &first.request.body);
    assert!(header.starts_with(&format!("t={},v1={signature},v0=", START_MS / 1000)), "{header}");
    stripe.answered(first.id, Some(500));
    assert!(stripe.outgoing().is_empty());
    clock.advance(600_000);
    let again = stripe.outgoing().into_iter().find(|o| o.id == first.id).unwrap();
    assert_eq!(again.request.body, first.request.body);
    assert_ne!(again.request.header("stripe-signature"), Some(header.as_str()));
    stripe.answered(first.id, None);
    clock.advance(180 * 60_000);
    stripe.outgoing();
    stripe.answered(first.id, Some(302));
    let delivery = &stripe.deliveries()[0];
    assert_eq!(delivery.state, State::GivenUp);
    assert_eq!(delivery.answers, [Some(500), None, Some(302)]);
}

#[test]
fn a_stale_signature_is_mended_by_the_next_try() {
    let (mut stripe, clock) = listening(1);
    stripe.dial().stale = 100;
    stripe.pay(&Pay::card(500, "usd")).unwrap();
    let signed_at = |o: &Outgoing| o.request.header("stripe-signature").unwrap()[2..12].parse::<i64>().unwrap();
    let first = stripe.outgoing().remove(0);
    assert_eq!(signed_at(&first), START_MS / 1000 - 301);
    stripe.answered(first.id, Some(400));
    clock.advance(600_000);
    let again = stripe.outgoing().into_iter().find(|o| o.id == first.id).unwrap();
    assert_eq!(signed_at(&again), clock.now());
}

#[test]
fn twins_duplicates_reorder_and_loss() {
    let deliver = |set: fn(&mut Stripe)| {
        let (mut stripe, _) = listening(1);
        set(&mut stripe);
        stripe.pay(&Pay::card(500, "usd")).unwrap();
        let out: Vec<(String, String)> =
            stripe.outgoing().iter().map(body).map(|e| (e.text("type").into(), e.text("id").into())).collect();
        (out, stripe)
    };
    let (plain, _) = deliver(|_| ());
    let (twins, _) = deliver(|s| s.dial().twin = 100);
    assert_eq!(twins.len(), 6);
    assert!(twins[0].0 == twins[1].0 && twins[0].1 != twins[1].1);
    let (double, _) = deliver(|s| s.dial().duplicate = 100);
    assert!(double.len() == 6 && double[0] == double[1]);
    let (reordered, _) = deliver(|s| s.dial().reorder = 100);
    assert!(reordered.iter().eq(plain.iter().rev()));
    let (lost, stripe) = deliver(|s| s.dial().drop = 100);
    assert!(lost.is_empty() && stripe.deliveries().iter().all(|d| d.state == State::Dropped));
}

#[test]
fn both_secrets_sign_while_one_is_rolled() {
    let (mut stripe, clock) = listening(1);
    let endpoint = stripe.books(&stripe.home()).unwrap().rows("webhook_endpoint")[0].text("id").to_owned();
    stripe.roll(&endpoint, "whsec_new", 1_000);
    let signatures = |stripe: &mut Stripe| {
        stripe.pay(&Pay::card(500, "usd")).unwrap();
        stripe.outgoing()[0].request.header("stripe-signature").unwrap().matches(",v1=").count()
    };
    assert_eq!(signatures(&mut stripe), 2);
    clock.advance(1_000);
    assert_eq!(signatures(&mut stripe), 1);
}

#[test]
fn thin_and_connected_endpoints() {
    let clock = Clock::at(START_MS);
    let settings = Settings { connected: vec!["acct_2".into()], ..Settings::default() };
    let mut stripe = Stripe::new(settings, clock.clone());
    stripe.listen("https://a.example/thin", &[SECRET], false, true);
    stripe.listen("https://a.example/connect", &[SECRET], true, false);
    stripe.pay(&Pay::card(500, "usd")).unwrap();
    stripe.pay(&Pay { account: Some("acct_2".into()), ..Pay::card(600, "usd") }).unwrap();
    let out = stripe.outgoing();
    let (thin, connect): (Vec<_>, Vec<_>) = out.iter().partition(|o| o.request.path() == "/thin");
    assert_eq!((thin.len(), connect.len()), (3, 3));
    let thin = body(thin[2]);
    assert_eq!((thin.text("object"), thin.text("type")), ("v2.core.event", "v1.payment_intent.succeeded"));
    assert_eq!(body(connect[2]).text("account"), "acct_2");
    let place = crate::stripe::books::Place { account: "acct_2".into(), livemode: false };
    assert_eq!(types_at(&stripe, &place).len(), 3);
}

#[test]
fn an_endpoint_hears_its_types_in_its_version() {
    let mut stripe = Stripe::new(Settings::default(), Clock::at(START_MS));
    let asked = "url=https://a.example/x&enabled_events[]=charge.succeeded&api_version=2025-09-30.clover";
    let (_, endpoint) = super::call(&mut stripe, "POST", "/v1/webhook_endpoints", asked);
    stripe.pay(&Pay::card(500, "usd")).unwrap();
    let out = stripe.outgoing();
    assert_eq!(out.len(), 1);
    let event = body(&out[0]);
    assert_eq!((event.text("type"), event.text("api_version")), ("charge.succeeded", "2025-09-30.clover"));
    let signed = out[0].request.header("stripe-signature").unwrap();
    assert!(signed.contains(&sign::signature(endpoint.text("secret"), START_MS / 1000, &out[0].request.body)));
}

#[test]
fn a_deleted_endpoint_hears_no_more() {
    let (mut stripe, _) = listening(1);
    let endpoint = stripe.books(&stripe.home()).unwrap().rows("webhook_endpoint")[0].text("id").to_owned();
    stripe.pay(&Pay::card(500, "usd")).unwrap();
    super::call(&mut stripe, "DELETE", &format!("/v1/webhook_endpoints/{endpoint}"), "");
    assert!(stripe.outgoing().is_empty());
    assert!(stripe.deliveries().iter().all(|d| d.state == State::GivenUp));
    stripe.pay(&Pay::card(500, "usd")).unwrap();
    assert_eq!(stripe.deliveries().len(), 3);
}

/// Production endpoints of a platform receive the test events of connected accounts, too.
#[test]
fn a_live_endpoint_for_connected_accounts_hears_test_events() {
    let settings = Settings { connected: vec!["acct_2".into()], livemode: true, ..Settings::default() };
    let mut stripe = Stripe::new(settings, Clock::at(START_MS));
    stripe.listen("https://a.example/connect", &[SECRET], true, false);
    for (account, livemode, heard) in [(Some("acct_2"), true, 3), (Some("acct_2"), false, 6), (None, true, 6)] {
        let pay = Pay { account: account.map(str::to_owned), livemode: Some(livemode), ..Pay::card(500, "usd") };
        stripe.pay(&pay).unwrap();
        assert_eq!(stripe.deliveries().len(), heard, "{account:?} {livemode}");
    }
    let events: Vec<Value> = stripe.outgoing().iter().map(body).collect();
    assert_eq!(events.iter().filter(|e| e.flag("livemode")).count(), 3);
}
