//! Lines of a journal entry, as `record_entry` takes them.

use serde_json::{Value, json};

use crate::money::Money;

/// A line; nothing for no money.
pub fn line(role: &str, money: Money, partner: Option<&str>, label: &str) -> Option<Value> {
    let amount = money.to_decimal().to_string();
    (money.minor != 0).then(
        || json!({"role": role, "amount": amount, "currency": money.currency, "partner": partner, "label": label}),
    )
}

/// The same money on the other side.
pub fn negated(money: Money) -> Money {
    Money::new(money.minor.saturating_neg(), money.currency)
}
