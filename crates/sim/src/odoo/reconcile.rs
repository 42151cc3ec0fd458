//! Matching of debit and credit lines, residuals, and what an invoice's payment state follows from.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Odoo;
use super::call::object;
use super::error::{self, Result};
use super::num;

const LINE: &str = "account.move.line";
const PARTIAL: &str = "account.partial.reconcile";

impl Odoo {
    pub(super) fn amount(&self, model: &str, id: i64, column: &str) -> Decimal {
        num::decimal(&self.store.value(model, id, column)).unwrap_or_default()
    }

    pub(super) fn reconciled(&self, line: i64) -> bool {
        num::truthy(&self.store.value(LINE, line, "reconciled"))
    }

    /// Receivable lines of an entry.
    pub(super) fn receivable_lines(&self, entry: i64) -> Vec<i64> {
        let receivable = |l: &i64| self.store.text(LINE, *l, "account_type") == "asset_receivable";
        self.store.list("account.move", entry, "line_ids").into_iter().filter(receivable).collect()
    }

    /// Matches lines of one account, each debit with the credits in the order given.
    pub(super) fn reconcile_lines(&mut self, lines: &[i64]) -> Result<()> {
        if lines.iter().any(|l| self.reconciled(*l)) {
            return Err(error::user("You are trying to reconcile some entries that are already reconciled."));
        }
        let (debits, credits): (Vec<i64>, Vec<i64>) =
            lines.iter().partition(|l| self.amount(LINE, **l, "balance") > Decimal::ZERO);
        for debit in &debits {
            credits.iter().for_each(|credit| self.pair(*debit, *credit));
        }
        Ok(())
    }

    /// `js_assign_outstanding_line`: matches a customer's open credit with an invoice.
    pub(super) fn assign(&mut self, invoice: i64, line: i64) -> Result<()> {
        let mut lines = self.receivable_lines(invoice);
        lines.push(line);
        self.reconcile_lines(&lines)
    }

    /// Matches as much of two lines as both have open. In one currency the amounts are equal there; otherwise
    /// they are equal in the company's, at the rates of the lines.
    pub(super) fn pair(&mut self, debit: i64, credit: i64) {
        if self.reconciled(debit) || self.reconciled(credit) {
            return;
        }
        let open = |o: &Self, line, column| o.amount(LINE, line, column).abs();
        let same = self.store.value(LINE, debit, "currency_id") == self.store.value(LINE, credit, "currency_id");
        let column = if same { "amount_residual_currency" } else { "amount_residual" };
        let share = open(self, debit, column).min(open(self, credit, column));
        if share.is_zero() {
            return;
        }
        let part = |o: &Self, line: i64| {
            let (company, currency) = (open(o, line, "amount_residual"), open(o, line, "amount_residual_currency"));
            let whole = if same { currency } else { company };
            let scale = |of: Decimal, places| if share == whole { of } else { num::round(of * share / whole, places) };
            let places = o.places(o.store.int(LINE, line, "currency_id").unwrap_or_default());
            (scale(company, 2), scale(currency, places))
        };
        let (d, c) = (part(self, debit), part(self, credit));
        let row = json!({"debit_move_id": debit, "credit_move_id": credit, "amount": num::float(d.0.min(c.0)),
            "debit_amount_currency": num::float(d.1), "credit_amount_currency": num::float(c.1),
            "debit_company": num::float(d.0), "credit_company": num::float(c.0)});
        let partial = self.store.insert(PARTIAL, object(row));
        self.link(debit, "matched_credit_ids", partial, -d.0, -d.1);
        self.link(credit, "matched_debit_ids", partial, c.0, c.1);
    }

    fn link(&mut self, line: i64, column: &str, partial: i64, company: Decimal, currency: Decimal) {
        let mut all = self.store.list(LINE, line, column);
        all.push(partial);
        self.store.set(LINE, line, column, json!(all));
        self.move_residual(line, company, currency);
    }

