//! Whether a draft is what was asked for, whatever Odoo made of it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::plan::{Plan, taxes_of, units};
use super::{DIFFERS, LINE, MOVE};
use crate::odoo::error::{self, Result};
use crate::odoo::procedure::Work;

/// An account or a tax.
type Place = (bool, i64);

impl Work<'_> {
    /// The invoice's customer, company and currency; the refund's amount; on each account and of each tax the invoice's sign and no
    /// more than it has; valued by the invoice's rate.
    pub(super) fn check_note(&self, plan: &Plan, note: i64, amount: i64) -> Result<()> {
        let (o, s) = (&*self.odoo, &self.odoo.store);
        let differs = |why: &str| Err(error::user(format!("{DIFFERS}: {why}")));
        let same = |column: &str| s.int(MOVE, note, column) == s.int(MOVE, plan.invoice, column);
        if s.text(MOVE, note, "move_type") != "out_refund" || s.text(MOVE, note, "state") != "draft" {
            return differs("it is no draft of a credit note");
        }
        if !same("currency_id") {
            return differs("it is in another currency");
        }
        if !same("company_id") || !same("commercial_partner_id") {
            return differs("it is of others");
        }
        let lines = s.list(MOVE, note, "line_ids");
        let sum = |lines: &[i64], column: &str| -> Decimal { lines.iter().map(|l| o.amount(LINE, *l, column)).sum() };
        if units(o, sum(&o.receivable_lines(note), "amount_currency"), plan.currency) != -amount {
            return differs("its receivable is another");
        }
        let slack = 10 + 2 * i64::try_from(lines.len()).unwrap_or_default();
        let account = |line: i64| (false, s.int(LINE, line, "account_id").unwrap_or_default());
        let mut within: BTreeMap<Place, (i64, i64)> = BTreeMap::new();
        let parts =
            plan.parts.iter().map(|p| (account(p.line), if p.price.abs() > p.left.abs() { p.price } else { p.left }));
        let taxes = taxes_of(o, plan.invoice).into_iter().map(|(tax, amount)| ((true, tax), amount));
        for (place, amount) in parts.chain(taxes) {
            let (least, most) = within.entry(place).or_default();
            *least += amount.min(0);
            *most += amount.max(0);
        }
        let mut got: BTreeMap<Place, i64> = taxes_of(o, note).into_iter().map(|(tax, n)| ((true, tax), n)).collect();
        for line in lines.iter().filter(|l| matches!(s.text(LINE, **l, "display_type"), "product" | "rounding")) {
            let amount = o.amount(LINE, *line, "amount_currency");
            *got.entry(account(*line)).or_default() += units(o, amount, plan.currency);
        }
        let fits = |(place, amount): (&Place, &i64)| {
            let (least, most) = within.get(place).copied().unwrap_or_default();
            (least - slack..=most + slack).contains(amount)
        };
        if !got.iter().all(fits) {
            return differs("a line of it is of another sign or size");
        }
        let of_others = |line: &i64| {
            let (value, amount) = (o.amount(LINE, *line, "balance"), o.amount(LINE, *line, "amount_currency"));
            value * amount < Decimal::ZERO
        };
        if lines.iter().any(of_others) {
            return differs("a line of it has another value");
        }
        Ok(())
    }
}
