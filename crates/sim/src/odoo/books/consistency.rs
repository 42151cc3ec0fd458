//! Whether the books hold together, whatever was done to them.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::number;
use crate::odoo::Odoo;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";
const PARTIAL: &str = "account.partial.reconcile";

impl Odoo {
    /// Fails with the first thing that does not hold: every posted entry adds up to nothing in the company's currency,
    /// so does each company's trial balance; what a line has open is its amount less its matchings, and `reconciled`
    /// says whether that is nothing; a full reconciliation leaves nothing open; numbers have no gaps.
    #[track_caller]
    #[allow(clippy::panic)]
    pub fn assert_sound(&self) {
        if let Some(why) = self.unsound() {
            panic!("the books do not hold: {why}");
        }
    }

    /// The first thing that does not hold, if any.
    pub fn unsound(&self) -> Option<String> {
        let entries = self.store.ids(MOVE).into_iter().find_map(|e| self.unbalanced(e));
        let lines = || self.store.ids(LINE).into_iter().find_map(|l| self.miscounted(l));
        let companies = || self.store.ids("res.company").into_iter().find_map(|c| self.trial_differs(c));
        entries.or_else(lines).or_else(companies).or_else(|| self.gap())
    }

    fn unbalanced(&self, entry: i64) -> Option<String> {
        let lines = self.store.list(MOVE, entry, "line_ids");
        let sum: Decimal = lines.iter().map(|l| self.amount(LINE, *l, "balance")).sum();
        let posted = self.store.text(MOVE, entry, "state") == "posted";
        (posted && !sum.is_zero()).then(|| format!("entry {} is out by {sum}", self.number(entry)))
    }

    fn miscounted(&self, line: i64) -> Option<String> {
        if !self.keeps_residual(self.store.int(LINE, line, "account_id").unwrap_or_default()) {
            return None;
        }
        let (mut value, mut amount) = (self.amount(LINE, line, "balance"), self.amount(LINE, line, "amount_currency"));
        for partial in self.partials_of(line) {
            if self.store.int(PARTIAL, partial, "debit_move_id") == Some(line) {
                value -= self.amount(PARTIAL, partial, "amount");
                amount -= self.amount(PARTIAL, partial, "debit_amount_currency");
            } else {
                value += self.amount(PARTIAL, partial, "amount");
                amount += self.amount(PARTIAL, partial, "credit_amount_currency");
            }
        }
        let open = (self.amount(LINE, line, "amount_residual"), self.amount(LINE, line, "amount_residual_currency"));
        let nothing = value.is_zero() && amount.is_zero();
        let full = self.store.int(LINE, line, "full_reconcile_id").is_some();
        let whole = open == (value, amount) && self.reconciled(line) == nothing && (nothing || !full);
        let entry = self.store.int(LINE, line, "move_id").unwrap_or_default();
        (!whole).then(|| {
            format!(
                "line {line} of {} has {amount} = {value} open, and says {} = {}",
                self.number(entry),
                open.1,
                open.0
            )
        })
    }

    fn trial_differs(&self, company: i64) -> Option<String> {
        let sum: Decimal = self.trial_balance(company).values().copied().sum();
        (!sum.is_zero()).then(|| format!("the trial balance of company {company} is out by {sum}"))
    }

    fn gap(&self) -> Option<String> {
        let mut series: BTreeMap<(i64, String), Vec<i64>> = BTreeMap::new();
        for entry in self.store.ids(MOVE) {
            let journal = self.store.int(MOVE, entry, "journal_id").unwrap_or_default();
            if let Some((name, number)) = number::split(self.store.text(MOVE, entry, "name")) {
                series.entry((journal, name.to_owned())).or_default().push(number);
            }
        }
        series.into_iter().find_map(|((_, name), mut numbers)| {
            numbers.sort_unstable();
            let whole = numbers.iter().zip(1..).all(|(number, wanted)| *number == wanted);
            (!whole).then(|| format!("the numbers of {name} have a gap or a double: {numbers:?}"))
        })
    }
}
