//! Refunds: what they take, how they end, what is refused.

use serde_json::Value;

use super::{call, listening, run_out, types};
use crate::stripe::Stripe;
use crate::stripe::merchant::{Pay, Refund};
use crate::stripe::method::Method;
use crate::stripe::object::Fields;
use crate::stripe::refund::RefundEnd;

fn get(stripe: &mut Stripe, path: &str) -> Value {
    let (status, body) = call(stripe, "GET", path, "");
    assert_eq!(status, 200, "{path}: {body}");
    body
}

fn refund_with(stripe: &mut Stripe, id: &str) -> Value {
    get(stripe, &format!("/v1/refunds/{id}?expand[]=balance_transaction&expand[]=failure_balance_transaction"))
}

#[test]
fn a_card_is_refunded_in_parts_until_nothing_is_left() {
    let (mut stripe, clock) = listening(1);
    let paid = stripe.pay(&Pay::card(1099, "usd")).unwrap();
    run_out(&mut stripe, &clock);
    let path = "/v1/refunds";
    let (_, first) = call(&mut stripe, "POST", path, &format!("payment_intent={}&amount=400", paid.payment_intent));
    assert_eq!((first.text("status"), first.text("charge")), ("succeeded", paid.charge.as_str()));
    let over = call(&mut stripe, "POST", path, &format!("charge={}&amount=700", paid.charge));
    assert_eq!((over.0, over.1["error"].text("param")), (400, "amount"));
    stripe.refund(&Refund::all(&paid.charge)).unwrap();
    let again = stripe.refund(&Refund::all(&paid.charge)).unwrap_err();
    assert_eq!(again.code.as_deref(), Some("charge_already_refunded"));
    let expected = ["refund.created", "charge.refunded", "refund.created", "charge.refunded"];
    assert_eq!(types(&stripe)[4..], expected);
    let listed = get(&mut stripe, &format!("{path}?charge={}&expand[]=data.balance_transaction", paid.charge));
    let rows: Vec<(i64, i64, i64, &str, &str)> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| {
            let txn = &r["balance_transaction"];
            (r.int("amount"), txn.int("amount"), txn.int("fee"), txn.text("type"), txn.text("reporting_category"))
        })
        .collect();
    assert_eq!(rows, [(699, -699, 0, "refund", "refund"), (400, -400, 0, "refund", "refund")]);
    let charge = get(&mut stripe, &format!("/v1/charges/{}?expand[]=refunds.data.balance_transaction", paid.charge));
    assert_eq!((charge.int("amount_refunded"), charge.flag("refunded")), (1099, true));
    assert_eq!(charge["refunds"]["data"][1]["balance_transaction"].int("net"), -400);
}

#[test]
fn a_refund_that_fails_comes_back_at_its_own_rate() {
    let (mut stripe, clock) = listening(2);
    stripe.settings.rates = [("eur".to_owned(), "1.1".parse().unwrap())].into();
    let paid = stripe.pay(&Pay::card(1000, "eur")).unwrap();
    run_out(&mut stripe, &clock);
    stripe.settings.rates = [("eur".to_owned(), "1.2".parse().unwrap())].into();
    let id = stripe.refund(&Refund::part(&paid.payment_intent, 500)).unwrap();
    stripe.settings.rates = [("eur".to_owned(), "1.3".parse().unwrap())].into();
    stripe.end_refund(&id, &RefundEnd::Failed("declined".into())).unwrap();
    let refund = refund_with(&mut stripe, &id);
    assert_eq!((refund.text("status"), refund.text("failure_reason")), ("failed", "declined"));
    let (taken, back) = (&refund["balance_transaction"], &refund["failure_balance_transaction"]);
    assert_eq!((taken.int("amount"), taken.text("currency"), back.int("amount")), (-600, "usd", 600));
    assert_eq!((back.text("type"), back.text("reporting_category")), ("refund_failure", "refund_failure"));
    assert_eq!(back["exchange_rate"].to_string(), "1.2");
    let charge = get(&mut stripe, &format!("/v1/charges/{}", paid.charge));
    assert_eq!((charge.int("amount_refunded"), charge.flag("refunded")), (0, false));
    let last = ["refund.created", "charge.refunded", "charge.refund.updated", "refund.updated", "refund.failed"];
    assert_eq!(types(&stripe)[4..], last);
    stripe.end_refund(&id, &RefundEnd::Succeeded).unwrap();
    assert_eq!(refund_with(&mut stripe, &id).text("status"), "failed");
    stripe.refund(&Refund::all(&paid.charge)).unwrap();
}

