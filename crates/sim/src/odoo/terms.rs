//! Payment terms: instalments and the early-payment discount, and what they make of an invoice's receivable lines.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::books::Line;
use super::call::object;
use super::error::Result;
use super::num;
use super::store::Row;
use super::{Odoo, Version};

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";
const TERM: &str = "account.payment.term";
const TERM_LINE: &str = "account.payment.term.line";

/// Of a payment on its way: the lines beside the two usual ones.
pub const WRITE_OFF: &str = "write_off_line_vals";

/// An early-payment discount.
pub struct Discount {
    /// 0.02 for two percent.
    pub part: Decimal,
    pub days: i64,
    /// Whether the tax is counted on the discounted base from the start.
    pub mixed: bool,
    /// Whether the discount is one of the tax, too.
    pub included: bool,
}

impl Odoo {
    pub(super) fn created_term(&mut self, id: i64, vals: &Row) {
        let commands = vals.get("line_ids").and_then(Value::as_array).into_iter().flatten();
        let lines: Vec<Row> = commands.filter_map(|c| c.get(2).and_then(Value::as_object).cloned()).collect();
        for mut line in lines {
            line.insert("payment_id".into(), json!(id));
            self.store.insert(TERM_LINE, line);
        }
    }

    /// The term that a text describes: `30@0 30@10 40@30` is 30% at once, 30% after ten days and the rest after thirty;
    /// `-2@7` is 2% less within seven days, the whole after thirty. One term for each text.
    pub(super) fn term(&mut self, text: &str) -> Option<i64> {
        if text.is_empty() {
            return None;
        }
        if let Some(known) = self.store.find(TERM, "name", &json!(text)) {
            return Some(known);
        }
        let parts: Vec<(Decimal, i64)> = text
            .split_whitespace()
            .filter_map(|p| p.split_once('@'))
            .filter_map(|(p, d)| Some((p.parse().ok()?, d.parse().ok()?)))
            .collect();
        let mut row = object(json!({"name": text, "active": true, "early_discount": false}));
        let mut lines = parts.clone();
        if let Some((percent, days)) = parts.first().filter(|(percent, _)| percent.is_sign_negative()) {
            row.extend(object(json!({"early_discount": true, "discount_percentage": num::float(-*percent),
                "discount_days": days, "early_pay_discount_computation": "included"})));
            lines = vec![(Decimal::ONE_HUNDRED, 30)];
        }
        let id = self.store.insert(TERM, row);
        for (percent, days) in lines {
            self.put(
                TERM_LINE,
                json!({"payment_id": id, "value": "percent", "value_amount": num::float(percent), "nb_days": days}),
            );
        }
        Some(id)
    }

    /// The discount that an invoice's term grants.
    pub(super) fn discount(&self, entry: i64) -> Option<Discount> {
        let s = &self.store;
        let term = s.int(MOVE, entry, "invoice_payment_term_id")?;
        let granted = num::truthy(&s.value(TERM, term, "early_discount"));
        let how = s.text(TERM, term, "early_pay_discount_computation");
        granted.then(|| Discount {
            part: self.amount(TERM, term, "discount_percentage") / Decimal::ONE_HUNDRED,
            days: s.int(TERM, term, "discount_days").unwrap_or_default(),
            mixed: how == "mixed",
            included: !matches!(how, "mixed" | "excluded"),
        })
    }

    /// The receivable lines of an invoice: one for each part of its term, the last one takes what rounding left.
    /// In the company's currency they are what the other lines left.
    /// Below zero for a credit note.
    pub(super) fn receivables(&mut self, entry: i64, account: i64, untaxed: Decimal, total: Decimal) -> Result<()> {
        let term = self.store.int(MOVE, entry, "invoice_payment_term_id");
        let currency = self.store.int(MOVE, entry, "currency_id").unwrap_or_default();
        let day = self.store.text(MOVE, entry, "invoice_date").to_owned();
        let others = self.store.list(MOVE, entry, "line_ids");
        let mut value: Decimal = others.iter().map(|l| -self.amount(LINE, *l, "balance")).sum();
        let Some(term) = term.filter(|_| !day.is_empty()) else {
            return self.term_line(entry, account, total, currency, value).map(drop);
        };
        let parts = self.store.find_all(TERM_LINE, "payment_id", &json!(term));
        let mut left = total;
        for (at, part) in parts.iter().enumerate() {
            let share = total * self.amount(TERM_LINE, *part, "value_amount") / Decimal::ONE_HUNDRED;
            let share = if at + 1 == parts.len() { left } else { num::round(share, self.places(currency)) };
            left -= share;
            let days = self.store.int(TERM_LINE, *part, "nb_days").unwrap_or_default();
            let due = super::calendar::after(&day, days);
            self.store.set(MOVE, entry, "invoice_date_due", json!(due));
            let company = self.store.int(MOVE, entry, "company_id").unwrap_or_default();
            let worth = if at + 1 == parts.len() { value } else { self.to_company(share, currency, company, &day) };
            value -= worth;
            let line = self.term_line(entry, account, share, currency, worth)?;
            self.grant(entry, line, untaxed, total, currency);
        }
        Ok(())
    }

