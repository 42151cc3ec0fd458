//! Taxes that are due when the money comes: an entry in the journal CABA for each matching of an invoice, which moves
//! the paid part of the tax from where it waits to where it is due, with the grids of its base.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Head, Line};
use crate::odoo::Odoo;
use crate::odoo::call::object;
use crate::odoo::error::{self, Result};
use crate::odoo::num;
use crate::odoo::version::Version;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";
const PARTIAL: &str = "account.partial.reconcile";
const PART: &str = "account.tax.repartition.line";
const TAX: &str = "account.tax";

/// What of an invoice waits for money.
struct Waiting {
    lines: Vec<i64>,
    currency: i64,
    /// What is owed in the company's currency and in the invoice's.
    value: Decimal,
    amount: Decimal,
}

/// One matching as an invoice sees it.
struct Paid {
    partial: i64,
    /// Part of the whole, and units of the invoice's currency for one of the company's.
    share: Decimal,
    rate: Decimal,
    /// The last one of those that are booked now.
    last: bool,
}

impl Odoo {
    /// Entries for new matchings, matched on the account where the taxes waited.
    pub(super) fn cash_basis(&mut self, partials: &[i64]) -> Result<()> {
        let mut entries: Vec<(i64, Vec<Paid>)> = Vec::new();
        for partial in partials {
            for side in ["debit_move_id", "credit_move_id"] {
                let line = self.store.int(PARTIAL, *partial, side).unwrap_or_default();
                let entry = self.store.int(LINE, line, "move_id").unwrap_or_default();
                let Some(paid) = self.paid(*partial, entry, side) else { continue };
                match entries.iter_mut().find(|(known, _)| *known == entry) {
                    Some((_, all)) => all.push(paid),
                    None => entries.push((entry, vec![paid])),
                }
            }
        }
        let (mut made, mut plan) = (Vec::new(), Vec::new());
        for (entry, mut paid) in entries {
            if let Some(last) = paid.last_mut() {
                last.last = true;
            }
            for one in &paid {
                let (caba, pairs) = self.cash_basis_entry(entry, one)?;
                made.push(caba);
                plan.extend(pairs);
            }
        }
        self.post_all(&made)?;
        plan.retain(|pair: &Vec<i64>| pair.iter().all(|l| !self.reconciled(*l)));
        if plan.is_empty() { Ok(()) } else { self.reconcile_plan(&plan, true) }
    }

    /// Entries that these matchings made.
    pub(super) fn cash_basis_of(&self, partials: &BTreeSet<i64>) -> Vec<i64> {
        let of = |partial: &i64| self.store.find_all(MOVE, "tax_cash_basis_rec_id", &json!(partial));
        partials.iter().flat_map(of).collect()
    }

    fn waiting(&self, entry: i64) -> Option<Waiting> {
        let s = &self.store;
        let company = s.int(MOVE, entry, "company_id")?;
        if !num::truthy(&s.value("res.company", company, "tax_exigibility")) {
            return None;
        }
        let late = |tax: i64| s.text(TAX, tax, "tax_exigibility") == "on_payment";
        let (mut lines, mut currencies) = (Vec::new(), BTreeSet::new());
        let (mut value, mut amount, mut owed) = (Decimal::ZERO, Decimal::ZERO, false);
        for line in s.list(MOVE, entry, "line_ids") {
            let taxes = || s.list(LINE, line, "tax_ids").into_iter().any(late);
            if self.is_partner_line(line) {
                let sign =
                    if self.amount(LINE, line, "balance") > Decimal::ZERO { Decimal::ONE } else { -Decimal::ONE };
                value += sign * self.amount(LINE, line, "balance");
                amount += sign * self.amount(LINE, line, "amount_currency");
                owed = true;
            } else if s.int(LINE, line, "tax_line_id").is_some_and(late) || taxes() {
                lines.push(line);
            } else {
                continue;
            }
            currencies.insert(s.int(LINE, line, "currency_id")?);
        }
        let currency = currencies.first().copied().filter(|_| currencies.len() == 1)?;
        (owed && !lines.is_empty()).then_some(Waiting { lines, currency, value, amount })
    }

