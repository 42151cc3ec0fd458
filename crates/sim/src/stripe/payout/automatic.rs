//! Automatic payouts: what is available goes to the bank, and the payout knows its parts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{PAYOUT, midnight};
use crate::stripe::Stripe;
use crate::stripe::agenda::Task;
use crate::stripe::api::ApiError;
use crate::stripe::balance::{Entry, TXN};
use crate::stripe::books::{Place, Scope};
use crate::stripe::object::Fields;
use crate::stripe::objects::payout;

/// Which payout a balance transaction went out with, and when the next ones are made.
#[derive(Debug, Default)]
pub struct Parts {
    of: BTreeMap<String, String>,
    planned: BTreeSet<(Place, i64)>,
}

impl Stripe {
    /// Plans an automatic payout for the first midnight at which money that is available at `from` can go.
    pub(in crate::stripe) fn plan_payout(&mut self, scope: &Scope, from: i64) {
        let at = midnight(from.max(self.now() + 1));
        if self.settings.payouts.automatic && self.parts.planned.insert((scope.place.clone(), at)) {
            self.later(scope, at * 1000 - self.clock.now_ms(), Task::PayOut { planned: at });
        }
    }

    /// The payouts of a midnight, one for each currency.
    pub(in crate::stripe) fn pay_out_by_itself(&mut self, scope: &Scope, planned: i64) {
        self.parts.planned.remove(&(scope.place.clone(), planned));
        let (available, _) = self.sums(scope, "payments");
        for currency in available.into_keys() {
            self.pay_out_all(scope, &currency);
        }
    }

    /// Pays out all that is available in a currency and went out with no other automatic payout, but for the minimum
    /// balance: that is held back from the payout and released to the next one. Gives the payout's id; `None` when
    /// nothing is left to be paid out.
    pub(in crate::stripe) fn pay_out_all(&mut self, scope: &Scope, currency: &str) -> Option<String> {
        let ready: Vec<&Value> = self.rows(scope, TXN).iter().filter(|row| self.is_ready(row, currency)).collect();
        let sum: i64 = ready.iter().map(|row| row.int("net")).sum();
        let ids: Vec<String> = ready.iter().map(|row| row.text("id").to_owned()).collect();
        let least = self.settings.payouts.minimum_balance.get(currency).copied().unwrap_or(0);
        let held = least.min(sum).max(0);
        let amount = sum - held;
        if amount == 0 || (amount < 0 && !self.settings.payouts.debit_bank) {
            return None;
        }
        let (id, arrival) = (self.id("po_1", 23), self.arrival(false));
        let mut made = payout::fresh(&id, self.now(), scope.place.livemode, amount, currency, arrival);
        made.put("automatic", true);
        made.put("reconciliation_status", "in_progress");
        made.put("statement_descriptor", self.settings.payouts.descriptor.clone());
        for part in ids {
            self.parts.of.insert(part, id.clone());
        }
        if held > 0 {
            self.enter_hold(scope, "payout_minimum_balance_hold", -held, currency, &id);
        }
        let made = self.send_off(scope, made, 0);
        self.parts.of.insert(made.text("balance_transaction").to_owned(), id.clone());
        if held > 0 {
            self.enter_hold(scope, "payout_minimum_balance_release", held, currency, &id);
        }
        Some(id)
    }

    /// What a payout leaves on the balance: minus within it, plus after it.
    fn enter_hold(&mut self, scope: &Scope, kind: &str, amount: i64, currency: &str, payout: &str) {
        let entry = Entry::of(kind, kind, amount, currency).about(payout).described("Minimum balance");
        let id = self.enter(scope, &entry);
        if amount < 0 {
            self.parts.of.insert(id, payout.to_owned());
        }
    }

    fn is_ready(&self, row: &Value, currency: &str) -> bool {
        row.text("currency") == currency
            && row.text("balance_type") == "payments"
            && row.text("status") == "available"
            && !self.parts.of.contains_key(row.text("id"))
    }

    /// Whether a balance transaction is listed under a payout: its parts and its own, once it is reconciled; before,
    /// only its own. Refused for a payout by hand, whose parts Stripe does not know.
    pub(in crate::stripe) fn parts_of(&self, scope: &Scope, payout: &str) -> Result<impl Fn(&Value) -> bool, ApiError> {
        let found = self.get(scope, PAYOUT, payout);
        let found = found.ok_or_else(|| ApiError::no_such(PAYOUT, payout, PAYOUT, false))?;
        if !found.flag("automatic") {
            let message = "The balance transactions of a payout can be listed only for automatic payouts, not manual.";
            return Err(ApiError::invalid(PAYOUT, message));
        }
        let (own, whole) =
            (found.text("balance_transaction").to_owned(), found["reconciliation_status"] == json!("completed"));
        Ok(move |row: &Value| {
            let id = row.text("id");
            id == own || (whole && self.parts.of.get(id).is_some_and(|of| of == payout))
        })
    }
}
