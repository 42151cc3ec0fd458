//! Lines of entries: amounts in their currency and in the company's.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Line;
use crate::odoo::Odoo;
use crate::odoo::call::object;
use crate::odoo::error::{self, Result};
use crate::odoo::num;
use crate::odoo::store::Row;
use crate::odoo::version::Version;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";
const ACCOUNT: &str = "account.account";

impl Line {
    /// From the values that a client sends: `amount_currency`, and `balance` or `debit` and `credit`.
    pub(in crate::odoo) fn from_vals(vals: &Row) -> Self {
        let int = |name: &str| vals.get(name).and_then(num::int);
        let amount = |name: &str| vals.get(name).and_then(num::decimal);
        let sides = amount("debit").unwrap_or_default() - amount("credit").unwrap_or_default();
        let value =
            amount("balance").or_else(|| (vals.contains_key("debit") || vals.contains_key("credit")).then_some(sides));
        const OWN: [&str; 8] =
            ["account_id", "name", "currency_id", "amount_currency", "balance", "debit", "credit", "partner_id"];
        let more = vals.iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
        Self {
            account: int("account_id").unwrap_or_default(),
            label: vals.get("name").and_then(Value::as_str).unwrap_or("").to_owned(),
            currency: int("currency_id"),
            amount: amount("amount_currency"),
            value,
            partner: int("partner_id"),
            more: more.map(|(name, value)| (name.clone(), value.clone())).collect(),
        }
    }

    /// The values of a document's line.
    pub(super) fn vals(&self) -> Value {
        let mut vals = self.more.clone();
        vals.extend(object(json!({"account_id": self.account, "name": self.label, "partner_id": self.partner})));
        Value::Object(vals)
    }
}

impl Odoo {
    /// Adds a line to an entry. A value without an amount has amount zero in a foreign currency, as Odoo has it.
    pub(in crate::odoo) fn new_line(&mut self, entry: i64, line: &Line) -> Result<i64> {
        let company = self.store.int(MOVE, entry, "company_id").unwrap_or_default();
        let own = self.store.int("res.company", company, "currency_id").unwrap_or_default();
        let currency = line.currency.unwrap_or(own);
        let (amount, value) = match (line.amount, line.value) {
            (Some(amount), None) if currency == own => (amount, amount),
            (Some(amount), None) => {
                let rounded = self.rounded(amount, currency);
                (amount, self.to_company(rounded, currency, company, &self.rate_day(entry)))
            }
            (_, Some(value)) if currency == own => (value, value),
            (amount, Some(value)) => (amount.unwrap_or_default(), value),
            (None, None) => (Decimal::ZERO, Decimal::ZERO),
        };
        if self.version != Version::V19 {
            self.fits_account(line.account, currency, own)?;
        }
        let head = self.store.value(MOVE, entry, "commercial_partner_id");
        let mut row = object(json!({"account_id": line.account, "name": line.label, "currency_id": currency,
            "partner_id": line.partner.map_or(head, |p| json!(p)),
            "amount_currency": num::float(self.rounded(amount, currency)), "balance": num::float(self.rounded(value, own))}));
        for (name, value) in &line.more {
            row.insert(name.clone(), self.cleaned(LINE, name, value, &[])?);
        }
        Ok(self.insert_line(entry, row))
    }

    /// Refuses a currency that an account kept in another one does not take: 19 only when the entry is posted.
    pub(super) fn fits_account(&self, account: i64, currency: i64, own: i64) -> Result<()> {
        match self.store.int(ACCOUNT, account, "currency_id").filter(|c| *c != own && *c != currency) {
            Some(_) => Err(error::user(
                "The account selected on your journal entry forces to provide a secondary currency. You should remove \
                 the secondary currency on the account.",
            )),
            None => Ok(()),
        }
    }

