//! How a refund goes on: it arrives, fails, or is called off.

use serde::Deserialize;
use serde_json::{Value, json};

use super::REFUND;
use crate::stripe::balance::Entry;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;
use crate::stripe::{Change, Stripe};

/// What becomes of a refund.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundEnd {
    /// The payer has done what was wanted: it is on its way.
    Pending,
    Succeeded,
    /// The money comes back, with this failure reason: `lost_or_stolen_card`, `expired_or_canceled_card`,
    /// `charge_for_pending_refund_disputed`, `insufficient_funds`, `declined`, `merchant_request`, `unknown`.
    Failed(String),
    /// Called off before it arrived. Money that was taken for it comes back.
    Canceled,
    /// The bank's reference of a refund that has succeeded.
    Reference(String),
}

impl Stripe {
    /// Moves a refund on; what does not fit its status changes nothing.
    pub(in crate::stripe) fn move_refund(&mut self, scope: &Scope, id: &str, end: &RefundEnd) {
        let Some(refund) = self.get(scope, REFUND, id).cloned() else { return };
        let open = ["pending", "requires_action"].contains(&refund.text("status"));
        match end {
            RefundEnd::Pending if refund.text("status") == "requires_action" => self.go_on(scope, &refund, "pending"),
            RefundEnd::Succeeded if open => self.go_on(scope, &refund, "succeeded"),
            RefundEnd::Failed(reason) if open || refund.text("status") == "succeeded" => {
                self.take_back(scope, &refund, "failed", Some(reason));
            }
            RefundEnd::Canceled if open => self.take_back(scope, &refund, "canceled", None),
            RefundEnd::Reference(text) => self.refer(scope, &refund, text),
            _ => (),
        }
    }

    /// It is on its way, or has arrived; if nothing was taken for it yet, it is now.
    fn go_on(&mut self, scope: &Scope, refund: &Value, status: &str) {
        let mut fields = json!({"status": status});
        if refund["balance_transaction"].is_null() {
            let charge = self.get(scope, "charge", refund.text("charge")).cloned().unwrap_or_default();
            let entered = self.enter_refund(scope, refund, &charge);
            fields.put("balance_transaction", entered);
        }
        let change = self.change_refund(scope, refund, fields);
        self.tell_refund(scope, change);
    }

    /// It did not arrive: what was taken for it comes back, and the charge may be refunded again.
    fn take_back(&mut self, scope: &Scope, refund: &Value, status: &str, reason: Option<&str>) {
        let id = refund.text("id");
        let mut fields = json!({"status": status});
        if let Some(reason) = reason {
            fields.put("failure_reason", reason);
        }
        let taken = self.entered(scope, refund.text("balance_transaction"));
        if !taken.is_null() {
            let back = Entry::of("refund_failure", "refund_failure", -taken.int("amount"), taken.text("currency"));
            let rate = taken["exchange_rate"].as_number().and_then(|rate| rate.to_string().parse().ok());
            let entry = Entry { exchange_rate: rate, ..back.about(id).described(format!("REFUND FAILURE FOR {id}")) };
            fields.put("failure_balance_transaction", self.enter(scope, &entry));
        }
        let change = self.change_refund(scope, refund, fields);
        self.count_refunded(scope, refund.text("charge"), -refund.int("amount"));
        let after = change.object.clone();
        self.tell_refund(scope, change);
        if status == "failed" {
            self.emit(scope, "refund.failed", &after, None);
        }
    }

    /// The bank's reference arrives.
    fn refer(&mut self, scope: &Scope, refund: &Value, text: &str) {
        let mut details = refund["destination_details"].clone();
        let kind = details.text("type").to_owned();
        details[kind.as_str()].put("reference", text);
        details[kind.as_str()].put("reference_status", "available");
        let change = self.change(scope, REFUND, refund.text("id"), json!({"destination_details": details}));
        self.tell_refund(scope, change);
    }

    /// Writes a new status with what goes with it; what the old one wanted is over.
    fn change_refund(&mut self, scope: &Scope, refund: &Value, fields: Value) -> Change {
        let id = refund.text("id");
        let mut change = self.change(scope, REFUND, id, fields);
        if let Some(stored) = self.books_mut(&scope.place).edit(REFUND, id).and_then(Value::as_object_mut) {
            for over in ["pending_reason", "next_action"] {
                if let Some(was) = stored.remove(over) {
                    change.previous.put(over, was);
                }
            }
            change.object = Value::Object(stored.clone());
        }
        change
    }

    fn tell_refund(&mut self, scope: &Scope, change: Change) {
        self.emit(scope, "charge.refund.updated", &change.object, Some(change.previous.clone()));
        self.emit(scope, "refund.updated", &change.object, Some(change.previous));
    }
}
