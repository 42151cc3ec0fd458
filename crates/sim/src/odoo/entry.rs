//! Journal entries: account.move and its lines, currencies and sequences.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Odoo;
use super::calendar::date;
use super::call::object;
use super::error::{self, Result};
use super::hooks::fill;
use super::num;
use super::rights::Session;
use super::store::Row;
use super::version::Version;

impl Odoo {
    pub(super) fn prepare_move(&mut self, who: &Session, row: &mut Row) {
        let journal = row.get("journal_id").and_then(num::int);
        let company = journal.and_then(|j| self.store.int("account.journal", j, "company_id")).unwrap_or(who.company);
        fill(row, "company_id", json!(company));
        fill(row, "currency_id", self.store.value("res.company", company, "currency_id"));
        fill(row, "date", json!(date(self.clock.now_ms())));
        let entry = row.get("move_type").is_some_and(|t| t == "entry");
        fill(row, "journal_id", json!(self.journal_of(company, if entry { "general" } else { "sale" })));
        if !entry {
            fill(row, "invoice_date_due", json!(date(self.clock.now_ms())));
        }
        fill(row, "name", if self.version == Version::V19 { Value::Null } else { json!("/") });
        if let Some(partner) = row.get("partner_id").and_then(num::int) {
            row.insert("commercial_partner_id".into(), json!(self.commercial_partner(partner)));
        }
    }

    /// Lines from `invoice_line_ids` (quantity times price, taxes in percent on top) or `line_ids`.
    pub(super) fn created_move(&mut self, who: &Session, id: i64, vals: &Row) -> Result<()> {
        let made = |name: &str| -> Vec<Row> {
            let commands = vals.get(name).and_then(Value::as_array).into_iter().flatten();
            commands.filter_map(|c| c.get(2).and_then(Value::as_object).cloned()).collect()
        };
        let company = self.store.int("account.move", id, "company_id").unwrap_or(who.company);
        let currency = self.store.int("account.move", id, "currency_id").unwrap_or_default();
        let (mut untaxed, mut taxes) = (Decimal::ZERO, Decimal::ZERO);
        for line in made("invoice_line_ids") {
            let number = |name: &str, default: i64| line.get(name).and_then(num::decimal).unwrap_or(default.into());
            let amount = num::round(number("quantity", 1) * number("price_unit", 0), self.places(currency));
            untaxed += amount;
            taxes += self.taxes(id, &line, amount, currency);
            let income = self.account_of_type(company, "income").unwrap_or_default();
            let label = line.get("name").and_then(Value::as_str).unwrap_or("").to_owned();
            let line = self.add_line(id, income, &label, -amount, currency);
            self.store.set("account.move.line", line, "display_type", json!("product"));
        }
        let total = untaxed + taxes;
        if !taxes.is_zero() {
            let account = self.account_named(company, "Tax Received").unwrap_or_default();
            let line = self.add_line(id, account, "Tax", -taxes, currency);
            self.store.set("account.move.line", line, "display_type", json!("tax"));
        }
        if !total.is_zero() {
            let receivable = self.account_of_type(company, "asset_receivable").unwrap_or_default();
            self.receivables(id, receivable, untaxed, total, currency);
        }
        let mut balance = Decimal::ZERO;
        for line in made("line_ids") {
            let number = |name: &str| line.get(name).and_then(num::decimal).unwrap_or_default();
            let account = line.get("account_id").and_then(num::int).unwrap_or_default();
            let label = line.get("name").and_then(Value::as_str).unwrap_or("").to_owned();
            let amount = number("debit") - number("credit");
            balance += amount;
            self.add_line(id, account, &label, amount, currency);
        }
        if !balance.is_zero() {
            return Err(error::user("The entry is not balanced."));
        }
        self.store.set("account.move", id, "amount_total", num::float(total));
        self.store.set("account.move", id, "amount_untaxed", num::float(untaxed));
        self.refresh(id);
        Ok(())
    }

    /// The taxes of one line, which a mixed early-payment discount counts on the discounted amount.
    fn taxes(&self, entry: i64, line: &Row, amount: Decimal, currency: i64) -> Decimal {
        let commands = line.get("tax_ids").and_then(Value::as_array).into_iter().flatten();
        let ids = commands.filter_map(|c| c.get(2).and_then(Value::as_array)).flatten().filter_map(num::int);
        let base = match self.discount(entry) {
            Some(discount) if discount.mixed => amount * (Decimal::ONE - discount.part),
            _ => amount,
        };
        let one = |tax| base * self.amount("account.tax", tax, "amount") / Decimal::ONE_HUNDRED;
        ids.map(|tax| num::round(one(tax), self.places(currency))).sum()
    }