    fn paid(&self, partial: i64, entry: i64, side: &str) -> Option<Paid> {
        let waiting = self.waiting(entry)?;
        let int = |column: &str| self.store.int(PARTIAL, partial, column).unwrap_or_default();
        let other_side = if side == "debit_move_id" { "credit_move_id" } else { "debit_move_id" };
        let (own, other) = (int(side), int(other_side));
        let column = if side == "debit_move_id" { "debit_amount_currency" } else { "credit_amount_currency" };
        let home = self.company_currency(own);
        let (part, whole) = if waiting.currency == home {
            (self.amount(PARTIAL, partial, "amount"), waiting.value)
        } else {
            (self.amount(PARTIAL, partial, column), waiting.amount)
        };
        // An exchange difference is no payment.
        if part.is_zero() || whole.is_zero() {
            return None;
        }
        let of = |line: i64, column: &str| self.store.int(LINE, line, column).unwrap_or_default();
        let documents = self.is_document(of(own, "move_id")) && self.is_document(of(other, "move_id"));
        let rate = if of(own, "currency_id") != of(other, "currency_id") {
            let day =
                if documents { self.store.text(MOVE, entry, "date") } else { self.store.text(LINE, other, "date") };
            match of(own, "currency_id") {
                same if same == home => Decimal::ONE,
                foreign => self.rate(foreign, of(other, "company_id"), day),
            }
        } else {
            self.line_rate(if documents { own } else { other }).unwrap_or_default()
        };
        Some(Paid { partial, share: part / whole, rate, last: false })
    }

    fn cash_basis_entry(&mut self, entry: i64, paid: &Paid) -> Result<(i64, Vec<Vec<i64>>)> {
        let int = |column: &str| self.store.int(MOVE, entry, column).unwrap_or_default();
        let company = int("company_id");
        let journal = self
            .store
            .int("res.company", company, "tax_cash_basis_journal_id")
            .ok_or_else(|| error::user("There is no tax cash basis journal defined for the company."))?;
        let day = self.later(paid.partial);
        let day = if self.locked_until(journal, &day, false).is_some() { self.today() } else { day };
        let (mut lines, mut waits): (Vec<Line>, Vec<Vec<i64>>) = (Vec::new(), Vec::new());
        for line in self.waiting(entry).map(|w| w.lines).unwrap_or_default() {
            let made = self.due_line(entry, line, paid);
            let same = |(known, at): &(&Line, usize)| at % 2 == 1 && alike(known, &made);
            let found = lines.iter().zip(0..).find(same).map(|(_, at)| at);
            let at = found.unwrap_or(lines.len() + 1);
            let mirror = Line {
                account: if made.more.contains_key("tax_line_id") {
                    self.store.int(LINE, line, "account_id").unwrap_or_default()
                } else {
                    made.account
                },
                amount: made.amount.map(|a| -a),
                value: made.value.map(|v| -v),
                more: Default::default(),
                ..made.clone()
            };
            if found.is_none() {
                lines.extend([mirror, made]);
                waits.push(vec![line]);
                continue;
            }
            waits.get_mut(at / 2).into_iter().for_each(|all| all.push(line));
            for (slot, add) in [(at - 1, mirror), (at, made)] {
                if let Some(known) = lines.get_mut(slot) {
                    known.amount = known.amount.zip(add.amount).map(|(a, b)| a + b);
                    known.value = known.value.zip(add.value).map(|(a, b)| a + b);
                }
            }
        }
        let reference = self.store.text(MOVE, entry, "name").to_owned();
        let more = object(json!({"company_id": company, "tax_cash_basis_rec_id": paid.partial,
            "tax_cash_basis_origin_move_id": entry, "always_tax_exigible": true}));
        let caba = self.draft_untaxed(&Head { journal, date: day, reference, partner: None, more }, &lines)?;
        let made = self.store.list(MOVE, caba, "line_ids");
        let mut pairs = Vec::new();
        for (at, lines) in waits.iter().enumerate() {
            let on = |line: &&i64| self.store.int(LINE, **line, "tax_line_id").is_some();
            let Some(mirror) = made.get(2 * at).filter(|_| lines.iter().any(|l| on(&l))) else { continue };
            if num::truthy(&self.store.value(
                "account.account",
                self.store.int(LINE, *mirror, "account_id").unwrap_or_default(),
                "reconcile",
            )) {
                pairs.push(
                    std::iter::once(*mirror).chain(lines.iter().copied().filter(|l| !self.reconciled(*l))).collect(),
                );
            }
        }
        Ok((caba, pairs))
    }

