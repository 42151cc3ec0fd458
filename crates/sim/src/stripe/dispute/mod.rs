//! Disputes: a payer's bank asks, takes the money, gives it back or keeps it.

mod money;
mod step;

use serde_json::{Value, json};

use super::Stripe;
use super::agenda::Task;
use super::api::ApiError;
use super::books::Scope;
use super::object::Fields;
use super::objects::dispute;
pub use money::Contested;
pub use step::DisputeStep;

const DISPUTE: &str = "dispute";

/// What a payer's bank disputes.
pub(super) struct Contest<'a> {
    /// Minor units of the payment's currency; `None` is all that was captured.
    pub amount: Option<i64>,
    /// `fraudulent`, `product_not_received`, `duplicate`, `credit_not_processed`, `general`, …
    pub reason: &'a str,
    /// Only a question: no money moves.
    pub inquiry: bool,
    /// Seconds until evidence is due.
    pub due_after_s: i64,
    /// So much is taken at first; `None` is all of it.
    pub first: Option<i64>,
}

impl Stripe {
    /// Opens a dispute of a charge and, unless it is an inquiry, takes the money.
    pub(super) fn contest(&mut self, scope: &Scope, charge: &Value, what: &Contest<'_>) -> Result<Value, ApiError> {
        let most = charge.int("amount_captured");
        let amount = what.amount.unwrap_or(most);
        if charge.text("status") != "succeeded" || !(1..=most).contains(&amount) {
            return Err(ApiError::invalid(
                "amount",
                format!("Between 1 and the {most} that were paid can be disputed."),
            ));
        }
        let (id, now) = (self.id("du_1", 23), self.now());
        let mut made = dispute::fresh(&id, now, charge, amount, what.inquiry, now + what.due_after_s);
        made.put("reason", what.reason);
        self.books_mut(&scope.place).put(made);
        self.change(scope, "charge", charge.text("id"), json!({"disputed": true}));
        if !what.inquiry {
            self.withdraw(scope, &id, what.first.unwrap_or(amount));
        }
        let made = self.get(scope, DISPUTE, &id).cloned().unwrap_or_default();
        self.emit(scope, "charge.dispute.created", &made, None);
        if !what.inquiry {
            self.emit(scope, "charge.dispute.funds_withdrawn", &made, None);
        }
        Ok(made)
    }

    /// Of the test cards …0259 is disputed as fraudulent, …2685 as not received, and …1976 is inquired about, some
    /// time after it has paid. Numbers: docs.stripe.com/testing.
    pub(super) fn dispute_test_card(&mut self, scope: &Scope, charge: &Value) {
        let last4 = charge["payment_method_details"]["card"].text("last4");
        let (reason, inquiry) = match last4 {
            "0259" => ("fraudulent", false),
            "2685" => ("product_not_received", false),
            "1976" => ("fraudulent", true),
            _ => return,
        };
        let task = Task::Contest { charge: charge.text("id").to_owned(), reason, inquiry };
        self.later(scope, self.settings.dispute_after_ms, task);
    }

    /// Why a charge may not be refunded now: the bank has its money already.
    pub(super) fn under_dispute(&self, scope: &Scope, charge: &str) -> bool {
        self.rows(scope, DISPUTE).iter().any(|d| d.text("charge") == charge && !d.flag("is_charge_refundable"))
    }
}
