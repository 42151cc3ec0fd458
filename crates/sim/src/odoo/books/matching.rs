//! Matching of lines of one account: partial and full reconciliations, residuals, and taking them back.

use std::collections::{BTreeSet, VecDeque};

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::partial::{Fix, Share, Step};
use crate::odoo::Odoo;
use crate::odoo::call::object;
use crate::odoo::error::Result;
use crate::odoo::num;
use crate::odoo::version::Version;

const LINE: &str = "account.move.line";
const PARTIAL: &str = "account.partial.reconcile";
const FULL: &str = "account.full.reconcile";

impl Odoo {
    /// `account.move.line.reconcile()`: matches lines of one account as far as they go, whatever their currencies, and
    /// books the exchange differences. Errors as Odoo's: lines already reconciled, of several accounts, not posted, of
    /// an account that is not reconcilable.
    pub(in crate::odoo) fn reconcile(&mut self, lines: &[i64]) -> Result<()> {
        self.match_groups(&[lines.to_vec()], true, true)
    }

    /// Several such groups at once: their exchange entries come after all their matchings. `mend`: whether there
    /// are any.
    pub(in crate::odoo) fn reconcile_plan(&mut self, groups: &[Vec<i64>], mend: bool) -> Result<()> {
        self.match_groups(groups, mend, true)
    }

    /// The same; `taxes`: whether taxes that are due on payment become due.
    pub(super) fn match_groups(&mut self, groups: &[Vec<i64>], mend: bool, taxes: bool) -> Result<()> {
        let mut planned: Vec<(Vec<i64>, Vec<Step>)> = Vec::new();
        for group in groups.iter().filter(|g| !g.is_empty()) {
            self.matchable(group)?;
            planned.push((group.clone(), Vec::new()));
        }
        let mut partials = Vec::new();
        let mut fixes: Vec<(usize, Vec<Fix>)> = Vec::new();
        for (group, steps) in &mut planned {
            *steps = self.planned(group, mend);
            for step in steps.iter() {
                let Some(share) = &step.share else { continue };
                if !step.fixes.is_empty() {
                    fixes.push((partials.len(), step.fixes.clone()));
                }
                partials.push(self.record(share));
            }
        }
        self.mend(&partials, &fixes)?;
        let owed = |(group, _): &(Vec<i64>, _)| group.first().is_some_and(|l| self.is_partner_line(*l));
        if taxes && planned.iter().any(owed) {
            self.cash_basis(&partials)?;
        }
        for (group, _) in &planned {
            self.complete(group, mend, taxes)?;
        }
        Ok(())
    }

    /// Exchange entries of the matchings at these places. 17 and 18 note the n-th entry on the n-th matching of all,
    /// 19 on the one that it came from: that decides with which matching it is taken back.
    fn mend(&mut self, partials: &[i64], fixes: &[(usize, Vec<Fix>)]) -> Result<()> {
        let days: Vec<String> =
            fixes.iter().map(|(at, _)| partials.get(*at).map_or(String::new(), |p| self.later(*p))).collect();
        let all: Vec<_> = fixes.iter().zip(days).map(|((_, fix), day)| (fix.clone(), day)).collect();
        let entries = self.exchange_entries(&all)?;
        for (n, (entry, (at, _))) in entries.into_iter().zip(fixes).enumerate() {
            let at = if self.version == Version::V19 { *at } else { n };
            if let Some(partial) = partials.get(at) {
                self.store.set(PARTIAL, *partial, "exchange_move_id", json!(entry));
            }
        }
        Ok(())
    }

    pub(super) fn later(&self, partial: i64) -> String {
        let day = |side: &str| {
            let line = self.store.int(PARTIAL, partial, side).unwrap_or_default();
            self.store.text(LINE, line, "date").to_owned()
        };
        day("debit_move_id").max(day("credit_move_id"))
    }

    fn record(&mut self, share: &Share) -> i64 {
        let head = |line: i64, column: &str| self.store.value(LINE, line, column);
        let row = json!({"debit_move_id": share.debit, "credit_move_id": share.credit, "amount": num::float(share.value),
            "debit_amount_currency": num::float(share.debit_amount),
            "credit_amount_currency": num::float(share.credit_amount),
            "debit_currency_id": head(share.debit, "currency_id"), "credit_currency_id": head(share.credit, "currency_id"),
            "company_id": head(share.debit, "company_id")});
        let partial = self.store.insert(PARTIAL, object(row));
        self.link(share.debit, "matched_credit_ids", partial, -share.value, -share.debit_amount);
        self.link(share.credit, "matched_debit_ids", partial, share.value, share.credit_amount);
        partial
    }

