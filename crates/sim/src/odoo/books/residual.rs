//! What lines and invoices have open, and what follows from it.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::odoo::Odoo;
use crate::odoo::error::Result;
use crate::odoo::num;
use crate::odoo::version::Version;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";
const PARTIAL: &str = "account.partial.reconcile";

impl Odoo {
    pub(in crate::odoo) fn amount(&self, model: &str, id: i64, column: &str) -> Decimal {
        num::decimal(&self.store.value(model, id, column)).unwrap_or_default()
    }

    pub(in crate::odoo) fn reconciled(&self, line: i64) -> bool {
        num::truthy(&self.store.value(LINE, line, "reconciled"))
    }

    /// Receivable lines of an entry.
    pub(in crate::odoo) fn receivable_lines(&self, entry: i64) -> Vec<i64> {
        let receivable = |l: &i64| self.store.text(LINE, *l, "account_type") == "asset_receivable";
        self.store.list(MOVE, entry, "line_ids").into_iter().filter(receivable).collect()
    }

    /// `js_assign_outstanding_line`: matches a customer's open credit with an invoice.
    pub(in crate::odoo) fn assign(&mut self, invoice: i64, line: i64) -> Result<()> {
        let account = self.store.int(LINE, line, "account_id");
        let mut lines = self.receivable_lines(invoice);
        lines.retain(|l| self.store.int(LINE, *l, "account_id") == account && !self.reconciled(*l));
        lines.push(line);
        self.reconcile(&lines)
    }

    /// Matches two lines, unless one of them has nothing open.
    pub(in crate::odoo) fn pair(&mut self, debit: i64, credit: i64) -> Result<()> {
        if self.reconciled(debit) || self.reconciled(credit) {
            return Ok(());
        }
        self.reconcile(&[debit, credit])
    }

    /// What a document makes its partner owe, or owes it.
    fn owed_lines(&self, entry: i64) -> Vec<i64> {
        self.store.list(MOVE, entry, "line_ids").into_iter().filter(|l| self.is_partner_line(*l)).collect()
    }

    /// Residual and payment state of an invoice, from its receivable or payable lines; the state of a payment.
    pub(in crate::odoo) fn refresh(&mut self, entry: i64) {
        if let Some(payment) = self.payment_of(entry).filter(|_| self.version == Version::V19) {
            self.refresh_payment(payment, entry);
        }
        if !self.is_document(entry) {
            return;
        }
        let lines = self.owed_lines(entry);
        let kind = self.store.text(MOVE, entry, "move_type");
        let sign = if matches!(kind, "out_refund" | "in_invoice") { -Decimal::ONE } else { Decimal::ONE };
        let left: Decimal = lines.iter().map(|l| self.amount(LINE, *l, "amount_residual_currency")).sum();
        let value: Decimal = lines.iter().map(|l| self.amount(LINE, *l, "amount_residual")).sum();
        let total = self.amount(MOVE, entry, "amount_total");
        let matched = lines.iter().any(|l| !self.partials_of(*l).is_empty());
        let state = match left * sign {
            l if l.is_zero() && matched && self.only_reversed(&lines, entry) => "reversed",
            l if l.is_zero() && (matched || !total.is_zero()) => "paid",
            _ if matched => "partial",
            _ => "not_paid",
        };
        self.store.set(MOVE, entry, "amount_residual", num::float(left * sign));
        self.store.set(MOVE, entry, "amount_residual_signed", num::float(value));
        self.store.set(MOVE, entry, "payment_state", json!(state));
    }

