//! What happens to money, and the events in their order.

use serde_json::Value;

use super::{call, listening, run_out, types};
use crate::Clock;
use crate::stripe::merchant::{Bill, Checkout, Pay};
use crate::stripe::method::Method;
use crate::stripe::object::Fields;
use crate::stripe::objects::shapes;
use crate::stripe::{Settings, Stripe};

fn pay(method: Method) -> Pay {
    Pay { method, ..Pay::card(1099, "usd") }
}

fn get(stripe: &mut Stripe, path: &str) -> Value {
    let (status, body) = call(stripe, "GET", path, "");
    assert_eq!(status, 200, "{path}: {body}");
    body
}

#[test]
fn a_card_payment_settles_later() {
    let (mut stripe, clock) = listening(1);
    let paid = stripe.pay(&pay(Method::Card)).unwrap();
    assert_eq!(paid.status, "succeeded");
    assert_eq!(types(&stripe), ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]);
    let path = format!("/v1/charges/{}?expand[]=balance_transaction", paid.charge);
    assert_eq!(get(&mut stripe, &path)["balance_transaction"], Value::Null);
    run_out(&mut stripe, &clock);
    assert_eq!(types(&stripe).last().unwrap(), "charge.updated");
    let booked = &get(&mut stripe, &path)["balance_transaction"];
    assert_eq!((booked.int("amount"), booked.int("fee"), booked.int("net")), (1099, 62, 1037));
    let event = stripe.books(&stripe.home()).unwrap().rows("event").last().unwrap();
    assert_eq!(event["data"]["previous_attributes"]["balance_transaction"], Value::Null);
    assert_eq!(event["data"]["object"].text("balance_transaction"), booked.text("id"));
}

#[test]
fn settling_at_once_needs_no_update() {
    let settings = Settings { settle_after_ms: 0, ..Settings::default() };
    let mut stripe = Stripe::new(settings, Clock::at(super::START_MS));
    let paid = stripe.pay(&pay(Method::Card)).unwrap();
    let charge = get(&mut stripe, &format!("/v1/charges/{}", paid.charge));
    assert!(charge.text("balance_transaction").starts_with("txn_3"));
    assert_eq!(types(&stripe).len(), 3);
}

#[test]
fn a_debit_is_processing_before_it_pays_or_fails() {
    let failed = &["charge.failed", "payment_intent.payment_failed"][..];
    let fails = || Method::DelayedFails("insufficient_funds".into());
    // Its balance transaction enters when it begins, or after it succeeded.
    for (method, enters_first, last) in [
        (Method::Delayed, true, &["charge.succeeded", "payment_intent.succeeded"][..]),
        (Method::Delayed, false, &["charge.succeeded", "payment_intent.succeeded", "charge.updated"]),
        (fails(), true, failed),
        (fails(), false, failed),
    ] {
        let (mut stripe, clock) = listening(2);
        stripe.settings.debits_enter_first = enters_first;
        let paid = stripe.pay(&pay(method)).unwrap();
        assert_eq!(paid.status, "processing");
        run_out(&mut stripe, &clock);
        let types = types(&stripe);
        assert_eq!(types[..3], ["payment_intent.created", "charge.pending", "payment_intent.processing"]);
        assert_eq!(types[3..], *last);
    }
}

#[test]
fn a_decline_leaves_its_reason() {
    let (mut stripe, _) = listening(3);
    let paid = stripe.pay(&pay(Method::Declined("insufficient_funds".into()))).unwrap();
    assert_eq!(types(&stripe), ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]);
    let intent = get(&mut stripe, &format!("/v1/payment_intents/{}", paid.payment_intent));
    assert_eq!(intent.text("status"), "requires_payment_method");
    assert_eq!(intent["last_payment_error"].text("code"), "card_declined");
    assert_eq!(intent["last_payment_error"].text("decline_code"), "insufficient_funds");
}

#[test]
fn authentication_passes_or_fails() {
    for (passed, status) in [(true, "succeeded"), (false, "requires_payment_method")] {
        let (mut stripe, _) = listening(4);
        let paid = stripe.pay(&pay(Method::ThreeDs)).unwrap();
        assert_eq!((paid.status.as_str(), paid.charge.as_str()), ("requires_action", ""));
        stripe.authenticate(&paid.payment_intent, passed).unwrap();
        let intent = get(&mut stripe, &format!("/v1/payment_intents/{}", paid.payment_intent));
        assert_eq!((intent.text("status"), intent["next_action"].is_null()), (status, true));
    }
}

#[test]
fn a_part_of_an_authorization_is_captured() {
    let (mut stripe, clock) = listening(5);
    let paid = stripe.pay(&Pay { manual_capture: true, ..pay(Method::Card) }).unwrap();
    assert_eq!(paid.status, "requires_capture");
    assert!(stripe.capture(&paid.payment_intent, Some(1100)).is_err());
    stripe.capture(&paid.payment_intent, Some(700)).unwrap();
    run_out(&mut stripe, &clock);
    let intent = get(&mut stripe, &format!("/v1/payment_intents/{}", paid.payment_intent));
    assert_eq!((intent.int("amount"), intent.int("amount_received")), (1099, 700));
    let expected = [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
        "charge.updated",
    ];
    assert_eq!(types(&stripe), expected);
    let booked = get(&mut stripe, "/v1/balance_transactions");
    assert_eq!(booked["data"][0].int("amount"), 700);
}

