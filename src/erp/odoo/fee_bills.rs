//! The input of `record_fee_bill`: what Stripe kept in a month, as a draft bill of the supplier; and what that bill clears.
//! docs/odoo/PROCEDURES.md describes the fields.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::config::{Matching, Odoo};
use crate::date;
use crate::payment::{Detail, FeeBill, FeeKind, Kind, PaymentEvent, posting_key};

/// A movement in the procedure's words; null for one that it does not book.
pub fn fee_bill_input(event: &PaymentEvent, odoo: &Odoo, _: &Matching) -> Value {
    let Some(Detail::FeeBill(bill)) = &event.detail else { return Value::Null };
    let object = event.key.split(':').nth(2).unwrap_or_default();
    // Odoo takes one reference of a supplier once.
    let number = if bill.number > 1 { format!(" ({})", bill.number) } else { String::new() };
    json!({
        "key": event.key,
        "at": date::instant(event.occurred),
        "company": odoo.company_of(&event.account),
        "livemode": event.livemode,
        "payment": event.payment,
        "note": odoo.note,
        "flags": event.flags,
        "bill": posting_key(&event.account, object, Kind::FeesBilled.transition()),
        "date": date::iso(event.occurred),
        "currency": event.money.currency,
        "total": event.money.to_decimal().to_string(),
        "ref": format!("Stripe fees {} {} {}{number}", bill.month, event.money.currency, event.account),
        "lines": lines(bill),
        "state": sums_fingerprint(bill),
        "fees": bill.transactions.len(),
        "account": event.account,
        "clears": (event.kind == Kind::FeesCleared).then_some(&bill.transactions),
    })
}

fn lines(bill: &FeeBill) -> Vec<Value> {
    let line = |sum: &crate::payment::FeeSum| {
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
