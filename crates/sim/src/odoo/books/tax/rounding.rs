//! Cash rounding of an invoice's total: a line of its own, or on the greatest tax.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::json;

use crate::odoo::Odoo;
use crate::odoo::books::Line;
use crate::odoo::call::object;
use crate::odoo::error::Result;
use crate::odoo::num;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";
const ROUNDING: &str = "account.cash.rounding";

impl Odoo {
    /// Adds what brings the total to a multiple of the rounding; gives that amount. `sign` as for the product lines.
    pub(in crate::odoo::books) fn cash_rounding(
        &mut self,
        entry: i64,
        total: Decimal,
        sign: Decimal,
    ) -> Result<Decimal> {
        let rest = self.cash_difference(entry, total);
        let Some(rounding) = self.store.int(MOVE, entry, "invoice_cash_rounding_id").filter(|_| !rest.is_zero()) else {
            return Ok(Decimal::ZERO);
        };
        let int = |column: &str| self.store.int(MOVE, entry, column).unwrap_or_default();
        let (company, currency) = (int("company_id"), int("currency_id"));
        let own = self.store.int("res.company", company, "currency_id").unwrap_or_default();
        let value = self.rounded(rest * sign / self.document_rate(entry), own);
        let of_tax = self.store.text(ROUNDING, rounding, "strategy") == "biggest_tax";
        let Some(tax) = self.greatest_tax(entry).filter(|_| of_tax) else {
            if of_tax {
                return Ok(Decimal::ZERO);
            }
            let column = if (rest * sign).is_sign_negative() { "profit_account_id" } else { "loss_account_id" };
            let account = self.store.int(ROUNDING, rounding, column).unwrap_or_default();
            let line = Line::valued(account, self.store.text(ROUNDING, rounding, "name"), rest * sign, currency, value);
            self.document_line(entry, &line, "rounding")?;
            return Ok(rest);
        };
        let of = |column: &str| self.store.value(LINE, tax, column);
        let more = json!({"tax_line_id": of("tax_line_id"), "tax_repartition_line_id": of("tax_repartition_line_id"),
            "tax_tag_ids": [[6, 0, of("tax_tag_ids")]], "tax_base_amount": num::float(Decimal::ZERO)});
        let account = self.store.int(LINE, tax, "account_id").unwrap_or_default();
        let label = format!("{} (rounding)", self.store.text(LINE, tax, "name"));
        let line = Line { more: object(more), ..Line::valued(account, &label, rest * sign, currency, value) };
        self.document_line(entry, &line, "rounding")?;
        Ok(rest)
    }

    /// What brings an amount to a multiple of the entry's cash rounding.
    pub(in crate::odoo) fn cash_difference(&self, entry: i64, amount: Decimal) -> Decimal {
        let Some(rounding) = self.store.int(MOVE, entry, "invoice_cash_rounding_id") else { return Decimal::ZERO };
        let step = self.amount(ROUNDING, rounding, "rounding");
        let way = match self.store.text(ROUNDING, rounding, "rounding_method") {
            "UP" => RoundingStrategy::AwayFromZero,
            "DOWN" => RoundingStrategy::ToZero,
            _ => RoundingStrategy::MidpointAwayFromZero,
        };
        if step.is_zero() { step } else { (amount / step).round_dp_with_strategy(0, way) * step - amount }
    }

    fn greatest_tax(&self, entry: i64) -> Option<i64> {
        let taxes = self.store.list(MOVE, entry, "line_ids");
        let taxes = taxes.into_iter().filter(|l| self.store.text(LINE, *l, "display_type") == "tax");
        taxes.max_by_key(|l| (self.amount(LINE, *l, "balance").abs(), std::cmp::Reverse(*l)))
    }
}
