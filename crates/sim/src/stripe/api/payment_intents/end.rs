//! Capture and cancellation.

use serde_json::{Value, json};

use super::{KIND, unexpected};
use crate::stripe::Stripe;
use crate::stripe::api::error::ApiError;
use crate::stripe::api::params::Params;
use crate::stripe::api::read;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;

pub fn capture(stripe: &mut Stripe, scope: &Scope, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.only(&["amount_to_capture", "final_capture", "metadata", "statement_descriptor_suffix"])?;
    let last = params.text("final_capture") != Some("false");
    take(stripe, scope, id, params.int("amount_to_capture")?, last)
}

/// Captures `amount`, or all that is authorized. After one that is not the `last` more may follow; nothing with the last one
/// releases the rest.
pub fn take(stripe: &mut Stripe, scope: &Scope, id: &str, amount: Option<i64>, last: bool) -> Result<Value, ApiError> {
    let intent = read::retrieve(stripe, scope, KIND, id)?;
    if intent.text("status") != "requires_capture" {
        return Err(unexpected(&intent, "capture"));
    }
    let most = intent.int("amount_capturable");
    let amount = amount.unwrap_or(most);
    let releases = amount == 0 && last && intent.int("amount_received") > 0;
    if (amount < 1 && !releases) || amount > most {
        let message = format!("The amount to capture must be between 1 and the {most} that are authorized.");
        return Err(ApiError::param("amount_too_large", "amount_to_capture", message));
    }
    stripe.take(scope, id, amount, last || amount == most);
    read::retrieve(stripe, scope, KIND, id)
}

pub fn cancel(stripe: &mut Stripe, scope: &Scope, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.only(&["cancellation_reason"])?;
    give_up(stripe, scope, id, params.text("cancellation_reason"))
}

/// Cancels; an authorization is released, which shows as a refund of its charge. What was captured of it stays.
pub fn give_up(stripe: &mut Stripe, scope: &Scope, id: &str, reason: Option<&str>) -> Result<Value, ApiError> {
    let intent = read::retrieve(stripe, scope, KIND, id)?;
    if reason.is_some_and(|r| !["abandoned", "duplicate", "fraudulent", "requested_by_customer"].contains(&r)) {
        return Err(ApiError::invalid("cancellation_reason", "Invalid cancellation_reason."));
    }
    if ["succeeded", "canceled", "processing"].contains(&intent.text("status")) {
        return Err(unexpected(&intent, "cancel"));
    }
    if intent.text("status") == "requires_capture" && intent.int("amount_received") == 0 {
        let released = json!({"refunded": true, "amount_refunded": intent["amount"]});
        let charge = stripe.change(scope, "charge", intent.text("latest_charge"), released).object;
        stripe.emit(scope, "charge.refunded", &charge, None);
    }
    let fields = json!({
        "status": "canceled", "canceled_at": stripe.now(), "cancellation_reason": reason, "amount_capturable": 0,
        "next_action": null,
    });
    let intent = stripe.change(scope, KIND, id, fields).object;
    stripe.emit(scope, "payment_intent.canceled", &intent, None);
    Ok(intent)
}
