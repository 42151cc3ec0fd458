//! Reconciles what belongs together: document and balance transaction on clearing, the entries of one dispute, and an
//! entry with the one that it takes back.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::Item;
use crate::odoo::error::Result;
use crate::odoo::procedure::{Work, text};

const LINE: &str = "account.move.line";

impl Work<'_> {
    /// Of the items at these places. What Odoo will not reconcile is flagged; no booking is undone for it.
    pub(super) fn settle(&mut self, items: &mut [Item], which: &[usize]) -> Result<()> {
        let mut groups = Vec::new();
        for at in which {
            if let Some(item) = items.get(*at) {
                groups.extend(self.groups(item).into_iter().map(|group| (*at, group)));
            }
        }
        for at in self.match_groups(groups)? {
            if let Some(item) = items.get_mut(at).filter(|item| !item.flags.iter().any(|f| f == "not_reconciled")) {
                item.flags.push("not_reconciled".into());
            }
        }
        Ok(())
    }

    fn groups(&self, item: &Item) -> Vec<Vec<i64>> {
        let named = |name: &str| text(&item.movement, name);
        let mut groups = Vec::new();
        let made: Vec<i64> = item.made.into_iter().collect();
        for account in std::iter::once(&item.books.clearing).chain(item.books.accounts.get("transit")) {
            groups.extend(self.settlement(&item.key, &made, *account));
        }
        let document = self.entry_of(named("document"));
        for account in ["clearing", "transit"].iter().filter_map(|role| item.books.accounts.get(role)) {
            let lines = self.settlement(named("document"), document.as_slice(), *account);
            groups.extend(lines.filter(|lines| document.is_some() || self.even(lines)));
        }
        let disputed = item.books.accounts.get("disputed").copied();
        if let (Some(disputed), false) = (disputed, named("dispute").is_empty()) {
            groups.push(self.unmatched(&self.gathered(&format!("{}__e", named("dispute"))), disputed));
        }
        if let (true, Some(made)) = (item.lines.iter().any(|line| line.role == "receivable"), item.made) {
            let lost = self.odoo.receivable_lines(made).first().copied();
            let account = lost.and_then(|line| self.odoo.store.int(LINE, line, "account_id")).unwrap_or_default();
            let both: Vec<i64> = self.closings(item).into_iter().chain(self.entry_of(named("receipt"))).collect();
            groups.push(self.unmatched(&both, account));
        }
        if let (Some(turned), Some(made)) = (item.turned, item.made) {
            let s = &self.odoo.store;
            let lines = s.list("account.move", turned, "line_ids");
            let accounts: BTreeSet<i64> = lines.iter().filter_map(|line| s.int(LINE, *line, "account_id")).collect();
            let matched = |a: &i64| crate::odoo::num::truthy(&s.value("account.account", *a, "reconcile"));
            for account in accounts.into_iter().filter(|a| matched(a) && Some(*a) != disputed) {
                groups.push(self.unmatched(&[turned, made], account));
            }
        }
        groups.extend(item.closed.iter().flat_map(|closed| self.groups(closed)));
        groups
    }

    /// What came to the balance and went again: lines of one currency that add up to nothing.
    fn even(&self, lines: &[i64]) -> bool {
        let currencies: BTreeSet<_> =
            lines.iter().map(|line| self.odoo.store.int(LINE, *line, "currency_id")).collect();
        let sum: Decimal = lines.iter().map(|line| self.odoo.amount(LINE, *line, "amount_currency")).sum();
        currencies.len() == 1 && sum.is_zero()
    }

    /// What is open on an account between a document and the entries that settle it, whichever came first.
    pub(in crate::odoo::procedure) fn settlement(&self, key: &str, document: &[i64], account: i64) -> Option<Vec<i64>> {
        let mut entries = self.gathered(&format!("{key}__t"));
        if entries.is_empty() {
            return None;
        }
        entries.extend(document);
        Some(self.unmatched(&entries, account))
    }

    /// The entries that are tied as NAME1, NAME2, …, whatever holes people left.
    pub(super) fn gathered(&self, name: &str) -> Vec<i64> {
        let all = self.odoo.store.numbered(name).into_iter().map(|(_, id)| id);
        all.filter(|id| self.odoo.store.get("account.move", *id).is_some()).collect()
    }

    /// Their open lines on an account, when there is debit and credit among them; else none.
    fn unmatched(&self, entries: &[i64], account: i64) -> Vec<i64> {
        let s = &self.odoo.store;
        let entries: BTreeSet<i64> = entries.iter().copied().collect();
        let lines = entries.into_iter().flat_map(|entry| self.odoo.lines_on(entry, account));
        let open = |line: &i64| s.text(LINE, *line, "parent_state") == "posted" && !self.odoo.reconciled(*line);
        let lines: Vec<i64> = lines.filter(open).collect();
        let some = |above: bool| {
            let balance = |line: &i64| self.odoo.amount(LINE, *line, "balance");
            lines.iter().any(|line| !balance(line).is_zero() && (balance(line) > Decimal::ZERO) == above)
        };
        if some(true) && some(false) { lines } else { Vec::new() }
    }

    /// Reconciles groups of lines, of whom each has a place; the places of those that Odoo refused.
    pub(in crate::odoo::procedure) fn match_groups(&mut self, groups: Vec<(usize, Vec<i64>)>) -> Result<Vec<usize>> {
        let mut seen = BTreeSet::new();
        let mut fresh: Vec<(usize, Vec<i64>)> = Vec::new();
        for (at, lines) in groups {
            if !lines.is_empty() && !lines.iter().any(|line| seen.contains(line)) {
                seen.extend(lines.iter().copied());
                fresh.push((at, lines));
            }
        }
        let all: Vec<Vec<i64>> = fresh.iter().map(|(_, lines)| lines.clone()).collect();
        let mut refused = Vec::new();
        if !self.matched_all(&all)? {
            for (at, lines) in fresh {
                if !self.matched_all(&[lines])? {
                    refused.push(at);
                }
            }
        }
        Ok(refused)
    }

    /// False when a business rule of Odoo forbids it; then nothing is done.
    pub(in crate::odoo::procedure) fn matched_all(&mut self, groups: &[Vec<i64>]) -> Result<bool> {
        let savepoint = self.odoo.store.savepoint();
        match self.odoo.reconcile_plan(groups, true) {
            Ok(()) => Ok(true),
            Err(e) if e.name.starts_with("odoo.exceptions.") => {
                self.odoo.store.rollback(savepoint);
                Ok(false)
            }
            Err(e) => Err(e),
        }
    }
}
