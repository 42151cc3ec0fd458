//! Which amounts Stripe takes in which currency.

use quittance::money::Currency;

use super::error::ApiError;
use super::params::Params;

/// Most minor units of a card payment: 12 digits.
const MOST: i64 = 999_999_999_999;
/// Least charges of the currencies most used, in minor units; they hold for the currency a balance is kept in.
const LEAST: [(&str, i64); 12] = [
    ("usd", 50),
    ("eur", 50),
    ("chf", 50),
    ("cad", 50),
    ("aud", 50),
    ("gbp", 30),
    ("jpy", 50),
    ("dkk", 250),
    ("nok", 300),
    ("sek", 300),
    ("huf", 17_500),
    ("pln", 200),
];

/// Reads `amount` and `currency` and refuses what Stripe refuses.
pub fn read(params: &Params) -> Result<(i64, String), ApiError> {
    params.require("amount")?;
    let amount = params.int("amount")?.unwrap_or(0);
    let currency = params.require("currency")?.to_lowercase();
    let known: Currency = match currency.parse() {
        Ok(known) if Currency::all().any(|c| c == known) || known.code() == "BGN" => known,
        _ => return Err(ApiError::invalid("currency", format!("Invalid currency: {currency}."))),
    };
    check(amount, known)?;
    Ok((amount, currency))
}

fn check(amount: i64, currency: Currency) -> Result<(), ApiError> {
    let refuse = |code: &str, message: &str| Err(ApiError::param(code, "amount", message));
    if amount < 1 {
        return refuse("parameter_invalid_integer", "This value must be greater than or equal to 1.");
    }
    if amount > MOST {
        return refuse("amount_too_large", "Amount must be no more than $9,999,999,999.99.");
    }
    let code = currency.code().to_lowercase();
    if LEAST.iter().any(|(of, least)| *of == code && amount < *least) {
        return refuse("amount_too_small", "The amount is below the least charge of its currency.");
    }
    let whole = match code.as_str() {
        "isk" | "ugx" => 100,
        _ if currency.exponent() == 3 => 10,
        _ => 1,
    };
    if amount % whole != 0 {
        return refuse("parameter_invalid_integer", "The amount has more places than its currency may have.");
    }
    Ok(())
}
