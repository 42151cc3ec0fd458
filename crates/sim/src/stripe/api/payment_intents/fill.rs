//! Parameters written into an intent.

use serde_json::{Value, json};

use crate::stripe::Stripe;
use crate::stripe::api::error::ApiError;
use crate::stripe::api::params::Params;
use crate::stripe::api::{payment_methods, write};
use crate::stripe::books::Scope;
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
/// Source: docs.stripe.com/api/payment_intents/create.
const LONGEST_DESCRIPTION: usize = 1_000;

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
    write::email(params, "receipt_email")?;
    write::statement_suffix(params)?;
    if params.text("description").is_some_and(|text| text.chars().count() > LONGEST_DESCRIPTION) {
        return Err(ApiError::invalid("description", "The description is too long."));
    }
    let metadata = write::metadata(&intent["metadata"], params)?;
    intent.put("metadata", metadata);
    write::texts(intent, params, &TEXTS);
    if let Some(method) = chosen(stripe, scope, intent, params)? {
        intent.put("payment_method", method);
        if intent.text("status") == "requires_payment_method" {
            intent.put("status", "requires_confirmation");
        }
    }
    Ok(())
}

/// The payment method that the parameters name or describe, if it may pay this intent.
fn chosen(stripe: &mut Stripe, scope: &Scope, intent: &Value, params: &Params) -> Result<Option<String>, ApiError> {
    let id = match params.text("payment_method") {
        Some(token) => payment_methods::held(stripe, scope, token)?,
        None if params.has("payment_method_data") => {
            let data = params.child("payment_method_data");
            payment_methods::accepted(intent, data.require("type")?)?;
            payment_methods::of_data(stripe, scope, &data)?
        }
        None => return Ok(None),
    };
    let method = stripe.get(scope, "payment_method", &id).cloned().unwrap_or_default();
    payment_methods::accepted(intent, method.text("type"))?;
    match method.maybe("customer") {
        Some(owner) if Some(owner) != intent.maybe("customer") => {
            let message = format!("The PaymentMethod {id} belongs to another customer than the PaymentIntent.");
            Err(ApiError::invalid("payment_method", message))
        }
        _ => Ok(Some(id)),
    }
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
