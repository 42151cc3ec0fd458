//! Charges that fail: before they paid, which moves nothing, and after.

use quittance::movement::{Detail, MovementKind, Reversal};
use quittance::stripe::client::Client;
use quittance::stripe::fetch::resolve;
use quittance::stripe::map::{Pointer, Reading, Scope, Target};
use serde_json::{Value, json};

use crate::script::{Script, config, run};
use crate::{ACCOUNT, envelope, eur, fixture, keys, matching, movements, object, reading, transaction};

const CHARGE: &str = "py_3Qa7Books0Debit042";
const PAYMENT: &str = "pi_3Qa7Books0Invoice44";

/// The failed charge as fetched.
fn fetched() -> Value {
    let mut charge = object("charge.failed_late");
    let mut taken = transaction("payment_failure_refund");
    taken["source"] = json!(CHARGE);
    charge["failure_balance_transaction"] = taken;
    charge["balance_transaction"] = json!({"id": "txn_1Qa7BooksDebit42", "created": 1_795_200_000});
    charge["payment_intent"] = object("payment_intent.payment_failed");
    charge["payment_intent"]["id"] = json!(PAYMENT);
    charge["payment_intent"]["latest_charge"] = json!(CHARGE);
    charge["payment_intent"]["metadata"] = charge["metadata"].clone();
    charge
}

/// With a ledger that has the receipt, or not.
fn follow(answer: Value, posted: bool) -> (Reading, Vec<String>) {
    after(answer, if posted { "succeeded" } else { "" }, false)
}

/// With a ledger that has one transition of the payment, and after a day of waiting or before it.
fn after(answer: Value, posted: &str, waited: bool) -> (Reading, Vec<String>) {
    let event = fixture("charge.failed_late");
    let Reading::Pointer(pointer) = reading(&event) else { panic!() };
    let has = format!("stripe:{ACCOUNT}:{PAYMENT}:{posted}");
    let known = |key: &str| key == has;
    let (http, event, matching, config) = (Script::ok([answer]), envelope(&event), matching(), config());
    let scope = Scope::new(&event, ACCOUNT, &matching).with_ledger(&known, 0).with_waited(waited);
    (run(resolve(&Client::new(&http, &config), &scope, pointer)).unwrap().reading, http.lines())
}

#[test]
fn a_payment_that_never_stood_on_the_balance_moves_no_money() {
    assert_eq!(reading(&fixture("charge.failed")), Reading::Ignore("moves_no_money"));
}

#[test]
fn a_failure_after_success_takes_the_receipt_back() {
    assert_eq!(
        reading(&fixture("charge.failed_late")),
        Reading::Pointer(Pointer::to_target(Target::Failure(CHARGE.into())))
    );
    let (reading, lines) = follow(fetched(), true);
    assert_eq!(
        lines,
        [format!(
            "GET /v1/charges/{CHARGE}?expand[]=balance_transaction&expand[]=failure_balance_transaction\
             &expand[]=payment_intent"
        )]
    );
    let movements = movements(reading);
    assert_eq!(keys(&movements), [format!("{PAYMENT}:reversed")]);
    let reversal = &movements[0];
    assert_eq!(
        (reversal.kind, reversal.money, reversal.occurred),
        (MovementKind::Reversed, eur(80_000), 1_796_065_200)
    );
    assert_eq!((reversal.payment.as_str(), reversal.charge.as_deref()), (PAYMENT, Some(CHARGE)));
    assert_eq!(reversal.reason.as_deref(), Some("insufficient_funds"));
    assert_eq!(reversal.reference.records[0].id, 44, "so that a receipt from before go-live is found");
    let receipt = format!("stripe:{ACCOUNT}:{PAYMENT}:succeeded");
    assert_eq!(reversal.detail, Some(Detail::Reversal(Reversal { receipt, if_received: false })));
}

/// Where Stripe still says that it had paid, nothing else has to be known.
#[test]
fn a_receipt_that_the_payment_intent_tells_of_comes_with_its_reversal() {
    let mut charge = fetched();
    charge["payment_intent"]["status"] = json!("succeeded");
    charge["payment_intent"]["amount_received"] = json!(80_000);
    let movements = movements(follow(charge, false).0);
    assert_eq!(keys(&movements), [format!("{PAYMENT}:succeeded"), format!("{PAYMENT}:reversed")]);
    assert_eq!(
        (movements[0].kind, movements[0].money, movements[0].occurred),
        (MovementKind::Paid, eur(80_000), 1_795_200_000)
    );
}

/// Debits stand on the balance before they are sure, captured as if they were: what never paid and what paid look alike,
/// and the success may be on its way.
#[test]
fn a_failure_waits_for_the_receipt_that_may_still_come() {
    assert_eq!(follow(fetched(), false).0, Reading::Waits { payment: PAYMENT.into() });
    let mut alone = fetched();
    alone["payment_intent"] = json!(null);
    assert_eq!(follow(alone, false).0, Reading::Waits { payment: CHARGE.into() });
}

/// The answer to its booking may have been lost: who has it is for the ERP to say.
#[test]
fn a_receipt_that_did_not_come_in_a_day_is_reversed_if_the_erp_has_it() {
    for (posted, waited, if_received) in [("", true, true), ("succeeded", true, false), ("reversed", false, false)] {
        let movements = movements(after(fetched(), posted, waited).0);
        assert_eq!(keys(&movements), [format!("{PAYMENT}:reversed")]);
        let receipt = format!("stripe:{ACCOUNT}:{PAYMENT}:succeeded");
        assert_eq!(movements[0].detail, Some(Detail::Reversal(Reversal { receipt, if_received })), "{posted}");
    }
}

#[test]
fn what_never_paid_is_netted_on_the_balance() {
    for (pointer, value) in [
        ("/captured", json!(false)),
        ("/amount_captured", json!(0)),
        // The payer went on with another way of paying, which has the receipt.
        ("/payment_intent/latest_charge", json!("ch_another")),
    ] {
        let mut charge = fetched();
        *charge.pointer_mut(pointer).unwrap() = value;
        assert_eq!(follow(charge, true).0, Reading::Ignore("moves_no_money"), "{pointer}");
    }
}

/// What left the balance counts, not what the charge says that it might be.
#[test]
fn a_part_that_was_taken_back_is_reversed_alone() {
    let mut charge = fetched();
    charge["failure_balance_transaction"]["amount"] = json!(-50_000);
    charge["failure_balance_transaction"]["net"] = json!(-50_750);
    assert_eq!((charge["amount_captured"].clone(), charge["amount_refunded"].clone()), (json!(80_000), json!(0)));
    assert_eq!(movements(follow(charge, true).0)[0].money, eur(50_000));
}

#[test]
fn only_what_was_not_refunded_is_taken_back() {
    let mut charge = fetched();
    charge["amount_refunded"] = json!(30_000);
    charge["failure_balance_transaction"]["amount"] = json!(-50_000);
    charge["failure_balance_transaction"]["net"] = json!(-50_750);
    assert_eq!(movements(follow(charge.clone(), true).0)[0].money, eur(50_000));
    // The same where it was exchanged: 500.00 EUR are 590.50 USD.
    for (member, value) in [("currency", json!("usd")), ("exchange_rate", json!(1.181)), ("amount", json!(-59_050))] {
        charge["failure_balance_transaction"][member] = value;
    }
    assert_eq!(movements(follow(charge, true).0)[0].money, eur(50_000));
}
