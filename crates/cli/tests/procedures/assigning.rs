//! An operator gives receipts their invoices: what is free of one, what is open of the other, and what stands in the way.

use serde_json::{Value, json};

use super::place::Place;
use super::refunds::{give_back, refund};
use super::story::{ids, last_payment, movement, record};

pub fn play(place: &mut Place) {
    place.enter(0);
    place.books("EUR");
    assign(place, "no key: only the hash", "", "7");
    assign(place, "an unknown key", "pi_unknown", "7");
    allocated(place);
    customers(place);
    refused(place);
    currencies(place);
    undone(place);
    unreconciled(place);
    refunded(place);
    companies(place);
    advances(place);
}

fn assign(place: &mut Place, title: &str, payment: &str, invoice: &str) -> Value {
    let key = if payment.is_empty() { String::new() } else { format!("stripe:acct_1:{payment}:succeeded") };
    place.run(title, "assign_receipt", &json!({"key": key, "invoice": invoice, "note": true}))
}

fn allocated(place: &mut Place) {
    record(place, "nobody's hundred", &[movement("pi_free", "100.00", json!({}))]);
    let a = place.invoice("A", "Ada", "60", "USD");
    let number = place.number(a);
    assign(place, "by its number", "pi_free", &number);
    assign(place, "an invoice that is paid now", "pi_free", &number);
    let b = place.invoice("B", "Ada", "70", "USD");
    assign(place, "the rest, by an id", "pi_free", &format!(" {b} "));
    assign(place, "nothing is free any more", "pi_free", &number);
    place.notes("what A says", a);
    place.look("allocated: the accounts");
    record(place, "the receipt again", &[movement("pi_free", "100.00", json!({}))]);
}

fn customers(place: &mut Place) {
    let a = place.invoice("of Bob", "Bob", "30", "USD");
    record(place, "Bob pays too much", &[movement("pi_over", "50.00", ids(&[a]))]);
    let b = place.invoice("of Cleo", "Cleo", "20", "USD");
    assign(place, "what Bob paid too much, for Cleo", "pi_over", &b.to_string());
    place.look("Bob for Cleo: the accounts");
}

fn refused(place: &mut Place) {
    record(place, "nobody's ten", &[movement("pi_ten", "10.00", json!({}))]);
    let draft = place.draft("a draft", "Dan", "10", "USD", "2026-11-30");
    assign(place, "a draft", "pi_ten", &draft.to_string());
    assign(place, "no such number", "pi_ten", "INV/1999/00001");
    assign(place, "no such id", "pi_ten", "999999999");
    assign(place, "a number too large", "pi_ten", "99999999999999");
    assign(place, "no invoice", "pi_ten", "");
    let sold = place.invoice("sold to Dan", "Dan", "10", "USD");
    let note = place.credit_note("a credit note", sold, "10", "back");
    assign(place, "a credit note", "pi_ten", &note.to_string());
}

fn currencies(place: &mut Place) {
    let euro = place.invoice("in EUR", "Gil", "80", "EUR");
    record(place, "nobody's dollars", &[movement("pi_usd", "50.00", json!({}))]);
    assign(place, "USD for EUR", "pi_usd", &euro.to_string());
    place.look("USD for EUR: the accounts");
}

fn undone(place: &mut Place) {
    let open = place.invoice("open", "Hal", "51", "USD");
    record(place, "to be undone", &[movement("pi_undone", "51.00", json!({}))]);
    let last = place.payment(&last_payment(place));
    place.call("account.payment", "action_draft", Some(&[last]), json!({}));
    assign(place, "the receipt is a draft", "pi_undone", &open.to_string());
    place.call("account.payment", "action_cancel", Some(&[last]), json!({}));
    assign(place, "the receipt is cancelled", "pi_undone", &open.to_string());
    place.call("account.payment", "unlink", Some(&[last]), json!({}));
    assign(place, "the receipt is deleted", "pi_undone", &open.to_string());
}

fn unreconciled(place: &mut Place) {
    place.rate("EUR", "2026-11-21", "0.78");
    let late = place.invoice("of another rate", "Ivo", "80", "EUR");
    let mut euros = movement("pi_eur", "80.00", json!({}));
    euros["currency"] = json!("EUR");
    euros["at"] = json!("2026-11-21 12:00:00");
    record(place, "nobody's euros", &[euros]);
    let journal = place.exchange_journal();
    place.company(json!({"currency_exchange_journal_id": false}));
    assign(place, "no journal for exchange differences", "pi_eur", &late.to_string());
    place.company(json!({"currency_exchange_journal_id": journal}));
    assign(place, "the same when there is one", "pi_eur", &late.to_string());
}

fn refunded(place: &mut Place) {
    record(place, "nobody's forty", &[movement("pi_back", "40.00", json!({}))]);
    let a = place.invoice("to be refunded", "Jo", "40", "USD");
    assign(place, "Jo's after all", "pi_back", &a.to_string());
    give_back(place, "a part goes back", &[refund("re_back", "pi_back", "15.00", json!({}))]);
    place.look("allocated, and a part gone back: the accounts");
}

fn companies(place: &mut Place) {
    record(place, "nobody's in the first company", &[movement("pi_here", "9.00", json!({}))]);
    place.enter(1);
    let there = place.invoice("in the second company", "Kim", "9", "EUR");
    assign(place, "an invoice of the other company", "pi_here", &there.to_string());
    place.enter(0);
    let closed = place.closed("in a closed company");
    assign(place, "an invoice of a closed company", "pi_here", &closed.to_string());
}

fn advances(place: &mut Place) {
    place.advances();
    record(place, "nobody's money waits on advances", &[movement("pi_advance", "8.00", json!({}))]);
    let a = place.invoice("after an advance", "Lou", "8", "USD");
    assign(place, "an advance", "pi_advance", &a.to_string());
}
