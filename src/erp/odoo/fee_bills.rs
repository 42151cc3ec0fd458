//! The input of `record_fee_bill`: what Stripe kept in a month, as a draft bill of the supplier; and what that bill clears.
//! docs/odoo/PROCEDURES.md describes the fields.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::config::{Matching, Odoo};
use crate::date;
use crate::movement::{Detail, FeeBill, FeeKind, Movement, MovementKind, posting_key};

/// The procedure's input for a movement; null for one that it does not book.
pub fn fee_bill_input(movement: &Movement, odoo: &Odoo, _: &Matching) -> Value {
    let Some(Detail::FeeBill(bill)) = &movement.detail else { return Value::Null };
    let object = movement.key.split(':').nth(2).unwrap_or_default();
    // Odoo takes one reference of a supplier once.
    let number = if bill.number > 1 { format!(" ({})", bill.number) } else { String::new() };
    json!({
        "key": movement.key,
        "at": date::instant(movement.occurred),
        "company": odoo.company_of(&movement.account),
        "livemode": movement.livemode,
        "payment": movement.payment,
        "note": odoo.note,
        "flags": movement.flags,
        "bill": posting_key(&movement.account, object, MovementKind::FeesBilled.transition()),
        "date": date::iso(movement.occurred),
        "currency": movement.money.currency,
        "total": movement.money.to_decimal().to_string(),
        "ref": format!("Stripe fees {} {} {}{number}", bill.month, movement.money.currency, movement.account),
        "lines": lines(bill),
        "state": sums_fingerprint(bill),
        "fees": bill.transactions.len(),
        "account": movement.account,
        "clears": (movement.kind == MovementKind::FeesCleared).then_some(&bill.transactions),
    })
}

fn lines(bill: &FeeBill) -> Vec<Value> {
    let line = |sum: &crate::movement::FeeSum| {
        let amount = sum.money.to_decimal().to_string();
        json!({"label": sum.what, "amount": amount, "tax": sum.kind == FeeKind::Tax})
    };
    bill.sums.iter().map(line).collect()
}

/// Tells sums apart: the procedure writes the draft's lines anew when they have changed, and else leaves to it what a person
/// may have done to them.
fn sums_fingerprint(bill: &FeeBill) -> String {
    let mut digest = Sha256::new();
    for sum in &bill.sums {
        digest.update(format!("{:?} {} {}\n", sum.kind, sum.what, sum.money));
    }
    hex::encode(digest.finalize()).chars().take(16).collect()
}
