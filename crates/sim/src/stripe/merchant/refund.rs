//! Refunds from the dashboard, and what banks do with them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use crate::stripe::Stripe;
use crate::stripe::api::ApiError;
use crate::stripe::refund::{Asked, RefundEnd};

/// A refund to be made.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Refund {
    /// `ch_…` or `pi_…`
    pub payment: String,
    /// Minor units of the payment's currency; `None` is all that is left.
    pub amount: Option<i64>,
    /// `duplicate`, `fraudulent`, `requested_by_customer`
    pub reason: Option<String>,
    pub metadata: BTreeMap<String, String>,
    /// `succeeded`, `pending`, `requires_action`, or `insufficient_funds` (pending, nothing taken yet), to stay so until
    /// [`Stripe::end_refund`]. `None` leaves it to the
    /// payment method: cards are refunded at once, debits after [`crate::stripe::Settings::refund_after_ms`]; of the
    /// test cards …7726 arrives later and …5126 fails later.
    pub status: Option<String>,
}

impl Refund {
    /// All that is left of a payment.
    pub fn all(payment: &str) -> Self {
        Self { payment: payment.to_owned(), ..Self::default() }
    }

    /// So many minor units of it.
    pub fn part(payment: &str, amount: i64) -> Self {
        Self { amount: Some(amount), ..Self::all(payment) }
    }
}

impl Stripe {
    /// Refunds a payment and gives the refund's id, `re_…`. Errors are those of `POST /v1/refunds`:
    /// `charge_already_refunded`, `amount_too_large`, `charge_not_refundable`, `charge_disputed`, `resource_missing`.
    pub fn refund(&mut self, refund: &Refund) -> Result<String, ApiError> {
        self.run_agenda();
        let kind = if refund.payment.starts_with("pi_") { "payment_intent" } else { "charge" };
        let scope = self.scope_of(kind, &refund.payment)?;
        let asked = Asked {
            payment: &refund.payment,
            amount: refund.amount,
            reason: refund.reason.as_deref(),
            metadata: json!(refund.metadata),
            status: refund.status.as_deref(),
        };
        let made = self.give_back(&scope, &asked)?;
        Ok(made["id"].as_str().unwrap_or_default().to_owned())
    }

    /// Lets a refund arrive, fail, be called off, or have its bank's reference.
    pub fn end_refund(&mut self, refund: &str, end: &RefundEnd) -> Result<(), ApiError> {
        self.run_agenda();
        let scope = self.scope_of("refund", refund)?;
        self.move_refund(&scope, refund, end);
        Ok(())
    }
}
