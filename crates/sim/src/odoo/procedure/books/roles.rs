//! The accounts beside the balance: sums by currency, and open lines.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{FOR_EVER, Held, LINE, Reader, add, merge};
use crate::odoo::num;

const PARTIAL: &str = "account.partial.reconcile";

impl Reader<'_> {
    pub(super) fn role(&self, role: &str, by_account: &BTreeMap<i64, Vec<i64>>) -> Option<Value> {
        let s = &self.odoo.store;
        let (_, account) = s.tied(&format!("quittance.account_{role}_{}", self.home))?;
        s.get("account.account", account)?;
        let lines = by_account.get(&account).map(Vec::as_slice).unwrap_or_default();
        let reconcile = num::truthy(&s.value("account.account", account, "reconcile"));
        let (open, days) = if reconcile { self.open(lines) } else { (Vec::new(), Vec::new()) };
        let text = |column: &str| s.text("account.account", account, column);
        Some(json!({"role": role, "id": account, "code": text("code"), "name": text("name"), "reconcile": reconcile,
            "sums": self.by_currency(lines), "open": open, "days": days}))
    }

    fn by_currency(&self, lines: &[i64]) -> Vec<Value> {
        let mut sums: BTreeMap<i64, (Held, Held)> = BTreeMap::new();
        for line in lines {
            let currency = self.odoo.store.int(LINE, *line, "currency_id").unwrap_or(self.own);
            let amount = |column: &str| self.odoo.amount(LINE, *line, column);
            let held = Held { amount: amount("amount_currency"), value: amount("balance") };
            let sum = sums.entry(currency).or_default();
            add(&mut sum.0, held);
            if self.odoo.store.text(LINE, *line, "date") >= self.since.as_str() {
                add(&mut sum.1, held);
            }
        }
        let one = |(currency, (sum, moved)): (i64, (Held, Held))| json!({"sum": self.summed(currency, sum), "moved": self.summed(currency, moved)});
        sums.into_iter().map(one).collect()
    }

    /// The lines that count, by account.
    pub(super) fn by_account(&self) -> BTreeMap<i64, Vec<i64>> {
        let s = &self.odoo.store;
        let mut lines: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for line in s.ids(LINE).into_iter().filter(|line| self.counted(*line)) {
            let here = s.int(LINE, line, "company_id").is_some_and(|c| self.family.contains(&c));
            if let Some(account) = s.int(LINE, line, "account_id").filter(|_| here) {
                lines.entry(account).or_default().push(line);
            }
        }
        lines
    }

    /// Open lines, the oldest first, and all of them by day.
    fn open(&self, lines: &[i64]) -> (Vec<Value>, Vec<Value>) {
        let s = &self.odoo.store;
        let mut open: Vec<(&str, i64, Held)> = Vec::new();
        let mut days: BTreeMap<&str, (i64, Decimal)> = BTreeMap::new();
        for line in lines {
            let left = self.left(*line);
            if !left.amount.is_zero() || !left.value.is_zero() {
                let date = s.text(LINE, *line, "date");
                open.push((date, *line, left));
                let day = days.entry(date).or_default();
                (day.0, day.1) = (day.0 + 1, day.1 + left.value);
            }
        }
        open.sort_by_key(|(date, line, _)| (*date, *line));
        let listed = open.into_iter().take(self.most).map(|(date, line, left)| self.open_line(date, line, left));
        let places = self.odoo.places(self.own);
        let by_day = days
            .into_iter()
            .map(|(date, (count, value))| json!({"date": date, "count": count, "value": num::fixed(value, places)}));
        (listed.collect(), by_day.collect())
    }

    fn open_line(&self, date: &str, line: i64, left: Held) -> Value {
        let s = &self.odoo.store;
        let int = |column: &str| s.int(LINE, line, column);
        let entry = int("move_id").unwrap_or_default();
        let partner = int("partner_id").map(|id| s.text("res.partner", id, "name")).unwrap_or_default();
        let sum = self.summed(int("currency_id").unwrap_or(self.own), left);
        let more = json!({"sum": sum, "line": line, "partner": partner, "label": s.text(LINE, line, "name"),
            "key": self.key(entry, int("payment_id"))});
        let mut told = self.dated(entry, more);
        merge(&mut told, json!({"date": date}));
        told
    }

    /// What is open of a line. On a past day what was matched after it is open still.
    fn left(&self, line: i64) -> Held {
        let amount = |column: &str| self.odoo.amount(LINE, line, column);
        if self.at == FOR_EVER {
            return Held { amount: amount("amount_residual_currency"), value: amount("amount_residual") };
        }
        let mut left = Held { amount: amount("amount_currency"), value: amount("balance") };
        let s = &self.odoo.store;
        for (side, matched, sign) in
            [("debit", "matched_credit_ids", -Decimal::ONE), ("credit", "matched_debit_ids", Decimal::ONE)]
        {
            for partial in s.list(LINE, line, matched) {
                if self.matched_on(partial).as_str() <= self.at.as_str() {
                    left.value += sign * self.odoo.amount(PARTIAL, partial, "amount");
                    left.amount += sign * self.odoo.amount(PARTIAL, partial, &format!("{side}_amount_currency"));
                }
            }
        }
        left
    }

    /// The later day of the two lines, which Odoo keeps as `max_date`.
    fn matched_on(&self, partial: i64) -> String {
        let s = &self.odoo.store;
        let day = |side: &str| {
            let line = s.int(PARTIAL, partial, &format!("{side}_move_id")).unwrap_or_default();
            s.text(LINE, line, "date").to_owned()
        };
        day("debit").max(day("credit"))
    }
}
