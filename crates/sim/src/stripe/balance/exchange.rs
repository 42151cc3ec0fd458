//! In which currency a payment is kept, and at what rate.

use quittance::money::{Currency, Money};
use rust_decimal::prelude::*;

use crate::stripe::Settings;

/// Where money of one currency goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What it was paid in.
    pub from: String,
    /// What it is kept in.
    pub to: String,
    /// Units of `to` for one of `from`; `None` when they are the same.
    pub rate: Option<Decimal>,
}

impl Settings {
    /// How money of a currency is kept now: as [`Settings::settles`] says, else in the account's main currency
    /// when there is a rate, else as it came.
    pub fn exchange(&self, from: &str) -> Exchange {
        let to = self.settles.get(from).or(self.rates.get(from).map(|_| &self.currency)).filter(|to| *to != from);
        match (to, self.rates.get(from)) {
            (Some(to), Some(rate)) => Exchange { from: from.to_owned(), to: to.clone(), rate: Some(*rate) },
            _ => Exchange { from: from.to_owned(), to: from.to_owned(), rate: None },
        }
    }
}

impl Exchange {
    /// Minor units of `from` in minor units of `to`, rounded half away from zero.
    pub fn convert(&self, minor: i64) -> i64 {
        self.rate.and_then(|rate| convert(minor, &self.from, rate, &self.to)).unwrap_or(minor)
    }
}

fn convert(minor: i64, from: &str, rate: Decimal, to: &str) -> Option<i64> {
    let (from, to): (Currency, Currency) = (from.parse().ok()?, to.parse().ok()?);
    let major = Money::new(minor, from).to_decimal().checked_mul(rate)?;
    let major = major.round_dp_with_strategy(to.exponent(), RoundingStrategy::MidpointAwayFromZero);
    Money::from_decimal(major, to).map(|money| money.minor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_settles_where_the_settings_say() {
        let rates = [("jpy", "0.006789"), ("gbp", "1.17"), ("chf", "1.1")];
        let rates = rates.map(|(currency, rate)| (currency.to_owned(), rate.parse().unwrap())).into();
        let settles = [("gbp", "eur"), ("chf", "chf")].map(|(from, to)| (from.to_owned(), to.to_owned())).into();
        let settings = Settings { rates, settles, ..Settings::default() };
        for (from, minor, to, kept) in [
            ("jpy", 10_000, "usd", 6_789),
            ("jpy", -10_000, "usd", -6_789),
            ("gbp", 1_050, "eur", 1_229),
            ("gbp", -1_050, "eur", -1_229),
            ("chf", 5, "chf", 5),
            ("sek", 7, "sek", 7),
        ] {
            let exchange = settings.exchange(from);
            assert_eq!((exchange.to.as_str(), exchange.convert(minor)), (to, kept), "{from}");
            assert_eq!(exchange.rate.is_none(), from == to);
        }
    }
}