    fn move_residual(&mut self, line: i64, company: Decimal, currency: Decimal) {
        let left = self.amount(LINE, line, "amount_residual") + company;
        let left_currency = self.amount(LINE, line, "amount_residual_currency") + currency;
        self.store.set(LINE, line, "amount_residual", num::float(left));
        self.store.set(LINE, line, "amount_residual_currency", num::float(left_currency));
        self.store.set(LINE, line, "reconciled", json!(left_currency.is_zero()));
        if let Some(entry) = self.store.int(LINE, line, "move_id") {
            self.refresh(entry);
            self.touch("account.move", entry);
        }
    }

    /// Takes back every matching of a line.
    pub(super) fn unreconcile(&mut self, line: i64) {
        let mut partials = self.store.list(LINE, line, "matched_debit_ids");
        partials.extend(self.store.list(LINE, line, "matched_credit_ids"));
        for partial in partials {
            for (side, column, sign) in
                [("debit", "matched_credit_ids", Decimal::ONE), ("credit", "matched_debit_ids", -Decimal::ONE)]
            {
                let Some(other) = self.store.int(PARTIAL, partial, &format!("{side}_move_id")) else { continue };
                let rest: Vec<i64> =
                    self.store.list(LINE, other, column).into_iter().filter(|p| *p != partial).collect();
                self.store.set(LINE, other, column, json!(rest));
                let company = sign * self.amount(PARTIAL, partial, &format!("{side}_company"));
                let currency = sign * self.amount(PARTIAL, partial, &format!("{side}_amount_currency"));
                self.move_residual(other, company, currency);
            }
            self.store.remove(PARTIAL, partial);
        }
    }

    pub(super) fn unreconcile_move(&mut self, entry: i64) {
        for line in self.store.list("account.move", entry, "line_ids") {
            self.unreconcile(line);
        }
    }

    /// Residual and payment state of an invoice, from its receivable lines.
    pub(super) fn refresh(&mut self, entry: i64) {
        if self.store.text("account.move", entry, "move_type") == "entry" {
            return;
        }
        let lines = self.receivable_lines(entry);
        let left: Decimal = lines.iter().map(|l| self.amount(LINE, *l, "amount_residual_currency")).sum();
        let total = self.amount("account.move", entry, "amount_total");
        let state = match left {
            l if l == total && !total.is_zero() => "not_paid",
            l if l.is_zero() && !total.is_zero() => "paid",
            l if l.is_zero() => "not_paid",
            _ => "partial",
        };
        self.store.set("account.move", entry, "amount_residual", num::float(left));
        self.store.set("account.move", entry, "payment_state", json!(state));
    }

    /// Invoices that a payment's receivable line is matched with.
    pub(super) fn paid_invoices(&self, payment: i64) -> Vec<i64> {
        let Some(line) = self.payment_line(payment) else { return Vec::new() };
        let partials = self.store.list(LINE, line, "matched_debit_ids");
        let debits = partials.iter().filter_map(|p| self.store.int(PARTIAL, *p, "debit_move_id"));
        debits.filter_map(|l| self.store.int(LINE, l, "move_id")).filter(|m| self.is_invoice(*m)).collect()
    }

    /// `invoice_payments_widget`: the payments of an invoice, or false.
    pub(super) fn payments_widget(&self, invoice: i64) -> Value {
        let mut content = Vec::new();
        for line in self.receivable_lines(invoice) {
            for partial in self.store.list(LINE, line, "matched_credit_ids") {
                let other = self.store.int(PARTIAL, partial, "credit_move_id").unwrap_or_default();
                let payment = self.store.value(LINE, other, "payment_id");
                content.push(json!({"partial_id": partial, "account_payment_id": payment, "is_exchange": false,
                    "amount": self.store.value(PARTIAL, partial, "debit_amount_currency"),
                    "date": self.store.value(LINE, other, "date"),
                    "move_id": self.store.value(LINE, other, "move_id")}));
            }
        }
        if content.is_empty() {
            json!(false)
        } else {
            json!({"title": "Less Payment", "outstanding": false, "content": content})
        }
    }
}
