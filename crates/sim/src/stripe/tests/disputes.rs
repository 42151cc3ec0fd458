//! Disputes: what they take and give back, and in which order it is told.

use serde_json::Value;

use super::{call, listening, run_out, types};
use crate::stripe::Stripe;
use crate::stripe::dispute::DisputeStep;
use crate::stripe::merchant::{Dispute, Pay, Refund};
use crate::stripe::object::Fields;

fn paid(stripe: &mut Stripe, clock: &crate::Clock, currency: &str) -> String {
    let paid = stripe.pay(&Pay::card(10_000, currency)).unwrap();
    run_out(stripe, clock);
    paid.payment_intent
}

fn dispute(stripe: &mut Stripe, id: &str) -> Value {
    call(stripe, "GET", &format!("/v1/disputes/{id}?expand[]=charge"), "").1
}

/// Type, category, amount, fee, net of the dispute's transactions.
fn money(dispute: &Value) -> Vec<(String, i64, i64, i64)> {
    let rows = dispute["balance_transactions"].as_array().unwrap();
    assert!(rows.iter().all(|row| row.text("type") == "adjustment" && row.text("source") == dispute.text("id")));
    let shown =
        |row: &Value| (row.text("reporting_category").into(), row.int("amount"), row.int("fee"), row.int("net"));
    rows.iter().map(shown).collect()
}

#[test]
fn a_chargeback_takes_the_money_and_a_win_brings_it_back() {
    for (returned, back) in
        [(false, ("dispute_reversal", 10_000, 0, 10_000)), (true, ("dispute_reversal", 10_000, -1500, 11_500))]
    {
        let (mut stripe, clock) = listening(1);
        stripe.settings.fee.dispute_returned = returned;
        let payment = paid(&mut stripe, &clock, "usd");
        let before = types(&stripe).len();
        let id = stripe.dispute(&Dispute { due_after_s: 60, ..Dispute::of(&payment) }).unwrap();
        let open = dispute(&mut stripe, &id);
        assert_eq!(money(&open), [("dispute".into(), -10_000, 1500, -11_500)]);
        assert_eq!((open.text("status"), open.text("reason")), ("needs_response", "fraudulent"));
        assert_eq!(open["evidence_details"].int("due_by"), open.int("created") + 60);
        assert!(open["charge"].flag("disputed") && !open.flag("is_charge_refundable"));
        let refused = stripe.refund(&Refund::all(&payment)).unwrap_err();
        assert_eq!(refused.code.as_deref(), Some("charge_disputed"));
        stripe.move_dispute(&id, DisputeStep::Respond).unwrap();
        assert_eq!(dispute(&mut stripe, &id).text("status"), "under_review");
        stripe.move_dispute(&id, DisputeStep::Win).unwrap();
        let won = dispute(&mut stripe, &id);
        assert_eq!((won.text("status"), &money(&won)[1]), ("won", &(back.0.into(), back.1, back.2, back.3)));
        let told = ["created", "funds_withdrawn", "updated", "closed", "funds_reinstated"];
        assert_eq!(types(&stripe)[before..], told.map(|kind| format!("charge.dispute.{kind}")));
        stripe.refund(&Refund::all(&payment)).unwrap();
    }
}

#[test]
fn money_that_is_won_may_come_later() {
    let (mut stripe, clock) = listening(2);
    stripe.settings.reinstate_after_ms = 3_600_000;
    let payment = paid(&mut stripe, &clock, "usd");
    let id = stripe.dispute(&Dispute { amount: Some(4_000), ..Dispute::of(&payment) }).unwrap();
    stripe.move_dispute(&id, DisputeStep::Win).unwrap();
    assert_eq!(money(&dispute(&mut stripe, &id)).len(), 1);
    run_out(&mut stripe, &clock);
    assert_eq!(money(&dispute(&mut stripe, &id))[1], ("dispute_reversal".into(), 4_000, 0, 4_000));
    stripe.move_dispute(&id, DisputeStep::Withdraw).unwrap();
    let third = &money(&dispute(&mut stripe, &id))[2];
    assert_eq!(third, &("dispute".into(), -4_000, 0, -4_000), "the fee was taken before");
}

