//! The API: keys, idempotency, errors, faults, lists.

use serde_json::Value;

use super::{ask, call, listening, request, types};
use crate::stripe::Key;
use crate::stripe::fault::{ApiFault, Trouble};
use crate::stripe::merchant::Pay;
use crate::stripe::object::Fields;
use crate::{Party, Reply};

const INTENTS: &str = "/v1/payment_intents";
const GOOD: &str = "amount=1099&currency=usd&automatic_payment_methods[enabled]=true";

fn code(body: &Value) -> &str {
    body["error"].text("code")
}

#[test]
fn a_key_gives_the_first_result_again() {
    let (mut stripe, clock) = listening(1);
    let with = |body: &str| request("POST", INTENTS, body).with("idempotency-key", "k1");
    let first = ask(&mut stripe, with(GOOD));
    let again = ask(&mut stripe, with(GOOD));
    assert_eq!((first.status, &first.body), (200, &again.body));
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), (None, Some("true")));
    assert_eq!(types(&stripe), ["payment_intent.created"]);
    let other = ask(&mut stripe, with("amount=1100&currency=usd"));
    let other_body: Value = serde_json::from_slice(&other.body).unwrap();
    assert_eq!((other.status, other_body["error"].text("type")), (400, "idempotency_error"));
    clock.advance(24 * 3_600_000);
    assert_ne!(ask(&mut stripe, with(GOOD)).body, first.body);
}

#[test]
fn a_key_in_use_is_a_conflict_and_a_refusal_is_not_kept() {
    let (mut stripe, clock) = listening(1);
    stripe.faults.add(ApiFault::next(INTENTS, Trouble::Slow(5_000)));
    let with = |body: &str| request("POST", INTENTS, body).with("idempotency-key", "k1");
    assert!(matches!(stripe.handle(&with(GOOD)), Reply::Answer { after_ms: 5_000, .. }));
    let conflict = ask(&mut stripe, with(GOOD));
    assert_eq!(conflict.status, 409);
    clock.advance(5_000);
    assert_eq!(ask(&mut stripe, with(GOOD)).header("idempotent-replayed"), Some("true"));
    let with = |body: &str| request("POST", INTENTS, body).with("idempotency-key", "k2");
    assert_eq!(ask(&mut stripe, with("amount=1&currency=usd")).status, 400);
    assert_eq!(ask(&mut stripe, with(GOOD)).status, 200);
}

#[test]
fn a_lost_answer_has_done_its_work() {
    let (mut stripe, _) = listening(1);
    let with = || request("POST", INTENTS, GOOD).with("idempotency-key", "k1");
    stripe.faults.add(ApiFault::next(INTENTS, Trouble::DropBefore));
    assert_eq!(stripe.handle(&with()), Reply::Dropped);
    assert!(types(&stripe).is_empty());
    stripe.faults.add(ApiFault::next(INTENTS, Trouble::DropAfter));
    assert_eq!(stripe.handle(&with()), Reply::Dropped);
    assert_eq!(types(&stripe).len(), 1);
    assert_eq!(ask(&mut stripe, with()).header("idempotent-replayed"), Some("true"));
    assert_eq!(types(&stripe).len(), 1);
}

#[test]
fn troubles_have_their_status_and_a_500_is_kept() {
    let (mut stripe, _) = listening(1);
    for (trouble, status, reason) in [
        (Trouble::RateLimited("endpoint-rate".into()), 429, Some("endpoint-rate")),
        (Trouble::LockTimeout, 429, None),
        (Trouble::Unavailable, 503, None),
        (Trouble::ServerError, 500, None),
    ] {
        stripe.faults.add(ApiFault::next(INTENTS, trouble.clone()));
        let with = || request("POST", INTENTS, GOOD).with("idempotency-key", format!("{trouble:?}"));
        let struck = ask(&mut stripe, with());
        assert_eq!((struck.status, struck.header("stripe-rate-limited-reason")), (status, reason));
        assert_eq!(ask(&mut stripe, with()).status, if status == 500 { 500 } else { 200 });
    }
}

