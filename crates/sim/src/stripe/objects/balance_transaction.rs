//! Balance transactions: what a movement does to the balance, in the currency it is kept in.

use quittance::money::{Currency, Money};
use rust_decimal::prelude::*;
use serde_json::{Value, json};

use crate::stripe::Settings;
use crate::stripe::object::Fields;

/// Stripe's usual delay until money is available, two days.
const AVAILABLE_AFTER: i64 = 2 * 24 * 3600;

/// The balance transaction of a captured charge: gross, fee, net, converted when the settings have a rate.
pub fn of_charge(id: &str, now: i64, charge: &Value, settings: &Settings) -> Value {
    let (currency, rate) = match settings.rates.get(charge.text("currency")) {
        Some(rate) => (settings.currency.as_str(), Some(*rate)),
        None => (charge.text("currency"), None),
    };
    let captured = charge.int("amount_captured");
    let amount = rate.and_then(|rate| convert(captured, charge.text("currency"), rate, currency)).unwrap_or(captured);
    let fee = ((amount * settings.fee.per_mille + 500) / 1000 + settings.fee.fixed).min(amount);
    let card = charge["payment_method_details"].text("type") == "card";
    json!({
        "id": id, "object": "balance_transaction", "amount": amount, "available_on": now + AVAILABLE_AFTER,
        "balance_type": "payments", "created": now, "currency": currency, "description": charge["description"],
        "exchange_rate": rate.map(number), "fee": fee,
        "fee_details": [{
            "amount": fee, "application": null, "currency": currency, "description": "Stripe processing fees",
            "type": "stripe_fee",
        }],
        "net": amount - fee, "reporting_category": "charge", "source": charge["id"], "status": "pending",
        "type": if card { "charge" } else { "payment" },
    })
}

/// Minor units of one currency in minor units of another, rounded half away from zero.
fn convert(minor: i64, from: &str, rate: Decimal, to: &str) -> Option<i64> {
    let (from, to): (Currency, Currency) = (from.parse().ok()?, to.parse().ok()?);
    let major = Money::new(minor, from).to_decimal().checked_mul(rate)?;
    let major = major.round_dp_with_strategy(to.exponent(), RoundingStrategy::MidpointAwayFromZero);
    Money::from_decimal(major, to).map(|money| money.minor)
}

/// A JSON number with exactly these digits.
fn number(decimal: Decimal) -> Value {
    serde_json::from_str(&decimal.to_string()).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_charge_is_kept_in_the_balance_currency() {
        let rates = [("jpy".to_owned(), "0.006789".parse().unwrap())].into();
        let settings = Settings { rates, ..Settings::default() };
        let charge = json!({"id": "ch_1", "amount_captured": 10_000, "currency": "jpy", "description": null});
        let booked = of_charge("txn_1", 0, &charge, &settings);
        assert_eq!((booked.int("amount"), booked.text("currency")), (6789, "usd"));
        assert_eq!(booked["exchange_rate"].to_string(), "0.006789");
        assert_eq!(booked.int("fee"), 197 + 30);
        assert_eq!(booked.int("net"), 6789 - 227);
    }
}
