//! Refunds: when their money moves, which movements each gives, and which of several is the last.

use quittance::movement::{Detail, MovementKind, Refund};
use quittance::stripe::client::Client;
use quittance::stripe::fetch::{Resolution, resolve};
use quittance::stripe::map::{Pointer, Reading, Scope, Target};
use serde_json::{Value, json};

use crate::script::{Script, config, run};
use crate::{
    ACCOUNT, CHARGE, CUSTOMER, INTENT, envelope, eur, fixture, keys, matching, movements, object, reading, with,
};

const REFUND: &str = "re_3Qa7Books0Refund42";
const LEFT: i64 = 1_795_374_001;
/// Three days later the payer's bank sends it back.
const BACK: i64 = LEFT + 3 * 86_400;

/// A refund as fetched: its charge with all of its refunds, the newest first, and its balance transactions.
fn fetched(mut refund: Value, captured: i64, refunds: Vec<Value>) -> Value {
    let mut charge = object("charge.updated");
    charge["amount_captured"] = json!(captured);
    let listed = refunds.into_iter().map(expanded).collect::<Vec<_>>();
    let given = listed.iter().map(|r| r["amount"].as_i64().unwrap()).sum::<i64>();
    charge["amount_refunded"] = json!(given);
    charge["refunds"] = json!({"object": "list", "data": listed, "has_more": false, "url": "/v1/refunds"});
    charge["payment_intent"] = object("payment_intent.succeeded");
    refund = expanded(refund);
    refund["charge"] = charge;
    refund
}

fn expanded(mut refund: Value) -> Value {
    for (member, category, created) in
        [("balance_transaction", "refund", LEFT), ("failure_balance_transaction", "refund_failure", BACK)]
    {
        if let Some(id) = refund[member].as_str().map(str::to_owned) {
            refund[member] = json!({"id": id, "created": created, "reporting_category": category});
        }
    }
    refund
}

/// One of several refunds of the charge.
fn one(id: &str, amount: i64, status: &str) -> Value {
    let mut refund = object("refund.created");
    for (member, value) in [("id", json!(id)), ("amount", json!(amount)), ("status", json!(status))] {
        refund[member] = value;
    }
    refund
}

fn follow(event: &Value, answer: Value) -> (Resolution, Vec<String>) {
    let Reading::Pointer(pointer) = reading(event) else { panic!("{:?}", reading(event)) };
    ask(event, pointer, answer)
}

fn ask(event: &Value, pointer: Pointer, answer: Value) -> (Resolution, Vec<String>) {
    let (http, event, matching, config) = (Script::ok([answer]), envelope(event), matching(), config());
    let scope = Scope::new(&event, ACCOUNT, &matching);
    let resolved = run(resolve(&Client::new(&http, &config), &scope, pointer)).unwrap();
    (resolved, http.lines())
}

fn full(refund: Value, captured: i64, refunds: Vec<Value>) -> bool {
    full_of(fetched(refund, captured, refunds))
}