    fn is_paid(&self, entry: i64) -> bool {
        let owed = self.store.list(MOVE, entry, "line_ids").into_iter().filter(|l| self.is_partner_line(*l));
        owed.into_iter().all(|l| self.amount(LINE, l, "amount_residual").is_zero() || self.reconciled(l))
    }

    /// The paid part of a base or tax line, as it becomes due.
    fn due_line(&self, entry: i64, line: i64, paid: &Paid) -> Line {
        let s = &self.store;
        let int = |column: &str| s.int(LINE, line, column);
        let currency = int("currency_id").unwrap_or_default();
        let mut amount = self.rounded(self.amount(LINE, line, "amount_currency") * paid.share, currency);
        let left = self.amount(LINE, line, "amount_residual_currency");
        let tax = int("tax_repartition_line_id").is_some() && self.version == Version::V19;
        if tax && paid.last && (self.is_paid(entry) || left.abs() < amount.abs()) {
            amount = left;
        }
        let value = if paid.rate.is_zero() { Decimal::ZERO } else { amount / paid.rate };
        let value = self.rounded(value, self.company_currency(line));
        let late: Vec<i64> = s
            .list(LINE, line, "tax_ids")
            .into_iter()
            .filter(|t| s.text(TAX, *t, "tax_exigibility") == "on_payment")
            .collect();
        let refund = s.text(MOVE, entry, "move_type").ends_with("_refund");
        let mut tags: Vec<i64> = self.base_grids(&late, refund);
        let own = int("account_id").unwrap_or_default();
        let part = int("tax_repartition_line_id");
        let account = part.and_then(|p| s.int(PART, p, "account_id")).unwrap_or(own);
        let mut more = object(json!({"tax_ids": [[6, 0, late]]}));
        if let Some(part) = part {
            tags.extend(s.list(PART, part, "tag_ids"));
            more.extend(object(json!({"tax_line_id": int("tax_line_id"), "tax_repartition_line_id": part,
                "tax_base_amount": s.value(LINE, line, "tax_base_amount")})));
        }
        more.insert("tax_tag_ids".into(), json!([[6, 0, tags]]));
        more.insert("analytic_distribution".into(), s.value(LINE, line, "analytic_distribution"));
        let label = if part.is_some() { s.text(LINE, line, "name") } else { s.text(MOVE, entry, "name") };
        Line { partner: int("partner_id"), more, ..Line::valued(account, label, amount, currency, value) }
    }
}

/// Whether two lines become one.
fn alike(a: &Line, b: &Line) -> bool {
    let key = |line: &Line| -> (i64, Option<i64>, Option<i64>, Vec<Value>) {
        let more = ["tax_ids", "tax_tag_ids", "tax_repartition_line_id", "analytic_distribution"];
        let more = more.iter().map(|name| line.more.get(*name).cloned().unwrap_or_default()).collect();
        (line.account, line.currency, line.partner, more)
    };
    key(a) == key(b)
}
