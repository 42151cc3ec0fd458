//! Payouts: what goes out, with what, and what comes back.

use serde_json::Value;

use super::{START_MS, call, listening, run_out, types};
use crate::Clock;
use crate::stripe::Stripe;
use crate::stripe::balance::Entry;
use crate::stripe::merchant::{Pay, Payout, Refund};
use crate::stripe::object::Fields;
use crate::stripe::payout::PayoutStep;

const DAY_MS: i64 = 24 * 3_600_000;

fn get(stripe: &mut Stripe, path: &str) -> Value {
    let (status, body) = call(stripe, "GET", path, "");
    assert_eq!(status, 200, "{path}: {body}");
    body
}

fn fund(stripe: &mut Stripe, amount: i64) {
    stripe.enter_by_hand(&Entry::of("charge", "charge", amount, "usd"));
}

/// Type and net of what a payout lists, oldest first.
fn parts(stripe: &mut Stripe, payout: &str) -> Vec<(String, i64)> {
    let list = get(stripe, &format!("/v1/balance_transactions?payout={payout}&limit=100"));
    list["data"].as_array().unwrap().iter().rev().map(|row| (row.text("type").into(), row.int("net"))).collect()
}

fn available(stripe: &mut Stripe) -> i64 {
    get(stripe, "/v1/balance")["available"][0].int("amount")
}

#[test]
fn each_midnight_what_is_available_goes_out_and_the_payout_knows_its_parts() {
    let (mut stripe, clock) = listening(1);
    stripe.settings.payouts.automatic = true;
    stripe.settings.payouts.descriptor = Some("SHOP".into());
    let paid = stripe.pay(&Pay::card(10_000, "usd")).unwrap();
    clock.advance(2_000);
    stripe.refund(&Refund::part(&paid.charge, 1_000)).unwrap();
    let told = types(&stripe).len();
    run_out(&mut stripe, &clock);
    let list = get(&mut stripe, "/v1/payouts?status=paid&expand[]=data.balance_transaction&expand[]=data.destination");
    let payout = &list["data"][0];
    let id = payout.text("id").to_owned();
    assert_eq!((payout.int("amount"), payout.flag("automatic")), (8_680, true));
    assert_eq!((payout.text("statement_descriptor"), payout["destination"].text("object")), ("SHOP", "bank_account"));
    assert_eq!(
        (payout["balance_transaction"].int("net"), payout["balance_transaction"].text("type")),
        (-8_680, "payout")
    );
    // Paid on the 21st at 19:00, available on the 23rd at 19:00, so made at the midnight after that.
    let (made, noon) = (payout.int("created"), START_MS / 1000 - 19 * 3600);
    assert_eq!((made, payout.int("arrival_date")), (noon + 3 * 86_400, noon + 4 * 86_400));
    assert_eq!(payout["trace_id"].text("status"), "supported");
    let expected =
        ["payout.created", "payout.updated", "payout.reconciliation_completed", "payout.paid", "payout.updated"];
    assert_eq!(types(&stripe)[told..], expected);
    let expected = [("charge", 9_680), ("refund", -1_000), ("payout", -8_680)].map(|(k, n)| (k.to_owned(), n));
    assert_eq!(parts(&mut stripe, &id), expected);
    assert_eq!(available(&mut stripe), 0);
}

#[test]
fn parts_are_not_listed_before_the_payout_is_reconciled() {
    let (mut stripe, clock) = listening(2);
    fund(&mut stripe, 700);
    let id = stripe.payout_now("usd").unwrap();
    assert_eq!(get(&mut stripe, &format!("/v1/payouts/{id}")).text("reconciliation_status"), "in_progress");
    assert_eq!(parts(&mut stripe, &id), [("payout".to_owned(), -700)]);
    run_out(&mut stripe, &clock);
    assert_eq!(get(&mut stripe, &format!("/v1/payouts/{id}")).text("reconciliation_status"), "completed");
    assert_eq!(parts(&mut stripe, &id), [("charge".to_owned(), 700), ("payout".to_owned(), -700)]);
}

