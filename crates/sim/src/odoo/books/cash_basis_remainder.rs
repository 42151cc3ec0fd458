//! What rounding leaves of cash basis taxes when an invoice is paid in parts: 17 and 18 book it in the exchange journal
//! once all is matched, 19 gives it to the last part.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Head, Line};
use crate::odoo::Odoo;
use crate::odoo::call::object;
use crate::odoo::error::Result;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";

impl Odoo {
    /// 17 and 18: the entry for documents whose lines are all matched. Gives its id, or null.
    pub(super) fn book_late_rest(&mut self, lines: &[i64], day: &str) -> Result<Value> {
        let (mut made, mut waits) = (Vec::new(), Vec::new());
        let mut company = 0;
        for line in lines {
            let entry = self.store.int(LINE, *line, "move_id").unwrap_or_default();
            for tax in self.late_tax_lines(entry) {
                let rest = self.amount(LINE, tax, "balance") - self.became_due(entry, tax);
                if rest.is_zero() {
                    continue;
                }
                company = self.store.int(MOVE, entry, "company_id").unwrap_or_default();
                waits.push(self.still_waiting(entry, tax));
                made.extend(self.rest_lines(tax, rest));
            }
        }
        let journal = self.store.int("res.company", company, "currency_exchange_journal_id");
        let Some(journal) = journal.filter(|_| !made.is_empty()) else { return Ok(Value::Null) };
        let date = self.accounting_date(journal, "entry", day, false).max(day.to_owned());
        let more = object(json!({"always_tax_exigible": true, "company_id": company}));
        let entry = self.draft_untaxed(&Head { journal, date, more, ..Head::default() }, &made)?;
        self.post_all(&[entry])?;
        let own = self.store.list(MOVE, entry, "line_ids");
        for (at, mut waiting) in waits.into_iter().enumerate() {
            let Some(line) = own.get(2 * at + 1) else { continue };
            let account = self.store.int(LINE, *line, "account_id").unwrap_or_default();
            if self.keeps_residual(account) && !waiting.is_empty() {
                waiting.insert(0, *line);
                self.reconcile_plan(&[waiting], true)?;
            }
        }
        Ok(json!(entry))
    }

    /// Tax lines of a document in its company's currency that were due on payment.
    fn late_tax_lines(&self, entry: i64) -> Vec<i64> {
        let late = |line: &i64| {
            let tax = self.store.int(LINE, *line, "tax_line_id").unwrap_or_default();
            let own = self.store.int(LINE, *line, "currency_id") == Some(self.company_currency(*line));
            own && self.store.text("account.tax", tax, "tax_exigibility") == "on_payment"
        };
        let lines = if self.is_document(entry) { self.store.list(MOVE, entry, "line_ids") } else { Vec::new() };
        lines.into_iter().filter(late).collect()
    }

    fn late_entries(&self, entry: i64) -> Vec<i64> {
        self.store.find_all(MOVE, "tax_cash_basis_origin_move_id", &json!(entry))
    }

    fn became_due(&self, entry: i64, tax: i64) -> Decimal {
        let part = self.store.value(LINE, tax, "tax_repartition_line_id");
        let lines = self.late_entries(entry).into_iter().flat_map(|e| self.store.list(MOVE, e, "line_ids"));
        let same = lines.filter(|l| self.store.value(LINE, *l, "tax_repartition_line_id") == part);
        same.map(|l| self.amount(LINE, l, "balance")).sum()
    }

    fn still_waiting(&self, entry: i64, tax: i64) -> Vec<i64> {
        let account = self.store.int(LINE, tax, "account_id").unwrap_or_default();
        let lines = self.late_entries(entry).into_iter().flat_map(|e| self.lines_on(e, account));
        lines.chain([tax]).filter(|l| !self.reconciled(*l)).collect()
    }

    fn rest_lines(&self, tax: i64, rest: Decimal) -> [Line; 2] {
        let of = |column: &str| self.store.value(LINE, tax, column);
        let own = self.company_currency(tax);
        let part = self.store.int(LINE, tax, "tax_repartition_line_id").unwrap_or_default();
        let waiting = self.store.int(LINE, tax, "account_id").unwrap_or_default();
        let due = self.store.int("account.tax.repartition.line", part, "account_id").unwrap_or(waiting);
        let label = self.store.text(LINE, tax, "name").to_owned();
        let partner = self.store.int(LINE, tax, "partner_id");
        let more = object(json!({"tax_line_id": of("tax_line_id"), "tax_repartition_line_id": part,
            "tax_base_amount": of("tax_base_amount")}));
        [
            Line { partner, more, ..Line::valued(due, &label, rest, own, rest) },
            Line { partner, ..Line::valued(waiting, &label, -rest, own, -rest) },
        ]
    }
}
