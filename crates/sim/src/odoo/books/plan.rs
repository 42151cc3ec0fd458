//! Which lines are matched with which, in which order: first those of one currency among each other, then all.

use std::collections::BTreeSet;

use super::partial::{Open, Step};
use crate::odoo::Odoo;
use crate::odoo::error::{self, Result};
use crate::odoo::version::Version;

const LINE: &str = "account.move.line";

impl Odoo {
    /// Refuses lines that cannot be matched; gives those that can, without what 19 silently leaves out.
    pub(super) fn matchable(&self, lines: &[i64]) -> Result<Vec<i64>> {
        let s = &self.store;
        let mut lines = lines.to_vec();
        if self.version == Version::V19 && lines.iter().any(|l| !self.reconciled(*l)) {
            // Lines that a partial matching ties to open ones may be named again: they are left out.
            let open: BTreeSet<i64> = lines.iter().copied().filter(|l| !self.reconciled(*l)).collect();
            let tied: BTreeSet<i64> =
                open.iter().filter(|l| !self.partials_of(**l).is_empty()).flat_map(|l| self.matched_with(*l)).collect();
            lines.retain(|l| open.contains(l) || !tied.contains(l));
        }
        if lines.iter().any(|l| self.reconciled(*l)) {
            return Err(error::user("You are trying to reconcile some entries that are already reconciled."));
        }
        let state = |l: &i64| s.text(LINE, *l, "parent_state");
        match self.version {
            Version::V19 if lines.iter().any(|l| state(l) == "cancel") => {
                return Err(error::user("You can not reconcile cancelled entries."));
            }
            Version::V17 | Version::V18 if lines.iter().any(|l| state(l) != "posted") => {
                return Err(error::user("You can only reconcile posted entries."));
            }
            _ => {}
        }
        let accounts: BTreeSet<i64> = lines.iter().filter_map(|l| s.int(LINE, *l, "account_id")).collect();
        let named = |a: &i64| self.display_name("account.account", *a);
        if accounts.len() > 1 {
            let names: Vec<String> = accounts.iter().map(named).collect();
            return Err(error::user(format!("Entries are not from the same account: {}", names.join(", "))));
        }
        let roots: BTreeSet<i64> =
            lines.iter().filter_map(|l| s.int(LINE, *l, "company_id")).map(|c| self.root_company(c)).collect();
        if roots.len() > 1 {
            return Err(error::user("Entries don't belong to the same company"));
        }
        match accounts.first().filter(|a| !self.keeps_residual(**a)) {
            Some(account) => Err(error::user(format!(
                "Account {} does not allow reconciliation. First change the configuration of this account to allow it.",
                named(account)
            ))),
            None => Ok(lines),
        }
    }

    /// The steps that match these lines, oldest due first.
    pub(super) fn planned(&self, lines: &[i64], mend: bool) -> Vec<Step> {
        let mut lines = lines.to_vec();
        sort_as_odoo(&mut lines, |a, b| self.comes_before(*a, *b));
        let own = lines.first().map_or(0, |l| self.company_currency(*l));
        let mut open: Vec<Open> = lines.iter().map(|l| self.open(*l)).collect();
        let mut currencies: Vec<i64> = Vec::new();
        for one in &open {
            if !currencies.contains(&one.currency) {
                currencies.push(one.currency);
            }
        }
        let (mut steps, mut done) = (Vec::new(), BTreeSet::new());
        if currencies.len() > 1 {
            for currency in &currencies {
                self.work(&mut open, &mut done, own, mend, |o| o.currency == *currency, &mut steps);
            }
        }
        self.work(&mut open, &mut done, own, mend, |_| true, &mut steps);
        steps
    }

    fn work(
        &self,
        open: &mut [Open],
        done: &mut BTreeSet<i64>,
        own: i64,
        mend: bool,
        wanted: impl Fn(&Open) -> bool,
        steps: &mut Vec<Step>,
    ) {
        let side = |above: bool, done: &BTreeSet<i64>| -> Vec<usize> {
            let mine = |o: &Open| {
                let (value, amount) =
                    (self.amount(LINE, o.line, "balance"), self.amount(LINE, o.line, "amount_currency"));
                let zero = rust_decimal::Decimal::ZERO;
                if above { value > zero || amount > zero } else { value < zero || amount < zero }
            };
            let all = open.iter().enumerate().filter(|(_, o)| wanted(o) && !done.contains(&o.line) && mine(o));
            all.map(|(at, _)| at).collect()
        };
        let (debits, credits) = (side(true, done), side(false, done));
        let (mut d, mut c) = (0, 0);
        while let (Some(debit), Some(credit)) = (debits.get(d), credits.get(c)) {
            let (Some(mut left), Some(mut right)) = (open.get(*debit).cloned(), open.get(*credit).cloned()) else {
                return;
            };
            let step = self.step(&mut left, &mut right, own, mend);
            if !step.debit_done && !step.credit_done {
                // Nothing moves any more.
                return;
            }
            let (first, second) = (left.line, right.line);
            if let Some(slot) = open.get_mut(*debit) {
                *slot = left;
            }
            if let Some(slot) = open.get_mut(*credit) {
                *slot = right;
            }
            if step.debit_done {
                done.insert(first);
                d += 1;
            }
            if step.credit_done {
                done.insert(second);
                c += 1;
            }
            if step.share.is_some() {
                steps.push(step);
            }
        }
    }

    /// Older first, then less first. Lines of two currencies on one day are in no order, as in Odoo.
    fn comes_before(&self, a: i64, b: i64) -> bool {
        let s = &self.store;
        let day = |line: i64| {
            let due = Some(s.text(LINE, line, "date_maturity")).filter(|d| !d.is_empty());
            due.unwrap_or_else(|| s.text(LINE, line, "date"))
        };
        if day(a) != day(b) {
            return day(a) < day(b);
        }
        if s.value(LINE, a, "currency_id") != s.value(LINE, b, "currency_id") {
            return false;
        }
        let key = |line: i64| (self.amount(LINE, line, "amount_currency"), self.amount(LINE, line, "balance"));
        key(a) < key(b)
    }

    fn open(&self, line: i64) -> Open {
        Open {
            line,
            value: self.amount(LINE, line, "amount_residual"),
            amount: self.amount(LINE, line, "amount_residual_currency"),
            currency: self.store.int(LINE, line, "currency_id").unwrap_or_default(),
        }
    }
}

/// Sorts by an order that is only partial the way Python's sort does short lists: a first run as it stands (turned
/// round when it only falls), then each next one by binary insertion.
fn sort_as_odoo<T: Copy>(all: &mut [T], before: impl Fn(&T, &T) -> bool) {
    let pairs = |all: &[T], falls: bool| {
        all.windows(2).take_while(|w| matches!(w, [a, b] if before(b, a) == falls)).count() + 1
    };
    let falling = matches!(&*all, [a, b, ..] if before(b, a));
    let run = pairs(all, falling).min(all.len());
    if falling && let Some(first) = all.get_mut(..run) {
        first.reverse();
    }
    for at in run.max(1)..all.len() {
        let (mut low, mut high) = (0, at);
        while low < high {
            let middle = usize::midpoint(low, high);
            match (all.get(at), all.get(middle)) {
                (Some(one), Some(other)) if before(one, other) => high = middle,
                _ => low = middle + 1,
            }
        }
        if let Some(part) = all.get_mut(low..=at) {
            part.rotate_right(1);
        }
    }
}
