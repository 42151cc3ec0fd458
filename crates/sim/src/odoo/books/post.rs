//! Posting and taking back to draft.

use serde_json::json;

use crate::odoo::Odoo;
use crate::odoo::error::{self, Result};
use crate::odoo::num;
use crate::odoo::version::Version;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";

impl Odoo {
    /// Posts a draft: out of a locked period, with its number; an invoice gets its payment reference. What reverses a
    /// posted document is matched with what that has open.
    pub(in crate::odoo) fn post(&mut self, entry: i64) -> Result<()> {
        self.post_now(entry)?;
        let reversed = self.store.int(MOVE, entry, "reversed_entry_id");
        match reversed.filter(|r| self.store.text(MOVE, *r, "state") == "posted") {
            Some(original) => self.reconcile_mirror(original, entry, true),
            None => Ok(()),
        }
    }

    /// Posts several at once: they are numbered by day, then by reference.
    pub(in crate::odoo) fn post_all(&mut self, entries: &[i64]) -> Result<()> {
        let mut all = entries.to_vec();
        let key = |id: &i64| {
            (self.store.text(MOVE, *id, "date").to_owned(), self.store.text(MOVE, *id, "ref").to_owned(), *id)
        };
        all.sort_by_key(key);
        all.into_iter().try_for_each(|entry| self.post_now(entry))
    }

    pub(super) fn post_now(&mut self, entry: i64) -> Result<()> {
        let name = self.store.text(MOVE, entry, "name").to_owned();
        if self.store.text(MOVE, entry, "state") != "draft" {
            return Err(error::user(format!("The entry {name} (id {entry}) must be in draft.")));
        }
        if self.store.list(MOVE, entry, "line_ids").is_empty() {
            return Err(error::user(match self.version {
                Version::V19 => "Even magicians can't post nothing!",
                _ => "You need to add a line before posting.",
            }));
        }
        for line in self.store.list(MOVE, entry, "line_ids") {
            let of = |column: &str| self.store.int(LINE, line, column).unwrap_or_default();
            self.fits_account(of("account_id"), of("currency_id"), self.company_currency(line))?;
        }
        self.leave_locked_period(entry);
        if self.misnumbered(entry) {
            let day = self.store.text(MOVE, entry, "date");
            return Err(error::validation(format!("The Date ({day}) doesn't match the sequence number ({name}).")));
        }
        let name = self.number_entry(entry);
        if self.store.text(MOVE, entry, "payment_reference").is_empty() && self.is_invoice(entry) {
            self.store.set(MOVE, entry, "payment_reference", json!(name));
        }
        self.store.set(MOVE, entry, "posted_before", json!(true));
        self.set_state(entry, "posted");
        for line in self.store.list(MOVE, entry, "line_ids") {
            // Nothing is owed by a bill of nothing.
            let account = self.store.int(LINE, line, "account_id").unwrap_or_default();
            if self.amount(LINE, line, "balance").is_zero() && self.keeps_residual(account) {
                let open = self.amount(LINE, line, "amount_currency");
                self.store.set(LINE, line, "reconciled", json!(open.is_zero()));
            }
        }
        Ok(())
    }

    fn leave_locked_period(&mut self, entry: i64) {
        let journal = self.store.int(MOVE, entry, "journal_id").unwrap_or_default();
        let (day, invoiced) = (self.store.text(MOVE, entry, "date"), self.store.text(MOVE, entry, "invoice_date"));
        let taxed = self.is_taxed(entry);
        if self.locked_until(journal, day, taxed).is_none() {
            return;
        }
        let from = if invoiced.is_empty() { day } else { invoiced };
        let open = self.accounting_date(journal, self.store.text(MOVE, entry, "move_type"), from, taxed);
        self.set_date(entry, &open);
        self.renumber_draft(entry);
    }

    /// Refuses what would change a locked period.
    fn unlocked(&self, entry: i64) -> Result<()> {
        let journal = self.store.int(MOVE, entry, "journal_id").unwrap_or_default();
        let posted = self.store.text(MOVE, entry, "state") == "posted";
        match self.locked_until(journal, self.store.text(MOVE, entry, "date"), false).filter(|_| posted) {
            Some(until) => {
                Err(error::user(format!("You cannot add/modify entries prior to and inclusive of {until}.")))
            }
            None => Ok(()),
        }
    }

    pub(super) fn set_date(&mut self, entry: i64, day: &str) {
        self.store.set(MOVE, entry, "date", json!(day));
        for line in self.store.list(MOVE, entry, "line_ids") {
            self.store.set(LINE, line, "date", json!(day));
        }
    }

    /// Whether any line has to do with taxes.
    pub(super) fn is_taxed(&self, entry: i64) -> bool {
        let taxed = |l: &i64| {
            ["tax_ids", "tax_line_id", "tax_tag_ids"].iter().any(|c| num::truthy(&self.store.value(LINE, *l, c)))
        };
        self.store.list(MOVE, entry, "line_ids").iter().any(taxed)
    }

    /// Changes the state of an entry and of its lines.
    pub(in crate::odoo) fn set_state(&mut self, entry: i64, state: &str) {
        self.store.set(MOVE, entry, "state", json!(state));
        for line in self.store.list(MOVE, entry, "line_ids") {
            self.store.set(LINE, line, "parent_state", json!(state));
        }
        self.touch(MOVE, entry);
    }

    /// Back to draft: before 19 what the entry is matched with is open again.
    pub(in crate::odoo) fn redraft(&mut self, entry: i64) -> Result<()> {
        if self.store.find("account.partial.reconcile", "exchange_move_id", &json!(entry)).is_some() {
            return Err(error::user("You cannot reset to draft an exchange difference journal entry."));
        }
        if self.store.int(MOVE, entry, "tax_cash_basis_origin_move_id").is_some() {
            return Err(error::user("You cannot reset to draft a tax cash basis journal entry."));
        }
        self.unlocked(entry)?;
        if self.version != Version::V19 {
            self.unreconcile_move(entry)?;
        }
        self.set_state(entry, "draft");
        if self.version == Version::V18 && self.is_document(entry) {
            self.remake_tax_lines(entry);
        }
        Ok(())
    }

    /// 18 makes the tax lines of an invoice anew when it is reset.
    pub(super) fn remake_tax_lines(&mut self, entry: i64) {
        let lines = self.store.list(MOVE, entry, "line_ids");
        let (taxes, mut kept): (Vec<i64>, Vec<i64>) =
            lines.into_iter().partition(|l| self.store.text(LINE, *l, "display_type") == "tax");
        for tax in taxes {
            let Some(row) = self.store.get(LINE, tax).cloned() else { continue };
            self.store.remove(LINE, tax);
            kept.push(self.store.insert(LINE, row));
        }
        self.store.set(MOVE, entry, "line_ids", json!(kept));
    }

    /// Cancelled: nothing is matched with it any more.
    pub(in crate::odoo) fn cancel_entry(&mut self, entry: i64) -> Result<()> {
        self.unlocked(entry)?;
        self.unreconcile_move(entry)?;
        self.set_state(entry, "cancel");
        Ok(())
    }
}
