//! Which payment booked what, and where its money stands.

use serde_json::Value;

use super::PAYMENT;
use crate::odoo::Odoo;
use crate::odoo::error::{self, Result};
use crate::odoo::num;
use crate::odoo::procedure::setup::{self, Books};
use crate::odoo::procedure::{Work, text};

const MOVE: &str = "account.move";
pub const LINE: &str = "account.move.line";
const PARTIAL: &str = "account.partial.reconcile";

/// The key of the refund, from that of its failure.
pub fn refund_key(key: &str) -> String {
    let head = key.rsplit_once(':').map_or(key, |(head, _)| head);
    format!("{head}:succeeded")
}

impl Work<'_> {
    /// The payment that a key's booking made, if it is there.
    pub fn payment_of(&self, key: &str) -> Option<i64> {
        let (model, id) = self.odoo.store.tied(&format!("quittance.{key}__record"))?;
        (model == PAYMENT && self.odoo.store.get(PAYMENT, id).is_some()).then_some(id)
    }

    /// What somebody else booked: the one posted payment whose memo names the payment or its charge.
    pub fn by_reference(&self, movement: &Value) -> Option<i64> {
        let memo = self.odoo.version.memo_field();
        let s = &self.odoo.store;
        for mark in [text(movement, "payment"), text(movement, "charge")].into_iter().filter(|m| !m.is_empty()) {
            let names = |id: &i64| {
                let mut tokens = s.text(PAYMENT, *id, memo).split(|c: char| !c.is_alphanumeric() && c != '_');
                tokens.any(|token| token == mark)
            };
            let mine = |id: &i64| {
                s.text(PAYMENT, *id, "payment_type") == "inbound"
                    && s.int(PAYMENT, *id, "company_id").is_some_and(|c| self.setup.ready.contains_key(&c))
            };
            let found = s.ids(PAYMENT).into_iter().filter(|id| names(id) && mine(id) && self.standing(*id));
            if let [one] = found.collect::<Vec<_>>().as_slice() {
                return Some(*one);
            }
        }
        None
    }

    /// Posted, and nobody has undone it.
    pub fn standing(&self, payment: i64) -> bool {
        let s = &self.odoo.store;
        let posted = s.int(PAYMENT, payment, "move_id").is_some_and(|m| s.text(MOVE, m, "state") == "posted");
        posted && !matches!(s.text(PAYMENT, payment, "state"), "draft" | "cancel" | "canceled" | "rejected")
    }

    /// The line of a payment where the customer's money stands.
    pub fn stands(&self, payment: Option<i64>) -> Option<i64> {
        payment.filter(|p| self.standing(*p)).and_then(|p| self.odoo.payment_line(p))
    }

    /// The other lines that a line is matched with, in the order of matching.
    pub fn met(&self, line: Option<i64>) -> Vec<i64> {
        let Some(line) = line else { return Vec::new() };
        let s = &self.odoo.store;
        let sides = [("matched_debit_ids", "debit_move_id"), ("matched_credit_ids", "credit_move_id")];
        let of = |(column, other): (&str, &'static str)| {
            s.list(LINE, line, column).into_iter().filter_map(move |p| s.int(PARTIAL, p, other)).collect::<Vec<_>>()
        };
        sides.into_iter().flat_map(of).collect()
    }

    pub fn entry(&self, line: i64) -> i64 {
        self.odoo.store.int(LINE, line, "move_id").unwrap_or_default()
    }

    /// The invoices that a receipt's credit paid, the oldest due first.
    pub fn paid_by(&self, line: Option<i64>) -> Vec<i64> {
        let mut moves: Vec<i64> = self.met(line).into_iter().map(|l| self.entry(l)).collect();
        moves.retain(|m| self.odoo.is_invoice(*m));
        moves.sort_by_key(|m| (due(self.odoo, *m), *m));
        moves.dedup();
        moves
    }

    /// Matches what of two lines is open, posted and on one account.
    pub fn match_two(&mut self, one: Option<i64>, other: Option<i64>) -> Result<()> {
        let (Some(one), Some(other)) = (one, other) else { return Ok(()) };
        let s = &self.odoo.store;
        let fits = |l: i64| !self.odoo.reconciled(l) && s.text(LINE, l, "parent_state") == "posted";
        let account = |l| s.int(LINE, l, "account_id");
        let up = |l| self.odoo.amount(LINE, l, "balance").is_sign_positive();
        if fits(one) && fits(other) && account(one) == account(other) && up(one) != up(other) {
            self.odoo.reconcile(&[one, other])?;
        }
        Ok(())
    }

    /// Whose money it is and on which account: as the receipt has it, else the known customer's, else nobody's.
    pub fn holder(&self, receipt: Option<i64>, movement: &Value, books: &Books) -> Result<(i64, i64)> {
        let s = &self.odoo.store;
        if let Some(receipt) = receipt {
            let line = self.stands(Some(receipt)).and_then(|l| s.int(LINE, l, "account_id"));
            let account = line.or_else(|| s.int(PAYMENT, receipt, "destination_account_id"));
            return Ok((s.int(PAYMENT, receipt, "partner_id").unwrap_or_default(), account.unwrap_or_default()));
        }
        let known = setup::record(self.odoo, &format!("cus:{}", text(movement, "customer")));
        let partner = known.or_else(|| setup::record(self.odoo, "partner_unallocated"));
        let partner = partner.ok_or_else(|| error::user("quittance:not_configured:partner_unallocated"))?;
        let account = books.accounts.get("advances").copied();
        let account = account.or_else(|| self.odoo.account_of_type(books.home, "asset_receivable"));
        Ok((partner, account.unwrap_or_default()))
    }
}

fn due(odoo: &Odoo, id: i64) -> String {
    let day = odoo.value(MOVE, id, "invoice_date_due");
    let day = if num::truthy(&day) { day } else { odoo.value(MOVE, id, "date") };
    day.as_str().unwrap_or("").to_owned()
}
