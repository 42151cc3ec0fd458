//! How much of a debit line settles how much of a credit line, in their currencies and in the company's: pure
//! arithmetic, as Odoo 17 to 19 do it (seen in `tests/fixtures/odoo/books`).

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::odoo::Odoo;
use crate::odoo::version::Version;

/// What a line still has open while a plan is worked out, signed.
#[derive(Clone, Debug)]
pub struct Open {
    pub line: i64,
    /// In the company's currency.
    pub value: Decimal,
    /// In the line's own.
    pub amount: Decimal,
    pub currency: i64,
}

/// One matching to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub debit: i64,
    pub credit: i64,
    /// In the company's currency, the same for both.
    pub value: Decimal,
    pub debit_amount: Decimal,
    pub credit_amount: Decimal,
}

/// What of a line an exchange entry has to take away: value in the company's currency, or an amount in the line's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fix {
    Value(i64, Decimal),
    Amount(i64, Decimal),
}

/// One step of a plan.
#[derive(Clone, Debug, Default)]
pub struct Step {
    pub share: Option<Share>,
    pub fixes: Vec<Fix>,
    pub debit_done: bool,
    pub credit_done: bool,
}

/// Open in a currency, and that currency's units for one of the company's.
type Residuals = BTreeMap<i64, (Decimal, Option<Decimal>)>;

/// Both sides in the currency in which they are matched.
struct Both {
    own: i64,
    by: i64,
    debit: Decimal,
    credit: Decimal,
    debit_rate: Option<Decimal>,
    credit_rate: Option<Decimal>,
}

impl Odoo {
    /// Matches a debit with a credit as far as both are open, and takes that off them. `mend` says whether exchange
    /// entries close what rates leave over.
    pub(super) fn step(&self, debit: &mut Open, credit: &mut Open, own: i64, mend: bool) -> Step {
        let ours = self.residuals(debit, credit, own);
        let theirs = self.residuals(credit, debit, own);
        let common = |c: i64| c != own && ours.contains_key(&c) && theirs.contains_key(&c);
        let by = [debit.currency, credit.currency].into_iter().find(|c| common(*c)).unwrap_or(own);
        let (Some(d), Some(c)) = (ours.get(&by).copied(), theirs.get(&by).copied()) else {
            let (debit_done, credit_done) = (!ours.contains_key(&by), !theirs.contains_key(&by));
            return Step { debit_done, credit_done, ..Step::default() };
        };
        // Lines that an exchange entry made have no amount in their currency: then only values are matched.
        let bare = |of: &Residuals, c: i64| !of.contains_key(&c);
        let values_only = by == own
            && debit.currency == credit.currency
            && (bare(&ours, debit.currency) || bare(&theirs, credit.currency));
        let rate = |of: &Residuals, c: i64| of.get(&if by == own { c } else { by }).and_then(|(_, rate)| *rate);
        let debit_rate = rate(&ours, debit.currency).filter(|_| !values_only);
        let credit_rate = rate(&theirs, credit.currency).filter(|_| !values_only);
        let both = Both { own, by, debit: d.0, credit: -c.0, debit_rate, credit_rate };
        let (shares, whole) = (self.shares(debit, credit, &both), both.debit.cmp(&both.credit));
        let mut step = Step { debit_done: whole.is_le(), credit_done: whole.is_ge(), ..Step::default() };
        if mend {
            shares.mend(debit, step.debit_done, &both, Decimal::ONE, &mut step.fixes);
            shares.mend(credit, step.credit_done, &both, -Decimal::ONE, &mut step.fixes);
        }
        debit.value -= shares.value;
        credit.value += shares.value;
        debit.amount -= shares.debit_amount;
        credit.amount += shares.credit_amount;
        if self.version == Version::V19 {
            step.debit_done = debit.value.is_zero() && debit.amount.is_zero();
            step.credit_done = credit.value.is_zero() && credit.amount.is_zero();
        }
        let Shares { value, debit_amount, credit_amount, .. } = shares;
        step.share = Some(Share { debit: debit.line, credit: credit.line, value, debit_amount, credit_amount });
        step
    }

