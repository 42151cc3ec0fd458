//! Reversals: an entry's mirror, and taking back what matchings made.

use serde_json::{Value, json};

use crate::odoo::Odoo;
use crate::odoo::error::Result;
use crate::odoo::num;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";

impl Odoo {
    /// `_reverse_moves(cancel=True)` of posted entries: what they are matched with is undone, and each gets a posted
    /// mirror of that day and reference, matched with it. Gives the mirrors. Not for invoices.
    pub(in crate::odoo) fn reverse(&mut self, entries: &[(i64, String, String)]) -> Result<Vec<i64>> {
        let lines: Vec<i64> = entries.iter().flat_map(|(id, ..)| self.store.list(MOVE, *id, "line_ids")).collect();
        self.unreconcile(&lines)?;
        let mut mirrors = Vec::new();
        for (entry, day, text) in entries {
            mirrors.push(self.mirror(*entry, day, text));
        }
        self.post_all(&mirrors)?;
        for (mirror, (entry, ..)) in mirrors.iter().zip(entries) {
            self.reconcile_mirror(*entry, *mirror, false)?;
        }
        Ok(mirrors)
    }

    /// Takes back entries that matchings made, each on its own day or the first open one.
    pub(super) fn take_back(&mut self, entries: &[i64]) -> Result<()> {
        let mut all = Vec::new();
        for entry in entries {
            if self.store.text(MOVE, *entry, "state") != "posted" {
                continue;
            }
            let journal = self.store.int(MOVE, *entry, "journal_id").unwrap_or_default();
            let day = self.store.text(MOVE, *entry, "date").to_owned();
            let day = self.accounting_date(journal, "entry", &day, self.is_taxed(*entry));
            all.push((*entry, day, format!("Reversal of: {}", self.store.text(MOVE, *entry, "name"))));
        }
        if all.is_empty() { Ok(()) } else { self.reverse(&all).map(drop) }
    }

    /// A draft with every line of an entry turned round.
    pub(super) fn mirror(&mut self, entry: i64, day: &str, text: &str) -> i64 {
        let Some(mut head) = self.store.get(MOVE, entry).cloned() else { return 0 };
        for column in [
            "name",
            "line_ids",
            "access_token",
            "payment_id",
            "origin_payment_id",
            "matched_payment_ids",
            "tax_cash_basis_rec_id",
        ] {
            head.remove(column);
        }
        let name = if self.version.major() == 19 { Value::Null } else { json!("/") };
        for (column, value) in [("name", name), ("state", json!("draft")), ("date", json!(day)), ("ref", json!(text))] {
            head.insert(column.to_owned(), value);
        }
        head.insert("reversed_entry_id".to_owned(), json!(entry));
        let mirror = self.store.insert(MOVE, head);
        for line in self.store.list(MOVE, entry, "line_ids") {
            self.mirror_line(mirror, line, day);
        }
        mirror
    }

    fn mirror_line(&mut self, mirror: i64, line: i64, day: &str) {
        let Some(mut row) = self.store.get(LINE, line).cloned() else { return };
        for column in ["matched_debit_ids", "matched_credit_ids", "full_reconcile_id", "matching_number", "payment_id"]
        {
            row.remove(column);
        }
        for column in ["balance", "amount_currency"] {
            let turned = -self.amount(LINE, line, column);
            row.insert(column.to_owned(), num::float(turned));
        }
        for (column, value) in [("move_id", json!(mirror)), ("date", json!(day)), ("parent_state", json!("draft"))] {
            row.insert(column.to_owned(), value);
        }
        self.insert_line(mirror, row);
    }

    /// Matches the lines of an entry with its mirror's, by account and currency.
    /// `taxes`: whether those due on payment become due by it.
    pub(super) fn reconcile_mirror(&mut self, entry: i64, mirror: i64, taxes: bool) -> Result<()> {
        let mut groups: Vec<((i64, i64), Vec<i64>)> = Vec::new();
        let mut lines = self.store.list(MOVE, entry, "line_ids");
        lines.extend(self.store.list(MOVE, mirror, "line_ids"));
        for line in lines.into_iter().filter(|l| !self.reconciled(*l)) {
            let of = |column: &str| self.store.int(LINE, line, column).unwrap_or_default();
            let key = (of("account_id"), of("currency_id"));
            match groups.iter_mut().find(|(known, _)| *known == key) {
                Some((_, all)) => all.push(line),
                None => groups.push((key, vec![line])),
            }
        }
        for ((account, _), lines) in groups {
            if self.keeps_residual(account) {
                self.match_groups(&[lines], true, taxes)?;
            }
        }
        Ok(())
    }
}