    /// Completes a row that has account, amounts and label, and hangs it on the entry.
    pub(super) fn insert_line(&mut self, entry: i64, mut row: Row) -> i64 {
        let account = row.get("account_id").and_then(num::int).unwrap_or_default();
        let read = |name: &str| row.get(name).and_then(num::decimal).unwrap_or_default();
        let (value, amount) = (read("balance"), read("amount_currency"));
        let open = |of: Decimal| num::float(if self.keeps_residual(account) { of } else { Decimal::ZERO });
        let head = |name: &str| self.store.value(MOVE, entry, name);
        let computed = json!({"move_id": entry, "account_type": self.store.value(ACCOUNT, account, "account_type"),
            "company_id": head("company_id"), "date": head("date"), "parent_state": head("state"),
            "journal_id": head("journal_id"), "debit": num::float(value.max(Decimal::ZERO)),
            "credit": num::float((-value).max(Decimal::ZERO)), "amount_residual": open(value),
            "amount_residual_currency": open(amount), "reconciled": false});
        row.extend(object(computed));
        let line = self.store.insert(LINE, row);
        let mut lines = self.store.list(MOVE, entry, "line_ids");
        lines.push(line);
        self.store.set(MOVE, entry, "line_ids", json!(lines));
        line
    }

    /// The entry's lines on an account.
    pub fn lines_on(&self, entry: i64, account: i64) -> Vec<i64> {
        let on = |l: &i64| self.store.int(LINE, *l, "account_id") == Some(account);
        self.store.list(MOVE, entry, "line_ids").into_iter().filter(on).collect()
    }

    /// Units of a document's currency for one of the company's: its own rate (18, 19), else that of its day.
    pub(in crate::odoo) fn document_rate(&self, entry: i64) -> Decimal {
        let own = self.amount(MOVE, entry, "invoice_currency_rate");
        if !own.is_zero() {
            return own;
        }
        let int = |column: &str| self.store.int(MOVE, entry, column).unwrap_or_default();
        let (company, currency) = (int("company_id"), int("currency_id"));
        if self.store.int("res.company", company, "currency_id") == Some(currency) {
            return Decimal::ONE;
        }
        self.rate(currency, company, &self.rate_day(entry))
    }

    /// The day whose rate an entry's lines take.
    fn rate_day(&self, entry: i64) -> String {
        let day = |column: &str| self.store.text(MOVE, entry, column).to_owned();
        Some(day("invoice_date")).filter(|d| !d.is_empty()).unwrap_or_else(|| day("date"))
    }

    /// Whether Odoo keeps count of what is open on an account.
    pub(super) fn keeps_residual(&self, account: i64) -> bool {
        let kind = self.store.text(ACCOUNT, account, "account_type");
        num::truthy(&self.store.value(ACCOUNT, account, "reconcile"))
            || matches!(kind, "asset_cash" | "liability_credit_card")
    }

    pub(super) fn is_partner_line(&self, line: i64) -> bool {
        matches!(self.store.text(LINE, line, "account_type"), "asset_receivable" | "liability_payable")
    }

    pub(super) fn company_currency(&self, line: i64) -> i64 {
        let company = self.store.int(LINE, line, "company_id").unwrap_or_default();
        self.store.int("res.company", company, "currency_id").unwrap_or_default()
    }

    /// Units of the line's currency for one of the company's, by the line itself.
    pub(super) fn line_rate(&self, line: i64) -> Option<Decimal> {
        let (value, amount) = (self.amount(LINE, line, "balance"), self.amount(LINE, line, "amount_currency"));
        (!value.is_zero() && !amount.is_zero()).then(|| (amount / value).abs())
    }

    /// The rate by which a line in the company's currency stands in for one of `currency`: a payment's own, or that of
    /// the day.
    pub(super) fn lent_rate(&self, line: i64, other: i64, currency: i64) -> Option<Decimal> {
        let entry = |line: i64| self.store.int(LINE, line, "move_id").unwrap_or_default();
        let link = if self.version == Version::V17 { "payment_id" } else { "origin_payment_id" };
        let paid = |line: i64| self.store.int(MOVE, entry(line), link).is_some();
        if !paid(line) && paid(other) {
            return self.line_rate(other);
        }
        let day = match self.is_document(entry(line)) {
            true => self.store.text(MOVE, entry(line), "invoice_date"),
            false => self.store.text(LINE, line, "date"),
        };
        Some(self.rate(currency, self.store.int(LINE, line, "company_id").unwrap_or_default(), day))
    }
}
