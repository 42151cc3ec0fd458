//! A look at the books, for tests: entries, balances, what is open.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::odoo::Odoo;
use crate::odoo::num;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";

/// A journal entry or invoice, as the books show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryView {
    pub id: i64,
    /// `STRP/2026/00001`; empty or `/` while it has no number.
    pub name: String,
    /// `entry`, `out_invoice`, `out_refund`, …
    pub kind: String,
    /// `draft`, `posted`, `cancel`.
    pub state: String,
    /// Accounting date, `YYYY-MM-DD`.
    pub date: String,
    /// Code of the journal.
    pub journal: String,
    pub reference: String,
    pub company: i64,
    pub partner: Option<i64>,
    /// The payment it belongs to.
    pub payment: Option<i64>,
    /// The document that it reverses or credits.
    pub reverses: Option<i64>,
    pub lines: Vec<LineView>,
}

/// One line; debit above zero. Amounts in the line's currency, values in the company's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineView {
    pub id: i64,
    pub entry: i64,
    pub account: i64,
    /// Name of the account.
    pub title: String,
    pub label: String,
    pub partner: Option<i64>,
    pub currency: String,
    pub amount: Decimal,
    pub value: Decimal,
    /// What is not matched; zero on accounts that are not reconcilable.
    pub open: Decimal,
    pub open_value: Decimal,
    pub reconciled: bool,
    /// Ids of the taxes that it is the base of.
    pub taxes: Vec<i64>,
    /// The tax that made it.
    pub tax: Option<i64>,
}

impl Odoo {
    /// The account of a role that set-up made in a company: `clearing`, `fees`, …; `balance` is the Stripe journal's own
    /// account, `balance_eur` that of a further settlement currency.
    pub fn role(&self, company: i64, role: &str) -> Option<i64> {
        let journal = match role.strip_prefix("balance") {
            None => return self.store.xid(&format!("quittance.account_{role}_{company}")).map(|(_, id)| id),
            Some(currency) => format!("quittance.journal_stripe_{company}{currency}"),
        };
        self.store.int("account.journal", self.store.xid(&journal)?.1, "default_account_id")
    }

    /// What the posted lines of an account add up to: amount of the lines in this currency, and their value in the
    /// company's currency.
    pub fn balance_of(&self, account: i64, currency: &str) -> (Decimal, Decimal) {
        let lines = self.posted_on(account).into_iter().filter(|l| l.currency == currency);
        lines.fold((Decimal::ZERO, Decimal::ZERO), |(amount, value), l| (amount + l.amount, value + l.value))
    }

    /// The value of an account in the company's currency, whatever currencies its posted lines are in.
    pub fn value_of(&self, account: i64) -> Decimal {
        self.posted_on(account).iter().map(|l| l.value).sum()
    }

    /// Posted lines of an account, oldest first.
    pub fn posted_on(&self, account: i64) -> Vec<LineView> {
        let lines = self.store.find_all(LINE, "account_id", &account.into()).into_iter();
        lines.filter(|l| self.store.text(LINE, *l, "parent_state") == "posted").map(|l| self.line_view(l)).collect()
    }

    /// Posted lines of an account that are not wholly matched, oldest first.
    pub fn open_lines(&self, account: i64) -> Vec<LineView> {
        let open = |l: &LineView| !l.open.is_zero() || !l.open_value.is_zero();
        self.posted_on(account).into_iter().filter(open).collect()
    }

    /// All entries and invoices, drafts included, in the order in which they were made.
    pub fn entries(&self) -> Vec<EntryView> {
        self.store.ids(MOVE).into_iter().filter_map(|id| self.entry(id)).collect()
    }

    /// Credit notes of customers, drafts included.
    pub fn credit_notes(&self) -> Vec<EntryView> {
        self.entries().into_iter().filter(|e| e.kind == "out_refund").collect()
    }

    pub fn entry(&self, id: i64) -> Option<EntryView> {
        self.store.get(MOVE, id)?;
        let text = |column: &str| self.store.text(MOVE, id, column).to_owned();
        let int = |column: &str| self.store.int(MOVE, id, column);
        let journal = int("journal_id").unwrap_or_default();
        Some(EntryView {
            id,
            name: text("name"),
            kind: text("move_type"),
            state: text("state"),
            date: text("date"),
            journal: self.store.text("account.journal", journal, "code").to_owned(),
            reference: text("ref"),
            company: int("company_id").unwrap_or_default(),
            partner: int("partner_id"),
            payment: self.payment_of(id),
            reverses: int("reversed_entry_id"),
            lines: self.store.list(MOVE, id, "line_ids").into_iter().map(|l| self.line_view(l)).collect(),
        })
    }

    fn line_view(&self, id: i64) -> LineView {
        let int = |column: &str| self.store.int(LINE, id, column);
        let amount = |column: &str| self.amount(LINE, id, column);
        let account = int("account_id").unwrap_or_default();
        LineView {
            id,
            entry: int("move_id").unwrap_or_default(),
            account,
            title: self.store.text("account.account", account, "name").to_owned(),
            label: self.store.text(LINE, id, "name").to_owned(),
            partner: int("partner_id"),
            currency: self.store.text("res.currency", int("currency_id").unwrap_or_default(), "name").to_owned(),
            amount: amount("amount_currency"),
            value: amount("balance"),
            open: amount("amount_residual_currency"),
            open_value: amount("amount_residual"),
            reconciled: self.reconciled(id),
            taxes: self.store.list(LINE, id, "tax_ids"),
            tax: int("tax_line_id"),
        }
    }

    /// Posted value of each account of a company in its currency, by account id.
    pub fn trial_balance(&self, company: i64) -> BTreeMap<i64, Decimal> {
        let mut all = BTreeMap::new();
        for line in self.store.ids(LINE) {
            let here = self.store.int(LINE, line, "company_id") == Some(company);
            if here && self.store.text(LINE, line, "parent_state") == "posted" {
                let account = self.store.int(LINE, line, "account_id").unwrap_or_default();
                *all.entry(account).or_default() += self.amount(LINE, line, "balance");
            }
        }
        all
    }

    /// The record that an external id `quittance.NAME` points at, if it is still there: a booking's by its key
    /// (`{key}__record`), set-up's by its name.
    pub fn quittance(&self, name: &str) -> Option<(String, i64)> {
        let found = self.store.xid(&format!("quittance.{name}"))?;
        self.store.get(&found.0, found.1).map(|_| found)
    }

    /// Whether somebody archived a record or switched it off.
    pub fn is_active(&self, model: &str, id: i64) -> bool {
        !matches!(self.store.value(model, id, "active"), Value::Bool(false)) && self.store.get(model, id).is_some()
    }

    /// An account's entry in words, for messages: `Stripe clearing: EUR 80 = 100`.
    pub fn told(&self, account: i64) -> Vec<String> {
        let one = |l: LineView| {
            let open = if l.reconciled { String::new() } else { format!(" (open {} = {})", l.open, l.open_value) };
            format!("{}: {} {} = {}{open}", l.title, l.currency, num::float(l.amount), num::float(l.value))
        };
        self.posted_on(account).into_iter().map(one).collect()
    }
}
