//! Rates: whether Odoo has one for a day, and whether it valued our lines by it.

use rust_decimal::Decimal;

use super::{Work, setup};
use crate::odoo::error::{self, Error, Result};

const LINE: &str = "account.move.line";
const DIFFERS: &str = "quittance_refused:currency_rate_differs";

/// The code of what kept a booking out.
pub fn code_of(error: &Error) -> &'static str {
    if error.name.ends_with("AccessError") {
        return "access_denied";
    }
    if error.message.contains(DIFFERS) { "currency_rate_differs" } else { "user_error" }
}

impl Work<'_> {
    /// What to say when Odoo has no rate by which to value money of that day.
    pub fn unrated(&self, currency: i64, company: i64, day: &str) -> Option<String> {
        let o = &*self.odoo;
        let own = o.store.int("res.company", company, "currency_id")?;
        let root = setup::chain(o, company).last().copied()?;
        let base = |c: i64| c == own && o.rates(c, company).is_empty();
        let missing = |c: &i64| o.rate_on(*c, company, day).is_none() && !base(*c);
        let one = [currency, own].into_iter().find(missing).filter(|_| currency != own)?;
        let name = o.store.text("res.currency", one, "name");
        Some(format!("enter a rate of {name} of {day} or before in company {root}"))
    }

    /// That Odoo valued each of these lines by the rate of one of these days, but for rounding.
    pub fn check_values(&self, lines: &[i64], company: i64, days: &[&str]) -> Result<()> {
        let o = &*self.odoo;
        let own = o.store.int("res.company", company, "currency_id").unwrap_or_default();
        for line in lines {
            let currency = o.store.int(LINE, *line, "currency_id").unwrap_or(own);
            let (amount, value) = (o.amount(LINE, *line, "amount_currency"), o.amount(LINE, *line, "balance"));
            let count = Decimal::from(lines.len());
            let near = |day: &&str| {
                let top = o.rate_on(own, company, day).unwrap_or(Decimal::ONE);
                let rate = o.rate_on(currency, company, day)?;
                Some((value - amount * top / rate).abs() <= o.step_of(own) * count)
            };
            if currency != own && !days.iter().filter_map(near).any(|near| near) {
                let name = |currency| o.store.text("res.currency", currency, "name").to_owned();
                return Err(error::user(format!(
                    "{DIFFERS}: {amount:.*} {} would be {value:.*} {}, not by the rate of {}",
                    o.places(currency) as usize,
                    name(currency),
                    o.places(own) as usize,
                    name(own),
                    days.first().copied().unwrap_or_default()
                )));
            }
        }
        Ok(())
    }

    /// The same of a payment's entry: of its line on clearing alone where a write-off stands beside it.
    pub fn check_payment(&self, payment: i64, clearing: i64, company: i64, day: &str) -> Result<()> {
        let s = &self.odoo.store;
        let entry = s.int("account.payment", payment, "move_id").unwrap_or_default();
        let mut lines = s.list("account.move", entry, "line_ids");
        if lines.len() > 2 {
            lines.retain(|line| s.int(LINE, *line, "account_id") == Some(clearing));
        }
        self.check_values(&lines, company, &[day, s.text("account.move", entry, "date")])
    }
}
