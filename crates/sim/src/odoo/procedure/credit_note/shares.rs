//! Which invoices, how much of each, and what becomes of the document.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::json;

use super::plan::{Plan, earlier_notes, portion, units};
use super::{CREDITED_ALREADY, DIFFERS, Item, LINE, MOVE, NO_INVOICE, PAYMENT};
use crate::odoo::error::{self, Result};
use crate::odoo::procedure::Work;

const PARTIAL: &str = "account.partial.reconcile";

impl Work<'_> {
    pub(super) fn book_note(&mut self, item: &mut Item) -> Result<()> {
        item.open = self.left_of(item.refund);
        if item.text("mode") == "none" {
            item.flag("credit_note_none");
        } else {
            self.credit(item)?;
        }
        self.remember(item);
        self.say_note(item);
        Ok(())
    }

    fn credit(&mut self, item: &mut Item) -> Result<()> {
        let debit = self.stands(Some(item.refund));
        let due = item.open > 0;
        self.pay_owed(item, debit)?;
        for (invoice, amount) in self.shares(item) {
            let Some(note) = self.checked_note(item, invoice, amount)? else { continue };
            let credit = self.odoo.receivable_lines(note).first().copied();
            self.match_two(debit, credit)?;
            item.notes.push(note);
        }
        if due && item.notes.is_empty() && !item.has("credit_note_refused") {
            let others = !item.moves.is_empty() && !self.notes_of(item.text("receipt")).is_empty();
            return Err(error::user(if others { CREDITED_ALREADY } else { NO_INVOICE }));
        }
        if item.short > 0 && !item.has("credit_note_short") {
            item.flag("credit_note_short");
        }
        let closed = debit.is_some_and(|l| self.odoo.reconciled(l));
        if due && !closed && !item.has("credit_note_draft") && !item.has("credit_note_short") {
            item.flag("refund_open");
        }
        if !due {
            item.flag("credit_note_not_needed");
        }
        Ok(())
    }

    /// What is no credit note of this amount is none at all: the refund stays open on the customer's account.
    fn checked_note(&mut self, item: &mut Item, invoice: i64, amount: i64) -> Result<Option<i64>> {
        let (savepoint, flags) = (self.odoo.store.savepoint(), item.flags.clone());
        match self.note_of(item, invoice, amount) {
            Err(e) if e.message.starts_with(DIFFERS) => {
                self.odoo.store.rollback(savepoint);
                item.flags = flags;
                if !item.has("credit_note_refused") {
                    item.flag("credit_note_refused");
                }
                Ok(None)
            }
            made => made,
        }
    }

    /// The credit note of one invoice: a person's, or a new one.
    fn note_of(&mut self, item: &mut Item, invoice: i64, amount: i64) -> Result<Option<i64>> {
        if let Some(note) = self.note_by_hand(item, invoice, amount) {
            item.flag("credit_note_found");
            if self.odoo.store.text(MOVE, note, "state") == "draft" {
                self.ask(item, note, "somebody made it");
            }
            return Ok(Some(note));
        }
        let plan = Plan::of(self.odoo, invoice);
        if plan.total < amount {
            item.flag("credit_note_short");
        }
        let amount = amount.min(plan.total);
        if amount <= 0 {
            return Ok(None);
        }
        (item.off, item.odd) = (false, false);
        let note = self.draft_note(item, &plan, amount)?;
        match self.obstacle(item, &plan, amount) {
            Some(why) => {
                self.odoo.store.set(MOVE, note, "reversed_entry_id", json!(invoice));
                self.ask(item, note, why);
            }
            None => {
                self.odoo.post(note)?;
                self.odoo.store.set(MOVE, note, "reversed_entry_id", json!(invoice));
            }
        }
        Ok(Some(note))
    }

    /// The newest due first: what the receipt paid on each, less its earlier credit notes.
    fn shares(&self, item: &mut Item) -> Vec<(i64, i64)> {
        let o = &*self.odoo;
        let currency = o.store.int(PAYMENT, item.refund, "currency_id").unwrap_or_default();
        let mut rest = item.open - item.asked;
        let receipt = item.text("receipt").to_owned();
        let row = o.store.tied(&format!("quittance.{receipt}__record"));
        let paid = if row.is_some() { self.payment_of(&receipt) } else { self.by_reference(&item.movement) };
        let credit = paid.and_then(|p| o.payment_line(p));
        if rest <= 0 || credit.is_none() {
            return Vec::new();
        }
        item.moves = self.paid_by(credit);
        let partials = credit.map(|l| o.store.list(LINE, l, "matched_debit_ids")).unwrap_or_default();
        let mut got = Vec::new();
        for invoice in item.moves.iter().rev() {
            let inner = o.store.int(MOVE, *invoice, "currency_id").unwrap_or_default();
            let mine = |p: &&i64| {
                let line = o.store.int(PARTIAL, **p, "debit_move_id").unwrap_or_default();
                self.entry(line) == *invoice
            };
            let sum = |column: &str, currency: i64| -> i64 {
                partials.iter().filter(mine).map(|p| units(o, o.amount(PARTIAL, *p, column), currency)).sum()
            };
            let (own, paid) = (sum("debit_amount_currency", inner), sum("credit_amount_currency", currency));
            if paid == 0 || own == 0 {
                continue;
            }
            let left = own - units(o, self.credited(&receipt, *invoice), inner);
            let part = rest.min(portion(paid, left, own));
            if part > 0 {
                let whole = i128::from(part) * i128::from(own) >= i128::from(left) * i128::from(paid);
                got.push((*invoice, if whole { left } else { portion(part, own, paid) }));
                rest -= part;
            }
        }
        item.short = rest;
        got
    }

    /// What earlier refunds of the receipt have credited of an invoice.
    fn credited(&self, receipt: &str, invoice: i64) -> Decimal {
        let of = |n: &i64| self.odoo.store.int(MOVE, *n, "reversed_entry_id") == Some(invoice);
        self.notes_of(receipt).into_iter().filter(of).map(|n| self.odoo.amount(MOVE, n, "amount_total")).sum()
    }

    /// A credit note that a person made for this: open, of the same amount or with the refund in its reference.
    fn note_by_hand(&self, item: &Item, invoice: i64, amount: i64) -> Option<i64> {
        let s = &self.odoo.store;
        let fits = |note: &i64| {
            let rows = s.find_all("ir.model.data", "res_id", &json!(note));
            let ours = |r: &i64| {
                s.text("ir.model.data", *r, "model") == MOVE && s.text("ir.model.data", *r, "module") == "quittance"
            };
            let currency = s.int(MOVE, *note, "currency_id").unwrap_or_default();
            let open = s.text(MOVE, *note, "state") == "draft"
                || self.odoo.amount(MOVE, *note, "amount_residual") > Decimal::ZERO;
            let named =
                ["ref", "payment_reference"].iter().any(|c| s.text(MOVE, *note, c).contains(item.text("refund")));
            let same = units(self.odoo, self.odoo.amount(MOVE, *note, "amount_total"), currency) == amount;
            !rows.iter().any(ours) && open && (same || named)
        };
        earlier_notes(self.odoo, invoice).into_iter().find(fits)
    }

    /// Why the credit note stays a draft.
    fn obstacle(&self, item: &Item, plan: &Plan, amount: i64) -> Option<&'static str> {
        if item.text("mode") == "draft" {
            return Some("drafts are asked for");
        }
        if item.off {
            return Some("its taxes had to be moved by more than a unit");
        }
        if item.odd {
            return Some("Odoo reversed the invoice otherwise");
        }
        let kinds: BTreeSet<&Vec<i64>> = plan.parts.iter().map(|p| &p.taxes).collect();
        let whole = units(self.odoo, self.odoo.amount(MOVE, plan.invoice, "amount_total"), plan.currency);
        let full = amount == whole || plan.discounted && amount == plan.total && plan.earlier.is_empty();
        (!full && (kinds.len() > 1 || plan.taxes.len() > 1))
            .then_some("only a part of an invoice of several taxes is refunded")
    }
}
