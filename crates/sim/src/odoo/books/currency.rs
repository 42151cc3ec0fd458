//! Currencies: places, rounding, rates.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::json;

use crate::odoo::Odoo;
use crate::odoo::num;

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

    /// An amount in the company's currency, at the last rate on or before the day.
    pub(in crate::odoo) fn to_company(&self, amount: Decimal, currency: i64, company: i64, day: &str) -> Decimal {
        let own = self.store.int("res.company", company, "currency_id").unwrap_or_default();
        if own == currency {
            return amount;
        }
        self.rounded(amount / self.rate(currency, company, day), own)
    }

    /// Units of a currency for one of the company's, at the last rate on or before the day, else the first one; 1 when
    /// no rate is known, as Odoo has it. Branches use the rates of their root.
    pub(in crate::odoo) fn rate(&self, currency: i64, company: i64, day: &str) -> Decimal {
        let s = &self.store;
        let root = self.root_company(company);
        let mut rates = s.find_all("res.currency.rate", "currency_id", &json!(currency));
        rates.retain(|r| s.int("res.currency.rate", *r, "company_id").is_none_or(|c| c == root));
        rates.sort_by(|a, b| s.text("res.currency.rate", *a, "name").cmp(s.text("res.currency.rate", *b, "name")));
        let last = rates.iter().rev().find(|r| s.text("res.currency.rate", **r, "name") <= day).or(rates.first());
        let rate = last.and_then(|r| num::decimal(&s.value("res.currency.rate", *r, "rate")));
        rate.filter(|r| !r.is_zero()).unwrap_or(Decimal::ONE)
    }
}
