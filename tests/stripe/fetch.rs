//! Following a lead: which calls are made, how many, and what comes out.

use quittance::error::{Code, Error};
use quittance::http::Response;
use quittance::movement::Movement;
use quittance::stripe::client::Client;
use quittance::stripe::fetch::{MAX_CALLS, add_reference, resolve};
use quittance::stripe::map::{Pointer, Reach, Reading, Scope, Target};
use quittance::stripe::not_final;
use serde_json::{Value, json};

use crate::script::{Script, config, run};
use crate::{ACCOUNT, CHARGE, INTENT, INVOICE, envelope, fixture, matching, object, reading};

const SETTLED: i64 = 1_795_287_599;

/// A PaymentIntent as fetched, its charge and balance transaction expanded.
fn fetched(name: &str) -> Value {
    let (mut intent, mut charge) = (object(name), object("charge.updated"));
    charge["balance_transaction"] = json!({"id": "txn_1", "object": "balance_transaction", "created": SETTLED});
    intent["latest_charge"] = charge;
    intent
}

fn list(items: impl IntoIterator<Item = Value>) -> Value {
    json!({"object": "list", "data": items.into_iter().collect::<Vec<_>>(), "has_more": false, "url": "/v1/x"})
}

fn invoice_payment(payment: Value) -> Value {
    let mut item = object("invoice_payment.paid");
    item["invoice"] = object("invoice.paid");
    item["payment"] = payment;
    item
}

fn follow(pointer: Pointer, http: &Script) -> Result<Reading, Error> {
    let (event, matching, config) = (envelope(&fixture("charge.updated")), matching(), config());
    let scope = Scope::new(&event, ACCOUNT, &matching);
    run(resolve(&Client::new(http, &config).for_account(ACCOUNT), &scope, pointer)).map(|resolved| resolved.reading)
}

fn completed(http: &Script, movement: &mut Movement, reach: Reach) {
    let (event, matching, config) = (envelope(&fixture("charge.updated")), matching(), config());
    let scope = Scope::new(&event, ACCOUNT, &matching).with_reach(reach);
    run(add_reference(&Client::new(http, &config), movement, &scope)).unwrap();
}

/// The lead of a snapshot event.
fn pointer(name: &str) -> Pointer {
    match reading(&fixture(name)) {
        Reading::Pointer(pointer) => pointer,
        other => panic!("{name} is no pointer: {other:?}"),
    }
}

fn movement(reading: Reading) -> Movement {
    match reading {
        Reading::Movement(event) => event,
        other => panic!("no movement: {other:?}"),
    }
}

#[test]
fn a_payment_intent_costs_one_call_and_is_dated_by_its_balance_transaction() {
    let http = Script::ok([fetched("payment_intent.succeeded")]);
    let event = movement(follow(pointer("charge.updated"), &http).unwrap());
    assert_eq!(event.key, format!("stripe:{ACCOUNT}:{INTENT}:succeeded"));
    assert_eq!(event.occurred, SETTLED);
    assert_eq!(http.lines(), [format!("GET /v1/payment_intents/{INTENT}?expand[]=latest_charge.balance_transaction")]);
}

/// Before asynchronous capture ends there is no balance transaction: the event's time, not the charge's.
#[test]
fn without_a_balance_transaction_the_event_dates_the_money() {
    let mut intent = fetched("payment_intent.succeeded");
    intent["latest_charge"]["balance_transaction"] = json!(null);
    let event = movement(follow(pointer("charge.updated"), &Script::ok([intent])).unwrap());
    assert_eq!(event.occurred, 1_795_287_606);
}

