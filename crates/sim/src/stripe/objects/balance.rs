//! The balance.

use serde_json::{Value, json};

use crate::stripe::balance::Amounts;

/// What is available and what is pending, by currency.
pub fn of(livemode: bool, available: &Amounts, pending: &Amounts) -> Value {
    json!({"object": "balance", "available": rows(available), "livemode": livemode, "pending": rows(pending)})
}

pub fn rows(amounts: &Amounts) -> Vec<Value> {
    let row = |(currency, amount): (&String, &i64)| json!({"amount": amount, "currency": currency, "source_types": {"card": amount}});
    amounts.iter().map(row).collect()
}