    /// 19 computes the state anew whenever something of the entry was matched or freed: done is what left the
    /// outstanding account, or paid nothing but paid invoices.
    fn refresh_payment(&mut self, payment: i64, entry: i64) {
        if !matches!(self.store.text("account.payment", payment, "state"), "paid" | "in_process") {
            return;
        }
        let outstanding = self.store.int("account.payment", payment, "outstanding_account_id");
        let lines = self.store.list(MOVE, entry, "line_ids");
        let of = |l: &&i64| self.store.int(LINE, **l, "account_id") == outstanding;
        let open: Decimal = lines.iter().filter(of).map(|l| self.amount(LINE, *l, "amount_residual")).sum();
        let invoices = self.paid_invoices(payment);
        let paid = |i: &i64| self.store.text(MOVE, *i, "payment_state") == "paid";
        let done = open.is_zero() || (!invoices.is_empty() && invoices.iter().all(paid));
        self.store.set("account.payment", payment, "state", json!(if done { "paid" } else { "in_process" }));
    }

    /// Whether nothing but credit notes (and entries beside them) settled an invoice, or nothing but entries a refund.
    fn only_reversed(&self, lines: &[i64], entry: i64) -> bool {
        let others = lines.iter().flat_map(|l| self.counterparts(*l));
        let entries: Vec<i64> = others.filter_map(|l| self.store.int(LINE, l, "move_id")).collect();
        let kind = |e: &i64| self.store.text(MOVE, *e, "move_type");
        let paid = entries.iter().any(|e| self.payment_of(*e).is_some());
        let has = |wanted: &str| entries.iter().any(|e| kind(e) == wanted);
        let only = |wanted: &[&str]| entries.iter().all(|e| wanted.contains(&kind(e)));
        match kind(&entry) {
            "out_invoice" => !paid && has("out_refund") && only(&["out_refund", "entry"]),
            "in_invoice" => !paid && has("in_refund") && only(&["in_refund", "entry"]),
            _ => !paid && has("entry") && only(&["entry"]),
        }
    }

    /// The payment that an entry belongs to.
    pub(in crate::odoo) fn payment_of(&self, entry: i64) -> Option<i64> {
        self.store.int(MOVE, entry, "payment_id").or_else(|| self.store.int(MOVE, entry, "origin_payment_id"))
    }

    /// Lines that a line is matched with.
    pub(in crate::odoo) fn counterparts(&self, line: i64) -> Vec<i64> {
        let other = |partial: &i64| {
            let side = |side: &str| self.store.int(PARTIAL, *partial, side);
            [side("debit_move_id"), side("credit_move_id")].into_iter().flatten().find(|l| *l != line)
        };
        self.partials_of(line).iter().filter_map(other).collect()
    }

    /// Invoices that a payment's receivable line is matched with.
    pub(in crate::odoo) fn paid_invoices(&self, payment: i64) -> Vec<i64> {
        let Some(line) = self.payment_line(payment) else { return Vec::new() };
        let entries = self.counterparts(line).into_iter().filter_map(|l| self.store.int(LINE, l, "move_id"));
        entries.filter(|m| self.is_invoice(*m)).collect()
    }

    /// `invoice_payments_widget`: the payments of an invoice, or false.
    pub(in crate::odoo) fn payments_widget(&self, invoice: i64) -> Value {
        let mut content = Vec::new();
        for line in self.receivable_lines(invoice) {
            for partial in self.store.list(LINE, line, "matched_credit_ids") {
                let other = self.store.int(PARTIAL, partial, "credit_move_id").unwrap_or_default();
                let entry = self.store.int(LINE, other, "move_id").unwrap_or_default();
                let exchange = self.store.find(PARTIAL, "exchange_move_id", &json!(entry)).is_some();
                content.push(
                    json!({"partial_id": partial, "account_payment_id": self.store.value(LINE, other, "payment_id"),
                    "is_exchange": exchange, "amount": self.store.value(PARTIAL, partial, "debit_amount_currency"),
                    "date": self.store.value(LINE, other, "date"), "move_id": entry}),
                );
            }
        }
        if content.is_empty() {
            json!(false)
        } else {
            json!({"title": "Less Payment", "outstanding": false, "content": content})
        }
    }
}