/// Whatever an event is about, the same payment ends at the same key and amount.
#[test]
fn every_target_of_a_payment_ends_at_its_key() {
    let mut charge = object("charge.updated");
    charge["payment_intent"] = fetched("payment_intent.succeeded");
    let mut session = object("checkout.session.completed");
    session["payment_intent"] = fetched("payment_intent.succeeded");
    let by_intent =
        invoice_payment(json!({"type": "payment_intent", "payment_intent": fetched("payment_intent.succeeded")}));
    for (target, answer) in [
        (Target::PaymentIntent(INTENT.into()), fetched("payment_intent.succeeded")),
        (Target::Charge(CHARGE.into()), charge),
        (Target::CheckoutSession("cs_1".into()), session),
        (Target::InvoicePayment("inpay_1".into()), by_intent.clone()),
        (Target::Invoice(INVOICE.into()), list([by_intent])),
    ] {
        let http = Script::ok([answer]);
        let event = movement(follow(Pointer::to_target(target.clone()), &http).unwrap());
        assert_eq!(event.key, format!("stripe:{ACCOUNT}:{INTENT}:succeeded"), "{target:?}");
        assert_eq!((event.money.minor, event.occurred), (115_000, SETTLED), "{target:?}");
        assert_eq!(event.reference.records.len(), 1, "{target:?}");
        assert!(http.used_up() && http.lines().len() == 1, "{target:?}: {:?}", http.lines());
    }
}

#[test]
fn what_stripe_did_not_expand_is_fetched() {
    let charge = object("charge.updated");
    let http = Script::ok([charge, fetched("payment_intent.succeeded")]);
    movement(follow(Pointer::to_target(Target::Charge(CHARGE.into())), &http).unwrap());
    assert_eq!(http.lines().len(), 2);
}

#[test]
fn a_payment_that_started_elsewhere_is_completed_from_its_invoice() {
    let http = Script::ok([
        fetched_plain(),
        list([invoice_payment(json!({"type": "payment_intent", "payment_intent": INTENT}))]),
    ]);
    let event = movement(follow(Pointer::to_target(Target::PaymentIntent(INTENT.into())), &http).unwrap());
    assert_eq!(event.reference.numbers, ["INV/2026/00042", "QTN-0017"]);
    assert_eq!(
        http.lines()[1],
        format!(
            "GET /v1/invoice_payments?payment[type]=payment_intent&payment[payment_intent]={INTENT}&limit=100&expand[]=data.invoice"
        )
    );
}

/// One payment may pay several of Stripe's invoices: each says what it is for.
#[test]
fn a_payment_of_several_invoices_is_for_all_of_them() {
    let of = |number: &str| {
        let mut item = invoice_payment(json!({"type": "payment_intent", "payment_intent": INTENT}));
        item["invoice"]["number"] = json!(number);
        item
    };
    let http = Script::ok([fetched_plain(), list([of("IN-1"), of("IN-2")])]);
    let event = movement(follow(Pointer::to_target(Target::PaymentIntent(INTENT.into())), &http).unwrap());
    for number in ["IN-1", "IN-2"] {
        assert!(event.reference.numbers.iter().any(|found| found == number), "{:?}", event.reference.numbers);
    }
}

/// Fetched, with nothing of the merchant's in it.
fn fetched_plain() -> Value {
    let mut intent = fetched("payment_intent.succeeded_foreign_start");
    intent["latest_charge"]["metadata"] = json!({});
    intent["latest_charge"]["description"] = json!(null);
    intent
}

#[test]
fn without_an_invoice_it_is_completed_from_its_checkout_session() {
    let http = Script::ok([list([]), list([object("checkout.session.completed")])]);
    let mut event = movement(reading(&fixture("payment_intent.succeeded_foreign_start")));
    completed(&http, &mut event, Reach::All);
    assert_eq!(event.reference.numbers, ["S00023"]);
    assert_eq!(http.lines()[1], format!("GET /v1/checkout/sessions?payment_intent={INTENT}&limit=1"));

    // Nobody is invoiced without being a customer.
    let http = Script::ok([list([])]);
    let mut event = movement(reading(&fixture("payment_intent.succeeded_foreign_start")));
    event.customer = None;
    completed(&http, &mut event, Reach::All);
    assert_eq!(http.lines().len(), 1);
    assert_eq!(event.reference, Default::default());

    // What would choose nothing is not asked for.
    let http = Script::default();
    completed(&http, &mut event, Reach::Nothing);
    assert_eq!(http.lines().len(), 0);
}

#[test]
fn our_own_metadata_needs_no_call() {
    let http = Script::default();
    let mut event = movement(reading(&fixture("payment_intent.succeeded")));
    let before = event.clone();
    completed(&http, &mut event, Reach::All);
    assert_eq!(event, before);
}