    fn link(&mut self, line: i64, column: &str, partial: i64, value: Decimal, amount: Decimal) {
        let mut all = self.store.list(LINE, line, column);
        all.push(partial);
        self.store.set(LINE, line, column, json!(all));
        self.move_residual(line, value, amount);
    }

    pub(super) fn move_residual(&mut self, line: i64, value: Decimal, amount: Decimal) {
        let value = self.amount(LINE, line, "amount_residual") + value;
        let amount = self.amount(LINE, line, "amount_residual_currency") + amount;
        self.store.set(LINE, line, "amount_residual", num::float(value));
        self.store.set(LINE, line, "amount_residual_currency", num::float(amount));
        self.store.set(LINE, line, "reconciled", json!(value.is_zero() && amount.is_zero()));
        if let Some(entry) = self.store.int(LINE, line, "move_id") {
            self.refresh(entry);
            self.touch("account.move", entry);
        }
    }

    /// Marks lines whose whole group is matched; before 19 an exchange entry closes what is left of them.
    fn complete(&mut self, group: &[i64], mend: bool, taxes: bool) -> Result<()> {
        let mut seen = BTreeSet::new();
        for line in group {
            if seen.contains(line) {
                continue;
            }
            let mut lines = self.matched_with(*line);
            seen.extend(lines.iter().copied());
            let several =
                lines.iter().map(|l| self.store.int(LINE, *l, "currency_id")).collect::<BTreeSet<_>>().len() > 1;
            let column = if several { "amount_residual" } else { "amount_residual_currency" };
            let whole = |l: &i64| {
                self.reconciled(*l) || (!self.partials_of(*l).is_empty() && self.amount(LINE, *l, column).is_zero())
            };
            if !lines.iter().all(whole) || self.partials_of(*line).is_empty() {
                continue;
            }
            let mut entry = Value::Null;
            if mend && self.version != Version::V19 {
                let day = lines.iter().map(|l| self.store.text(LINE, *l, "date")).max().unwrap_or("").to_owned();
                let fixes: Vec<Fix> = lines.iter().filter_map(|l| self.left_over(*l)).collect();
                if !fixes.is_empty() {
                    entry = json!(self.exchange_entries(&[(fixes, day.clone())])?.first());
                    lines = self.matched_with(*line);
                }
                if taxes && self.is_partner_line(*line) {
                    let rest = self.book_late_rest(&lines, &day)?;
                    entry = if entry.is_null() { rest } else { entry };
                }
            }
            self.mark(&lines, entry);
        }
        Ok(())
    }

    fn left_over(&self, line: i64) -> Option<Fix> {
        let (value, amount) =
            (self.amount(LINE, line, "amount_residual"), self.amount(LINE, line, "amount_residual_currency"));
        match (value.is_zero(), amount.is_zero()) {
            (false, _) => Some(Fix::Value(line, value)),
            (true, false) => Some(Fix::Amount(line, amount)),
            _ => None,
        }
    }

    fn mark(&mut self, lines: &[i64], entry: Value) {
        let known: BTreeSet<Option<i64>> =
            lines.iter().map(|l| self.store.int(LINE, *l, "full_reconcile_id")).collect();
        if known.len() == 1 && !known.contains(&None) {
            return;
        }
        let partials: BTreeSet<i64> = lines.iter().flat_map(|l| self.partials_of(*l)).collect();
        let row = json!({"partial_reconcile_ids": partials, "reconciled_line_ids": lines, "exchange_move_id": entry});
        let full = self.store.insert(FULL, object(row));
        for line in lines {
            self.store.set(LINE, *line, "full_reconcile_id", json!(full));
            self.store.set(LINE, *line, "matching_number", json!(full.to_string()));
        }
        for partial in partials {
            self.store.set(PARTIAL, partial, "full_reconcile_id", json!(full));
        }
    }

    /// Matchings of a line.
    pub(in crate::odoo) fn partials_of(&self, line: i64) -> Vec<i64> {
        let mut all = self.store.list(LINE, line, "matched_debit_ids");
        all.extend(self.store.list(LINE, line, "matched_credit_ids"));
        all
    }

    /// All lines that matchings tie to this one, itself included, in the order of their ids.
    pub(in crate::odoo) fn matched_with(&self, line: i64) -> Vec<i64> {
        let (mut found, mut open) = (BTreeSet::from([line]), VecDeque::from([line]));
        while let Some(next) = open.pop_front() {
            for partial in self.partials_of(next) {
                for side in ["debit_move_id", "credit_move_id"] {
                    let other = self.store.int(PARTIAL, partial, side).unwrap_or_default();
                    if found.insert(other) {
                        open.push_back(other);
                    }
                }
            }
        }
        found.into_iter().collect()
    }
}
