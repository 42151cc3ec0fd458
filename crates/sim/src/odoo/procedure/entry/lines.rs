//! The lines of an entry: each in its currency, evened out in the company's.

use rust_decimal::Decimal;
use serde_json::json;

use super::Item;
use crate::odoo::books::Line;
use crate::odoo::call::object;
use crate::odoo::error::{self, Result};
use crate::odoo::procedure::{Work, setup, text};

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";

/// A line as the movement wants it.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    pub role: String,
    pub label: String,
    pub money: Decimal,
    pub currency: i64,
    pub account: i64,
    pub partner: Option<i64>,
    /// A fee that carries the purchase tax of the books.
    pub taxed: bool,
    /// Stripe's own tax of the fees.
    pub tax: bool,
    /// A loss that is shared out over invoices and their taxes.
    pub split: bool,
}

impl Item {
    /// Whether Stripe exchanged money in it.
    pub fn mixed(&self) -> bool {
        self.lines.iter().any(|line| self.lines.first().is_some_and(|first| first.currency != line.currency))
    }
}

impl Work<'_> {
    pub(super) fn compose(&mut self, item: &Item) -> Result<Vec<Line>> {
        let own = self.odoo.store.int("res.company", item.books.home, "currency_id").unwrap_or_default();
        let tax = setup::record(self.odoo, &format!("tax_fees_{}", item.books.home));
        if item.taxed && tax.is_some() && item.lines.iter().any(|line| line.taxed || line.tax) {
            return Err(error::user("quittance: the simulator computes no tax of fees yet"));
        }
        let mut got: Vec<(String, Line)> = Vec::new();
        for wish in &item.lines {
            for (label, account, amount) in self.parts(item, wish) {
                let value = self.odoo.to_company(amount, wish.currency, item.books.home, &item.day);
                let more = object(json!({"date_maturity": item.day}));
                let line = Line::valued(account, &label, amount, wish.currency, value);
                got.push((wish.role.clone(), Line { partner: wish.partner, more, ..line }));
            }
        }
        let rest: Decimal = -got.iter().filter_map(|(_, line)| line.value).sum::<Decimal>();
        if item.mixed() && !rest.is_zero() {
            let account = item.books.accounts.get("conversion").copied().unwrap_or_default();
            let label = format!("Conversion difference of {}", text(&item.movement, "ref"));
            got.push(("conversion".into(), Line::valued(account, &label, rest, own, rest)));
        } else if !rest.is_zero() {
            let takes = got.iter().rposition(|(role, _)| role == text(&item.movement, "rest"));
            if let Some((_, line)) = takes.or(got.len().checked_sub(1)).and_then(|at| got.get_mut(at)) {
                line.value = line.value.map(|value| value + rest);
            }
        }
        Ok(got.into_iter().map(|(_, line)| line).collect())
    }

    /// Label, account and amount: of a loss by the shares of its invoices and their taxes, what rounding leaves untaxed.
    fn parts(&self, item: &Item, wish: &Wish) -> Vec<(String, i64, Decimal)> {
        let mut left = wish.money;
        let mut taxes = Vec::new();
        for invoice in item.invoices.iter().filter(|_| wish.split) {
            let total = self.odoo.amount(MOVE, *invoice, "amount_total");
            let share = self.share(item, *invoice);
            for line in self.odoo.store.list(MOVE, *invoice, "line_ids") {
                let s = &self.odoo.store;
                if s.text(LINE, line, "display_type") == "tax" && !total.is_zero() {
                    let exact = -wish.money * share * self.odoo.amount(LINE, line, "amount_currency") / total;
                    let amount = self.odoo.rounded(exact, wish.currency);
                    left -= amount;
                    let label = format!("{}, {}", s.text(LINE, line, "name"), s.text(MOVE, *invoice, "name"));
                    taxes.push((label, s.int(LINE, line, "account_id").unwrap_or_default(), amount));
                }
            }
        }
        let mut all = vec![(wish.label.clone(), wish.account, self.odoo.rounded(left, wish.currency))];
        all.extend(taxes);
        all
    }

    /// Which part of the receipt an invoice took.
    fn share(&self, item: &Item, invoice: i64) -> Decimal {
        let s = &self.odoo.store;
        let entry = item.about.as_ref().and_then(|(model, id)| s.int(model, *id, "move_id"));
        let paid = |invoice: i64| -> Decimal {
            let lines = self.odoo.receivable_lines(invoice).into_iter();
            let partials = lines.flat_map(|line| s.list(LINE, line, "matched_credit_ids"));
            let of_receipt = partials.filter(|partial| {
                let credit = s.int("account.partial.reconcile", *partial, "credit_move_id").unwrap_or_default();
                s.int(LINE, credit, "move_id") == entry
            });
            of_receipt.map(|partial| self.odoo.amount("account.partial.reconcile", partial, "amount")).sum()
        };
        let whole: Decimal = item.invoices.iter().map(|id| paid(*id)).sum();
        if whole.is_zero() { Decimal::ONE / Decimal::from(item.invoices.len().max(1)) } else { paid(invoice) / whole }
    }
}