#[test]
fn the_reference_of_the_session_that_led_here_spares_the_calls() {
    let http = Script::ok([fetched_plain()]);
    let event = movement(follow(pointer("checkout.session.completed"), &http).unwrap());
    assert_eq!(event.reference.numbers, ["S00023"]);
}

/// A subscription's session names no PaymentIntent, only the invoice.
#[test]
fn a_subscription_is_followed_through_its_invoice() {
    let payment = json!({"type": "payment_intent", "payment_intent": fetched_plain()});
    let http = Script::ok([list([invoice_payment(payment)])]);
    let event = movement(follow(pointer("checkout.session.completed_subscription"), &http).unwrap());
    assert_eq!(event.reference.numbers, ["S00023", "INV/2026/00042", "QTN-0017"]);
}

#[test]
fn an_invoice_paid_in_parts_gives_every_payment_that_moved() {
    let part = |id: &str, status: &str, received: i64| {
        let mut intent = fetched("payment_intent.succeeded");
        intent["id"] = json!(id);
        intent["status"] = json!(status);
        intent["amount_received"] = json!(received);
        invoice_payment(json!({"type": "payment_intent", "payment_intent": intent}))
    };
    let mut open = part("pi_c", "requires_action", 0);
    open["status"] = json!("open");
    let http = Script::ok([list([part("pi_a", "succeeded", 40_000), part("pi_b", "succeeded", 75_000), open])]);
    let Reading::Movements(events) = follow(pointer("invoice.paid"), &http).unwrap() else { panic!() };
    let mut got: Vec<_> = events.iter().map(|e| (e.payment.as_str(), e.money.minor)).collect();
    got.sort_unstable();
    assert_eq!(got, [("pi_a", 40_000), ("pi_b", 75_000)]);
}

/// A list is not expanded as far as the balance transaction, and an instalment of last month, maybe of before
/// go-live, is not money of today.
#[test]
fn each_part_of_an_invoice_has_its_own_date() {
    let part = |id: &str, paid_at: i64| {
        let mut intent = object("payment_intent.succeeded");
        intent["id"] = json!(id);
        intent["latest_charge"] = object("charge.succeeded");
        let mut item = invoice_payment(json!({"type": "payment_intent", "payment_intent": intent}));
        item["status_transitions"]["paid_at"] = json!(paid_at);
        item
    };
    let http = Script::ok([list([part("pi_old", 1_790_000_000), part("pi_new", 1_795_287_601)])]);
    let Reading::Movements(events) = follow(pointer("invoice.paid"), &http).unwrap() else { panic!() };
    let mut got: Vec<_> = events.iter().map(|e| (e.payment.as_str(), e.occurred)).collect();
    got.sort_unstable();
    assert_eq!(got, [("pi_new", 1_795_287_601), ("pi_old", 1_790_000_000)]);
}

#[test]
fn an_invoice_without_payments_says_why() {
    for (invoice, reason) in [("invoice.paid", "out_of_band"), ("invoice.paid_from_credit", "credit_balance")] {
        let http = Script::ok([list([]), object(invoice)]);
        let answer = follow(Pointer::to_target(Target::Invoice(INVOICE.into())), &http).unwrap();
        assert_eq!(answer, Reading::Ignore(reason));
        assert_eq!(http.lines()[1], format!("GET /v1/invoices/{INVOICE}"));
    }
    let outside = invoice_payment(json!({"type": "payment_record", "payment_record": "pr_1"}));
    let answer = follow(Pointer::to_target(Target::Invoice(INVOICE.into())), &Script::ok([list([outside])])).unwrap();
    assert_eq!(answer, Reading::Ignore("out_of_band"));
}

