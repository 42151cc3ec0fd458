//! Taking matchings back, with the entries that they made.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::odoo::Odoo;
use crate::odoo::error::Result;

const LINE: &str = "account.move.line";
const PARTIAL: &str = "account.partial.reconcile";
const FULL: &str = "account.full.reconcile";

impl Odoo {
    /// `remove_move_reconcile()`: takes back every matching of these lines; entries that the matchings made (exchange
    /// differences, cash basis taxes) are reversed.
    pub(in crate::odoo) fn unreconcile(&mut self, lines: &[i64]) -> Result<()> {
        let partials: BTreeSet<i64> = lines.iter().flat_map(|l| self.partials_of(*l)).collect();
        let mut made = self.cash_basis_of(&partials);
        made.extend(partials.iter().filter_map(|p| self.store.int(PARTIAL, *p, "exchange_move_id")));
        let fulls: BTreeSet<i64> =
            partials.iter().filter_map(|p| self.store.int(PARTIAL, *p, "full_reconcile_id")).collect();
        for partial in &partials {
            self.unlink_partial(*partial);
        }
        let mut more = Vec::new();
        for full in fulls {
            more.extend(self.store.int(FULL, full, "exchange_move_id"));
            self.unmark(full);
        }
        self.take_back(&more)?;
        self.take_back(&made)
    }

    fn unlink_partial(&mut self, partial: i64) {
        for (side, column, sign) in
            [("debit", "matched_credit_ids", Decimal::ONE), ("credit", "matched_debit_ids", -Decimal::ONE)]
        {
            let Some(line) = self.store.int(PARTIAL, partial, &format!("{side}_move_id")) else { continue };
            let rest: Vec<i64> = self.store.list(LINE, line, column).into_iter().filter(|p| *p != partial).collect();
            self.store.set(LINE, line, column, json!(rest));
            let amount = self.amount(PARTIAL, partial, &format!("{side}_amount_currency"));
            self.move_residual(line, sign * self.amount(PARTIAL, partial, "amount"), sign * amount);
        }
        self.store.remove(PARTIAL, partial);
    }

    fn unmark(&mut self, full: i64) {
        for line in self.store.list(FULL, full, "reconciled_line_ids") {
            self.store.set(LINE, line, "full_reconcile_id", Value::Null);
            self.store.set(LINE, line, "matching_number", Value::Null);
        }
        for partial in self.store.list(FULL, full, "partial_reconcile_ids") {
            self.store.set(PARTIAL, partial, "full_reconcile_id", Value::Null);
        }
        self.store.remove(FULL, full);
    }

    pub(in crate::odoo) fn unreconcile_move(&mut self, entry: i64) -> Result<()> {
        let lines = self.store.list("account.move", entry, "line_ids");
        self.unreconcile(&lines)
    }
}