    /// One line of an entry, debit above zero, in the given currency; the company's amount at the day's rate.
    pub(super) fn add_line(&mut self, entry: i64, account: i64, label: &str, amount: Decimal, currency: i64) -> i64 {
        let head = |name: &str| self.store.value("account.move", entry, name);
        let company = self.store.int("account.move", entry, "company_id").unwrap_or_default();
        let balance = self.to_company(amount, currency, company, self.store.text("account.move", entry, "date"));
        let reconcile = num::truthy(&self.store.value("account.account", account, "reconcile"));
        let open = |value: Decimal| num::float(if reconcile { value } else { Decimal::ZERO });
        let row = object(json!({
            "move_id": entry, "account_id": account, "name": label, "currency_id": currency, "company_id": company,
            "account_type": self.store.value("account.account", account, "account_type"),
            "date": head("date"), "date_maturity": head("invoice_date_due"), "parent_state": head("state"),
            "partner_id": head("commercial_partner_id"), "journal_id": head("journal_id"),
            "amount_currency": num::float(amount), "balance": num::float(balance),
            "debit": num::float(balance.max(Decimal::ZERO)), "credit": num::float((-balance).max(Decimal::ZERO)),
            "amount_residual": open(balance), "amount_residual_currency": open(amount), "reconciled": false,
        }));
        let line = self.store.insert("account.move.line", row);
        let mut lines = self.store.list("account.move", entry, "line_ids");
        lines.push(line);
        self.store.set("account.move", entry, "line_ids", json!(lines));
        line
    }

    pub(super) fn drop_lines(&mut self, entry: i64) {
        for line in self.store.list("account.move", entry, "line_ids") {
            self.unreconcile(line);
            self.store.remove("account.move.line", line);
        }
    }

    pub(super) fn drop_move(&mut self, entry: i64) {
        self.drop_lines(entry);
        self.store.remove("account.move", entry);
    }

    /// Changes the state of an entry and of its lines.
    pub(super) fn set_state(&mut self, entry: i64, state: &str) {
        self.store.set("account.move", entry, "state", json!(state));
        for line in self.store.list("account.move", entry, "line_ids") {
            self.store.set("account.move.line", line, "parent_state", json!(state));
        }
        self.touch("account.move", entry);
    }

    /// The next name of a sequence, `INV/2026/00001`.
    pub(super) fn next_name(&mut self, prefix: &str, day: &str) -> String {
        let series = format!("{prefix}/{}", day.get(..4).unwrap_or("1970"));
        let number = self.store.insert(&format!("sequence {series}"), Row::new());
        format!("{series}/{number:05}")
    }

    /// Decimal places of a currency.
    pub(super) fn places(&self, currency: i64) -> u32 {
        self.store.int("res.currency", currency, "decimal_places").and_then(|p| u32::try_from(p).ok()).unwrap_or(2)
    }

    /// An amount in the company's currency, at the last rate on or before the day.
    pub(super) fn to_company(&self, amount: Decimal, currency: i64, company: i64, day: &str) -> Decimal {
        let own = self.store.int("res.company", company, "currency_id").unwrap_or_default();
        if own == currency {
            return amount;
        }
        num::round(amount / self.rate(currency, company, day), self.places(own))
    }

    /// Units of a currency for one of the company's: 1 when no rate is known, as Odoo has it.
    pub(super) fn rate(&self, currency: i64, company: i64, day: &str) -> Decimal {
        let s = &self.store;
        let mut rates = s.find_all("res.currency.rate", "currency_id", &json!(currency));
        let of = |r: &i64| s.int("res.currency.rate", *r, "company_id").is_none_or(|c| c == company);
        rates.retain(|r| of(r) && s.text("res.currency.rate", *r, "name") <= day);
        rates.sort_by(|a, b| s.text("res.currency.rate", *a, "name").cmp(s.text("res.currency.rate", *b, "name")));
        let last = rates.last().and_then(|r| num::decimal(&s.value("res.currency.rate", *r, "rate")));
        last.filter(|r| !r.is_zero()).unwrap_or(Decimal::ONE)
    }
}
