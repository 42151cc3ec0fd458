//! An event whose own payment is not final yet: it waits, is woken by the payment's posting, and does not wait for ever.

use crate::common::*;
use quittance::config::Secret;
use quittance::http::Request;
use quittance::stripe::signature::sign;
use quittance_sim::odoo::Version;
use quittance_sim::stripe::merchant::Pay;
use quittance_sim::stripe::method::Method;
use quittance_sim::world::{SECRET, WORKER, World};
use serde_json::json;

/// A charge's event that says more than its PaymentIntent does yet.
fn early_charge(world: &World, payment: &str) {
    let now = world.clock.now();
    let body = json!({
        "id": "evt_early", "object": "event", "type": "charge.succeeded", "livemode": false, "created": now,
        "api_version": "2026-10-28.endive",
        "data": {"object": {"id": "py_early", "object": "charge", "status": "succeeded", "captured": true, "livemode": false,
            "created": now, "amount": 10_000, "amount_captured": 10_000, "currency": "usd", "payment_intent": payment}},
    })
    .to_string();
    let request = Request::new("POST", format!("{WORKER}/webhooks/stripe"))
        .with("stripe-signature", sign(body.as_bytes(), &Secret::new(SECRET), now))
        .body(body);
    assert_eq!(world.request(&request).map(|r| r.status), Some(200));
}

fn debit(world: &World, id: i64) -> String {
    pay(world, &Pay { method: Method::Delayed, ..with(10_000, "usd", ours(world, id)) }).payment_intent
}

#[test]
fn it_is_woken_by_the_posting_of_its_payment() {
    let mut world = World::new(1, Version::V18);
    world.stripe.borrow_mut().settings.clear_after_ms = 3_600_000;
    let id = invoice(&world, "100.00", "USD");
    let payment = debit(&world, id);
    early_charge(&world, &payment);
    world.pass(60);
    assert_eq!(world.state("evt_early"), ("waiting".to_owned(), Some("payment_not_final".to_owned())));
    assert!(booked(&world).is_empty());
    world.pass(3_600);
    assert_eq!(world.state("evt_early").0, "done");
    assert_eq!((residual(&world, id).as_str(), booked(&world).len()), ("0", 1));
    world.finish();
}

#[test]
fn it_does_not_wait_longer_than_a_day() {
    let mut world = World::new(2, Version::V18);
    world.stripe.borrow_mut().settings.clear_after_ms = 3 * 86_400_000;
    let id = invoice(&world, "100.00", "USD");
    let payment = debit(&world, id);
    early_charge(&world, &payment);
    world.pass(23 * 3_600);
    assert_eq!(world.state("evt_early").0, "waiting");
    world.pass(2 * 3_600);
    // Stripe's own charge has captured nothing, so there is nothing to book; the debit's own event books it.
    assert_eq!(world.state("evt_early"), ("ignored".to_owned(), Some("payment_processing".to_owned())));
    world.pass(3 * 86_400);
    assert_eq!((residual(&world, id).as_str(), booked(&world).len()), ("0", 1));
    world.finish();
}

/// What builds on a receipt waits for it, and no longer than a day: then a person is told.
#[test]
fn what_builds_on_a_receipt_does_not_wait_for_ever_either() {
    let mut world = World::new(4, Version::V18);
    world.stripe.borrow_mut().settings.clear_after_ms = 2 * 86_400_000;
    let id = invoice(&world, "100.00", "USD");
    let payment = debit(&world, id);
    let now = world.clock.now();
    let dispute = json!({"id": "du_early", "object": "dispute", "amount": 10_000, "currency": "usd", "charge": "py_early",
        "payment_intent": payment, "status": "warning_needs_response", "reason": "general", "livemode": false,
        "created": now, "balance_transactions": [], "evidence_details": {"due_by": now + 7 * 86_400}});
    let event = json!({"id": "evt_early", "object": "event", "type": "charge.dispute.created", "livemode": false,
        "created": now, "api_version": "2026-10-28.endive", "data": {"object": dispute}});
    send(&world, &event.to_string());
    world.pass(23 * 3_600);
    assert_eq!(world.state("evt_early").0, "waiting");
    world.pass(2 * 3_600);
    assert_eq!(world.state("evt_early").0, "parked", "{:?}", world.state("evt_early"));
    assert!(!world.logged("event_parked").is_empty());
    world.finish();
}

#[test]
fn it_ends_with_a_payment_that_fails() {
    let mut world = World::new(3, Version::V18);
    world.stripe.borrow_mut().settings.clear_after_ms = 3_600_000;
    let id = invoice(&world, "100.00", "USD");
    let method = Method::DelayedFails("insufficient_funds".into());
    let payment = pay(&world, &Pay { method, ..with(10_000, "usd", ours(&world, id)) }).payment_intent;
    early_charge(&world, &payment);
    world.pass(26 * 3_600);
    assert_eq!(world.state("evt_early").0, "ignored");
    assert!(booked(&world).is_empty());
    world.finish();
}