#[test]
fn an_inquiry_moves_no_money_until_it_is_escalated() {
    let (mut stripe, clock) = listening(3);
    let payment = paid(&mut stripe, &clock, "usd");
    let id = stripe.dispute(&Dispute::inquiry(&payment)).unwrap();
    let asked = dispute(&mut stripe, &id);
    assert_eq!((asked.text("status"), money(&asked).len()), ("warning_needs_response", 0));
    assert_eq!(asked["payment_method_details"]["card"].text("case_type"), "inquiry");
    stripe.refund(&Refund::part(&payment, 100)).unwrap();
    stripe.move_dispute(&id, DisputeStep::Respond).unwrap();
    assert!(stripe.move_dispute(&id, DisputeStep::Win).is_err());
    stripe.move_dispute(&id, DisputeStep::Escalate).unwrap();
    let taken = dispute(&mut stripe, &id);
    assert_eq!((taken.text("status"), money(&taken).len()), ("needs_response", 1));
    assert_eq!(taken["payment_method_details"]["card"].text("case_type"), "chargeback");
    let last = ["charge.dispute.updated", "charge.dispute.funds_withdrawn"];
    assert_eq!(types(&stripe)[types(&stripe).len() - 2..], last);
}

#[test]
fn an_inquiry_closes_and_a_lost_dispute_is_appealed() {
    let (mut stripe, clock) = listening(4);
    let payment = paid(&mut stripe, &clock, "usd");
    let inquiry = stripe.dispute(&Dispute::inquiry(&payment)).unwrap();
    stripe.move_dispute(&inquiry, DisputeStep::Close).unwrap();
    assert_eq!(dispute(&mut stripe, &inquiry).text("status"), "warning_closed");
    assert!(stripe.move_dispute(&inquiry, DisputeStep::Win).is_err());
    let id = stripe.dispute(&Dispute::of(&payment)).unwrap();
    for (step, status) in [
        (DisputeStep::Lose, "lost"),
        (DisputeStep::Appeal, "appeal_needs_response"),
        (DisputeStep::Respond, "appeal_under_review"),
        (DisputeStep::Win, "won"),
    ] {
        stripe.move_dispute(&id, step).unwrap();
        assert_eq!(dispute(&mut stripe, &id).text("status"), status);
    }
    assert_eq!(money(&dispute(&mut stripe, &id)).len(), 2);
    let listed = call(&mut stripe, "GET", &format!("/v1/disputes?payment_intent={payment}"), "").1;
    let ids: Vec<&str> = listed["data"].as_array().unwrap().iter().map(|d| d.text("id")).collect();
    assert_eq!(ids, [id.as_str(), inquiry.as_str()]);
}

#[test]
fn money_goes_and_comes_at_the_rate_of_its_day() {
    let (mut stripe, clock) = listening(5);
    let rate = |rate: &str| [("eur".to_owned(), rate.parse().unwrap())].into();
    stripe.settings.rates = rate("1.1");
    let payment = paid(&mut stripe, &clock, "eur");
    stripe.settings.rates = rate("1.2");
    let id = stripe.dispute(&Dispute::of(&payment)).unwrap();
    stripe.settings.rates = rate("1.15");
    stripe.move_dispute(&id, DisputeStep::Reinstate).unwrap();
    let moved = money(&dispute(&mut stripe, &id));
    assert_eq!((moved[0].1, moved[1].1), (-12_000, 11_500));
    assert!(stripe.move_dispute(&id, DisputeStep::Reinstate).is_err());
}

#[test]
fn what_was_not_paid_is_not_disputed_and_test_cards_are() {
    let (mut stripe, clock) = listening(6);
    let held = stripe.pay(&Pay { manual_capture: true, ..Pay::card(1099, "usd") }).unwrap();
    assert!(stripe.dispute(&Dispute::of(&held.charge)).is_err());
    for (number, reason, status) in [
        ("4000000000000259", "fraudulent", "needs_response"),
        ("4000000000002685", "product_not_received", "needs_response"),
        ("4000000000001976", "fraudulent", "warning_needs_response"),
    ] {
        let made = super::intent(&mut stripe, "usd", "");
        super::confirm(&mut stripe, &made, &super::card(number));
        run_out(&mut stripe, &clock);
        let (_, list) = call(&mut stripe, "GET", &format!("/v1/disputes?payment_intent={}", made.text("id")), "");
        assert_eq!((list["data"][0].text("reason"), list["data"][0].text("status")), (reason, status), "{number}");
    }
}
