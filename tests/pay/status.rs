//! What the page polls, from the ledger alone.

use quittance_sim::odoo::{Invoice, Version};
use quittance_sim::stripe::balance::Entry;
use serde_json::json;

use crate::common::send;
use crate::pay_page::PayPage;

#[test]
fn the_states_a_payer_sees() {
    let mut desk = PayPage::new();
    assert_eq!(desk.status().0, 404, "nobody began to pay");
    let payment = desk.open();
    assert_eq!(desk.status(), (200, json!({"state": "open", "payment": payment, "booked": null, "paused_for": 0})));
    let calls = desk.seen();
    desk.confirm(&payment, "pm_card_visa");
    desk.world.receive();
    assert_eq!(desk.status().1["state"], "received", "the webhook is in the inbox");
    desk.settle();
    let (_, status) = desk.status();
    assert_eq!((&status["state"], &status["payment"]), (&json!("booked"), &json!(payment)));
    assert!(status["booked"]["name"].as_str().is_some_and(|name| name.contains("STRP")), "{status}");
    let seen = desk.seen_since(calls);
    let asked = seen.iter().filter(|call| !call.contains("/v1/balance_transactions")).count();
    assert_eq!(asked, 1, "the payer's own confirmation: Stripe is not asked about the payment: {seen:?}");
    let wrong = PayPage { token: "wrong".into(), ..desk };
    assert_eq!(wrong.status().0, 404);
    wrong.world.finish();
}

#[test]
fn declines_make_a_pause() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    for n in 1..=5 {
        assert_eq!(desk.confirm(&payment, "pm_card_chargeDeclined"), 402);
        desk.world.receive();
        desk.world.pass(2);
        assert_eq!(desk.status().1["paused_for"].as_i64().unwrap() > 0, n >= 5, "{n} {}", desk.status().1);
    }
    let response = desk.asked(json!({})).unwrap();
    assert_eq!((response.status, crate::pay_page::code(&crate::pay_page::body(&response))), (429, "payment_paused"));
    let wait: i64 = response.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=600).contains(&wait), "{wait}");
    assert_eq!(desk.retrieve(&payment)["status"], "canceled", "nobody goes on with it meanwhile");
    desk.world.pass(wait + 1);
    let second = desk.open();
    assert_ne!(second, payment);
    assert_eq!(desk.confirm(&second, "pm_card_visa"), 200);
    desk.settle();
    assert_eq!(desk.told(), "paid");
    desk.world.finish();
}

/// The hints of all five were lost: the clock counts them.
#[test]
fn the_clock_ends_a_row_of_declines() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    for _ in 0..5 {
        desk.confirm(&payment, "pm_card_chargeDeclined");
    }
    desk.world.receive();
    desk.world.hints.borrow_mut().clear();
    desk.settle();
    assert_eq!(desk.retrieve(&payment)["status"], "canceled");
    desk.world.finish();
}

#[test]
fn an_event_that_is_parked_needs_a_person() {
    let mut desk = PayPage::of(Version::V18, &Invoice::of("100.00", "EUR"));
    let payment = desk.open();
    desk.confirm(&payment, "pm_card_visa");
    desk.currency_is_active("EUR", false);
    desk.world.pass(120);
    assert_eq!(desk.status().1["state"], "attention", "{:?}", crate::common::events(&desk.world));
    desk.world.finish();
}

#[test]
fn under_dispute_the_invoice_is_not_offered() {
    let mut desk = PayPage::new();
    desk.world.set("PAY_PARTIAL", "true");
    let (_, answer) = desk.ask(json!({"amount": "40.00"}));
    let payment = answer["payment"]["id"].as_str().unwrap().to_owned();
    desk.confirm(&payment, "pm_card_visa");
    desk.settle();
    assert_eq!(desk.told_or_open(), "open");
    let dispute = |id: &str, kind: &str, created: i64| {
        send(
            &desk.world,
            &json!({"id": id, "object": "event", "type": kind, "livemode": false, "created": created,
            "api_version": "2026-10-28.endive",
            "data": {"object": {"id": "du_1", "object": "dispute", "payment_intent": payment}}})
            .to_string(),
        );
    };
    let now = quittance::ports::Clock::now(&desk.world.clock);
    dispute("evt_opened", "charge.dispute.created", now);
    assert_eq!(desk.told_or_open(), "disputed");
    dispute("evt_closed", "charge.dispute.closed", now + 5);
    assert_eq!(desk.told_or_open(), "open");
    desk.settle();
    desk.world.finish();
}

