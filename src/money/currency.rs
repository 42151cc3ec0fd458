//! Currencies as Stripe sends them, which is not always as ISO 4217 has them.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A three-letter code in upper case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

/// Sent in whole units. Source: Stripe's "Zero-decimal currencies" list, without UGX, which the same page's
/// special cases say is sent in hundredths (tests/fixtures/stripe/currencies.json).
const WHOLE: &str = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF";
/// Sent in thousandths, the last digit always 0. Source: Stripe's "Three-decimal currencies".
const THOUSANDTHS: &str = "BHD JOD KWD OMR TND";
/// Sent in hundredths with the last two digits 00, though ISO 4217 gives them no places.
const HUNDREDTHS_OF_WHOLE: &str = "ISK UGX";

impl Currency {
    /// Decimal places of Stripe's minor unit. A currency that Stripe's page does not single out has two.
    pub fn exponent(self) -> u32 {
        if listed(WHOLE, self) {
            0
        } else if listed(THOUSANDTHS, self) {
            3
        } else {
            2
        }
    }

    /// The least step between two amounts that Stripe charges or pays, in major units: a currency that is sent in
    /// hundredths of whole units moves in whole ones, and one that is sent in thousandths in tens of them.
    pub fn step(self) -> Decimal {
        match self.exponent() {
            3 => Decimal::new(1, 2),
            _ if listed(HUNDREDTHS_OF_WHOLE, self) => Decimal::ONE,
            exponent => Decimal::new(1, exponent),
        }
    }

    /// The code in upper case, as Odoo writes it.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Every currency with a rule of its own, and those Stripe gives a least charge for.
    pub fn all() -> impl Iterator<Item = Self> {
        let usual = "USD AED ARS AUD BRL CAD CHF COP CZK DKK EUR GBP HKD HUF IDR ILS INR MXN MYR NOK NZD PHP PLN RON \
                     RUB SEK SGD THB TWD ZAR";
        [WHOLE, THOUSANDTHS, HUNDREDTHS_OF_WHOLE, usual]
            .into_iter()
            .flat_map(str::split_whitespace)
            .filter_map(|c| c.parse().ok())
    }
}

fn listed(list: &str, currency: Currency) -> bool {
    list.split(' ').any(|code| code == currency.code())
}

/// Takes any case: Stripe writes `usd`, Odoo `USD`.
impl FromStr for Currency {
    type Err = NotACurrency;
    fn from_str(code: &str) -> Result<Self, NotACurrency> {
        let bytes: [u8; 3] = code.as_bytes().try_into().map_err(|_| NotACurrency)?;
        if !bytes.iter().all(u8::is_ascii_alphabetic) {
            return Err(NotACurrency);
        }
        Ok(Self(bytes.map(|b| b.to_ascii_uppercase())))
    }
}

/// The text is not three ASCII letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotACurrency;

impl std::fmt::Display for NotACurrency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a currency is three letters")
    }
}
impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}
impl std::fmt::Debug for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}
impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}
impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let code = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lists above are Stripe's, held against the copy of its page.
    #[test]
    fn lists_are_those_of_the_fixture() {
        let page: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/fixtures/stripe/currencies.json")).unwrap();
        for (name, exponent) in
            [("zero_decimal", 0), ("three_decimal_last_digit_zero", 3), ("sent_x100_whole_units_only", 2)]
        {
            for code in page[name].as_array().unwrap() {
                let currency: Currency = code.as_str().unwrap().parse().unwrap();
                assert_eq!(currency.exponent(), exponent, "{currency}");
            }
        }
        let zero = page["zero_decimal"].as_array().unwrap().len();
        assert_eq!(WHOLE.split(' ').count(), zero);
    }

    #[test]
    fn steps_are_the_least_that_is_charged() {
        for (code, step) in [("USD", "0.01"), ("JPY", "1"), ("KWD", "0.01"), ("ISK", "1"), ("UGX", "1"), ("MGA", "1")] {
            assert_eq!(code.parse::<Currency>().unwrap().step().to_string(), step, "{code}");
        }
    }

    #[test]
    fn codes_are_three_letters_in_any_case() {
        assert_eq!("usd".parse::<Currency>().unwrap().code(), "USD");
        for bad in ["", "us", "usdx", "u$d", "€u"] {
            assert!(bad.parse::<Currency>().is_err(), "{bad}");
        }
    }
}
