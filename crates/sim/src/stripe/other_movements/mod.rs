//! Movements that are neither payments nor payouts: top-ups, transfers to connected accounts, fees that a platform
//! earns, reserves. What they lack is made by hand ([`Stripe::enter_by_hand`](super::Stripe::enter_by_hand)).

mod earning;
mod topup;
mod transfer;

use serde_json::{Value, json};

use super::Stripe;
use super::balance::Entry;
use super::books::Scope;
use super::object::{Fields, list};

impl Stripe {
    /// Puts a new object into the books with the balance transaction that goes with it.
    fn put_with(&mut self, scope: &Scope, mut made: Value, entry: Entry) -> Value {
        let entered = self.enter(scope, &entry.about(made.text("id")));
        made.put("balance_transaction", entered);
        self.books_mut(&scope.place).put(made.clone());
        made
    }

    /// Writes a reversal into the list that its object carries, and counts it.
    fn take_off(&mut self, scope: &Scope, whole: &Value, part: &Value, names: [&str; 3]) -> Value {
        let [rows, counted, all] = names;
        let mut parts = whole[rows]["data"].as_array().cloned().unwrap_or_default();
        parts.insert(0, part.clone());
        let sum = whole.int(counted) + part.int("amount");
        let fields = json!({
            rows: list(whole[rows].text("url"), parts, false), counted: sum, all: sum == whole.int("amount"),
        });
        self.change(scope, whole.text("object"), whole.text("id"), fields).object
    }

    /// Stripe holds back a part of the payments balance (positive), or gives it free again (negative): minus on one
    /// balance, plus on the other.
    pub(super) fn hold_back(&mut self, scope: &Scope, amount: i64, currency: &str) -> [String; 2] {
        let kind = if amount > 0 { "reserve_hold" } else { "reserve_release" };
        [("payments", -amount), ("risk_reserved", amount)].map(|(balance, amount)| {
            let entry = Entry::of(kind, "risk_reserved_funds", amount, currency).described("Reserve");
            self.enter(scope, &Entry { balance_type: balance.to_owned(), ..entry })
        })
    }
}
