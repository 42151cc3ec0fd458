//! What a payer's bank disputes, and what comes of it.

use serde::Deserialize;

use crate::stripe::Stripe;
use crate::stripe::api::ApiError;
use crate::stripe::dispute::{Contest, DisputeStep};
use crate::stripe::object::Fields;

/// A dispute to be opened.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dispute {
    /// `ch_…` or `pi_…`
    pub payment: String,
    /// Minor units of the payment's currency; `None` is all that was captured.
    pub amount: Option<i64>,
    /// `fraudulent`, `product_not_received`, `duplicate`, `credit_not_processed`, `general`, …
    pub reason: String,
    /// Only a question: no money moves until it is escalated.
    pub inquiry: bool,
    /// Seconds until evidence is due.
    pub due_after_s: i64,
    /// So much is taken at first, and the rest when it is withdrawn; `None` is all of it.
    pub first: Option<i64>,
}

impl Default for Dispute {
    fn default() -> Self {
        let reason = "fraudulent".to_owned();
        Self { payment: String::new(), amount: None, reason, inquiry: false, due_after_s: 9 * 24 * 3600, first: None }
    }
}

impl Dispute {
    /// A chargeback of a whole payment.
    pub fn of(payment: &str) -> Self {
        Self { payment: payment.to_owned(), ..Self::default() }
    }

    /// An inquiry about a whole payment.
    pub fn inquiry(payment: &str) -> Self {
        Self { inquiry: true, ..Self::of(payment) }
    }
}

impl Stripe {
    /// Disputes a payment and gives the dispute's id, `du_…`. Refused for a payment that has not succeeded and for
    /// more than was captured.
    pub fn dispute(&mut self, dispute: &Dispute) -> Result<String, ApiError> {
        self.run_agenda();
        let kind = if dispute.payment.starts_with("pi_") { "payment_intent" } else { "charge" };
        let scope = self.scope_of(kind, &dispute.payment)?;
        let charge = self.charged(&scope, &dispute.payment)?;
        let Dispute { amount, inquiry, due_after_s, first, .. } = *dispute;
        let what = Contest { amount, reason: &dispute.reason, inquiry, due_after_s, first };
        self.contest(&scope, &charge, &what).map(|made| made.text("id").to_owned())
    }

    /// Lets a dispute go on. A step that does not fit its status is refused.
    pub fn move_dispute(&mut self, dispute: &str, step: DisputeStep) -> Result<(), ApiError> {
        self.run_agenda();
        let scope = self.scope_of("dispute", dispute)?;
        self.step_dispute(&scope, dispute, step)
    }
}
