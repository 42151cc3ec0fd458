//! The lines of an entry: each in its currency, evened out in the company's.

use rust_decimal::Decimal;
use serde_json::json;

use super::Item;
use crate::odoo::books::Line;
use crate::odoo::call::object;
use crate::odoo::error::{self, Result};
use crate::odoo::num;
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

/// A line as it is made.
#[derive(Clone, Debug)]
pub struct Made {
    role: String,
    pub line: Line,
    taxed: bool,
    tax: bool,
}

impl Item {
    /// Whether Stripe exchanged money in it.
    pub fn mixed(&self) -> bool {
        self.lines.iter().any(|line| self.lines.first().is_some_and(|first| first.currency != line.currency))
    }
}

impl Work<'_> {
    /// The lines that are made. Where Odoo computes the tax of the fees, Stripe's own is left to it.
    pub(super) fn compose(&self, item: &Item) -> Vec<Made> {
        let own = self.odoo.store.int("res.company", item.books.home, "currency_id").unwrap_or_default();
        let mut got: Vec<Made> = Vec::new();
        for wish in &item.lines {
            for (label, account, amount) in self.parts(item, wish) {
                let value = self.odoo.to_company(amount, wish.currency, item.books.home, &item.day);
                let more = object(json!({"date_maturity": item.day}));
                let line = Line::valued(account, &label, amount, wish.currency, value);
                let line = Line { partner: wish.partner, more, ..line };
                got.push(Made { role: wish.role.clone(), line, taxed: wish.taxed, tax: wish.tax });
            }
        }
        let rest: Decimal = -got.iter().filter_map(|made| made.line.value).sum::<Decimal>();
        if item.mixed() && !rest.is_zero() {
            let account = item.books.accounts.get("conversion").copied().unwrap_or_default();
            let label = format!("Conversion difference of {}", text(&item.movement, "ref"));
            let line = Line::valued(account, &label, rest, own, rest);
            got.push(Made { role: "conversion".into(), line, taxed: false, tax: false });
        } else if !rest.is_zero() {
            let takes = got.iter().rposition(|made| made.role == text(&item.movement, "rest"));
            if let Some(made) = takes.or(got.len().checked_sub(1)).and_then(|at| got.get_mut(at)) {
                made.line.value = made.line.value.map(|value| value + rest);
            }
        }
        if let Some(tax) = self.tax_of(item).filter(|_| got.iter().any(|made| made.taxed)) {
            got.retain(|made| !made.tax);
            for made in got.iter_mut().filter(|made| made.taxed) {
                made.line.more.insert("tax_ids".into(), json!([[6, 0, [tax]]]));
            }
        }
        got
    }

    /// The purchase tax that Stripe's fees carry.
    fn tax_of(&self, item: &Item) -> Option<i64> {
        setup::record(self.odoo, &format!("tax_fees_{}", item.books.home)).filter(|_| item.taxed)
    }

    /// Odoo's own tax lines must be what Stripe says, to the cent. What rates leave in company currency goes where the
    /// rest goes.
    pub(super) fn apply_tax(&mut self, item: &Item, entry: i64, made: &[Made]) -> Result<()> {
        if self.tax_of(item).is_none() || !made.iter().any(|made| made.taxed) {
            return Ok(());
        }
        let lines = self.odoo.store.list(MOVE, entry, "line_ids");
        let (ours, more) = lines.split_at(made.len().min(lines.len()));
        let (taxes, automatic): (Vec<i64>, Vec<i64>) =
            more.iter().partition(|line| self.odoo.store.int(LINE, **line, "tax_line_id").is_some());
        let counted: Decimal = taxes.iter().map(|line| self.odoo.amount(LINE, *line, "amount_currency")).sum();
        let said: Decimal = item.lines.iter().filter(|line| line.tax).map(|line| line.money).sum();
        if counted != said {
            return Err(error::user("quittance: fee_tax_differs"));
        }
        let kept: Vec<i64> = lines.iter().copied().filter(|line| !automatic.contains(line)).collect();
        self.odoo.store.set(MOVE, entry, "line_ids", json!(kept));
        for line in automatic {
            self.odoo.store.remove(LINE, line);
        }
        let rest: Decimal = -kept.iter().map(|line| self.odoo.amount(LINE, *line, "balance")).sum::<Decimal>();
        let role = if item.mixed() { "conversion" } else { text(&item.movement, "rest") };
        let at = made.iter().rposition(|made| made.role == role).and_then(|at| ours.get(at).copied());
        if let Some(line) = at.filter(|_| !rest.is_zero()) {
            self.revalue(line, self.odoo.amount(LINE, line, "balance") + rest);
        }
        Ok(())
    }

    /// Gives a draft's line another value in company currency.
    fn revalue(&mut self, line: i64, value: Decimal) {
        let company = self.odoo.store.int(LINE, line, "company_id").unwrap_or_default();
        let own = self.odoo.store.int("res.company", company, "currency_id");
        let open = !self.odoo.amount(LINE, line, "amount_residual").is_zero();
        let s = &mut self.odoo.store;
        s.set(LINE, line, "balance", num::float(value));
        s.set(LINE, line, "debit", num::float(value.max(Decimal::ZERO)));
        s.set(LINE, line, "credit", num::float((-value).max(Decimal::ZERO)));
        if open {
            s.set(LINE, line, "amount_residual", num::float(value));
        }
        if s.int(LINE, line, "currency_id") == own {
            s.set(LINE, line, "amount_currency", num::float(value));
        }
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
