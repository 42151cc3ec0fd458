//! The taxes of one price, outside any document: `compute_all` of Odoo.

use rust_decimal::Decimal;

use super::{Base, Detail};
use crate::odoo::Odoo;

/// A price to be counted.
pub(in crate::odoo) struct Price {
    /// Signed, in the currency, with the taxes that it includes.
    pub price: Decimal,
    pub quantity: Decimal,
    pub currency: i64,
    pub company: i64,
    pub taxes: Vec<i64>,
}

impl Odoo {
    /// Of a refund: the price without taxes, rounded, and each tax (its id) with its amount, which is rounded where the
    /// company rounds each line for itself.
    pub(in crate::odoo) fn taxes_of_price(&self, asked: &Price) -> (Decimal, Vec<(i64, Decimal)>) {
        let own = self.store.int("res.company", asked.company, "currency_id").unwrap_or_default();
        let each = self.store.text("res.company", asked.company, "tax_calculation_rounding_method") != "round_globally";
        let base = Base {
            account: 0,
            partner: None,
            price: asked.price,
            quantity: asked.quantity,
            rate: Decimal::ONE,
            currency: asked.currency,
            taxes: self.taxes_for(&asked.taxes, true),
            gross: true,
            share: Decimal::ONE,
            detail: Detail::default(),
        };
        let detail = self.count_taxes(&base, own, each);
        let taxes = base.taxes.iter().zip(&detail.taxes).map(|(tax, one)| (tax.id, one.tax)).collect();
        (self.rounded(detail.amount, asked.currency), taxes)
    }
}
