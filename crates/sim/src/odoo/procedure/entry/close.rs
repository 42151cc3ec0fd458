//! What closing a dispute asks for: entries of what its balance transactions have left on the disputed account.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Item, MOVE, Wish};
use crate::odoo::error::Result;
use crate::odoo::num;
use crate::odoo::procedure::{Work, text};

const LINE: &str = "account.move.line";

/// Sums by currency.
type Sums = BTreeMap<i64, Decimal>;

impl Work<'_> {
    /// Of the entries of its dispute those that closing it has made.
    pub(super) fn closings(&self, item: &Item) -> Vec<i64> {
        self.gathered(&format!("{}__r", text(&item.movement, "dispute")))
    }

    /// Makes them.
    pub(super) fn close(&mut self, item: &mut Item) -> Result<()> {
        item.closed.clear();
        let how = item.movement.get("close").cloned().unwrap_or_default();
        let Some(disputed) = item.books.accounts.get("disputed").copied().filter(|_| num::truthy(&how)) else {
            return Ok(());
        };
        let on = |mark: &str| how.get(mark).is_some_and(num::truthy);
        let after = how.get("after").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let there = |name: &str| self.odoo.store.tied(&format!("quittance.{name}")).is_some();
        let new = |key: &str| self.results.get(key) == Some(&Value::Null);
        let booked = |key: &str| there(&format!("{key}__record")) || (there(key) && !new(key));
        let mut after = after;
        if on("all") && !after.all(booked) {
            return Ok(());
        }
        let made = self.closings(item);
        let left = if on("all") {
            let entries = self.gathered(&format!("{}__e", text(&item.movement, "dispute")));
            self.sums(&entries, disputed, "posted", "amount_residual_currency")
        } else {
            self.sums(&made, disputed, "posted", "amount_currency")
        };
        let proposed = self.sums(&made, disputed, "draft", "amount_currency");
        if !proposed.is_empty() && on("draft") && opposite(&left, &proposed) {
            return Ok(());
        }
        for entry in &made {
            if self.odoo.store.text(MOVE, *entry, "state") == "draft" {
                self.odoo.cancel_entry(*entry)?;
            }
        }
        let role = text(&how, "role").to_owned();
        for (currency, amount) in left.into_iter().filter(|(_, amount)| !amount.is_zero()) {
            let wish = |role: &str, money| Wish {
                role: role.to_owned(),
                label: text(&how, "label").to_owned(),
                money,
                currency,
                account: self.account_of(item, role).unwrap_or_default(),
                partner: item.partner,
                split: on("split") && role != "disputed",
                ..Wish::default()
            };
            let m = &item.movement;
            let movement = json!({"ref": m.get("ref"), "rest": "disputed", "dispute": m.get("dispute"), "receipt": m.get("receipt"),
                "draft": on("draft")});
            let mut rest = Item {
                lines: vec![wish(&role, amount), wish("disputed", -amount)],
                turned: self.taken_back(&made, disputed, currency, amount),
                movement,
                closed: Vec::new(),
                made: None,
                ..item.clone()
            };
            self.enter(&mut rest)?;
            self.add_to(&format!("{}__r", text(&item.movement, "dispute")), rest.made.unwrap_or_default());
            item.closed.push(rest);
        }
        Ok(())
    }

    fn sums(&self, entries: &[i64], account: i64, state: &str, column: &str) -> Sums {
        let mut sums = Sums::new();
        let lines = entries.iter().flat_map(|entry| self.odoo.lines_on(*entry, account));
        for line in lines.filter(|line| self.odoo.store.text(LINE, *line, "parent_state") == state) {
            let currency = self.odoo.store.int(LINE, line, "currency_id").unwrap_or_default();
            *sums.entry(currency).or_default() += self.odoo.amount(LINE, line, column);
        }
        sums
    }

    /// The last of these entries that an entry of this amount takes back as a whole.
    fn taken_back(&self, made: &[i64], disputed: i64, currency: i64, amount: Decimal) -> Option<i64> {
        let stands = |entry: i64| self.sums(&[entry], disputed, "posted", "amount_currency").get(&currency).copied();
        let alike = |amount: Decimal| made.iter().copied().filter(move |entry| stands(*entry) == Some(amount));
        alike(amount).next_back().filter(|_| alike(amount).count() > alike(-amount).count())
    }
}

/// Whether one sum takes back the other, in every currency.
fn opposite(one: &Sums, other: &Sums) -> bool {
    let of = |sums: &Sums, currency: &i64| sums.get(currency).copied().unwrap_or_default();
    one.keys().chain(other.keys()).all(|currency| (of(one, currency) + of(other, currency)).is_zero())
}
