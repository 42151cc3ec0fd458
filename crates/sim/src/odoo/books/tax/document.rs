//! Rounding of a whole document. With each line rounded for itself nothing is left to do. Else the totals of each tax
//! are rounded, and what the lines differ from them is given back to lines: by 18 to the least one, by 19 smoothly.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::distribution::spread;
use super::{Base, Tax};
use crate::odoo::Odoo;
use crate::odoo::version::Version;

/// The document's currency, then the company's.
const BOTH: [bool; 2] = [false, true];

impl Odoo {
    /// Counts and rounds the taxes of all lines of a document in the company's way.
    pub(super) fn count_document(&self, bases: &mut [Base], company: i64) {
        let own = self.store.int("res.company", company, "currency_id").unwrap_or_default();
        let method = self.store.text("res.company", company, "tax_calculation_rounding_method");
        let each = method != "round_globally";
        for base in bases.iter_mut() {
            base.detail = self.count_taxes(base, own, each);
        }
        if each {
            return;
        }
        let raw: Vec<Base> = bases.to_vec();
        for base in bases.iter_mut() {
            let currency = base.currency;
            base.detail.amount = self.rounded(base.detail.amount, currency);
            base.detail.value = self.rounded(base.detail.value, own);
            for one in base.detail.taxes.iter_mut().filter(|_| self.version != Version::V17) {
                (one.base, one.tax) = (self.rounded(one.base, currency), self.rounded(one.tax, currency));
                (one.base_value, one.value) = (self.rounded(one.base_value, own), self.rounded(one.value, own));
            }
        }
        let taxes: BTreeMap<i64, Tax> = raw.iter().flat_map(|b| b.taxes.iter().map(|t| (t.id, t.clone()))).collect();
        for tax in taxes.values().filter(|_| self.version != Version::V17) {
            for value in BOTH {
                self.settle_tax(bases, &raw, tax, value, own);
            }
        }
        if self.version == Version::V19 {
            for value in BOTH {
                self.settle_bases(bases, &raw, value, own);
            }
        }
    }

    /// Makes the amounts of one tax add up to its rounded total.
    fn settle_tax(&self, bases: &mut [Base], raw: &[Base], tax: &Tax, value: bool, own: i64) {
        let places = |base: &Base| if value { own } else { base.currency };
        let Some(currency) = raw.iter().find(|b| has(b, tax)).map(places) else { return };
        let sum = |all: &[Base], of: fn(&mut Base, usize, bool) -> Option<&mut Decimal>| -> Decimal {
            let mut all = all.to_vec();
            let one = |b: &mut Base| at(b, tax).and_then(|n| of(b, n, value).map(|d| *d)).unwrap_or_default();
            all.iter_mut().map(one).sum()
        };
        let tax_rest = self.rounded(sum(raw, tax_slot), currency) - sum(bases, tax_slot);
        let base_rest = self.rounded(sum(raw, base_slot), currency) - sum(bases, base_slot);
        if self.version == Version::V19 {
            let weights: Vec<Decimal> = raw.iter().map(|b| weight(b, tax, value)).collect();
            for (base, part) in bases.iter_mut().zip(spread(tax_rest, self.step_of(currency), &weights)) {
                if let Some(slot) = at(base, tax).and_then(|n| tax_slot(base, n, value)) {
                    *slot += part;
                }
            }
            return;
        }
        let least = (0..bases.len()).filter(|n| bases.get(*n).is_some_and(|b| has(b, tax))).min_by_key(|n| {
            raw.get(*n).map(|b| b.detail.amount + b.detail.taxes.iter().map(|t| t.tax).sum::<Decimal>())
        });
        let Some(base) = least.and_then(|n| bases.get_mut(n)) else { return };
        let Some(n) = at(base, tax) else { return };
        if let Some(slot) = tax_slot(base, n, value) {
            *slot += tax_rest;
        }
        if let Some(slot) = base_slot(base, n, value) {
            *slot += base_rest;
        }
        if n == 0 {
            *line_slot(base, value) += base_rest;
        }
    }

    /// 19: makes the lines themselves add up: to the rounded price where all taxes are included, else to the rounded
    /// sum without taxes.
    fn settle_bases(&self, bases: &mut [Base], raw: &[Base], value: bool, own: i64) {
        let Some(first) = raw.first() else { return };
        let currency = if value { own } else { first.currency };
        let gross = raw.iter().all(|b| b.gross && b.taxes.iter().all(|t| t.included));
        let total = |b: &Base| {
            let line = if value { b.detail.value } else { b.detail.amount };
            let taxes = b.detail.taxes.iter().map(|t| if value { t.value } else { t.tax });
            if gross { line + taxes.sum::<Decimal>() } else { line }
        };
        let rest = self.rounded(raw.iter().map(total).sum(), currency) - bases.iter().map(total).sum::<Decimal>();
        let weights: Vec<Decimal> = raw.iter().map(total).collect();
        for (base, part) in bases.iter_mut().zip(spread(rest, self.step_of(currency), &weights)) {
            *line_slot(base, value) += part;
            if let Some(slot) = base_slot(base, 0, value) {
                *slot += part;
            }
        }
    }
}

fn at(base: &Base, tax: &Tax) -> Option<usize> {
    base.taxes.iter().position(|t| t.id == tax.id)
}

fn has(base: &Base, tax: &Tax) -> bool {
    at(base, tax).is_some()
}

fn weight(base: &Base, tax: &Tax, value: bool) -> Decimal {
    let one = at(base, tax).and_then(|n| base.detail.taxes.get(n));
    one.map(|one| if value { one.value } else { one.tax }).unwrap_or_default()
}

fn tax_slot(base: &mut Base, n: usize, value: bool) -> Option<&mut Decimal> {
    let one = base.detail.taxes.get_mut(n)?;
    Some(if value { &mut one.value } else { &mut one.tax })
}

fn base_slot(base: &mut Base, n: usize, value: bool) -> Option<&mut Decimal> {
    let one = base.detail.taxes.get_mut(n)?;
    Some(if value { &mut one.base_value } else { &mut one.base })
}

fn line_slot(base: &mut Base, value: bool) -> &mut Decimal {
    if value { &mut base.detail.value } else { &mut base.detail.amount }
}
