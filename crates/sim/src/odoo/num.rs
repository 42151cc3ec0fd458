//! Odoo's JSON numbers, read and written without floats.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Number, Value};

/// As Python prints a float: `200.0`, `0.01`.
pub fn float(amount: Decimal) -> Value {
    let text = amount.normalize().to_string();
    let text = if text.contains('.') { text } else { format!("{text}.0") };
    serde_json::from_str::<Number>(&text).map_or(Value::Null, Value::Number)
}

/// A number, or a text that holds one; `false` and null are nothing.
pub fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(n) => n.as_str().parse().ok().or_else(|| Decimal::from_scientific(n.as_str()).ok()),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    }
}

/// A whole number, also one written `5.0` or `"5"`.
pub fn int(value: &Value) -> Option<i64> {
    let number = decimal(value)?;
    (number.fract().is_zero()).then(|| number.normalize().to_string().parse().ok()).flatten()
}

/// To a currency's places, half away from zero as Odoo rounds.
pub fn round(amount: Decimal, places: u32) -> Decimal {
    amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// As a procedure prints an amount: with exactly the currency's places, `12.30`; zero has no sign.
pub fn fixed(amount: Decimal, places: u32) -> String {
    let rounded = round(amount, places);
    let unsigned = if rounded.is_zero() { Decimal::ZERO } else { rounded };
    format!("{unsigned:.*}", usize::try_from(places).unwrap_or(2))
}

/// Python's truth of a JSON value.
pub fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Number(_) => decimal(value).is_some_and(|d| !d.is_zero()),
        Value::String(s) => !s.is_empty(),
        Value::Array(a) => !a.is_empty(),
        Value::Object(o) => !o.is_empty(),
    }
}
