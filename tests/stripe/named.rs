//! Which balance transactions each object names.

use quittance::stripe::map::transactions;
use serde_json::json;

use crate::{fixture, object, with};

#[test]
fn an_event_names_the_balance_transactions_of_its_object() {
    for (name, ids) in [
        ("charge.updated", vec!["txn_3Qa7BooksNet42"]),
        ("charge.succeeded", vec![]),
        ("payment_intent.succeeded", vec![]),
        ("refund.created", vec!["txn_3Qa7BooksBack42"]),
        ("refund.failed", vec!["txn_3Qa7BooksBack42", "txn_3Qa7BooksAgain42"]),
        ("charge.failed_late", vec!["txn_1Qa7BooksDebit42", "txn_1Qa7BooksBounce42"]),
        ("charge.dispute.created_inquiry", vec![]),
        ("charge.dispute.created", vec!["txn_1Qa7BooksTaken42"]),
        ("charge.dispute.closed_won", vec!["txn_1Qa7BooksTaken42", "txn_1Qa7BooksGiven42"]),
        ("payout.created", vec!["txn_1Qa7BooksOut47"]),
        ("payout.failed", vec!["txn_1Qa7BooksOut47", "txn_1Qa7BooksHome47"]),
        ("topup.succeeded", vec!["txn_1Qa7BooksTopup49"]),
        ("checkout.session.completed", vec![]),
        ("invoice.paid", vec![]),
        ("invoice_payment.paid", vec![]),
    ] {
        assert_eq!(transactions(Some(fixture(name).to_string().as_bytes())), ids, "{name}");
    }
}

#[test]
fn expanded_objects_name_theirs_and_none_twice() {
    let mut charge = object("charge.updated");
    charge["balance_transaction"] = json!({"id": "txn_a", "net": 5});
    let event = with(fixture("payment_intent.succeeded"), "latest_charge", charge);
    assert_eq!(transactions(Some(event.to_string().as_bytes())), ["txn_a"]);
    let twice = with(fixture("refund.failed"), "failure_balance_transaction", "txn_3Qa7BooksBack42");
    assert_eq!(transactions(Some(twice.to_string().as_bytes())).len(), 1);
    let marked = [b"\xef\xbb\xbf".as_slice(), fixture("refund.created").to_string().as_bytes()].concat();
    assert_eq!(transactions(Some(&marked)).len(), 1);
}

/// A hint, not a booking: what cannot be read is left to the sweep.
#[test]
fn what_cannot_be_read_names_none() {
    assert_eq!(transactions(None), [""; 0]);
    let body = fixture("charge.updated").to_string();
    for end in 0..body.len() {
        assert_eq!(transactions(Some(&body.as_bytes()[..end])), [""; 0]);
    }
    let odd = with(fixture("charge.updated"), "balance_transaction", 7);
    assert_eq!(transactions(Some(odd.to_string().as_bytes())), [""; 0]);
}
