//! The taxes of one line. 17 takes the included tax as what the rounded base leaves of the price; 18 and 19 round the
//! tax and leave the rest to the base (33.33 with 20 percent in it: 5.55 on 17, 5.56 on 18 and 19).

use rust_decimal::Decimal;

use super::{Base, Tax, TaxKind};
use crate::odoo::Odoo;
use crate::odoo::version::Version;

/// Base and amount of one tax on one line, in both currencies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    pub base: Decimal,
    pub tax: Decimal,
    pub base_value: Decimal,
    pub value: Decimal,
}

/// What a line comes to. `amount` and `value` are without tax.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    pub amount: Decimal,
    pub value: Decimal,
    pub taxes: Vec<Amount>,
    /// Whether the line is rounded for itself.
    pub each: bool,
}

/// Amounts of included taxes on the way back to the price without them.
#[derive(Default)]
struct Included {
    percent: Decimal,
    division: Decimal,
    fixed: Decimal,
}

impl Included {
    /// The price before these taxes.
    fn before(&mut self, price: Decimal) -> Decimal {
        let Self { percent, division, fixed } = std::mem::take(self);
        let hundred = Decimal::ONE_HUNDRED;
        (price - fixed) / (Decimal::ONE + percent / hundred) * (hundred - division) / hundred
    }
}

impl Odoo {
    /// Counts the taxes of a line; `each` says whether each line is rounded for itself.
    pub(super) fn count_taxes(&self, base: &Base, own: i64, each: bool) -> Detail {
        let step = |amount: Decimal| self.rounded(amount, base.currency);
        let price = if each || self.version == Version::V17 { step(base.price) } else { base.price };
        let (mut excluded, reached) = self.before_taxes(base, price);
        if self.version == Version::V17 {
            excluded = step(excluded);
        }
        let mut detail = Detail { each, ..Detail::default() };
        let (mut running, mut since) = (excluded, Decimal::ZERO);
        for (at, tax) in base.taxes.iter().enumerate() {
            let on = if tax.included || tax.fed { running } else { excluded };
            let total =
                reached.get(at).copied().flatten().filter(|_| self.version == Version::V17 && !tax.weight().is_zero());
            let mut amount = match total {
                Some(total) => total - (running + std::mem::take(&mut since)),
                None => amount_of(tax, on * base.share, base),
            };
            if each {
                amount = step(amount);
            }
            if tax.included && base.gross && total.is_none() {
                since += amount * tax.weight();
            }
            detail.taxes.push(Amount { base: on, tax: amount, ..Amount::default() });
            if tax.feeds {
                running += amount * tax.weight();
                since = Decimal::ZERO;
            }
        }
        if each && self.version != Version::V17 && base.gross {
            let within = base.taxes.iter().zip(&detail.taxes).filter(|(tax, _)| tax.included);
            let taxes: Decimal = within.map(|(tax, one)| one.tax * tax.weight()).sum();
            // The base takes what rounding the taxes leaves.
            let rest = price - taxes;
            detail.taxes.iter_mut().for_each(|one| one.base += rest - excluded);
            excluded = rest;
        }
        detail.amount = excluded;
        self.valued(base, own, each, detail)
    }

    fn valued(&self, base: &Base, own: i64, each: bool, mut detail: Detail) -> Detail {
        let worth = |amount: Decimal| if base.rate.is_zero() { amount } else { amount / base.rate };
        let round = |value: Decimal, currency: i64| if each { self.rounded(value, currency) } else { value };
        detail.value = round(worth(detail.amount), own);
        // 17 takes the rate from the line itself, whose value is rounded.
        let value = self.rounded(detail.value, own);
        let rate = match self.version {
            Version::V17 if !value.is_zero() && !detail.amount.is_zero() => (detail.amount / value).abs(),
            _ => base.rate,
        };
        let worth = |amount: Decimal| if rate.is_zero() { amount } else { amount / rate };
        for one in &mut detail.taxes {
            one.base_value = round(worth(one.base), own);
            one.value = round(worth(one.tax), own);
        }
        detail
    }

    /// The price without included taxes, and for the last tax of each run of included ones the price that it reaches.
    fn before_taxes(&self, base: &Base, price: Decimal) -> (Decimal, Vec<Option<Decimal>>) {
        let mut reached = vec![None; base.taxes.len()];
        let (mut left, mut within, mut fresh) = (price, Included::default(), true);
        if !base.gross {
            return (price, reached);
        }
        for (at, tax) in base.taxes.iter().enumerate().rev() {
            if tax.feeds {
                left = within.before(left);
                fresh = true;
            }
            if !tax.included {
                continue;
            }
            match tax.kind {
                TaxKind::Percent => within.percent += tax.rate * tax.weight(),
                TaxKind::Division => within.division += tax.rate * tax.weight(),
                TaxKind::Fixed => within.fixed += amount_of(tax, Decimal::ZERO, base) * tax.weight(),
            }
            if fresh && !tax.rate.is_zero() {
                if let Some(slot) = reached.get_mut(at) {
                    *slot = Some(left);
                }
                fresh = false;
            }
        }
        (within.before(left), reached)
    }
}

fn amount_of(tax: &Tax, on: Decimal, base: &Base) -> Decimal {
    match tax.kind {
        TaxKind::Percent => on * tax.rate / Decimal::ONE_HUNDRED,
        TaxKind::Division => on / (Decimal::ONE - tax.rate / Decimal::ONE_HUNDRED) - on,
        TaxKind::Fixed => {
            let pieces = base.quantity.abs();
            tax.rate * if base.price.is_sign_negative() { -pieces } else { pieces }
        }
    }
}
