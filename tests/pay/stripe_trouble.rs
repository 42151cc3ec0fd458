//! Stripe fails, limits, or its answer is lost: the same attempt is sent again, never a second one beside it.

use quittance_sim::stripe::fault::{ApiFault, Trouble};
use serde_json::json;

use crate::pay_page::{PayPage, body, code};

const CREATE: &str = "/v1/payment_intents";

fn trouble(desk: &PayPage, path: &str, kind: Trouble) {
    desk.world.stripe.borrow_mut().faults.add(ApiFault { method: "POST".into(), ..ApiFault::next(path, kind) });
}

fn keys(desk: &PayPage) -> Vec<String> {
    let stripe = desk.world.stripe.borrow();
    let creations = stripe.seen.iter().filter(|s| s.method == "POST" && s.path == CREATE);
    let mut keys: Vec<String> = creations.filter_map(|s| s.idempotency_key.clone()).collect();
    keys.dedup();
    keys
}

#[test]
fn the_same_attempt_is_sent_again_after_what_may_pass() {
    for kind in [
        Trouble::KeyInUse,
        Trouble::RateLimited("endpoint-rate".into()),
        Trouble::LockTimeout,
        Trouble::Unavailable,
        Trouble::DropBefore,
        Trouble::DropAfter,
    ] {
        let desk = PayPage::new();
        trouble(&desk, CREATE, kind.clone());
        let response = desk.asked(json!({})).unwrap();
        assert_eq!((response.status, code(&body(&response))), (503, "stripe_unavailable"), "{kind:?}");
        assert_eq!(response.header("retry-after"), Some("2"), "{kind:?}");
        desk.open();
        assert_eq!(desk.intents(), ["requires_payment_method 10000"], "{kind:?}");
        assert_eq!(keys(&desk).len(), 1, "{kind:?}");
        desk.world.finish();
    }
}

/// Stripe keeps its own failure under the key: the attempt is looked up, and another takes its place.
#[test]
fn a_failure_that_is_replayed_is_not_repeated_for_ever() {
    let desk = PayPage::new();
    trouble(&desk, CREATE, Trouble::ServerError);
    assert_eq!(desk.ask(json!({})).0, 503, "the first 500 may be a passing one");
    let payment = desk.open();
    assert_eq!(keys(&desk).len(), 2);
    assert_eq!(desk.intents().iter().filter(|i| i.starts_with("requires")).count(), 1, "{:?}", desk.intents());
    assert_eq!(desk.open(), payment);
    desk.world.finish();
}

/// The answer was lost, the payer came back on the next day: its key is no longer Stripe's, so it is looked up.
#[test]
fn an_attempt_of_yesterday_is_looked_up() {
    for (kind, made) in [(Trouble::DropAfter, 1), (Trouble::DropBefore, 0)] {
        let mut desk = PayPage::new();
        trouble(&desk, CREATE, kind);
        assert_eq!(desk.ask(json!({})).0, 503);
        assert_eq!(desk.intents().len(), made);
        desk.world.cron_sleeps = true;
        desk.world.pass(25 * 3_600);
        desk.open();
        assert_eq!(desk.intents().len(), 1);
        assert_eq!(keys(&desk).len(), 2 - made);
        desk.world.finish();
    }
}

#[test]
fn the_clock_looks_up_what_nobody_came_back_for() {
    for (kind, made) in [(Trouble::DropAfter, 1), (Trouble::DropBefore, 0)] {
        let mut desk = PayPage::new();
        trouble(&desk, CREATE, kind);
        assert_eq!(desk.ask(json!({})).0, 503);
        desk.world.pass(25 * 3_600);
        let open = desk.world.db.query("SELECT payment FROM intents WHERE closed IS NULL");
        assert_eq!(open.len(), made);
        assert!(open.iter().all(|row| row["payment"].is_string()), "{open:?}");
        desk.world.finish();
    }
}

/// The payment goes on without him; the next one finds him, or makes him with the key of the claim.
#[test]
fn a_customer_whose_answer_was_lost_is_made_once() {
    for kind in [Trouble::DropAfter, Trouble::DropBefore, Trouble::Unavailable] {
        let desk = PayPage::new();
        // Stripe's search does not know yet what was made a moment ago.
        desk.world.stripe.borrow_mut().settings.search_lag_ms = 60_000;
        trouble(&desk, "/v1/customers", kind);
        let first = desk.open();
        assert_eq!(desk.retrieve(&first)["customer"], json!(null));
        let desk = PayPage::in_world(desk.world, &quittance_sim::odoo::Invoice::of("55.00", "USD"));
        let second = desk.open();
        assert!(desk.retrieve(&second)["customer"].is_string());
        assert_eq!(desk.customers().len(), 1);
        let mut desk = desk;
        desk.settle();
        desk.world.finish();
    }
}

#[test]
fn a_cancel_whose_answer_was_lost_leaves_one_to_pay() {
    for kind in [Trouble::DropAfter, Trouble::DropBefore, Trouble::LockTimeout] {
        let mut desk = PayPage::new();
        desk.world.set("PAY_PARTIAL", "true");
        let first = desk.open();
        trouble(&desk, &format!("{CREATE}/{first}/cancel"), kind);
        assert_eq!(desk.ask(json!({"amount": "40.00"})).0, 503);
        let (status, answer) = desk.ask(json!({"amount": "40.00"}));
        assert_eq!((status, &answer["payment"]["money"]["minor"]), (200, &json!(4_000)));
        assert_eq!(desk.intents(), ["canceled 10000", "requires_payment_method 4000"]);
        desk.settle();
        desk.world.finish();
    }
}

/// Stripe takes 25 creations a second of one account: the 26th waits for the next second.
#[test]
fn no_more_than_stripe_takes_are_begun_in_one_second() {
    let mut desk = PayPage::new();
    let mut refused = 0;
    for client in 0..30 {
        desk = PayPage::in_world(desk.world, &quittance_sim::odoo::Invoice::of("10.00", "USD"));
        let request = desk.request(json!({})).with("cf-connecting-ip", format!("198.51.{client}.7"));
        let response = desk.world.request(&request).expect("the Worker lives");
        refused += usize::from((response.status, code(&body(&response))) == (503, "stripe_unavailable"));
    }
    assert_eq!((refused, desk.intents().len()), (5, 25));
    desk.world.clock.advance(1_000);
    desk.open();
    desk.settle();
    desk.world.finish();
}