#[test]
fn a_refusal_may_say_whether_to_try_again() {
    let (mut stripe, _) = listening(1);
    for (kind, status) in [(Trouble::ServerError, 500), (Trouble::KeyInUse, 409), (Trouble::LockTimeout, 429)] {
        for (said, header) in [(Some(true), Some("true")), (Some(false), Some("false")), (None, None)] {
            let key = format!("{kind:?}{said:?}");
            stripe.faults.add(ApiFault { should_retry: said, ..ApiFault::next(INTENTS, kind.clone()) });
            let struck = ask(&mut stripe, request("POST", INTENTS, GOOD).with("idempotency-key", &key));
            assert_eq!((struck.status, struck.header("stripe-should-retry")), (status, header), "{key}");
            let again = ask(&mut stripe, request("POST", INTENTS, GOOD).with("idempotency-key", &key));
            let kept = if status == 500 { (500, header, Some("true")) } else { (200, None, None) };
            let replayed = again.header("idempotent-replayed");
            assert_eq!((again.status, again.header("stripe-should-retry"), replayed), kept, "{key}");
        }
    }
}

#[test]
fn a_cancellation_keeps_its_reason() {
    let (mut stripe, _) = listening(1);
    let made = super::intent(&mut stripe, "usd", "");
    let path = format!("{INTENTS}/{}/cancel", made.text("id"));
    assert_eq!(call(&mut stripe, "POST", &path, "cancellation_reason=bored").0, 400);
    let (_, canceled) = call(&mut stripe, "POST", &path, "cancellation_reason=abandoned");
    assert_eq!((canceled.text("status"), canceled.text("cancellation_reason")), ("canceled", "abandoned"));
}

#[test]
fn refusals() {
    let (mut stripe, _) = listening(1);
    for (body, status, wanted) in [
        ("currency=usd", 400, "parameter_missing"),
        ("amount=1&currency=usd", 400, "amount_too_small"),
        ("amount=1.5&currency=usd", 400, "parameter_invalid_integer"),
        ("amount=1050&currency=isk", 400, "parameter_invalid_integer"),
        ("amount=1000&currency=usd&colour=red", 400, "parameter_unknown"),
        ("amount=1000&currency=usd&customer=cus_none", 400, "resource_missing"),
        ("amount=1000&currency=usd&payment_method_types[]=card", 400, "payment_method_types_no_longer_supported"),
        ("amount=1000&currency=usd&confirm=true", 400, "payment_intent_unexpected_state"),
        ("amount=1000&currency=usd&confirm=true&payment_method=pm_card_chargeDeclined", 402, "card_declined"),
    ] {
        let (got, answer) = call(&mut stripe, "POST", INTENTS, body);
        assert_eq!((got, code(&answer)), (status, wanted), "{body}: {answer}");
    }
    let (status, answer) = call(&mut stripe, "GET", "/v1/charges/ch_none", "");
    assert_eq!((status, code(&answer)), (404, "resource_missing"));
    assert_eq!(call(&mut stripe, "GET", "/v1/cheques", "").0, 404);
    assert_eq!(call(&mut stripe, "GET", "/v1/payment_intents?expand[]=data.colour", "").0, 400);
}

#[test]
fn keys_decide_mode_and_rights() {
    let (mut stripe, _) = listening(1);
    stripe.settings.keys.push(Key::restricted("rk_test_pay", &["payment_intent_write"]));
    let paid = stripe.pay(&Pay::card(500, "usd")).unwrap();
    let path = format!("{INTENTS}/{}", paid.payment_intent);
    for (key, path, status) in [
        ("sk_test_sim", path.as_str(), 200),
        ("sk_live_sim", &path, 404),
        ("rk_test_pay", &path, 200),
        ("rk_test_pay", "/v1/events", 403),
        ("sk_test_wrong", &path, 401),
    ] {
        let mut request = request("GET", path, "");
        request.headers = vec![("Authorization".into(), format!("Bearer {key}"))];
        assert_eq!(ask(&mut stripe, request).status, status, "{key} {path}");
    }
    let foreign = request("GET", &path, "").with("stripe-account", "acct_other");
    assert_eq!(ask(&mut stripe, foreign).status, 403);
    for (version, status) in [("2026-10-28.endive", 200), ("2020-08-27", 200), ("endive", 400), ("2026-10-28.", 400)] {
        let asked = request("GET", &path, "").with("stripe-version", version);
        assert_eq!(ask(&mut stripe, asked).status, status, "{version}");
    }
}

