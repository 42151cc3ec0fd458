//! Drafts of documents whose lines change after they were made.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Line;
use crate::odoo::Odoo;
use crate::odoo::error::Result;
use crate::odoo::num;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";

impl Odoo {
    /// Gives a draft document these lines instead of all it had; its number stays.
    pub(in crate::odoo) fn rewrite_document(&mut self, entry: i64, lines: Vec<Line>) -> Result<()> {
        for line in self.store.list(MOVE, entry, "line_ids") {
            self.store.remove(LINE, line);
        }
        self.store.set(MOVE, entry, "line_ids", json!([]));
        self.fill_document(entry, lines)?;
        self.balanced(entry)?;
        self.refresh(entry);
        Ok(())
    }

    /// Somebody writes other values on lines of a draft document: commands `[1, line, values]`.
    pub(super) fn change_lines(&mut self, entry: i64, commands: &[Value]) -> Result<()> {
        let product = |line: &i64| self.store.text(LINE, *line, "display_type") == "product";
        let ids: Vec<i64> = self.store.list(MOVE, entry, "line_ids").into_iter().filter(product).collect();
        let mut lines = self.sold_lines(entry);
        for (line, id) in lines.iter_mut().zip(ids) {
            let of_line = |c: &&Value| c.get(0) == Some(&json!(1)) && c.get(1).and_then(num::int) == Some(id);
            let values = commands.iter().find(of_line).and_then(|c| c.get(2)?.as_object().cloned());
            line.more.extend(values.unwrap_or_default());
        }
        self.rewrite_document(entry, lines)
    }

    /// Puts another amount, in the document's currency, on a tax line of a draft document; what is owed follows.
    pub(in crate::odoo) fn retax(&mut self, entry: i64, tax: i64, amount: Decimal) {
        let int = |column: &str| self.store.int(MOVE, entry, column).unwrap_or_default();
        let (company, currency) = (int("company_id"), int("currency_id"));
        let day = self.store.text(MOVE, entry, "invoice_date").to_owned();
        let more = amount - self.amount(LINE, tax, "amount_currency");
        let value = self.to_company(amount, currency, company, &day);
        let worth = value - self.amount(LINE, tax, "balance");
        self.set_amount(tax, amount, value);
        let owed = |line: &i64| self.store.text(LINE, *line, "display_type") == "payment_term";
        if let Some(line) = self.store.list(MOVE, entry, "line_ids").into_iter().rfind(owed) {
            let (amount, value) = (self.amount(LINE, line, "amount_currency"), self.amount(LINE, line, "balance"));
            self.set_amount(line, amount - more, value - worth);
        }
        let refund = self.store.text(MOVE, entry, "move_type") == "in_refund";
        for column in ["amount_total", "amount_tax"] {
            let sum = self.amount(MOVE, entry, column) + if refund { -more } else { more };
            self.store.set(MOVE, entry, column, num::float(sum));
        }
        self.refresh(entry);
    }

    pub(in crate::odoo) fn set_amount(&mut self, line: i64, amount: Decimal, value: Decimal) {
        let open = self.keeps_residual(self.store.int(LINE, line, "account_id").unwrap_or_default());
        let left = |of: Decimal| if open { of } else { Decimal::ZERO };
        for (column, of) in [
            ("amount_currency", amount),
            ("balance", value),
            ("debit", value.max(Decimal::ZERO)),
            ("credit", (-value).max(Decimal::ZERO)),
            ("amount_residual", left(value)),
            ("amount_residual_currency", left(amount)),
        ] {
            self.store.set(LINE, line, column, num::float(of));
        }
    }
}
