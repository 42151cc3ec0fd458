//! How much of each part: near the proportion, so that all sums are exact and Odoo would compute the same taxes.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::plan::{Plan, Taxes, portion, units, worth};
use crate::odoo::Odoo;
use crate::odoo::books::Price;

/// Least, most, and by how much that cannot be.
type Bounds = BTreeMap<i64, (i64, i64, i64)>;

impl Plan {
    /// Base and taxes of all parts at these prices, in whole units.
    fn computed(&self, odoo: &Odoo, prices: &[i64]) -> (i64, Taxes) {
        let mut base = 0;
        let mut exact: BTreeMap<i64, Decimal> = BTreeMap::new();
        for (part, price) in self.parts.iter().zip(prices) {
            if part.taxes.is_empty() || *price == 0 {
                base += price;
                continue;
            }
            let quantity = if part.fixed && part.left != 0 {
                part.quantity * Decimal::from(*price) / Decimal::from(part.left)
            } else {
                Decimal::ONE
            };
            let full = worth(odoo, *price, self.currency);
            let asked = Price {
                price: full * (Decimal::ONE - self.less / Decimal::ONE_HUNDRED),
                quantity,
                currency: self.currency,
                company: self.company,
                taxes: part.taxes.clone(),
            };
            let (excluded, taxes) = odoo.taxes_of_price(&asked);
            base += if self.less.is_zero() { units(odoo, excluded, self.currency) } else { *price };
            for (tax, amount) in taxes {
                *exact.entry(tax).or_default() += amount;
            }
        }
        let whole = exact.into_iter().map(|(tax, amount)| (tax, units(odoo, amount, self.currency))).collect();
        (base, whole)
    }

    /// What is left after these prices, as Odoo would compute it.
    pub fn rest_of(&self, odoo: &Odoo, prices: &[i64]) -> (i64, Taxes) {
        let rest: Vec<i64> = self.parts.iter().zip(prices).map(|(part, price)| part.left - price).collect();
        self.computed(odoo, &rest)
    }

    /// Of each tax: at most a unit from Odoo's own, now and for what is left afterwards. Where Odoo counts none there is
    /// no tax line to move.
    pub fn bounds(&self, after: &Taxes, own: &Taxes) -> Bounds {
        let mut got = Bounds::new();
        for tax in own.keys().chain(self.taxes.keys()).chain(after.keys()) {
            let of = |taxes: &Taxes| taxes.get(tax).copied().unwrap_or_default();
            let (now, then) = (of(own), of(after));
            let left = of(&self.taxes) - then;
            let about = |amount: i64, free: bool| if free { (amount - 1, amount + 1) } else { (amount, amount) };
            let (ours, theirs) = (about(now, now != 0), about(left, then != 0));
            let (least, most) = (ours.0.max(theirs.0), ours.1.min(theirs.1));
            let bounds = match now {
                _ if least <= most => (least, most, 0),
                0 => (0, 0, least - most),
                _ if left > now => (now, now + 1, least - most),
                _ => (now - 1, now, least - most),
            };
            got.insert(*tax, bounds);
        }
        got
    }

    /// How far these prices are from a credit note of this amount; 0 when there is one, and one of the rest.
    fn miss(&self, odoo: &Odoo, prices: &[i64], amount: i64) -> i64 {
        let (base, own) = self.computed(odoo, prices);
        let after = self.rest_of(odoo, prices);
        let within = self.bounds(&after.1, &own);
        let (least, most, strain) = within.values().fold((0, 0, 0), |a, b| (a.0 + b.0, a.1 + b.1, a.2 + b.2));
        let total = self.total - self.taxes.values().sum::<i64>();
        let need = amount - base;
        strain + 3 * (least - need).max(need - most).max(0) + (base + after.0 - total).abs()
    }

    /// The price of each part for a credit note of this amount.
    pub fn split(&self, odoo: &Odoo, amount: i64) -> Vec<i64> {
        if amount == self.total {
            return self.parts.iter().map(|p| p.left).collect();
        }
        let exact = |left: i64| i128::from(left) * i128::from(amount);
        let total = i128::from(self.total);
        let whole = |left: i64| i64::try_from(exact(left).div_euclid(total)).unwrap_or_default();
        let mut prices: Vec<i64> = self.parts.iter().map(|p| whole(p.left)).collect();
        let mut order: Vec<(i128, usize)> =
            self.parts.iter().enumerate().map(|(at, p)| (-exact(p.left).rem_euclid(total), at)).collect();
        order.sort_unstable();
        let all: i64 = self.parts.iter().map(|p| p.left).sum();
        let short = portion(all, amount, self.total) - prices.iter().sum::<i64>();
        for (_, at) in order.into_iter().take(usize::try_from(short).unwrap_or_default()) {
            shift(&mut prices, at, 1);
        }
        self.improve(odoo, &mut prices, amount);
        prices
    }

    fn improve(&self, odoo: &Odoo, prices: &mut [i64], amount: i64) {
        let mut best = self.miss(odoo, prices, amount);
        let moves = moves_of(prices.len());
        while best > 0 {
            let mut choice = None;
            for each in &moves {
                apply(prices, each, 1);
                let now = self.miss(odoo, prices, amount);
                apply(prices, each, -1);
                if now < best {
                    best = now;
                    choice = Some(each);
                }
            }
            match choice {
                Some(each) => apply(prices, each, 1),
                None => return,
            }
        }
    }
}

/// What may be tried: some units more or less of one price, or some from one to another.
fn moves_of(count: usize) -> Vec<Vec<(usize, i64)>> {
    let mut got = Vec::new();
    for by in [1, -1, 2, -2, 3, -3, 5, -5, 8, -8] {
        for at in 0..count {
            got.push(vec![(at, by)]);
            let others = if count <= 12 { count } else { 0 };
            got.extend((0..others).filter(|other| *other != at).map(|other| vec![(at, by), (other, -by)]));
        }
    }
    got
}

fn apply(prices: &mut [i64], each: &[(usize, i64)], sign: i64) {
    for (at, by) in each {
        shift(prices, *at, sign * by);
    }
}

pub fn shift(prices: &mut [i64], at: usize, by: i64) {
    if let Some(price) = prices.get_mut(at) {
        *price += by;
    }
}

/// The taxes: Odoo's own, moved within their bounds until they make the sum that is needed.
pub fn spread(within: &Bounds, own: &Taxes, need: i64) -> Taxes {
    let of = |tax: &i64| own.get(tax).copied().unwrap_or_default();
    let mut got: Taxes = within.iter().map(|(tax, (least, most, _))| (*tax, of(tax).clamp(*least, *most))).collect();
    for (tax, (least, most, _)) in within {
        let step = need - got.values().sum::<i64>();
        got.entry(*tax).and_modify(|amount| *amount = (*amount + step).clamp(*least, *most));
    }
    got
}