fn full_of(answer: Value) -> bool {
    let pointer = Pointer::to_target(Target::Refund("re_x".into()));
    let (resolved, _) = ask(&fixture("refund.created"), pointer, answer);
    match movements(resolved.reading).remove(0).detail {
        Some(Detail::Refund(refund)) => refund.full,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refund_is_the_money_and_the_credit_note_in_one_call() {
    let event = fixture("refund.created");
    assert_eq!(reading(&event), Reading::Pointer(Pointer::to_target(Target::Refund(REFUND.into()))));
    let (resolved, lines) = follow(&event, fetched(object("refund.created"), 115_000, vec![object("refund.created")]));
    assert_eq!(
        lines,
        [format!(
            "GET /v1/refunds/{REFUND}?expand[]=balance_transaction&expand[]=failure_balance_transaction\
             &expand[]=charge.payment_intent&expand[]=charge.refunds.data.balance_transaction"
        )]
    );
    assert_eq!(resolved.transactions, ["txn_3Qa7BooksBack42", "txn_3Qa7BooksNet42"]);
    let movements = movements(resolved.reading);
    assert_eq!(keys(&movements), [format!("{REFUND}:succeeded"), format!("{REFUND}:credit_note")]);
    for movement in &movements {
        assert_eq!((movement.money, movement.occurred), (eur(30_000), LEFT));
        assert_eq!((movement.payment.as_str(), movement.charge.as_deref()), (INTENT, Some(CHARGE)));
        assert_eq!(movement.reason.as_deref(), Some("requested_by_customer"));
        assert_eq!(movement.customer.as_deref(), Some(CUSTOMER));
        // From before go-live, its document is found by this.
        assert_eq!(movement.reference.records[0].id, 42);
        let detail = Refund {
            id: REFUND.into(),
            receipt: format!("stripe:{ACCOUNT}:{INTENT}:succeeded"),
            full: false,
            failure: None,
        };
        assert_eq!(movement.detail, Some(Detail::Refund(detail)));
    }
}

/// Pending refunds of bank debits have left the balance; those that wait for the payer have not.
#[test]
fn money_moves_with_success_or_a_balance_transaction() {
    let refund = |status: &str, transaction: Value| {
        with(with(fixture("refund.created"), "status", status), "balance_transaction", transaction)
    };
    for (status, transaction, moves) in [
        ("succeeded", json!("txn_1"), true),
        ("succeeded", json!(null), true),
        ("pending", json!("txn_1"), true),
        ("pending", json!(null), false),
        ("requires_action", json!(null), false),
        ("canceled", json!(null), false),
        ("failed", json!(null), false),
    ] {
        let reading = reading(&refund(status, transaction.clone()));
        assert_eq!(matches!(reading, Reading::Pointer(_)), moves, "{status} {transaction}: {reading:?}");
        assert!(moves || reading == Reading::Ignore("refund_not_moved"));
    }
    assert_eq!(reading(&fixture("refund.created_waiting")), Reading::Ignore("refund_not_moved"));
}

/// What came back had to leave first, and whoever has booked that already leaves it out.
#[test]
fn a_failed_or_canceled_refund_names_what_came_before() {
    for status in ["failed", "canceled"] {
        let event = with(fixture("refund.failed"), "status", status);
        let refund = event["data"]["object"].clone();
        let (resolved, _) = follow(&event, fetched(refund.clone(), 115_000, vec![refund]));
        assert_eq!(resolved.transactions[..2], ["txn_3Qa7BooksBack42", "txn_3Qa7BooksAgain42"]);
        let movements = movements(resolved.reading);
        assert_eq!(keys(&movements), [format!("{REFUND}:succeeded"), format!("{REFUND}:failed")], "{status}");
        let Some(Detail::Refund(detail)) = &movements[1].detail else { panic!() };
        assert_eq!(detail.failure.as_deref(), Some("expired_or_canceled_card"));
        assert_eq!((movements[1].kind, movements[1].money), (MovementKind::RefundFailed, eur(30_000)));
        assert_eq!((movements[0].occurred, movements[1].occurred), (LEFT, BACK), "each when its money moved");
    }
    let gone = with(fixture("refund.failed"), "failure_balance_transaction", json!(null));
    let refund = gone["data"]["object"].clone();
    let (resolved, _) = follow(&gone, fetched(refund.clone(), 115_000, vec![refund]));
    assert_eq!(keys(&movements(resolved.reading)), [format!("{REFUND}:succeeded")], "it has not come back yet");
}

#[test]
fn a_charge_without_a_payment_intent_is_refunded_by_its_own_key() {
    let mut refund = one(REFUND, 30_000, "succeeded");
    refund["payment_intent"] = json!(null);
    let mut answer = fetched(refund, 30_000, vec![]);
    answer["charge"]["payment_intent"] = json!(null);
    let (resolved, _) = ask(&fixture("refund.created"), Pointer::to_target(Target::Refund(REFUND.into())), answer);
    let movements = movements(resolved.reading);
    assert_eq!((movements[0].payment.as_str(), &movements[0].charge), (CHARGE, &None));
    let Some(Detail::Refund(detail)) = &movements[0].detail else { panic!() };
    assert_eq!(detail.receipt, format!("stripe:{ACCOUNT}:{CHARGE}:succeeded"));
    let nobodys = with(with(fixture("refund.created"), "payment_intent", json!(null)), "charge", json!(null));
    assert_eq!(reading(&nobodys), Reading::Ignore("no_payment"));
}

/// Whatever the order in which their events are worked, the sum of all is given back by the last alone.
#[test]
fn of_several_refunds_the_last_is_full() {
    let (a, b) = (one("re_a", 40_000, "succeeded"), one("re_b", 75_000, "succeeded"));
    let newest_first = || vec![b.clone(), a.clone()];
    assert!(!full(a.clone(), 115_000, vec![a.clone()]));
    assert!(!full(a.clone(), 115_000, newest_first()), "worked late, it is still the first");
    assert!(full(b.clone(), 115_000, newest_first()));
    assert!(full(one("re_c", 115_000, "succeeded"), 115_000, vec![one("re_c", 115_000, "succeeded")]));
}

#[test]
fn what_came_back_or_was_only_released_gives_nothing_back() {
    let (failed, again) = (one("re_a", 115_000, "failed"), one("re_b", 115_000, "succeeded"));
    assert!(full(again.clone(), 115_000, vec![again.clone(), failed.clone()]));
    let part = one("re_b", 15_000, "succeeded");
    assert!(!full(part.clone(), 115_000, vec![part, one("re_a", 100_000, "canceled")]));

    // 900.00 of 1150.00 captured: the release of 250.00 stands among the refunds in older API versions.
    let mut released = one("re_rest", 25_000, "succeeded");
    released["balance_transaction"] =
        json!({"id": "txn_r", "created": LEFT, "reporting_category": "partial_capture_reversal"});
    let (all, some) = (one("re_b", 90_000, "succeeded"), one("re_b", 65_000, "succeeded"));
    assert!(full(all.clone(), 90_000, vec![all, released.clone()]));
    assert!(!full(some.clone(), 90_000, vec![some, released.clone()]), "90,000 together, and 250.00 never captured");
    let answer = fetched(released.clone(), 90_000, vec![released]);
    let (resolved, _) = ask(&fixture("refund.created"), Pointer::to_target(Target::Refund("re_rest".into())), answer);
    assert_eq!(resolved.reading, Reading::Ignore("not_captured"), "it is no refund");
    assert_eq!(resolved.transactions[0], "txn_r");
}

/// Stripe lists ten of a charge's refunds.
#[test]
fn beyond_the_listed_refunds_the_charge_itself_tells() {
    let (old, new) = (one("re_a", 5, "succeeded"), one("re_b", 5, "succeeded"));
    let of = |refund: &Value, refunded: bool| {
        let mut answer = fetched(refund.clone(), 115_000, vec![new.clone(), old.clone()]);
        answer["charge"]["refunds"]["has_more"] = json!(true);
        answer["charge"]["refunded"] = json!(refunded);
        full_of(answer)
    };
    assert!(of(&new, true));
    assert!(!of(&new, false));
    assert!(!of(&old, true));
    let mut unlisted = fetched(one("re_c", 115_000, "succeeded"), 115_000, vec![]);
    unlisted["charge"]["amount_refunded"] = json!(115_000);
    assert!(full_of(unlisted));
}
