//! What Stripe does not have: events that are signed and not true, of another mode, or of nobody's money.

use crate::common::*;
use quittance_sim::odoo::Version;
use quittance_sim::stripe::fault::{ApiFault, Trouble};
use quittance_sim::stripe::merchant::{Pay, Refund};
use quittance_sim::world::World;
use serde_json::{Value, json};

const HOUR: i64 = 3_600;

/// A PaymentIntent that succeeded, with the metadata of the product's own.
fn success(world: &World, id: &str, livemode: bool) -> Value {
    let invoice = invoice(world, "104.12", "USD");
    let metadata: serde_json::Map<String, Value> =
        ours(world, invoice).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    json!({"id": id, "object": "payment_intent", "amount": 10_412, "amount_received": 10_412, "currency": "usd",
        "status": "succeeded", "livemode": livemode, "created": world.clock.now_ms() / 1_000, "metadata": metadata})
}

fn alerts(world: &World) -> Vec<String> {
    let rows = world.db.query("SELECT what FROM alerts WHERE kind = 'receipt_unknown_to_stripe'");
    rows.iter().filter_map(|row| row["what"].as_str().map(str::to_owned)).collect()
}

/// Booked at once, as our own metadata spares the question; asked for by the clock after an hour, and told.
#[test]
fn a_receipt_that_stripe_does_not_know_is_told_within_the_next_quarter_after_an_hour() {
    for version in VERSIONS {
        let mut world = World::new(31, version);
        pay(&world, &Pay::card(500, "usd"));
        world.pass(20 * 60);
        let object = success(&world, "pi_forged", false);
        let down = ApiFault { times: u32::MAX, ..ApiFault::next("", Trouble::Unavailable) };
        world.stripe.borrow_mut().faults.add(down);
        post(&world, "evt_forged", object);
        world.pass(60);
        assert_eq!(posting(&world, "pi_forged")["outcome"], "created", "nobody waits for Stripe");
        world.stripe.borrow_mut().faults.clear();
        world.pass(50 * 60);
        assert!(alerts(&world).is_empty(), "it may come yet");
        world.pass(30 * 60);
        let told = alerts(&world);
        assert!(
            told.len() == 1 && told[0].contains("1 movement is booked") && told[0].contains("pi_forged"),
            "{told:?}"
        );
        assert_eq!(world.logged("receipt_unknown_to_stripe").len(), 1);
        world.pass(26 * HOUR);
        assert_eq!(world.logged("receipt_unknown_to_stripe").len(), 1, "told once");
        assert_eq!(alerts(&world).len(), 1, "while it lasts");
        world.finish();
    }
}

/// Money whose balance transaction comes days later is only looked at, ever more rarely, and no more once it has settled.
#[test]
fn delayed_money_is_no_fiction() {
    let mut world = World::new(32, Version::V18);
    world.stripe.borrow_mut().settings.settle_after_ms = 5 * 24 * HOUR * 1_000;
    let paid = pay(&world, &Pay::card(4_000, "usd"));
    world.pass(2 * HOUR);
    let looks = |world: &World| {
        let rows = world.db.query("SELECT looks FROM missing_transactions");
        rows.first().and_then(|row| row["looks"].as_i64())
    };
    assert!(looks(&world).is_some_and(|looks| (1..=2).contains(&looks)), "{:?}", looks(&world));
    world.pass(3 * 24 * HOUR);
    assert!(looks(&world).is_some_and(|looks| (5..=8).contains(&looks)), "{:?}", looks(&world));
    world.pass(7 * 24 * HOUR);
    assert_eq!(looks(&world), None, "settled");
    assert!(alerts(&world).is_empty());
    assert_eq!(posting(&world, &paid.payment_intent)["outcome"], "created");
    world.finish();
}

/// A refund is always asked for before it is booked.
#[test]
fn a_refund_that_stripe_does_not_know_is_not_booked() {
    let mut world = World::new(33, Version::V18);
    let paid = pay(&world, &Pay::card(4_000, "usd"));
    world.pass(20 * 60);
    world.stripe.borrow_mut().refund(&Refund::part(&paid.charge, 500)).unwrap();
    world.pass(20 * 60);
    let now = world.clock.now_ms() / 1_000;
    let refund = json!({"id": "re_forged", "object": "refund", "amount": 700, "currency": "usd", "status": "succeeded",
        "created": now, "charge": paid.charge, "payment_intent": paid.payment_intent, "balance_transaction": "txn_forged",
        "metadata": {}});
    let event = json!({"id": "evt_re", "object": "event", "type": "refund.created", "livemode": false, "created": now,
        "api_version": "2026-10-28.endive", "data": {"object": refund}});
    send(&world, &event.to_string());
    let before = world.odoo.borrow().keys().len();
    world.pass(2 * HOUR);
    assert_eq!(world.odoo.borrow().keys().len(), before);
    assert_eq!(world.state("evt_re").1.as_deref(), Some("stripe_object_missing"));
    world.disable_drop_check();
}