#[test]
fn a_debit_is_refunded_later_and_a_payer_may_have_to_act() {
    let (mut stripe, clock) = listening(3);
    let paid = stripe.pay(&Pay { method: Method::Delayed, ..Pay::card(1099, "usd") }).unwrap();
    run_out(&mut stripe, &clock);
    let first = stripe.refund(&Refund::part(&paid.charge, 99)).unwrap();
    let pending = refund_with(&mut stripe, &first);
    assert_eq!((pending.text("status"), pending.text("pending_reason")), ("pending", "processing"));
    assert_eq!(pending["balance_transaction"].text("type"), "payment_refund");
    run_out(&mut stripe, &clock);
    let arrived = refund_with(&mut stripe, &first);
    assert_eq!((arrived.text("status"), arrived.get("pending_reason")), ("succeeded", None));
    let waiting = Refund { status: Some("requires_action".into()), ..Refund::part(&paid.charge, 100) };
    let (second, third) = (stripe.refund(&waiting).unwrap(), stripe.refund(&waiting).unwrap());
    assert_eq!(refund_with(&mut stripe, &second)["balance_transaction"], Value::Null);
    stripe.end_refund(&second, &RefundEnd::Pending).unwrap();
    assert_eq!(refund_with(&mut stripe, &second)["balance_transaction"].int("amount"), -100);
    let (status, canceled) = call(&mut stripe, "POST", &format!("/v1/refunds/{third}/cancel"), "");
    assert_eq!((status, canceled.text("status"), canceled.get("next_action")), (200, "canceled", None));
    assert_eq!(call(&mut stripe, "POST", &format!("/v1/refunds/{third}/cancel"), "").0, 400);
    assert_eq!(canceled.get("failure_balance_transaction"), None);
    let charge = get(&mut stripe, &format!("/v1/charges/{}", paid.charge));
    assert_eq!(charge.int("amount_refunded"), 199);
}

#[test]
fn test_cards_show_how_a_refund_goes_on() {
    for (number, then, last) in
        [("4000000000007726", "succeeded", "refund.updated"), ("4000000000005126", "failed", "refund.failed")]
    {
        let (mut stripe, clock) = listening(4);
        let made = super::intent(&mut stripe, "usd", "");
        super::confirm(&mut stripe, &made, &super::card(number));
        run_out(&mut stripe, &clock);
        let id = stripe.refund(&Refund::all(made.text("id"))).unwrap();
        run_out(&mut stripe, &clock);
        assert_eq!(refund_with(&mut stripe, &id).text("status"), then);
        assert_eq!(types(&stripe).last().unwrap(), last);
    }
}

#[test]
fn a_reference_arrives_and_metadata_is_written() {
    let (mut stripe, _) = listening(5);
    let paid = stripe.pay(&Pay::card(1099, "usd")).unwrap();
    let reason = Some("duplicate".into());
    let id = stripe.refund(&Refund { reason, ..Refund::all(&paid.payment_intent) }).unwrap();
    stripe.end_refund(&id, &RefundEnd::Reference("74850".into())).unwrap();
    let (_, refund) = call(&mut stripe, "POST", &format!("/v1/refunds/{id}"), "metadata[a]=b");
    assert_eq!(refund["destination_details"]["card"].text("reference"), "74850");
    assert_eq!((refund["metadata"].text("a"), refund.text("reason")), ("b", "duplicate"));
}

#[test]
fn what_has_not_paid_is_not_refunded() {
    let (mut stripe, _) = listening(6);
    let held = stripe.pay(&Pay { manual_capture: true, ..Pay::card(1099, "usd") }).unwrap();
    let slow = stripe.pay(&Pay { method: Method::Delayed, ..Pay::card(1099, "usd") }).unwrap();
    for (form, code) in [
        (format!("charge={}", held.charge), "charge_not_refundable"),
        (format!("payment_intent={}", slow.payment_intent), "charge_not_refundable"),
        ("charge=ch_none".to_owned(), "resource_missing"),
        ("amount=1".to_owned(), "parameter_missing"),
        (format!("charge={}&amount=0", held.charge), "charge_not_refundable"),
        (format!("charge={}&colour=red", held.charge), "parameter_unknown"),
    ] {
        let (status, refused) = call(&mut stripe, "POST", "/v1/refunds", &form);
        assert_eq!((status, refused["error"].text("code")), (400, code), "{form}");
    }
}

#[test]
fn a_refund_may_wait_for_money() {
    let (mut stripe, clock) = listening(7);
    let paid = stripe.pay(&Pay::card(1099, "usd")).unwrap();
    run_out(&mut stripe, &clock);
    let waiting = Refund { status: Some("insufficient_funds".into()), ..Refund::all(&paid.charge) };
    let id = stripe.refund(&waiting).unwrap();
    let refund = refund_with(&mut stripe, &id);
    assert_eq!((refund.text("status"), refund.text("pending_reason")), ("pending", "insufficient_funds"));
    assert_eq!(refund["balance_transaction"], Value::Null);
    stripe.end_refund(&id, &RefundEnd::Succeeded).unwrap();
    assert_eq!(refund_with(&mut stripe, &id)["balance_transaction"].int("net"), -1099);
}