#[test]
fn a_payout_fails_after_it_was_paid_and_the_money_goes_out_again() {
    let (mut stripe, clock) = listening(3);
    fund(&mut stripe, 700);
    let id = stripe.payout_now("usd").unwrap();
    run_out(&mut stripe, &clock);
    assert_eq!(get(&mut stripe, &format!("/v1/payouts/{id}")).text("status"), "paid");
    clock.advance(3 * DAY_MS);
    stripe.move_payout(&id, &PayoutStep::Fail("account_closed".into())).unwrap();
    let failed = get(&mut stripe, &format!("/v1/payouts/{id}?expand[]=failure_balance_transaction"));
    let back = &failed["failure_balance_transaction"];
    assert_eq!((failed.text("status"), failed.text("failure_code")), ("failed", "account_closed"));
    assert_eq!((back.text("type"), back.text("reporting_category")), ("payout_failure", "payout_reversal"));
    assert_eq!((back.int("net"), back.int("created")), (700, clock.now()));
    assert_eq!(types(&stripe).last().unwrap(), "payout.failed");
    assert!(stripe.move_payout(&id, &PayoutStep::Arrive).is_err());
    let again = stripe.payout_now("usd").unwrap();
    run_out(&mut stripe, &clock);
    assert_eq!(parts(&mut stripe, &again), [("payout_failure".to_owned(), 700), ("payout".to_owned(), -700)]);
}

#[test]
fn payouts_by_hand_need_funds_and_are_not_itemised() {
    let (mut stripe, clock) = listening(4);
    fund(&mut stripe, 10_000);
    let refused = stripe.payout(&Payout::of(10_001, "usd")).unwrap_err();
    assert_eq!(refused.code.as_deref(), Some("balance_insufficient"));
    assert!(stripe.payout(&Payout { instant: true, ..Payout::of(10_000, "usd") }).is_err(), "the fee is too much");
    let (_, manual) = call(&mut stripe, "POST", "/v1/payouts", "amount=1000&currency=USD&statement_descriptor=X");
    let id = manual.text("id").to_owned();
    assert_eq!((manual.text("reconciliation_status"), manual.text("status")), ("not_applicable", "pending"));
    let (status, refused) = call(&mut stripe, "GET", &format!("/v1/balance_transactions?payout={id}"), "");
    assert_eq!((status, refused["error"].text("param")), (400, "payout"));
    let (_, canceled) = call(&mut stripe, "POST", &format!("/v1/payouts/{id}/cancel"), "");
    assert_eq!(canceled.text("status"), "canceled");
    let back = get(&mut stripe, &format!("/v1/balance_transactions/{}", canceled.text("failure_balance_transaction")));
    assert_eq!((back.text("type"), back.int("net")), ("payout_cancel", 1000));
    let instant = stripe.payout(&Payout { instant: true, ..Payout::of(2_000, "usd") }).unwrap();
    let made = get(&mut stripe, &format!("/v1/payouts/{instant}?expand[]=balance_transaction"));
    let booked = &made["balance_transaction"];
    assert_eq!((booked.int("amount"), booked.int("fee"), booked.int("net")), (-2_000, 20, -2_020));
    assert_eq!((made.text("method"), made.int("arrival_date") - made.int("created")), ("instant", 1_800));
    run_out(&mut stripe, &clock);
    assert_eq!(get(&mut stripe, &format!("/v1/payouts/{instant}")).text("status"), "paid");
    assert!(stripe.move_payout(&instant, &PayoutStep::Cancel).is_err());
    assert_eq!(call(&mut stripe, "GET", "/v1/balance_transactions?payout=po_none", "").0, 400);
}

#[test]
fn a_payout_by_hand_is_a_part_of_the_next_automatic_one() {
    let (mut stripe, clock) = listening(5);
    stripe.settings.payouts.automatic = true;
    fund(&mut stripe, 1_000);
    let by_hand = stripe.payout(&Payout::of(300, "usd")).unwrap();
    run_out(&mut stripe, &clock);
    let automatic = get(&mut stripe, "/v1/payouts?limit=1")["data"][0].clone();
    let expected = [("charge", 1_000), ("payout", -300), ("payout", -700)].map(|(kind, net)| (kind.to_owned(), net));
    assert_eq!(parts(&mut stripe, automatic.text("id")), expected);
    assert_ne!(automatic.text("id"), by_hand);
}

