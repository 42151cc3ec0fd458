//! Parameters written into an intent.

use serde_json::{Value, json};

use crate::stripe::Stripe;
use crate::stripe::api::error::ApiError;
use crate::stripe::api::params::Params;
use crate::stripe::api::write;
use crate::stripe::books::Scope;
use crate::stripe::method::Method;
use crate::stripe::object::Fields;

const TEXTS: [&str; 8] = [
    "customer",
    "customer_account",
    "description",
    "receipt_email",
    "setup_future_usage",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
];
/// Writes what creation, update and confirmation have in common.
pub fn fill(stripe: &mut Stripe, scope: &Scope, intent: &mut Value, params: &Params) -> Result<(), ApiError> {
    if let Some(customer) = params.text("customer").filter(|c| !c.is_empty())
        && stripe.get(scope, "customer", customer).is_none_or(|c| c.flag("deleted"))
    {
        return Err(ApiError::no_such("customer", customer, "customer", false));
    }
    if params.text("statement_descriptor").is_some_and(|text| !text.is_empty()) {
        let message = "statement_descriptor cannot be set on card payments. Use statement_descriptor_suffix.";
        return Err(ApiError::invalid("statement_descriptor", message));
    }
    let metadata = write::metadata(&intent["metadata"], params)?;
    intent.put("metadata", metadata);
    write::texts(intent, params, &TEXTS);
    if let Some(token) = params.text("payment_method") {
        let id = held(stripe, token)?;
        intent.put("payment_method", id);
        if intent.text("status") == "requires_payment_method" {
            intent.put("status", "requires_confirmation");
        }
    }
    Ok(())
}

/// The id of a payment method: itself, or a new one behind a test token.
fn held(stripe: &mut Stripe, token: &str) -> Result<String, ApiError> {
    if stripe.methods.contains_key(token) {
        return Ok(token.to_owned());
    }
    let method =
        Method::of_token(token).ok_or_else(|| ApiError::no_such("PaymentMethod", token, "payment_method", false))?;
    let id = stripe.id("pm_1", 23);
    stripe.methods.insert(id.clone(), method);
    Ok(id)
}

/// Which methods may pay it.
pub fn methods(intent: &mut Value, params: &Params) -> Result<(), ApiError> {
    let allowed = params.texts("allowed_payment_method_types");
    if !allowed.is_empty() {
        intent.put("allowed_payment_method_types", json!(allowed));
        intent.put("payment_method_types", json!(allowed));
    }
    let automatic = params.child("automatic_payment_methods");
    if let Some(enabled) = automatic.flag("enabled")? {
        let redirects = automatic.text("allow_redirects").unwrap_or("always");
        intent.put("automatic_payment_methods", json!({"enabled": enabled, "allow_redirects": redirects}));
    }
    Ok(())
}