/// Live events at the ledger of a test key, through the door and by the list, and objects of another mode than their event.
#[test]
fn nothing_of_the_other_mode_is_booked() {
    for version in VERSIONS {
        let mut world = World::new(34, version);
        let now = world.clock.now_ms() / 1_000;
        let event = |id: &str, livemode: bool, object: Value| {
            json!({"id": id, "object": "event", "type": "payment_intent.succeeded", "livemode": livemode, "created": now,
                "api_version": "2026-10-28.endive", "data": {"object": object}})
            .to_string()
        };
        // An endpoint's door may refuse the other mode; whatever it answers, nothing is booked.
        attempt(&world, &event("evt_live", true, success(&world, "pi_live", true)));
        attempt(&world, &event("evt_live_object", false, success(&world, "pi_live_object", true)));
        attempt(&world, &event("evt_live_event", true, success(&world, "pi_live_event", false)));
        let thin = json!({"id": "evt_thin", "object": "v2.core.event", "type": "v1.payment_intent.succeeded", "livemode": true,
            "created": "2026-11-21T19:00:00.000Z", "related_object": {"id": "pi_thin", "type": "payment_intent", "url": ""}});
        attempt(&world, &thin.to_string());
        let pulled = |id: &str, kind: &str, object: &str| {
            json!({"id": id, "account": null, "livemode": 1, "type": kind, "api_version": null, "created": now,
                "object": object, "subject": object})
        };
        let rows = json!([
            pulled("evt_pulled", "payment_intent.succeeded", "pi_pulled"),
            pulled("txn_live", "balance_transaction", "txn_live")
        ]);
        crate::common::now(quittance::ledger::inbox::store_pulled(&*world.runtime().db, &rows, now)).unwrap();
        pay(&world, &Pay { livemode: Some(true), ..Pay::card(1_000, "usd") });
        world.pass(2 * HOUR);
        assert!(
            booked(&world).is_empty() && world.odoo.borrow().keys().is_empty(),
            "{version:?}: {:?}",
            booked(&world)
        );
        let states = world.db.query("SELECT DISTINCT state || ' ' || code AS s FROM inbox WHERE id LIKE 'evt_live%' OR id LIKE '%pulled' OR id = 'txn_live' ORDER BY 1");
        let states: Vec<&str> = states.iter().filter_map(|row| row["s"].as_str()).collect();
        assert!(states.iter().all(|s| ["ignored other_mode", "parked object_differs"].contains(s)), "{states:?}");
        assert_eq!(world.state("evt_pulled").1.as_deref(), Some("other_mode"));
        assert_eq!(world.state("txn_live").1.as_deref(), Some("other_mode"));
        world.finish();
    }
}

/// The mirror: a test event at the ledger of a live key.
#[test]
fn a_ledger_of_a_live_key_books_nothing_of_a_test() {
    let mut world = World::new(35, Version::V18);
    world.disable_drop_check();
    world.set("STRIPE_API_KEY", "sk_live_sim");
    attempt(&world, &{
        let now = world.clock.now_ms() / 1_000;
        json!({"id": "evt_test", "object": "event", "type": "payment_intent.succeeded", "livemode": false, "created": now,
            "api_version": "2026-10-28.endive", "data": {"object": success(&world, "pi_test", false)}})
        .to_string()
    });
    world.pass(HOUR);
    assert!(booked(&world).is_empty());
}

/// An account that is neither the key's nor named: its events, thin and snapshot, and what they lead to.
#[test]
fn nothing_of_a_connected_account_that_is_not_named_is_booked() {
    let mut world = World::new(36, Version::V18);
    let now = world.clock.now_ms() / 1_000;
    let object = success(&world, "pi_theirs", false);
    let event = json!({"id": "evt_theirs", "object": "event", "type": "payment_intent.succeeded", "livemode": false, "created": now,
        "account": "acct_1Other0000000000", "api_version": "2026-10-28.endive", "data": {"object": object}});
    attempt(&world, &event.to_string());
    let thin = json!({"id": "evt_theirs_thin", "object": "v2.core.event", "type": "v1.payment_intent.succeeded", "livemode": false,
        "context": "acct_1Other0000000000", "created": "2026-11-21T19:00:00.000Z",
        "related_object": {"id": "pi_theirs2", "type": "payment_intent", "url": ""}});
    attempt(&world, &thin.to_string());
    world.pass(2 * HOUR);
    assert!(booked(&world).is_empty() && world.odoo.borrow().keys().is_empty());
    world.finish();
}

/// Posts a signed body; the answer is the door's own matter.
fn attempt(world: &World, body: &str) {
    let now = world.clock.now_ms() / 1_000;
    let secret = quittance::config::Secret::new(quittance_sim::world::SECRET);
    let request = quittance::http::Request::new("POST", format!("{}/webhooks/stripe", quittance_sim::world::WORKER))
        .with("stripe-signature", quittance::stripe::signature::sign(body.as_bytes(), &secret, now))
        .body(body);
    assert!(world.request(&request).is_some());
}
