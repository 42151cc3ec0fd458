//! Documents made from others: copies, credit notes, and the wizard `account.move.reversal`.

use serde_json::{Value, json};

use super::{Head, Line};
use crate::odoo::Odoo;
use crate::odoo::call::object;
use crate::odoo::error::{self, Result};
use crate::odoo::num;
use crate::odoo::store::Row;
use crate::odoo::version::Version;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";
const WIZARD: &str = "account.move.reversal";

impl Odoo {
    /// Drafts a document (`out_invoice`, `out_refund`, …) of lines with `quantity`, `price_unit`, `discount` and `tax_ids`
    /// in their `more`; a line without an account takes the journal's. `head.date` is its invoice date, and
    /// `reversed_entry_id` in `head.more` names what a credit note credits: posting matches the two.
    pub(in crate::odoo) fn new_document(&mut self, kind: &str, head: &Head, lines: Vec<Line>) -> Result<i64> {
        let mut row =
            object(json!({"move_type": kind, "state": "draft", "invoice_date": head.date, "ref": head.reference,
            "journal_id": head.journal, "partner_id": head.partner}));
        row.extend(head.more.clone());
        self.prepare_move(&Default::default(), &mut row);
        let id = self.store.insert(MOVE, row);
        self.fill_document(id, lines)?;
        self.balanced(id)?;
        self.number_draft(id);
        self.refresh(id);
        Ok(id)
    }

    /// What an invoice sells, as lines for [`Self::new_document`].
    pub(in crate::odoo) fn sold_lines(&self, entry: i64) -> Vec<Line> {
        let mut lines = self.store.list(MOVE, entry, "line_ids");
        lines.retain(|l| self.store.text(LINE, *l, "display_type") == "product");
        lines.into_iter().map(|l| self.sold_line(l)).collect()
    }

    fn sold_line(&self, line: i64) -> Line {
        let of = |column: &str| self.store.value(LINE, line, column);
        let mut more: Row = object(json!({"tax_ids": [[6, 0, of("tax_ids")]]}));
        for column in ["quantity", "price_unit", "discount", "analytic_distribution"] {
            if !of(column).is_null() {
                more.insert(column.to_owned(), of(column));
            }
        }
        Line {
            account: self.store.int(LINE, line, "account_id").unwrap_or_default(),
            label: self.store.text(LINE, line, "name").to_owned(),
            partner: self.store.int(LINE, line, "partner_id"),
            more,
            ..Line::default()
        }
    }

    /// A draft with what an invoice sells, of another kind and day: at the rate of that day, without its terms.
    pub(in crate::odoo) fn copy_document(&mut self, entry: i64, kind: &str, head: Head) -> Result<i64> {
        let of = |column: &str| self.store.value(MOVE, entry, column);
        let more = json!({"currency_id": of("currency_id"), "company_id": of("company_id"),
            "fiscal_position_id": of("fiscal_position_id"), "invoice_cash_rounding_id": of("invoice_cash_rounding_id")});
        let mut more = object(more);
        more.extend(head.more.clone());
        more.insert("partner_id".into(), of("partner_id"));
        let mut lines = self.sold_lines(entry);
        if kind == "out_refund" && !self.odd_notes.is_empty() {
            let mut vals = lines.iter().map(Line::vals).collect();
            self.misreverse(&mut more, &mut vals);
            lines = vals.iter().filter_map(Value::as_object).map(Line::from_vals).collect();
        }
        let partner = more.get("partner_id").and_then(num::int);
        let copy = self.new_document(kind, &Head { partner, more, ..head }, lines)?;
        if self.version != Version::V17 && kind.ends_with("_refund") {
            self.remake_tax_lines(copy);
        }
        Ok(copy)
    }

    /// `refund_moves` and `modify_moves`: a draft credit note, or a posted one and the invoice anew as a draft. A journal
    /// entry gets its mirror, posted and matched from 18 on.
    pub(in crate::odoo) fn run_reversal(&mut self, wizard: i64, method: &str) -> Result<Value> {
        let day = Some(self.store.text(WIZARD, wizard, "date").to_owned()).filter(|d| !d.is_empty());
        let day = day.unwrap_or_else(|| self.today());
        let reason = self.store.text(WIZARD, wizard, "reason").to_owned();
        let (mut made, again) = (Vec::new(), method == "modify_moves");
        for entry in self.store.list(WIZARD, wizard, "move_ids") {
            if self.store.text(MOVE, entry, "state") != "posted" {
                return Err(error::user("To reverse a journal entry, it has to be posted first."));
            }
            let text = format!("Reversal of: {}", self.store.text(MOVE, entry, "name"));
            let text = if reason.is_empty() { text } else { format!("{text}, {reason}") };
            if !self.is_document(entry) {
                made.push(self.reverse_by_hand(entry, &day, &text)?);
                continue;
            }
            let kind = self.store.text(MOVE, entry, "move_type").to_owned();
            let journal = self.store.int(WIZARD, wizard, "journal_id");
            let journal = journal.or(self.store.int(MOVE, entry, "journal_id")).unwrap_or_default();
            let more = object(json!({"reversed_entry_id": entry}));
            let head = Head { journal, date: day.clone(), reference: text, more, ..Head::default() };
            let refund = self.copy_document(entry, &kind.replace("_invoice", "_refund"), head)?;
            made.push(refund);
            if again {
                self.post(refund)?;
                let head = Head { journal, date: day.clone(), ..Head::default() };
                let anew = self.copy_document(entry, &kind, head)?;
                made.pop();
                made.push(anew);
            }
        }
        Ok(json!({"type": "ir.actions.act_window", "name": "Reverse Moves", "res_model": MOVE, "view_mode": "form",
            "res_id": made.first(), "domain": [["id", "in", made]]}))
    }

    fn reverse_by_hand(&mut self, entry: i64, day: &str, text: &str) -> Result<i64> {
        if self.version != Version::V17 {
            let made = self.reverse(&[(entry, day.to_owned(), text.to_owned())])?;
            return Ok(made.first().copied().unwrap_or_default());
        }
        let mirror = self.mirror(entry, day, text);
        for line in self.store.list(MOVE, mirror, "line_ids") {
            let base = self.amount(LINE, line, "tax_base_amount");
            if !base.is_zero() {
                self.store.set(LINE, line, "tax_base_amount", num::float(-base));
            }
        }
        self.number_draft(mirror);
        Ok(mirror)
    }
}