#[test]
fn a_minimum_balance_is_held_from_a_payout_and_released_after_it() {
    let (mut stripe, clock) = listening(6);
    stripe.settings.payouts.minimum_balance = [("usd".to_owned(), 100)].into();
    fund(&mut stripe, 60);
    assert_eq!(stripe.payout_now("usd"), None);
    fund(&mut stripe, 940);
    let first = stripe.payout_now("usd").unwrap();
    assert_eq!((available(&mut stripe), stripe.payout_now("usd")), (100, None));
    fund(&mut stripe, 50);
    let second = stripe.payout_now("usd").unwrap();
    run_out(&mut stripe, &clock);
    let (hold, release) = ("payout_minimum_balance_hold", "payout_minimum_balance_release");
    let expected = [("charge", 60), ("charge", 940), (hold, -100), ("payout", -900)];
    assert_eq!(parts(&mut stripe, &first), expected.map(|(kind, net)| (kind.to_owned(), net)));
    let expected = [(release, 100), ("charge", 50), (hold, -100), ("payout", -50)];
    assert_eq!(parts(&mut stripe, &second), expected.map(|(kind, net)| (kind.to_owned(), net)));
    assert_eq!(available(&mut stripe), 100);
}

#[test]
fn a_negative_balance_is_taken_from_the_bank_when_that_is_agreed() {
    let (mut stripe, clock) = listening(7);
    fund(&mut stripe, -250);
    assert_eq!(stripe.payout_now("usd"), None);
    stripe.settings.payouts.debit_bank = true;
    let id = stripe.payout_now("usd").unwrap();
    run_out(&mut stripe, &clock);
    let payout = get(&mut stripe, &format!("/v1/payouts/{id}"));
    assert_eq!((payout.int("amount"), payout.text("status")), (-250, "paid"));
    assert_eq!(parts(&mut stripe, &id), [("charge".to_owned(), -250), ("payout".to_owned(), 250)]);
    assert_eq!(available(&mut stripe), 0);
}

#[test]
fn the_controls_do_it_too() {
    let mut stripe = Stripe::new(crate::stripe::Settings::default(), Clock::at(START_MS));
    let sim = |stripe: &mut Stripe, verb: &str, body: &str| {
        let (status, answer) = call(stripe, "POST", &format!("/_sim/{verb}"), body);
        assert_eq!(status, 200, "{verb}: {answer}");
        answer
    };
    sim(
        &mut stripe,
        "entry",
        r#"{"type": "charge", "reporting_category": "charge", "amount": 900, "currency": "usd"}"#,
    );
    sim(&mut stripe, "payout", r#"{"amount": 100, "currency": "usd"}"#);
    let made = sim(&mut stripe, "payout_now", r#"{"currency": "usd"}"#);
    let id = made.text("payout").to_owned();
    sim(&mut stripe, "move_payout", &format!(r#"{{"payout": "{id}", "step": "submit"}}"#));
    sim(&mut stripe, "move_payout", &format!(r#"{{"payout": "{id}", "step": {{"fail": "no_account"}}}}"#));
    assert_eq!(get(&mut stripe, &format!("/v1/payouts/{id}")).text("failure_code"), "no_account");
    sim(&mut stripe, "settings", r#"{"payouts": {"automatic": true}}"#);
    sim(&mut stripe, "clock", &format!(r#"{{"advance_ms": {}}}"#, 5 * DAY_MS));
    let first = &get(&mut stripe, "/v1/payouts?limit=1")["data"][0];
    assert_eq!((first.int("amount"), first.text("status")), (800, "paid"));
    assert_eq!(first.int("created") % 86_400, 0, "the clock stops on the way for what falls due");
    assert_eq!(get(&mut stripe, &format!("/v1/payouts?arrival_date[gt]={}", first.int("created")))["data"][0], *first);
}