#[test]
fn money_whose_payment_is_not_final_yet_waits_for_it() {
    for name in
        ["payment_intent.processing", "payment_intent.amount_capturable_updated", "payment_intent.payment_failed"]
    {
        let waits = follow(pointer("charge.updated"), &Script::ok([object(name)])).unwrap();
        assert_eq!(waits, Reading::Waits { payment: INTENT.into() }, "{name}");
        // A thin event of the PaymentIntent itself says nothing of money.
        let calm =
            follow(Pointer::to_target(Target::PaymentIntent(INTENT.into())), &Script::ok([object(name)])).unwrap();
        assert!(matches!(calm, Reading::Known(_) | Reading::Ignore("not_captured")), "{calm:?}");
    }
    let canceled = follow(pointer("charge.updated"), &Script::ok([object("payment_intent.canceled")])).unwrap();
    assert!(matches!(canceled, Reading::Known(_)), "a canceled payment is final: {canceled:?}");
}

/// Stripe's lists cannot be asked by a charge, so there is nothing to complete it from.
#[test]
fn a_charge_without_a_payment_intent_is_dated_and_costs_one_call() {
    let mut charge = object("charge.succeeded_without_intent");
    charge["balance_transaction"] = json!({"id": "txn_1", "created": SETTLED});
    charge["metadata"] = json!({});
    let http = Script::ok([charge]);
    let event = movement(follow(Pointer::to_target(Target::Charge("ch_1Qa7BooksAlone".into())), &http).unwrap());
    assert_eq!((event.occurred, event.money.minor), (SETTLED, 2_500));
}

#[test]
fn a_failed_call_is_the_error_of_the_whole() {
    let missing = Response::json(404, &json!({"error": {"code": "resource_missing"}}));
    let error = follow(pointer("charge.updated"), &Script::of([Ok(missing)])).unwrap_err();
    assert_eq!(error.code, Code::StripeObjectMissing);
    let refused = Response::json(403, &json!({"error": {"message": "needs 'rak_invoice_read'"}}));
    let http = Script::of([Ok(Response::json(200, &fetched_plain())), Ok(refused)]);
    let error = follow(Pointer::to_target(Target::PaymentIntent(INTENT.into())), &http).unwrap_err();
    assert!(error.code == Code::StripeAuth && error.detail.contains("rak_invoice_read"));
}

#[test]
fn the_calls_of_one_event_are_bounded() {
    // An invoice in ten parts, none expanded: the list and three of them, then no more.
    let parts =
        (0..10).map(|n| invoice_payment(json!({"type": "payment_intent", "payment_intent": format!("pi_{n}")})));
    let answers = std::iter::once(list(parts)).chain((0..3).map(|_| fetched("payment_intent.succeeded")));
    let http = Script::ok(answers);
    let error = follow(pointer("invoice.paid"), &http).unwrap_err();
    assert_eq!((error.code, http.lines().len() as u32), (Code::EventUnreadable, MAX_CALLS));
}

/// After a day of waiting: what the captured charge says, under the payment's key, so that its own event finds it.
#[test]
fn money_of_a_payment_that_never_becomes_final_is_read_from_its_charge() {
    let mut intent = fetched("payment_intent.processing");
    intent["latest_charge"]["amount_captured"] = json!(90_000);
    let (event, matching, config) = (envelope(&fixture("charge.updated")), matching(), config());
    let scope = Scope::new(&event, ACCOUNT, &matching);
    let ask = |answer: Value| {
        let http = Script::ok([answer]);
        run(not_final::read_not_final(&Client::new(&http, &config), &scope, INTENT)).unwrap()
    };
    let event = movement(ask(intent.clone()));
    assert_eq!(event.key, format!("stripe:{ACCOUNT}:{INTENT}:succeeded"));
    assert_eq!((event.payment.as_str(), event.money.minor), (INTENT, 90_000));
    assert_eq!((event.flags, event.reference.records.len()), (vec![quittance::movement::NOT_FINAL.to_owned()], 1));
    intent["latest_charge"]["captured"] = json!(false);
    assert!(matches!(ask(intent), Reading::Known(_)), "nothing was captured");
    let mut parts = fetched("payment_intent.processing");
    (parts["status"], parts["amount_received"]) = (json!("requires_capture"), json!(90_000));
    parts["latest_charge"]["amount_captured"] = json!(90_000);
    assert_eq!(ask(parts), Reading::Ignore("not_captured"), "more of the authorization may be captured");
    assert!(movement(ask(fetched("payment_intent.succeeded"))).flags.is_empty(), "it became final meanwhile");
}
