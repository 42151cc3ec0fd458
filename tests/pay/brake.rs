//! Card after card: what tries them is stopped within seconds, whatever else waits.

use quittance_sim::odoo::{Invoice, Version};
use quittance_sim::stripe::fault::{ApiFault, Trouble};
use serde_json::json;

use crate::pay_page::{PayPage, body, code};

/// Declines that reach Stripe while somebody confirms four times a second for so many seconds.
fn tries(desk: &mut PayPage, payment: &str, seconds: i64) -> usize {
    let mut declines = 0;
    for _ in 0..4 * seconds {
        declines += usize::from(desk.confirm(payment, "pm_card_chargeDeclined") == 402);
        // Stripe's delivery and the queue's batch take their time: half a second and a second.
        desk.world.clock.advance(250);
        if desk.world.clock.now_ms() % 1_500 < 250 {
            desk.world.work();
        }
    }
    declines
}

#[test]
fn four_declines_a_second_are_stopped_below_fifteen() {
    let mut desk = PayPage::new();
    desk.world.cron_sleeps = true;
    let payment = desk.open();
    let declines = tries(&mut desk, &payment, 55);
    assert!((5..=15).contains(&declines), "{declines}");
    assert_eq!(desk.retrieve(&payment)["status"], "canceled");
    assert!(!desk.world.logged("payment_paused").is_empty());
    desk.world.pass(60);
    let kept = desk.world.db.query(
        "SELECT type FROM inbox WHERE type IN ('payment_intent.payment_failed', 'charge.failed') AND body IS NOT NULL",
    );
    assert_eq!(kept.len(), 0, "declines leave no bodies: {kept:?}");
    desk.world.cron_sleeps = false;
    desk.world.pass(1_000);
    let told = desk.world.db.query("SELECT what FROM alerts WHERE kind = 'declines'");
    assert_eq!(told.len(), 1, "{told:?}");
    desk.world.finish();
}

/// Somebody else works an event of the same payment, or delivery pauses altogether: declines are counted all the same.
#[test]
fn declines_are_counted_whoever_holds_the_payment() {
    for lock in [
        "INSERT INTO leases (subject, token, until) VALUES ('{pi}', 'other', 9999999999) RETURNING subject",
        "UPDATE delivery SET failures = 3, paused_until = 9999999999, since = 0 RETURNING only",
    ] {
        let mut desk = PayPage::new();
        desk.world.cron_sleeps = true;
        let payment = desk.open();
        desk.settle();
        desk.world.db.query(&lock.replace("{pi}", &payment));
        let declines = tries(&mut desk, &payment, 55);
        assert!((5..=15).contains(&declines), "{declines}: {lock}");
        desk.world.db.query("DELETE FROM leases RETURNING subject");
        desk.world.db.query("UPDATE delivery SET failures = 0, paused_until = 0 RETURNING only");
        desk.world.cron_sleeps = false;
        desk.world.pass(600);
        desk.world.finish();
    }
}

/// The cancellation fails once, or the Worker dies before it: the next decline, or the clock, does it.
#[test]
fn a_cancellation_that_failed_is_done_by_whoever_comes_next() {
    for next in ["decline", "clock"] {
        let mut desk = PayPage::new();
        let payment = desk.open();
        let path = format!("/v1/payment_intents/{payment}/cancel");
        let fault = ApiFault { times: u32::MAX, ..ApiFault::next(&path, Trouble::DropBefore) };
        desk.world.stripe.borrow_mut().faults.add(fault);
        for _ in 0..5 {
            assert_eq!(desk.confirm(&payment, "pm_card_chargeDeclined"), 402);
        }
        desk.world.work();
        assert_eq!(desk.retrieve(&payment)["status"], "requires_payment_method", "the cancellation was lost");
        desk.world.stripe.borrow_mut().faults.clear();
        match next {
            "decline" => {
                assert_eq!(desk.confirm(&payment, "pm_card_chargeDeclined"), 402);
                desk.world.work();
            }
            _ => desk.settle(),
        }
        assert_eq!(desk.retrieve(&payment)["status"], "canceled", "{next}");
        desk.settle();
        desk.world.finish();
    }
}

/// The wait until the page begins another payment, in seconds.
fn waits(desk: &mut PayPage) -> i64 {
    let payment = desk.open();
    for _ in 0..5 {
        assert_eq!(desk.confirm(&payment, "pm_card_chargeDeclined"), 402);
    }
    desk.world.work();
    let response = desk.asked(json!({})).unwrap();
    assert_eq!((response.status, code(&body(&response))), (429, "payment_paused"));
    response.header("retry-after").unwrap().parse().unwrap()
}

#[test]
fn pauses_grow_from_ten_minutes_to_a_day() {
    let mut desk = PayPage::new();
    for most in [600, 3_600, 86_400, 86_400] {
        let wait = waits(&mut desk);
        assert!((most - 5..=most).contains(&wait), "{wait}, not {most}");
        assert_eq!(desk.status().1["paused_for"].as_i64().unwrap_or(most), most, "{}", desk.status().1);
        desk.world.pass(wait + 1);
    }
    desk.world.pass(3 * 86_400);
    assert!(waits(&mut desk) <= 600, "what was days ago is forgotten");
    desk.world.pass(700);
    let last = desk.open();
    assert_eq!(desk.confirm(&last, "pm_card_visa"), 200);
    desk.settle();
    assert_eq!(desk.told(), "paid");
    desk.world.finish();
}

/// Another amount is another PaymentIntent, and no way around the brake.
#[test]
fn declines_of_one_invoice_count_together() {
    let mut desk = PayPage::of(Version::V18, &Invoice::of("100.00", "USD"));
    desk.world.set("PAY_PARTIAL", "true");
    let mut declines = 0;
    for n in 0..12 {
        let (status, answer) = desk.ask(json!({"amount": format!("{}.00", 40 + n)}));
        if status != 200 {
            assert!(["payment_paused", "rate_limited"].contains(&code(&answer)), "{answer}");
            break;
        }
        let payment = answer["payment"]["id"].as_str().unwrap().to_owned();
        for _ in 0..3 {
            declines += usize::from(desk.confirm(&payment, "pm_card_chargeDeclined") == 402);
        }
        desk.world.work();
        desk.world.clock.advance(1_000);
    }
    assert!((5..=8).contains(&declines), "{declines}");
    desk.settle();
    desk.world.finish();
}
