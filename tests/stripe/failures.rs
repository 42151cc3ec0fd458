//! Charges that fail: before they paid, which moves nothing, and after.

use quittance::payment::{Detail, Kind, Reversal};
use quittance::stripe::client::Client;
use quittance::stripe::fetch::resolve;
use quittance::stripe::map::{Lead, Reading, Scope, Target};
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
    charge["payment_intent"]["metadata"] = charge["metadata"].clone();
    charge
}

fn follow(answer: Value) -> (Reading, Vec<String>) {
    let event = fixture("charge.failed_late");
    let Reading::Lead(lead) = reading(&event) else { panic!() };
    let (http, event, matching, config) = (Script::ok([answer]), envelope(&event), matching(), config());
    let scope = Scope { event: &event, account: ACCOUNT, matching: &matching };
    (run(resolve(&Client::new(&http, &config), &scope, lead)).unwrap().reading, http.lines())
}

#[test]
fn a_payment_that_never_succeeded_moves_no_money() {
    assert_eq!(reading(&fixture("charge.failed")), Reading::Ignore("moves_no_money"));
    let mut never = fixture("charge.failed_late");
    never["data"]["object"]["captured"] = json!(false);
    assert_eq!(reading(&never), Reading::Ignore("moves_no_money"), "what came and went is netted on the balance");
}

/// The PaymentIntent may say anything by then, so the receipt is read from the charge that had paid.
#[test]
fn a_failure_after_success_takes_the_receipt_back() {
    assert_eq!(reading(&fixture("charge.failed_late")), Reading::Lead(Lead::to(Target::Failure(CHARGE.into()))));
    let (reading, lines) = follow(fetched());
    assert_eq!(
        lines,
        [format!(
            "GET /v1/charges/{CHARGE}?expand[]=balance_transaction&expand[]=failure_balance_transaction\
             &expand[]=payment_intent"
        )]
    );
    let movements = movements(reading);
    assert_eq!(keys(&movements), [format!("{PAYMENT}:succeeded"), format!("{PAYMENT}:reversed")]);
    let [receipt, reversal] = &movements[..] else { panic!() };
    assert_eq!((receipt.kind, receipt.money, receipt.occurred), (Kind::Paid, eur(80_000), 1_795_200_000));
    assert_eq!((receipt.payment.as_str(), receipt.charge.as_deref()), (PAYMENT, Some(CHARGE)));
    assert_eq!(receipt.reference.records[0].id, 44);
    assert_eq!(reversal.reference, receipt.reference, "so that a receipt from before go-live is found");
    assert_eq!((reversal.money, reversal.occurred), (eur(80_000), 1_796_065_200));
    assert_eq!(reversal.reason.as_deref(), Some("insufficient_funds"));
    assert_eq!(reversal.detail, Some(Detail::Reversal(Reversal { receipt: receipt.key.clone() })));
}

#[test]
fn only_what_was_not_refunded_is_taken_back() {
    let mut charge = fetched();
    charge["amount_refunded"] = json!(30_000);
    charge["failure_balance_transaction"]["amount"] = json!(-50_000);
    charge["failure_balance_transaction"]["net"] = json!(-50_750);
    assert_eq!(movements(follow(charge.clone()).0)[1].money, eur(50_000));
    // The same where it was exchanged: 500.00 EUR are 590.50 USD.
    for (member, value) in [("currency", json!("usd")), ("exchange_rate", json!(1.181)), ("amount", json!(-59_050))] {
        charge["failure_balance_transaction"][member] = value;
    }
    assert_eq!(movements(follow(charge).0)[1].money, eur(50_000));
}
