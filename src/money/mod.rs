//! Money: an integer of minor units with its currency. No floats anywhere.

mod currency;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use currency::Currency;

/// An amount as Stripe counts it: minor units by Stripe's exponent for the currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units; Stripe's largest amount has 12 digits.
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Major units, with as many places as Stripe's exponent: 1099 USD is `10.99`, 1000 JPY is `1000`.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent())
    }

    /// Minor units of a decimal in major units; `None` when it has more places than the currency or is too large.
    pub fn from_decimal(amount: Decimal, currency: Currency) -> Option<Self> {
        let shift = Decimal::from(10i64.checked_pow(currency.exponent())?);
        let minor = amount.checked_mul(shift)?;
        if !minor.fract().is_zero() {
            return None;
        }
        minor.trunc().to_string().parse().ok().map(|minor| Self { minor, currency })
    }
}

/// `10.99 USD`.
impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

/// Published as `{"amount": "10.99", "currency": "USD"}`: a decimal string, so that no reader rounds it.
#[derive(Serialize, Deserialize)]
struct Wire {
    amount: DecimalText,
    currency: Currency,
}
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct DecimalText(String);

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Wire { amount: DecimalText(self.to_decimal().to_string()), currency: self.currency }.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(from)?;
        let amount = wire.amount.0.parse().map_err(serde::de::Error::custom)?;
        Self::from_decimal(amount, wire.currency).ok_or_else(|| serde::de::Error::custom("amount has too many places"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Over every code that three letters can make, so over every currency Stripe may add, and amounts of every
    /// length: minor, decimal, minor is the identity, and so is the way through the text that Odoo receives.
    #[test]
    fn minor_decimal_minor_is_the_identity() {
        let letters = b'A'..=b'Z';
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        for code in
            letters.clone().flat_map(|a| letters.clone().flat_map(move |b| (b'A'..=b'Z').map(move |c| [a, b, c])))
        {
            let currency: Currency = std::str::from_utf8(&code).unwrap().parse().unwrap();
            for length in 1..=13 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let minor = (seed >> 1) as i64 % 10i64.pow(length);
                for minor in [minor, -minor, 10i64.pow(length) - 1] {
                    let money = Money::new(minor, currency);
                    let decimal = money.to_decimal();
                    assert_eq!(Money::from_decimal(decimal, currency), Some(money), "{money}");
                    let text: Decimal = decimal.to_string().parse().unwrap();
                    assert_eq!(Money::from_decimal(text, currency), Some(money), "{money}");
                }
            }
            let json = serde_json::to_string(&Money::new(-12_340, currency)).unwrap();
            assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), Money::new(-12_340, currency), "{json}");
        }
    }

    #[test]
    fn stripe_exponents_that_differ_from_iso_4217() {
        for (minor, code, text) in
            [(12_000, "UGX", "120.00"), (1_200, "ISK", "12.00"), (500, "MGA", "500"), (1_230, "KWD", "1.230")]
        {
            assert_eq!(Money::new(minor, code.parse().unwrap()).to_decimal().to_string(), text, "{code}");
        }
    }

    #[test]
    fn more_places_than_the_currency_has_are_refused() {
        assert_eq!(Money::from_decimal("1.005".parse().unwrap(), "USD".parse().unwrap()), None);
        assert_eq!(Money::from_decimal("1.5".parse().unwrap(), "JPY".parse().unwrap()), None);
    }
}
