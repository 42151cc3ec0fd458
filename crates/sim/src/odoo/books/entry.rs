//! Journal entries and invoices as they are made: head, lines, currencies.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Head, Line};
use crate::odoo::Odoo;
use crate::odoo::calendar::date;
use crate::odoo::call::object;
use crate::odoo::error::{self, Result};
use crate::odoo::hooks::fill;
use crate::odoo::num;
use crate::odoo::rights::Session;
use crate::odoo::store::Row;
use crate::odoo::version::Version;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";

impl Odoo {
    /// Drafts an entry. An error when it does not balance in the company's currency, or (17, 18) when an account that
    /// is kept in one currency gets another.
    pub(in crate::odoo) fn new_entry(&mut self, head: &Head, lines: &[Line]) -> Result<i64> {
        let mut row = object(json!({"move_type": "entry", "state": "draft", "date": head.date, "ref": head.reference,
            "journal_id": head.journal, "partner_id": head.partner}));
        row.extend(head.more.clone());
        self.prepare_move(&Session::default(), &mut row);
        let entry = self.store.insert(MOVE, row);
        for line in lines {
            self.new_line(entry, line)?;
        }
        self.balanced(entry)?;
        Ok(entry)
    }

    pub(in crate::odoo) fn prepare_move(&mut self, who: &Session, row: &mut Row) {
        let journal = row.get("journal_id").and_then(num::int);
        let company = journal.and_then(|j| self.store.int("account.journal", j, "company_id")).unwrap_or(who.company);
        fill(row, "company_id", json!(company));
        let entry = row.get("move_type").is_some_and(|t| t == "entry");
        fill(row, "journal_id", json!(self.journal_of(company, if entry { "general" } else { "sale" })));
        let journal = row.get("journal_id").and_then(num::int).unwrap_or_default();
        let of_journal = self.store.value("account.journal", journal, "currency_id");
        if !of_journal.is_null() {
            row.insert("currency_id".into(), of_journal);
        }
        fill(row, "currency_id", self.store.value("res.company", company, "currency_id"));
        fill(row, "date", row.get("invoice_date").filter(|d| num::truthy(d)).cloned().unwrap_or_default());
        fill(row, "date", json!(date(self.clock.now_ms())));
        if !entry {
            fill(row, "invoice_date_due", json!(date(self.clock.now_ms())));
        }
        fill(row, "name", if self.version == Version::V19 { Value::Null } else { json!("/") });
        if let Some(partner) = row.get("partner_id").and_then(num::int) {
            row.insert("commercial_partner_id".into(), json!(self.commercial_partner(partner)));
        }
    }

    /// Lines from `invoice_line_ids` (quantity times price, taxes in percent on top) or `line_ids`.
    pub(in crate::odoo) fn created_move(&mut self, who: &Session, id: i64, vals: &Row) -> Result<()> {
        let made = |name: &str| -> Vec<Row> {
            let commands = vals.get(name).and_then(Value::as_array).into_iter().flatten();
            commands.filter_map(|c| c.get(2).and_then(Value::as_object).cloned()).collect()
        };
        let company = self.store.int(MOVE, id, "company_id").unwrap_or(who.company);
        let currency = self.store.int(MOVE, id, "currency_id").unwrap_or_default();
        let (mut untaxed, mut taxes) = (Decimal::ZERO, Decimal::ZERO);
        for line in made("invoice_line_ids") {
            let number = |name: &str, default: i64| line.get(name).and_then(num::decimal).unwrap_or(default.into());
            let amount = self.rounded(number("quantity", 1) * number("price_unit", 0), currency);
            untaxed += amount;
            taxes += self.taxes(id, &line, amount, currency);
            let income = self.account_of_type(company, "income").unwrap_or_default();
            let label = line.get("name").and_then(Value::as_str).unwrap_or("").to_owned();
            self.document_line(id, &Line::of(income, &label, -amount, currency), "product")?;
        }
        let total = untaxed + taxes;
        if !taxes.is_zero() {
            let account = self.account_named(company, "Tax Received").unwrap_or_default();
            self.document_line(id, &Line::of(account, "Tax", -taxes, currency), "tax")?;
        }
        if !total.is_zero() {
            let receivable = self.account_of_type(company, "asset_receivable").unwrap_or_default();
            self.receivables(id, receivable, untaxed, total)?;
        }
        for line in made("line_ids") {
            self.new_line(id, &Line::from_vals(&line))?;
        }
        self.balanced(id)?;
        self.store.set(MOVE, id, "amount_total", num::float(total));
        self.store.set(MOVE, id, "amount_untaxed", num::float(untaxed));
        self.refresh(id);
        Ok(())
    }

    /// A line of an invoice: `product`, `tax` or `payment_term`.
    pub(in crate::odoo) fn document_line(&mut self, entry: i64, line: &Line, kind: &str) -> Result<i64> {
        let id = self.new_line(entry, line)?;
        self.store.set(LINE, id, "display_type", json!(kind));
        Ok(id)
    }

    /// Refuses an entry whose lines do not add up to nothing in the company's currency.
    pub(super) fn balanced(&self, entry: i64) -> Result<()> {
        let lines = self.store.list(MOVE, entry, "line_ids");
        let sum: Decimal = lines.iter().map(|l| self.amount(LINE, *l, "balance")).sum();
        match self.version {
            _ if sum.is_zero() => Ok(()),
            Version::V19 => Err(error::user("The entry is not balanced.")),
            _ => {
                let total = |column| -> Decimal { lines.iter().map(|l| self.amount(LINE, *l, column)).sum() };
                Err(error::user(format!(
                    "An error has occurred.\n\nThe move (Draft Entry) is not balanced.\nThe total of debits equals \
                     {} and the total of credits equals {}.",
                    total("debit"),
                    total("credit")
                )))
            }
        }
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
        ids.map(|tax| self.rounded(one(tax), currency)).sum()
    }

    pub(in crate::odoo) fn drop_lines(&mut self, entry: i64) -> Result<()> {
        self.unreconcile_move(entry)?;
        for line in self.store.list(MOVE, entry, "line_ids") {
            self.store.remove(LINE, line);
        }
        self.free_number(entry);
        Ok(())
    }

    pub(in crate::odoo) fn drop_move(&mut self, entry: i64) -> Result<()> {
        self.drop_lines(entry)?;
        self.store.remove(MOVE, entry);
        Ok(())
    }
}