    fn term_line(&mut self, entry: i64, account: i64, share: Decimal, currency: i64, value: Decimal) -> Result<i64> {
        let line = self.document_line(entry, &Line::valued(account, "", share, currency, value), "payment_term")?;
        let due = self.store.value(MOVE, entry, "invoice_date_due");
        self.store.set(LINE, line, "date_maturity", due);
        Ok(line)
    }

    fn grant(&mut self, entry: i64, line: i64, untaxed: Decimal, total: Decimal, currency: i64) {
        let Some(discount) = self.discount(entry) else { return };
        let less = if discount.included { total } else { untaxed } * discount.part;
        let until = super::calendar::after(self.store.text(MOVE, entry, "invoice_date"), discount.days);
        let amount = num::round(total - less, self.places(currency));
        // 17 leaves the discount unrounded.
        let rounded = self.version != Version::V17;
        let amount = if rounded { amount + self.cash_difference(entry, amount) } else { amount };
        self.store.set(LINE, line, "discount_date", json!(until));
        self.store.set(LINE, line, "discount_amount_currency", num::float(amount));
    }

    /// What a payment that takes the discount of a receivable line adds to its entry: account and amount of each line.
    pub(super) fn write_off(&self, line: i64) -> Value {
        let invoice = self.store.int(LINE, line, "move_id").unwrap_or_default();
        let int = |column: &str| self.store.int(MOVE, invoice, column).unwrap_or_default();
        let (company, places) = (int("company_id"), self.places(int("currency_id")));
        let total = self.amount(MOVE, invoice, "amount_total");
        let lines = self.store.list(MOVE, invoice, "line_ids");
        let of_tax = |kind: &str| -> Decimal {
            let taxes = lines.iter().filter(|l| self.store.text(LINE, **l, "display_type") == kind);
            let taxes = taxes.filter(|l| self.store.int(LINE, **l, "tax_repartition_line_id").is_some());
            taxes.map(|l| -self.amount(LINE, *l, "amount_currency")).sum()
        };
        let (taxes, rounding) = (of_tax("tax"), of_tax("rounding"));
        let less = total - self.amount(LINE, line, "discount_amount_currency");
        let share = self.discount(invoice).filter(|d| d.included).map_or(Decimal::ZERO, |d| d.part);
        let tax = num::round(taxes * share, places);
        // 19 looks for the tax of the invoice and finds the cash rounding that stands on it.
        let mistaken = self.version == Version::V19 && !rounding.is_zero() && !share.is_zero();
        let tax = if mistaken { tax - taxes + rounding } else { tax };
        let parts = [("Cash Discount Loss", less - tax), ("Tax Received", tax)];
        let lines = parts.into_iter().filter(|(_, amount)| !amount.is_zero());
        lines.map(|(name, amount)| json!([self.account_named(company, name), num::float(amount)])).collect()
    }

    /// The receivable line that says what settles the invoice on this day for less, if nothing was paid yet.
    pub(super) fn discount_line(&self, invoice: i64, currency: i64, day: &str) -> Option<i64> {
        self.discount(invoice)?;
        let lines = self.receivable_lines(invoice);
        let untouched = lines.iter().all(|l| self.store.list(LINE, *l, "matched_credit_ids").is_empty());
        let own = self.store.int(MOVE, invoice, "currency_id") == Some(currency);
        let in_time = |l: &i64| day <= self.store.text(LINE, *l, "discount_date");
        lines.into_iter().find(in_time).filter(|_| untouched && own)
    }
}
