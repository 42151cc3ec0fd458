//! The entries that close what two rates leave over: journal EXCH, gain or loss against the account that was matched.

use rust_decimal::Decimal;
use serde_json::json;

use super::partial::Fix;
use super::{Head, Line};
use crate::odoo::Odoo;
use crate::odoo::error::{self, Result};

const LINE: &str = "account.move.line";
const COMPANY: &str = "res.company";
const LABEL: &str = "Currency exchange rate difference";

impl Odoo {
    /// One posted entry for each list of fixes (with the later day of what was matched), its lines matched with those
    /// that they close. Odoo dates it by the journal: today in the current month, else the last day of the month.
    pub(super) fn exchange_entries(&mut self, all: &[(Vec<Fix>, String)]) -> Result<Vec<i64>> {
        let mut entries = Vec::new();
        let mut plan = Vec::new();
        for (fixes, day) in all {
            let Some(first) = fixes.first() else { continue };
            let company = self.company_of_fixes(fixes, *first);
            let (entry, pairs) = self.exchange_entry(company, fixes, day)?;
            entries.push(entry);
            plan.extend(pairs);
        }
        self.post_all(&entries)?;
        if !plan.is_empty() {
            self.reconcile_plan(&plan, false)?;
        }
        Ok(entries)
    }

    /// An invoice's company before any other.
    fn company_of_fixes(&self, fixes: &[Fix], first: Fix) -> i64 {
        let entry = |fix: &Fix| self.store.int(LINE, line_of(*fix), "move_id").unwrap_or_default();
        let invoice = fixes.iter().find(|f| self.is_document(entry(f))).copied().unwrap_or(first);
        self.store.int(LINE, line_of(invoice), "company_id").unwrap_or_default()
    }

    fn exchange_entry(&mut self, company: i64, fixes: &[Fix], day: &str) -> Result<(i64, Vec<Vec<i64>>)> {
        let of = |column: &str| self.store.int(COMPANY, company, column);
        let journal = of("currency_exchange_journal_id").ok_or_else(|| {
            error::user(
                "You have to configure the 'Exchange Gain or Loss Journal' in your company settings, to manage \
                 automatically the booking of accounting entries related to differences between exchange rates.",
            )
        })?;
        let (loss, gain) = (of("expense_currency_exchange_account_id"), of("income_currency_exchange_account_id"));
        let own = of("currency_id").unwrap_or_default();
        let mut date = self.accounting_date(journal, "entry", day, false);
        let mut lines = Vec::new();
        for fix in fixes {
            let line = line_of(*fix);
            let of_line = |column: &str| self.store.int(LINE, line, column);
            let currency = of_line("currency_id").unwrap_or(own);
            let (value, amount) = match *fix {
                Fix::Value(_, value) => (value, if currency == own { value } else { Decimal::ZERO }),
                Fix::Amount(_, amount) => (Decimal::ZERO, amount),
            };
            let loses = match *fix {
                Fix::Value(_, rest) | Fix::Amount(_, rest) => rest > Decimal::ZERO,
            };
            let result = if loses { loss } else { gain }.ok_or_else(|| {
                error::user("You should configure the exchange rate accounts in your company settings.")
            })?;
            let make = |account: i64, value: Decimal, amount: Decimal| Line {
                partner: of_line("partner_id"),
                ..Line::valued(account, LABEL, amount, currency, value)
            };
            lines.push(make(of_line("account_id").unwrap_or_default(), -value, -amount));
            lines.push(make(result, value, amount));
            date = date.max(self.store.text(LINE, line, "date").to_owned());
        }
        let entry = self.new_entry(&Head { journal, date, ..Head::default() }, &lines)?;
        self.store.set("account.move", entry, "always_tax_exigible", json!(true));
        let made = self.store.list("account.move", entry, "line_ids");
        let pairs = fixes.iter().enumerate().filter_map(|(n, fix)| Some(vec![line_of(*fix), *made.get(2 * n)?]));
        Ok((entry, pairs.collect()))
    }
}

fn line_of(fix: Fix) -> i64 {
    match fix {
        Fix::Value(line, _) | Fix::Amount(line, _) => line,
    }
}
