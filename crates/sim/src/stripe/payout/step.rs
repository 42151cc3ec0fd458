//! What becomes of a payout on its way.

use serde::Deserialize;
use serde_json::{Value, json};

use super::PAYOUT;
use crate::stripe::Stripe;
use crate::stripe::api::ApiError;
use crate::stripe::balance::Entry;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;

/// A step of a payout.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutStep {
    /// To the bank: `in_transit`.
    Submit,
    /// `paid`, which says only that it is expected to have arrived.
    Arrive,
    /// The bank's trace id comes; `None`: the bank has none.
    Trace(Option<String>),
    /// Its parts can be listed.
    Reconcile,
    /// The bank gives it back, also after `paid`, with a failure code: `account_closed`, `no_account`, …
    Fail(String),
    /// Called off before it was submitted.
    Cancel,
}

impl PayoutStep {
    /// How many [`PayoutStep::some`] knows.
    pub const SOME: usize = 5;

    /// One of what becomes of payouts by themselves, for walks at random.
    pub fn some(at: usize) -> Self {
        match at {
            0 => Self::Fail("account_closed".into()),
            1 => Self::Cancel,
            2 => Self::Arrive,
            3 => Self::Reconcile,
            _ => Self::Trace(Some("ARN1".into())),
        }
    }
}

impl Stripe {
    /// Takes a step; one that does not fit the status is refused and changes nothing.
    pub(in crate::stripe) fn step_payout(
        &mut self,
        scope: &Scope,
        id: &str,
        step: &PayoutStep,
    ) -> Result<(), ApiError> {
        let payout = self.get(scope, PAYOUT, id).cloned().unwrap_or_default();
        let status = payout.text("status");
        let under_way = ["pending", "in_transit"].contains(&status);
        match step {
            PayoutStep::Submit if status == "pending" => self.update_payout(scope, id, json!({"status": "in_transit"})),
            PayoutStep::Arrive if under_way => self.arrive(scope, id),
            PayoutStep::Trace(value) => {
                let status = if value.is_some() { "supported" } else { "unsupported" };
                self.update_payout(scope, id, json!({"trace_id": {"status": status, "value": value}}));
            }
            PayoutStep::Reconcile if payout.text("reconciliation_status") == "in_progress" => {
                let change = self.change(scope, PAYOUT, id, json!({"reconciliation_status": "completed"}));
                self.emit(scope, "payout.reconciliation_completed", &change.object, None);
            }
            PayoutStep::Fail(code) if under_way || status == "paid" => self.fail_payout(scope, &payout, code),
            PayoutStep::Cancel if status == "pending" => {
                let back = self.enter_back(scope, &payout, "payout_cancel");
                let fields = json!({"status": "canceled", "failure_balance_transaction": back});
                let change = self.change(scope, PAYOUT, id, fields);
                self.emit(scope, "payout.canceled", &change.object, None);
            }
            _ => return Err(ApiError::invalid("step", format!("{step:?} does not fit the status {status}."))),
        }
        Ok(())
    }

    fn arrive(&mut self, scope: &Scope, id: &str) {
        let change = self.change(scope, PAYOUT, id, json!({"status": "paid"}));
        self.emit(scope, "payout.paid", &change.object, None);
        let trace = self.id("", 12).to_ascii_uppercase();
        self.later_payout(scope, id, self.settings.payouts.trace_after_ms, PayoutStep::Trace(Some(trace)));
    }

    fn fail_payout(&mut self, scope: &Scope, payout: &Value, code: &str) {
        let back = self.enter_back(scope, payout, "payout_failure");
        let fields = json!({
            "status": "failed", "failure_code": code, "failure_message": "The bank did not take the payout.",
            "failure_balance_transaction": back,
        });
        let change = self.change(scope, PAYOUT, payout.text("id"), fields);
        self.emit(scope, "payout.failed", &change.object, Some(change.previous));
    }

    /// The amount of a payout comes back, at its own date; a fee does not.
    fn enter_back(&mut self, scope: &Scope, payout: &Value, kind: &str) -> String {
        let entry = Entry::of(kind, "payout_reversal", payout.int("amount"), payout.text("currency"));
        self.enter(scope, &entry.about(payout.text("id")).described("STRIPE PAYOUT"))
    }

    fn update_payout(&mut self, scope: &Scope, id: &str, fields: Value) {
        let change = self.change(scope, PAYOUT, id, fields);
        self.emit(scope, "payout.updated", &change.object, Some(change.previous));
    }
}
