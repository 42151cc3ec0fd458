//! The input of `record_entry`: balance transactions, disputes and payouts as lines of a journal entry, each naming its
//! account by a role. docs/odoo/PROCEDURES.md describes the fields.

use serde_json::{Value, json};

use super::lines::{line, negated};
use super::{disputes, receipts};
use crate::config::{Fees, Matching, Odoo};
use crate::date;
use crate::money::Money;
use crate::movement::{Counter, Detail, Fee, FeeKind, Movement, Payout, Transaction};

/// The procedure's input for a movement; null for one that it does not book.
pub fn entry_input(movement: &Movement, odoo: &Odoo, matching: &Matching) -> Value {
    let more = match &movement.detail {
        Some(Detail::Transaction(transaction)) => transaction_input(&movement.key, transaction, odoo.fees),
        Some(Detail::Dispute(about)) => disputes::dispute_input(movement, about, odoo, matching),
        Some(Detail::Payout(payout)) => reconciliation_note(payout),
        _ => return Value::Null,
    };
    let mut all = json!({
        "key": movement.key,
        "at": date::instant(movement.occurred),
        "company": odoo.company_of(&movement.account),
        "livemode": movement.livemode,
        "payment": movement.payment,
        "charge": movement.charge,
        "note": odoo.note,
        "flags": movement.flags,
    });
    receipts::extend(&mut all, more);
    all
}

fn transaction_input(key: &str, transaction: &Transaction, fees: Fees) -> Value {
    let label = label(transaction);
    // Clearing holds what the payer saw; every other account what Stripe reckons in.
    let gross = transaction.presented.filter(|_| transaction.counter == Counter::Clearing).unwrap_or(transaction.gross);
    let mut lines: Vec<Value> = line("balance", transaction.net, None, &label).into_iter().collect();
    lines.extend(transaction.fees.iter().filter_map(|fee| fee_line(fee, fees)));
    lines.extend(match transaction.counter {
        Counter::Fees => charge_line(negated(transaction.gross), fees, &label),
        counter => line(counter.name(), negated(gross), None, &label),
    });
    if lines.is_empty() {
        // Every balance transaction is one entry, also one of nothing.
        let amount = transaction.net.to_decimal().to_string();
        lines.push(json!({"role": "balance", "amount": amount, "currency": transaction.net.currency, "partner": null, "label": label}));
    }
    let source = transaction.source.as_deref().unwrap_or_default();
    json!({
        "currency": transaction.net.currency,
        "ref": format!("{} {} {source}", transaction.id, transaction.kind).trim_end(),
        "lines": lines,
        "rest": transaction.counter.name(),
        "document": transaction.document.as_deref().or_else(|| reversed_payout(key, transaction)),
    })
}

/// The balance transaction of a payout that this one takes back: both are in transit, and meet there.
fn reversed_payout<'a>(key: &str, transaction: &'a Transaction) -> Option<&'a str> {
    transaction.payout.as_ref().map(|payout| payout.settled.as_str()).filter(|settled| *settled != key)
}

/// One of `fee_details`; a negative one was given back.
fn fee_line(fee: &Fee, fees: Fees) -> Option<Value> {
    match fee.kind {
        FeeKind::Stripe => charge_line(fee.money, fees, &fee.what),
        FeeKind::Tax if fees == Fees::Supplier => charge_line(fee.money, fees, &fee.what),
        FeeKind::Tax => line("fees", fee.money, Some("stripe"), &fee.what).map(|line| with_mark(line, "tax")),
        FeeKind::Application => line("fees", fee.money, Some("platform"), &fee.what),
        FeeKind::Withheld => line("withheld", fee.money, None, &fee.what),
        FeeKind::Unknown => line("suspense", fee.money, None, &fee.what),
    }
}

/// Stripe's own charge: an expense that carries the books' purchase tax, or paid to the supplier.
fn charge_line(money: Money, fees: Fees, label: &str) -> Option<Value> {
    match fees {
        Fees::Expense => line("fees", money, Some("stripe"), label).map(|line| with_mark(line, "taxed")),
        Fees::Supplier => line("payable", money, Some("stripe"), label),
    }
}

fn with_mark(mut line: Value, mark: &str) -> Value {
    receipts::extend(&mut line, json!({mark: true}));
    line
}

/// What a person and Odoo's own matching read: of a payout all that a bank line may show.
fn label(transaction: &Transaction) -> String {
    let mut words = vec!["Stripe".to_owned(), transaction.kind.clone()];
    words.extend(transaction.source.clone());
    if let Some(payout) = &transaction.payout {
        words.extend(payout.descriptor.clone());
        words.extend(payout.trace.as_ref().map(|trace| format!("trace {trace}")));
        words.push(format!("arrives {}", date::iso(payout.arrival)));
    }
    words.join(" ")
}

/// A note on the payout's entry.
fn reconciliation_note(payout: &Payout) -> Value {
    let text = if payout.itemised {
        format!("Stripe payout {}: made of {} balance transactions", payout.id, payout.parts)
    } else {
        format!("Stripe payout {}: not itemised by Stripe", payout.id)
    };
    json!({"receipt": payout.settled, "say": {"text": text, "on": "entry"}})
}