    fn residuals(&self, open: &Open, other: &Open, own: i64) -> Residuals {
        let mut all = Residuals::new();
        if !open.value.is_zero() {
            all.insert(own, (open.value, Some(Decimal::ONE)));
        }
        if open.currency != own && !open.amount.is_zero() {
            all.insert(open.currency, (open.amount, self.line_rate(open.line)));
        }
        // On a receivable or payable account a line in the company's currency is taken for one in the other's.
        let lent = open.currency == own && other.currency != own && self.is_partner_line(open.line);
        if lent && !open.value.is_zero() {
            let rate = self.lent_rate(open.line, other.line, other.currency);
            let amount = self.rounded(open.value * rate.unwrap_or_default(), other.currency);
            if !amount.is_zero() {
                all.insert(other.currency, (amount, rate));
            }
        }
        all
    }

    fn shares(&self, debit: &Open, credit: &Open, both: &Both) -> Shares {
        let least = both.debit.min(both.credit);
        if both.by == both.own {
            let part = |open: &Open, rate: Option<Decimal>| match rate {
                Some(rate) => self.rounded(rate * least, open.currency).min(open.amount.abs()),
                None => Decimal::ZERO,
            };
            let (debit_amount, credit_amount) = (part(debit, both.debit_rate), part(credit, both.credit_rate));
            return Shares { value: least, debit_value: least, credit_value: least, debit_amount, credit_amount };
        }
        let part = |open: &Open, rate: Option<Decimal>| match rate.filter(|r| !r.is_zero()) {
            Some(rate) => self.rounded(least / rate, both.own).min(open.value.abs()),
            None => Decimal::ZERO,
        };
        let (mut debit_value, mut credit_value) = (part(debit, both.debit_rate), part(credit, both.credit_rate));
        let mut value = debit_value.min(credit_value);
        if self.version == Version::V19 && self.a_rounding_apart(debit, credit, both, debit_value, credit_value) {
            value = debit.value.min(-credit.value);
            (debit_value, credit_value) = (value, value);
        }
        let amount = |open: &Open| if open.currency == both.own { value } else { least };
        Shares { value, debit_value, credit_value, debit_amount: amount(debit), credit_amount: amount(credit) }
    }

    /// 19 takes two values for one when each could be the other but for the rounding of the amounts.
    fn a_rounding_apart(&self, debit: &Open, credit: &Open, both: &Both, d: Decimal, c: Decimal) -> bool {
        let least = both.debit.min(both.credit);
        let range = |open: &Open, rate: Option<Decimal>| {
            let half = self.step_of(open.currency) / Decimal::TWO;
            let at = |amount: Decimal| match rate.filter(|r| !r.is_zero()) {
                Some(rate) => self.rounded(amount / rate, both.own),
                None => Decimal::ZERO,
            };
            (at(least - half), at(least + half))
        };
        let (debit_range, credit_range) = (range(debit, both.debit_rate), range(credit, both.credit_rate));
        let inside = |value: Decimal, (low, high): (Decimal, Decimal)| low <= value && value <= high;
        inside(d, credit_range) && inside(c, debit_range)
    }
}

#[derive(Clone, Copy, Debug)]
struct Shares {
    value: Decimal,
    debit_value: Decimal,
    credit_value: Decimal,
    debit_amount: Decimal,
    credit_amount: Decimal,
}

impl Shares {
    /// What of a side an exchange entry must close: all that is left of a side matched in full, else what the rate of
    /// the side itself would have taken more. `sign` is one for the debit, minus one for the credit.
    fn mend(&self, open: &mut Open, whole: bool, both: &Both, sign: Decimal, fixes: &mut Vec<Fix>) {
        let (own_value, amount) = match sign.is_sign_negative() {
            true => (self.credit_value, self.credit_amount),
            false => (self.debit_value, self.debit_amount),
        };
        if both.by == both.own {
            let rest = open.amount - sign * amount;
            if whole && !rest.is_zero() {
                fixes.push(Fix::Amount(open.line, rest));
                open.amount -= rest;
            }
            return;
        }
        let rest = if whole { open.value - sign * self.value } else { sign * (own_value - self.value) };
        if rest.is_zero() || (!whole && (rest * sign).is_sign_negative()) {
            return;
        }
        fixes.push(Fix::Value(open.line, rest));
        open.value -= rest;
        if open.currency == both.own {
            open.amount -= rest;
        }
    }
}