#[test]
fn a_page_reads_and_pays_through_the_api() {
    let (mut stripe, _) = listening(1);
    let body = format!("{GOOD}&metadata[odoo_id]=7");
    let (_, made) = call(&mut stripe, "POST", INTENTS, &body);
    let path = format!("{INTENTS}/{}", made.text("id"));
    let confirm = "payment_method=pm_card_visa&expand[]=latest_charge";
    let (status, paid) = call(&mut stripe, "POST", &format!("{path}/confirm"), confirm);
    assert_eq!((status, paid.text("status")), (200, "succeeded"));
    assert_eq!(paid["latest_charge"]["metadata"].text("odoo_id"), "7");
    let (status, refused) = call(&mut stripe, "POST", &format!("{path}/cancel"), "");
    assert_eq!((status, code(&refused)), (400, "payment_intent_unexpected_state"));
}

#[test]
fn events_are_listed_for_recovery() {
    let (mut stripe, clock) = listening(1);
    stripe.pay(&Pay::card(500, "usd")).unwrap();
    stripe.dial().drop = 100;
    clock.advance(10_000);
    stripe.pay(&Pay::card(600, "usd")).unwrap();
    super::run_out(&mut stripe, &clock);
    let since = super::START_MS / 1000 + 10;
    let path = format!("/v1/events?types[]=payment_intent.succeeded&created[gte]={since}&limit=100");
    let (_, list) = call(&mut stripe, "GET", &path, "");
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    assert_eq!(list["data"][0]["data"]["object"].int("amount"), 600);
    let (_, undelivered) =
        call(&mut stripe, "GET", "/v1/events?delivery_success=false&type=payment_intent.succeeded", "");
    assert_eq!(undelivered["data"][0]["id"], list["data"][0]["id"]);
    assert_eq!(undelivered["data"].as_array().unwrap().len(), 1);
    let too_many = (0..21).map(|n| format!("types[]=t{n}")).collect::<Vec<_>>().join("&");
    assert_eq!(call(&mut stripe, "GET", &format!("/v1/events?{too_many}"), "").0, 400);
    clock.advance(31 * 24 * 3_600_000);
    assert_eq!(call(&mut stripe, "GET", "/v1/events", "").1["data"], Value::Array(Vec::new()));
}

#[test]
fn endpoints_show_their_secret_once_and_are_sixteen_at_most() {
    let (mut stripe, _) = listening(1);
    let path = "/v1/webhook_endpoints";
    let body = "url=https://x.example/hook&enabled_events[]=payment_intent.succeeded&api_version=2026-10-28.endive";
    let (_, made) = call(&mut stripe, "POST", path, body);
    assert!(made.text("secret").starts_with("whsec_"));
    let own = format!("{path}/{}", made.text("id"));
    assert!(call(&mut stripe, "GET", &own, "").1.get("secret").is_none());
    assert_eq!(call(&mut stripe, "POST", &own, "api_version=x").0, 400);
    assert_eq!(call(&mut stripe, "POST", &own, "disabled=true").1.text("status"), "disabled");
    for n in 2..16 {
        assert_eq!(call(&mut stripe, "POST", path, body).0, 200, "{n}");
    }
    assert_eq!(call(&mut stripe, "POST", path, body).0, 400);
    assert_eq!(call(&mut stripe, "DELETE", &own, "").1["deleted"], true);
    assert_eq!(call(&mut stripe, "POST", path, body).0, 200);
}

/// Under random trouble the same seed gives the same answers to the byte, another seed others.
#[test]
fn trouble_repeats_with_its_seed() {
    let run = |seed| {
        let (mut stripe, _) = listening(seed);
        for kind in [Trouble::Unavailable, Trouble::DropAfter, Trouble::Slow(90), Trouble::LockTimeout] {
            stripe.faults.add(ApiFault { percent: 20, times: 1_000, ..ApiFault::next("/v1/", kind) });
        }
        (0..60).map(|_| stripe.handle(&request("POST", INTENTS, GOOD))).collect::<Vec<Reply>>()
    };
    let replies = run(5);
    assert!(replies == run(5));
    assert!(replies != run(6));
    let dropped = replies.iter().filter(|reply| **reply == Reply::Dropped).count();
    assert!((3..25).contains(&dropped), "{dropped}");
}