impl PayPage {
    fn told_or_open(&self) -> String {
        self.ask(json!({})).1["state"].as_str().unwrap().to_owned()
    }
}

/// Only declines of the last hour count: who was declined now and then is not kept from paying.
#[test]
fn declines_of_other_days_make_no_pause() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    for _ in 0..8 {
        assert_eq!(desk.confirm(&payment, "pm_card_chargeDeclined"), 402);
        desk.world.pass(3_600);
    }
    assert_eq!(desk.confirm(&payment, "pm_card_chargeDeclined"), 402);
    desk.settle();
    assert_eq!(desk.status().1["paused_for"], 0);
    assert_eq!(desk.open(), payment);
    desk.world.finish();
}

/// An event that cannot be read says nothing of money: the payer may go on.
#[test]
fn a_parked_event_that_is_no_success_keeps_nobody_from_paying() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    let now = quittance::ports::Clock::now(&desk.world.clock);
    let event = json!({"id": "evt_odd", "object": "event", "type": "payment_intent.payment_failed", "livemode": false,
        "created": now, "api_version": "2026-10-28.endive",
        "data": {"object": {"id": payment, "object": "payment_intent"}}});
    send(&desk.world, &event.to_string());
    desk.settle();
    assert_eq!(desk.world.state("evt_odd").0, "parked");
    assert_eq!(desk.open(), payment);
    assert_eq!(desk.status().1["state"], "open");
    desk.world.finish();
}

/// The sixth card was good, and quicker than the brake: whoever has just paid is told so, not that he must wait.
#[test]
fn a_success_right_after_declines_is_no_pause() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    for _ in 0..5 {
        assert_eq!(desk.confirm(&payment, "pm_card_chargeDeclined"), 402);
    }
    assert_eq!(desk.confirm(&payment, "pm_card_visa"), 200);
    assert_eq!(desk.told(), "received");
    desk.world.work();
    desk.settle();
    assert_eq!((desk.told().as_str(), desk.charged()), ("paid", 10_000));
    desk.world.finish();
}

/// Stripe may enter a debit on the balance before the payer's bank has paid it: that is no success of the payment. When
/// the debit fails in the end, the payer may pay again.
#[test]
fn a_balance_transaction_is_no_success() {
    let mut desk = PayPage::new();
    desk.world.stripe.borrow_mut().settings.clear_after_ms = 3 * 3_600_000;
    let payment = desk.open();
    assert_eq!(desk.confirm(&payment, "pm_usBankAccount_insufficientFunds"), 200);
    desk.settle();
    assert_eq!(desk.status().1["state"], "processing");
    let charge = desk.retrieve(&payment)["latest_charge"].as_str().unwrap().to_owned();
    let early = Entry {
        kind: "payment".into(),
        reporting_category: "charge".into(),
        amount: 10_000,
        currency: "usd".into(),
        source: Some(charge),
        balance_type: "payments".into(),
        ..Entry::default()
    };
    let txn = desk.world.stripe.borrow_mut().enter_by_hand(&early);
    desk.world.pass(20 * 60);
    assert_eq!(desk.world.state(&txn).0, "done", "the sweep found it");
    assert_eq!(desk.status().1["state"], "processing");
    desk.world.pass(4 * 3_600);
    assert_ne!(desk.open(), "", "the debit failed: the payer may pay again");
    desk.world.finish();
}

/// A debit that fails after it had succeeded: its invoice is due again, and the page offers it.
#[test]
fn a_payment_taken_back_may_be_paid_again() {
    let mut desk = PayPage::new();
    let first = desk.open();
    assert_eq!(desk.confirm(&first, "pm_usBankAccount_success"), 200);
    desk.world.pass(3_600);
    assert_eq!(desk.told(), "paid");
    desk.world.stripe.borrow_mut().fail_late(&first, "insufficient_funds").unwrap();
    desk.world.pass(3_600);
    assert_eq!(desk.residual(), "100");
    let second = desk.open();
    assert_ne!(second, first);
    assert_eq!(desk.confirm(&second, "pm_card_visa"), 200);
    desk.settle();
    assert_eq!((desk.told().as_str(), desk.residual().as_str()), ("paid", "0"));
    desk.world.finish();
}
