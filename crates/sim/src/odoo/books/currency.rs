//! Currencies: places, rounding, rates.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::json;

use crate::odoo::num;
use crate::odoo::{Odoo, Version};

impl Odoo {
    /// Decimal places of a currency.
    pub(in crate::odoo) fn places(&self, currency: i64) -> u32 {
        self.store.int("res.currency", currency, "decimal_places").and_then(|p| u32::try_from(p).ok()).unwrap_or(2)
    }

    /// The least amount of a currency: `0.01`.
    pub(in crate::odoo) fn step_of(&self, currency: i64) -> Decimal {
        let step = num::decimal(&self.store.value("res.currency", currency, "rounding")).filter(|s| !s.is_zero());
        step.unwrap_or_else(|| Decimal::new(1, self.places(currency)))
    }

    /// To what a currency can hold, half away from zero. What is half but for the last digits of a division counts as
    /// half, as it does in Odoo.
    pub(in crate::odoo) fn rounded(&self, amount: Decimal, currency: i64) -> Decimal {
        let step = self.step_of(currency);
        let steps = (amount / step).round_dp(10);
        steps.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero) * step
    }

    /// An amount in the company's currency, at the rate of the day.
    pub(in crate::odoo) fn to_company(&self, amount: Decimal, currency: i64, company: i64, day: &str) -> Decimal {
        let own = self.store.int("res.company", company, "currency_id").unwrap_or_default();
        if own == currency {
            return amount;
        }
        let times = self.valued_at.unwrap_or(Decimal::ONE);
        self.rounded(amount / self.rate(currency, company, day) * times, own)
    }

    /// Units of a currency for one of the company's on a day. Without a rate on or before it, 17 and 18 take 1, and 19 the
    /// first later one. Branches use the rates of their root.
    pub(in crate::odoo) fn rate(&self, currency: i64, company: i64, day: &str) -> Decimal {
        let own = self.store.int("res.company", company, "currency_id").unwrap_or_default();
        self.units(currency, company, day) / self.units(own, company, day)
    }

    fn units(&self, currency: i64, company: i64, day: &str) -> Decimal {
        let first = || Some(self.rates(currency, company).last()?.1).filter(|_| self.version == Version::V19);
        self.rate_on(currency, company, day).or_else(first).unwrap_or(Decimal::ONE)
    }

    /// The last rate on or before a day, of the company's root before one for all.
    pub(in crate::odoo) fn rate_on(&self, currency: i64, company: i64, day: &str) -> Option<Decimal> {
        self.rates(currency, company).into_iter().find(|(name, _)| name.as_str() <= day).map(|(_, rate)| rate)
    }

    /// Day and rate, in the order in which Odoo looks at them: the company's own first, of these the newest first.
    pub(in crate::odoo) fn rates(&self, currency: i64, company: i64) -> Vec<(String, Decimal)> {
        let s = &self.store;
        let root = self.root_company(company);
        let of = |r: &i64| s.int("res.currency.rate", *r, "company_id");
        let mut rates = s.find_all("res.currency.rate", "currency_id", &json!(currency));
        rates.retain(|r| of(r).is_none_or(|c| c == root));
        let day = |r: &i64| s.text("res.currency.rate", *r, "name").to_owned();
        rates.sort_by_key(|r| (of(r).is_none(), std::cmp::Reverse((day(r), *r))));
        let worth = |r: i64| Some((day(&r), num::decimal(&s.value("res.currency.rate", r, "rate"))?));
        rates.into_iter().filter_map(worth).filter(|(_, rate)| !rate.is_zero()).collect()
    }
}
