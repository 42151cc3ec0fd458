//! How a dispute goes on.

use serde::Deserialize;
use serde_json::{Value, json};

use super::DISPUTE;
use crate::stripe::Stripe;
use crate::stripe::agenda::Task;
use crate::stripe::api::ApiError;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;

/// What happens to a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStep {
    /// An inquiry becomes a chargeback, also after it was closed: the money is taken.
    Escalate,
    /// An inquiry ends without one.
    Close,
    /// The merchant sends evidence.
    Respond,
    /// The merchant is right, perhaps after it was lost: the money comes back after
    /// [`crate::stripe::Settings::reinstate_after_ms`].
    Win,
    /// The payer is, perhaps after it was won: what had come back is taken once more.
    Lose,
    /// A lost dispute is taken up again.
    Appeal,
    /// The money comes back, whatever the status.
    Reinstate,
    /// About a third of it does.
    ReinstatePart,
    /// What is left of the money is taken.
    Withdraw,
    /// Stripe corrects what an exchange came to, by a unit of the settlement currency.
    Correct,
}

impl Stripe {
    /// Takes a step; one that does not fit the status is refused and changes nothing.
    pub(in crate::stripe) fn step_dispute(
        &mut self,
        scope: &Scope,
        id: &str,
        step: DisputeStep,
    ) -> Result<(), ApiError> {
        let dispute = self.get(scope, DISPUTE, id).cloned().unwrap_or_default();
        let status = dispute.text("status");
        let inquiry = status.starts_with("warning_") && status != "warning_closed";
        let open = status.ends_with("needs_response") || status.ends_with("under_review");
        let inquired = inquiry || status == "warning_closed";
        let out = self.is_out(&dispute);
        match step {
            DisputeStep::Escalate if inquired => self.escalate(scope, &dispute),
            DisputeStep::Close if inquiry => self.end_dispute(scope, id, "warning_closed"),
            DisputeStep::Respond if status.ends_with("needs_response") => self.respond(scope, &dispute),
            DisputeStep::Win if (open || status == "lost") && !inquired => self.win(scope, id),
            DisputeStep::Lose if open && !inquired => self.end_dispute(scope, id, "lost"),
            DisputeStep::Lose if status == "won" => {
                if out < dispute.int("amount") {
                    self.take_rest(scope, id);
                }
                self.end_dispute(scope, id, "lost");
            }
            DisputeStep::Appeal if status == "lost" => self.appeal(scope, &dispute),
            DisputeStep::Reinstate if out > 0 => self.reinstate(scope, id, i64::MAX),
            DisputeStep::ReinstatePart if out > 1 => self.reinstate(scope, id, out / 3 + 1),
            DisputeStep::Withdraw if !inquired && out < dispute.int("amount") => self.take_rest(scope, id),
            DisputeStep::Correct if self.correct(scope, &dispute) => {}
            _ => return Err(ApiError::invalid("step", format!("{step:?} does not fit the status {status}."))),
        }
        Ok(())
    }

    /// Takes what is left of the money.
    fn take_rest(&mut self, scope: &Scope, id: &str) {
        self.withdraw(scope, id, i64::MAX);
        let dispute = self.get(scope, DISPUTE, id).cloned().unwrap_or_default();
        self.emit(scope, "charge.dispute.funds_withdrawn", &dispute, None);
    }

    fn escalate(&mut self, scope: &Scope, dispute: &Value) {
        let id = dispute.text("id");
        let mut fields = json!({"status": "needs_response"});
        if dispute["payment_method_details"].is_object() {
            let mut details = dispute["payment_method_details"].clone();
            details["card"].put("case_type", "chargeback");
            fields.put("payment_method_details", details);
        }
        self.withdraw(scope, id, i64::MAX);
        let change = self.change(scope, DISPUTE, id, fields);
        self.emit(scope, "charge.dispute.updated", &change.object, Some(change.previous));
        self.emit(scope, "charge.dispute.funds_withdrawn", &change.object, None);
    }

    fn respond(&mut self, scope: &Scope, dispute: &Value) {
        let mut details = dispute["evidence_details"].clone();
        details.put("has_evidence", true);
        details.put("submission_count", details.int("submission_count") + 1);
        details.put("submission_method", "manual");
        let status = dispute.text("status").replace("needs_response", "under_review");
        self.update_dispute(scope, dispute.text("id"), json!({"status": status, "evidence_details": details}));
    }

    fn appeal(&mut self, scope: &Scope, dispute: &Value) {
        let mut details = dispute["evidence_details"].clone();
        details.put("due_by", self.now() + 7 * 24 * 3600);
        let fields = json!({"status": "appeal_needs_response", "evidence_details": details});
        self.update_dispute(scope, dispute.text("id"), fields);
    }

    fn update_dispute(&mut self, scope: &Scope, id: &str, fields: Value) {
        let change = self.change(scope, DISPUTE, id, fields);
        self.emit(scope, "charge.dispute.updated", &change.object, Some(change.previous));
    }

    fn win(&mut self, scope: &Scope, id: &str) {
        self.end_dispute(scope, id, "won");
        match self.settings.reinstate_after_ms {
            0 => self.reinstate(scope, id, i64::MAX),
            after => self.later(scope, after, Task::Reinstate { dispute: id.to_owned() }),
        }
    }

    fn end_dispute(&mut self, scope: &Scope, id: &str, status: &str) {
        let change = self.change(scope, DISPUTE, id, json!({"status": status}));
        self.emit(scope, "charge.dispute.closed", &change.object, Some(change.previous));
    }
}
