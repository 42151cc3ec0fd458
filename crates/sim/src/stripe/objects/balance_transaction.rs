//! Balance transactions: what a movement does to a balance, in the currency it is kept in.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::stripe::balance::Entry;

/// An entry as the API shows it: `pending` until its money is available.
pub fn of(id: &str, now: i64, entry: &Entry) -> Value {
    let available_on = now + entry.available_after_s;
    let fee: i64 = entry.fees.iter().map(|fee| fee.amount).sum();
    let details: Vec<Value> = entry
        .fees
        .iter()
        .map(|fee| {
            json!({
                "amount": fee.amount, "application": fee.application, "currency": entry.currency,
                "description": fee.description, "type": fee.kind,
            })
        })
        .collect();
    json!({
        "id": id, "object": "balance_transaction", "amount": entry.amount, "available_on": available_on,
        "balance_type": entry.balance_type, "created": now, "currency": entry.currency,
        "description": entry.description, "exchange_rate": entry.exchange_rate.map(number), "fee": fee,
        "fee_details": details, "net": entry.amount - fee, "reporting_category": entry.reporting_category,
        "source": entry.source, "status": if available_on > now { "pending" } else { "available" },
        "type": entry.kind,
    })
}

/// A JSON number with exactly these digits.
fn number(decimal: Decimal) -> Value {
    serde_json::from_str(&decimal.to_string()).unwrap_or(Value::Null)
}