#[test]
fn one_payment_pays_two_invoices() {
    let (mut stripe, _) = listening(6);
    let bills = vec![
        Bill { number: Some("SI-1".into()), amount: 400, ..Bill::default() },
        Bill { number: Some("SI-2".into()), ..Bill::default() },
    ];
    let paid = stripe.pay(&Pay { invoices: bills, ..pay(Method::Card) }).unwrap();
    let query = "payment[type]=payment_intent&payment[payment_intent]=";
    let list = get(&mut stripe, &format!("/v1/invoice_payments?{query}{}&expand[]=data.invoice", paid.payment_intent));
    let rows: Vec<(i64, &str)> =
        list["data"].as_array().unwrap().iter().map(|p| (p.int("amount_paid"), p["invoice"].text("number"))).collect();
    assert_eq!(rows, [(699, "SI-2"), (400, "SI-1")]);
    let types = types(&stripe);
    assert_eq!(types[types.len() - 3..], ["invoice_payment.paid", "invoice.paid", "invoice.payment_succeeded"]);
}

#[test]
fn an_invoice_shows_its_payments_when_asked() {
    let (mut stripe, _) = listening(6);
    let paid = stripe.pay(&Pay { invoices: vec![Bill::default()], ..pay(Method::Card) }).unwrap();
    let path = format!("/v1/invoices/{}", paid.invoices[0]);
    assert!(get(&mut stripe, &path).get("payments").is_none());
    let invoice = get(&mut stripe, &format!("{path}?expand[]=payments.data.payment.payment_intent"));
    let intent = &invoice["payments"]["data"][0]["payment"]["payment_intent"];
    assert_eq!((intent.text("id"), intent.int("amount_received")), (paid.payment_intent.as_str(), 1099));
}

#[test]
fn a_transfer_in_parts_may_be_canceled_with_money_received() {
    let (mut stripe, _) = listening(6);
    let paid = stripe.pay(&pay(Method::ThreeDs)).unwrap();
    stripe.fund(&paid.payment_intent, 400).unwrap();
    stripe.cancel(&paid.payment_intent, None).unwrap();
    let intent = get(&mut stripe, &format!("/v1/payment_intents/{}", paid.payment_intent));
    assert_eq!((intent.text("status"), intent.int("amount_received")), ("canceled", 400));
    assert_eq!(types(&stripe)[2..], ["payment_intent.partially_funded", "payment_intent.canceled"]);
}

#[test]
fn checkout_completes_unpaid_when_the_money_comes_later() {
    let (mut stripe, clock) = listening(7);
    let checkout = Some(Checkout { client_reference_id: Some("INV/1".into()), ..Checkout::default() });
    let paid = stripe.pay(&Pay { checkout, ..pay(Method::Delayed) }).unwrap();
    let list = get(&mut stripe, &format!("/v1/checkout/sessions?payment_intent={}", paid.payment_intent));
    assert_eq!(list["data"][0].text("payment_status"), "unpaid");
    run_out(&mut stripe, &clock);
    let session = get(&mut stripe, &format!("/v1/checkout/sessions/{}", paid.checkout_session.unwrap()));
    assert_eq!((session.text("payment_status"), session.text("client_reference_id")), ("paid", "INV/1"));
    let types = types(&stripe);
    assert!(types.contains(&"checkout.session.completed".into()));
    assert!(types.contains(&"checkout.session.async_payment_succeeded".into()));
}

/// Every object that comes out of any of this has the published fields, in books and in events.
#[test]
fn objects_have_the_published_shape() {
    let (mut stripe, clock) = listening(8);
    stripe.settings.rates = [("eur".to_owned(), "1.0834".parse().unwrap())].into();
    let (_, customer) = call(&mut stripe, "POST", "/v1/customers", "name=A&email=a@b.c&address[city]=X");
    for method in [
        Method::Card,
        Method::ThreeDs,
        Method::Delayed,
        Method::DelayedFails("insufficient_funds".into()),
        Method::Declined("expired_card".into()),
    ] {
        let whole = Pay {
            customer: Some(customer.text("id").into()),
            checkout: Some(Checkout::default()),
            invoices: vec![Bill::default()],
            currency: "eur".into(),
            description: Some("x".into()),
            ..pay(method.clone())
        };
        stripe.pay(&whole).unwrap();
        let held = stripe.pay(&Pay { manual_capture: true, ..pay(method) }).unwrap();
        if held.status == "requires_capture" {
            stripe.cancel(&held.payment_intent, Some("abandoned")).unwrap();
        }
    }
    stripe.pay(&Pay { bare_charge: true, ..pay(Method::Card) }).unwrap();
    stripe.pay_elsewhere(&Bill { amount: 5, ..Bill::default() }, "usd", true);
    call(&mut stripe, "POST", "/v1/webhook_endpoints", "url=https://x.example&enabled_events[]=*");
    run_out(&mut stripe, &clock);
    let account = get(&mut stripe, "/v1/account");
    let mut kinds = std::collections::BTreeSet::new();
    let home = stripe.home();
    for object in stripe.books(&home).unwrap().all().chain([&account]) {
        for object in [object, &object["data"]["object"]] {
            assert_eq!(shapes::faults(object), Vec::<String>::new());
            kinds.insert(object.text("object").to_owned());
        }
    }
    assert!(kinds.len() >= 12, "{kinds:?}");
    let booked = stripe.books(&home).unwrap().rows("balance_transaction");
    assert!(booked.iter().any(|b| format!("{}", b["exchange_rate"]) == "1.0834"));
}
