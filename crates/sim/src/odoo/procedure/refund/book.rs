//! The booking itself: the payment and what it is matched with.

use serde_json::{Value, json};

use super::lines::{LINE, refund_key};
use super::{Item, PAYMENT};
use crate::odoo::call::object;
use crate::odoo::error::{self, Result};
use crate::odoo::num;
use crate::odoo::procedure::Work;
use crate::odoo::terms::WRITE_OFF;

const MOVE: &str = "account.move";

impl Work<'_> {
    /// The payment that books the item.
    pub(super) fn book_refund(&mut self, item: &mut Item) -> Result<i64> {
        let payment = match item.text("kind") {
            "refund_failed" => self.came_to_nothing(item)?,
            "reversed" => self.take_back(item)?,
            _ => self.give_back(item)?,
        };
        self.odoo.store.set(PAYMENT, payment, "state", json!(self.odoo.version.payment_done()));
        self.odoo.store.tie(&format!("quittance.{}__record", item.key), PAYMENT, payment, true);
        self.say_refund(item, payment);
        Ok(payment)
    }

    /// The receipt's free credit goes first; what the refund takes beyond it waits for a credit note.
    fn give_back(&mut self, item: &mut Item) -> Result<i64> {
        let credit = self.stands(item.receipt);
        item.moves = self.paid_by(credit);
        let holder = self.holder(item.receipt, &item.movement, &item.books)?;
        let payment = self.move_money(item, "outbound", holder, Value::Null)?;
        let debit = self.stands(Some(payment));
        self.match_two(debit, credit)?;
        if !debit.is_some_and(|l| self.odoo.reconciled(l)) {
            item.flag(if item.moves.is_empty() { "unallocated" } else { "credit_note_due" });
        }
        Ok(payment)
    }

    /// The refund's debit is met by the money that came back; what it had taken is free or owed again.
    fn came_to_nothing(&mut self, item: &mut Item) -> Result<i64> {
        let refund = self.payment_of(&refund_key(&item.key));
        let debit = self.stands(refund);
        if debit.is_none() {
            item.flag(if refund.is_none() { "refund_gone" } else { "refund_cancelled" });
        }
        let holder = self.holder(refund.or(item.receipt), &item.movement, &item.books)?;
        let met: Vec<i64> = self.met(debit).into_iter().map(|l| self.entry(l)).collect();
        item.moves = self.paid_by(self.stands(item.receipt));
        if let Some(debit) = debit {
            self.odoo.unreconcile(&[debit])?;
        }
        let payment = self.move_money(item, "inbound", holder, Value::Null)?;
        self.match_two(self.stands(Some(payment)), debit)?;
        if met.iter().any(|m| self.odoo.store.text(MOVE, *m, "move_type") == "out_refund") {
            item.flag("credit_note_open");
        }
        if debit.is_none() {
            item.flag("unallocated");
        }
        Ok(payment)
    }

    /// The receipt was no money: it is met by its opposite, and what it had paid is due again.
    fn take_back(&mut self, item: &mut Item) -> Result<i64> {
        let holder = self.holder(item.receipt, &item.movement, &item.books)?;
        let credit = self.stands(item.receipt);
        item.moves = self.paid_by(credit);
        let whole = item.receipt.is_some_and(|r| self.odoo.amount(PAYMENT, r, "amount") == item.amount);
        let more = credit.map(|line| self.beside(item.receipt, line)).unwrap_or_default();
        let others: Vec<i64> = self.met(credit).into_iter().filter(|l| !item.moves.contains(&self.entry(*l))).collect();
        if let Some(credit) = credit {
            self.odoo.unreconcile(&[credit])?;
        }
        let mirrored = if whole { json!(more) } else { Value::Null };
        let payment = self.move_money(item, "outbound", holder, mirrored)?;
        self.match_two(self.stands(Some(payment)), credit)?;
        if !more.is_empty() && !whole {
            item.flag("discount_kept");
        }
        let others: Vec<i64> = others.into_iter().filter(|l| !self.odoo.reconciled(*l)).collect();
        if !others.is_empty() {
            item.flag("refunds_open");
        }
        let posted = |m: &&i64| self.odoo.store.text(MOVE, **m, "state") == "posted";
        let mut due: Vec<i64> = item.moves.iter().filter(posted).flat_map(|m| self.odoo.receivable_lines(*m)).collect();
        due.sort_by_key(|l| (self.odoo.store.text(LINE, *l, "date_maturity").to_owned(), *l));
        for line in others.into_iter().chain(due) {
            self.match_two(credit, Some(line))?;
        }
        if credit.is_none() {
            item.flag("unallocated");
        }
        Ok(payment)
    }

    /// What a receipt's entry has beside the customer's line and the clearing line, the other way round: account, amount.
    fn beside(&self, receipt: Option<i64>, line: i64) -> Vec<Value> {
        let o = &*self.odoo;
        let outstanding = receipt.and_then(|r| o.store.int(PAYMENT, r, "outstanding_account_id"));
        let lines = o.store.list(MOVE, self.entry(line), "line_ids");
        let rest = lines.into_iter().filter(|l| *l != line && o.store.int(LINE, *l, "account_id") != outstanding);
        rest.map(|l| json!([o.store.int(LINE, l, "account_id"), num::float(-o.amount(LINE, l, "amount_currency"))]))
            .collect()
    }

    /// A posted payment of the item's amount.
    fn move_money(&mut self, item: &Item, direction: &str, holder: (i64, i64), more: Value) -> Result<i64> {
        let books = &item.books;
        let o = &mut *self.odoo;
        let clears =
            |way: &i64| o.store.int("account.payment.method.line", *way, "payment_account_id") == Some(books.clearing);
        let way = o.method_lines(books.journal, direction).into_iter().find(clears).ok_or_else(|| {
            error::user(format!(
                "quittance:not_configured:journal_stripe_{}: no {direction} payment method line has the clearing account",
                books.home
            ))
        })?;
        let mut row = object(json!({"payment_type": direction, "partner_type": "customer", "partner_id": holder.0,
            "amount": num::float(item.amount), "currency_id": item.currency, "date": item.day, "company_id": item.company,
            "journal_id": books.journal, "payment_method_line_id": way, "state": "draft",
            "destination_account_id": holder.1}));
        row.insert(o.version.memo_field().into(), json!(item.text("memo")));
        if !more.is_null() {
            row.insert(WRITE_OFF.into(), more);
        }
        let who = o.session(self.setup.uid, &Default::default())?;
        o.prepare_payment(&who, &mut row)?;
        let payment = o.store.insert(PAYMENT, row);
        o.post_payment(payment)?;
        self.check_payment(payment, books.clearing, item.company, &item.day)?;
        Ok(payment)
    }
}
