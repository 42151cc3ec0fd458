//! `/v1/refunds`

use serde_json::Value;

use super::error::ApiError;
use super::params::Params;
use super::{read, write};
use crate::stripe::Stripe;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;
use crate::stripe::refund::{Asked, RefundEnd};

const KIND: &str = "refund";
const CREATE: [&str; 10] = [
    "amount",
    "charge",
    "currency",
    "instructions_email",
    "metadata",
    "origin",
    "payment_intent",
    "reason",
    "refund_application_fee",
    "reverse_transfer",
];

pub fn create(stripe: &mut Stripe, scope: &Scope, params: &Params) -> Result<Value, ApiError> {
    params.only(&CREATE)?;
    let payment = params.text("charge").or(params.text("payment_intent")).ok_or_else(|| ApiError::missing("charge"))?;
    let reason = params.text("reason").filter(|reason| !reason.is_empty());
    if reason.is_some_and(|r| !["duplicate", "fraudulent", "requested_by_customer"].contains(&r)) {
        return Err(ApiError::invalid("reason", "Invalid reason."));
    }
    let metadata = write::metadata(&Value::Null, params)?;
    let asked = Asked { payment, amount: params.int("amount")?, reason, metadata, status: None };
    stripe.give_back(scope, &asked)
}

/// Writes metadata, the only thing of a refund that can be written.
pub fn update(stripe: &mut Stripe, scope: &Scope, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.only(&["metadata"])?;
    let before = read::retrieve(stripe, scope, KIND, id)?;
    let metadata = write::metadata(&before["metadata"], params)?;
    let change = stripe.change(scope, KIND, id, serde_json::json!({"metadata": metadata}));
    stripe.emit(scope, "refund.updated", &change.object, Some(change.previous));
    Ok(change.object)
}

/// Calls off a refund that still waits for its payer.
pub fn cancel(stripe: &mut Stripe, scope: &Scope, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.only(&[])?;
    let refund = read::retrieve(stripe, scope, KIND, id)?;
    if refund.text("status") != "requires_action" {
        let message = format!("The refund {id} cannot be canceled: its status is {}.", refund.text("status"));
        return Err(ApiError::new(400, "invalid_request_error", None, message));
    }
    stripe.move_refund(scope, id, &RefundEnd::Canceled);
    read::retrieve(stripe, scope, KIND, id)
}
