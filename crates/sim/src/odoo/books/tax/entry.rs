//! Taxes of journal entries: Odoo adds the tax lines, and balances what they unbalance.

use rust_decimal::Decimal;
use serde_json::json;

use super::lines::base_tags;
use super::{Base, Detail};
use crate::odoo::Odoo;
use crate::odoo::books::Line;
use crate::odoo::error::Result;
use crate::odoo::version::Version;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";

impl Odoo {
    /// Tax lines of a journal entry, whose lines are without tax whatever their taxes say, and where they make it
    /// unbalanced, Odoo's automatic line.
    pub(in crate::odoo) fn tax_entry(&mut self, entry: i64) -> Result<()> {
        let company = self.store.int(MOVE, entry, "company_id").unwrap_or_default();
        let own = self.store.int("res.company", company, "currency_id").unwrap_or_default();
        let taxed: Vec<i64> = self.store.list(MOVE, entry, "line_ids");
        let taxed: Vec<i64> = taxed.into_iter().filter(|l| !self.store.list(LINE, *l, "tax_ids").is_empty()).collect();
        if taxed.is_empty() || taxed.iter().any(|l| self.store.int(LINE, *l, "tax_line_id").is_some()) {
            return Ok(());
        }
        let mut currencies: Vec<i64> = Vec::new();
        let mut bases: Vec<Base> = Vec::new();
        for line in &taxed {
            let base = self.entry_base(*line, own);
            self.store.set(LINE, *line, "tax_tag_ids", json!(base_tags(&base)));
            if !currencies.contains(&base.currency) {
                currencies.push(base.currency);
            }
            bases.push(base);
        }
        for currency in currencies {
            let mut some: Vec<Base> = bases.iter().filter(|b| b.currency == currency).cloned().collect();
            self.count_document(&mut some, company);
            self.add_tax_lines(entry, &some, Decimal::ONE)?;
        }
        self.balance_automatically(entry, own)
    }

    fn entry_base(&self, line: i64, own: i64) -> Base {
        let int = |column: &str| self.store.int(LINE, line, column);
        let (amount, value) = (self.amount(LINE, line, "amount_currency"), self.amount(LINE, line, "balance"));
        let ids = self.store.list(LINE, line, "tax_ids");
        let sells = ids.first().is_some_and(|t| self.store.text("account.tax", *t, "type_tax_use") == "sale");
        // A debit of a sales tax, or a credit of a purchase tax, takes back.
        let refund = if sells { value > Decimal::ZERO } else { value < Decimal::ZERO };
        Base {
            account: int("account_id").unwrap_or_default(),
            partner: int("partner_id"),
            price: amount,
            quantity: Decimal::ONE,
            rate: if value.is_zero() || amount.is_zero() { Decimal::ONE } else { (amount / value).abs() },
            currency: int("currency_id").unwrap_or(own),
            taxes: self.taxes_for(&ids, refund),
            gross: false,
            share: Decimal::ONE,
            detail: Detail::default(),
        }
    }

    /// Odoo lets no taxed entry be unbalanced: the rest goes to the journal's account (19), to the suspense account
    /// (17 and 18 in a bank journal, and wherever a journal has none).
    fn balance_automatically(&mut self, entry: i64, own: i64) -> Result<()> {
        let lines = self.store.list(MOVE, entry, "line_ids");
        let rest: Decimal = lines.iter().map(|l| self.amount(LINE, *l, "balance")).sum();
        if rest.is_zero() {
            return Ok(());
        }
        let int = |column: &str| self.store.int(MOVE, entry, column).unwrap_or_default();
        let (journal, company) = (int("journal_id"), int("company_id"));
        let bank = matches!(self.store.text("account.journal", journal, "type"), "bank" | "cash" | "credit");
        let of_journal = self.store.int("account.journal", journal, "default_account_id");
        let suspense = self.store.int("res.company", company, "account_journal_suspense_account_id");
        let account = of_journal.filter(|_| !bank || self.version == Version::V19).or(suspense).unwrap_or_default();
        self.new_line(entry, &Line::valued(account, "Automatic Balancing Line", -rest, own, -rest)).map(drop)
    }
}
