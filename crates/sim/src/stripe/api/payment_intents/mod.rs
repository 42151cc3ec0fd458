//! `/v1/payment_intents`

mod end;
mod fill;

use serde_json::Value;

use super::error::ApiError;
use super::params::Params;
use super::{amount, read};
use crate::stripe::Stripe;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;
use crate::stripe::objects::payment_intent;
pub use end::{cancel, capture, give_up, take};
use fill::{fill, methods};

const KIND: &str = "payment_intent";
/// What a creation takes at this API version.
const CREATE: &str = "amount currency allowed_payment_method_types amount_details application_fee_amount \
    automatic_payment_methods capture_method confirm confirmation_method confirmation_token customer customer_account \
    description error_on_requires_action excluded_payment_method_types hooks mandate mandate_data metadata off_session \
    on_behalf_of payment_details payment_method payment_method_configuration payment_method_data \
    payment_method_options radar_options receipt_email return_url setup_future_usage shipping statement_descriptor \
    statement_descriptor_suffix transfer_data transfer_group use_stripe_sdk";
const UPDATE: &str = "amount currency customer description metadata payment_method receipt_email setup_future_usage \
    shipping statement_descriptor statement_descriptor_suffix transfer_group";

const CONFIRM: &str = "capture_method client_secret confirmation_token error_on_requires_action \
    expected_payment_method_type key mandate mandate_data off_session payment_method payment_method_data \
    payment_method_options radar_options receipt_email return_url setup_future_usage shipping use_stripe_sdk";

/// Creates an intent; `tell` is false for one that is only a draft of something else.
pub fn create(stripe: &mut Stripe, scope: &Scope, params: &Params, tell: bool) -> Result<Value, ApiError> {
    if params.has("payment_method_types") {
        let message = "payment_method_types can no longer be set. Use automatic_payment_methods.";
        return Err(ApiError::param("payment_method_types_no_longer_supported", "payment_method_types", message));
    }
    params.only(&CREATE.split_whitespace().collect::<Vec<_>>())?;
    let (amount, currency) = amount::read(params)?;
    let (id, secret) = (stripe.id("pi_3", 23), stripe.id("", 25));
    let mut made = payment_intent::fresh(&id, &secret, stripe.now(), scope.place.livemode, amount, &currency);
    methods(&mut made, params)?;
    fill(stripe, scope, &mut made, params)?;
    let capture = params.text("capture_method").unwrap_or("automatic_async");
    if !["automatic", "automatic_async", "manual"].contains(&capture) {
        return Err(ApiError::invalid("capture_method", format!("Invalid capture_method: {capture}")));
    }
    made.put("capture_method", capture);
    if let Some(fee) = params.int("application_fee_amount")? {
        made.put("application_fee_amount", fee);
        made.put("application", "ca_SimPlatform");
    }
    let confirm = params.flag("confirm")?.unwrap_or(false);
    if confirm && made["payment_method"].is_null() {
        return Err(no_method(&made));
    }
    stripe.books_mut(&scope.place).put(made.clone());
    if tell {
        stripe.emit(scope, "payment_intent.created", &made, None);
    }
    if confirm { attempt(stripe, scope, &id) } else { Ok(made) }
}

pub fn update(stripe: &mut Stripe, scope: &Scope, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.only(&UPDATE.split_whitespace().collect::<Vec<_>>())?;
    let mut after = read::retrieve(stripe, scope, KIND, id)?;
    let open = ["requires_payment_method", "requires_confirmation", "requires_action"].contains(&after.text("status"));
    if params.has("amount") || params.has("currency") {
        if !open {
            return Err(unexpected(&after, "change the amount of"));
        }
        let currency = params.text("currency").unwrap_or(after.text("currency")).to_owned();
        let amount = params.int("amount")?.unwrap_or(after.int("amount"));
        let asked = Params::parse(format!("amount={amount}&currency={currency}").as_bytes());
        let (amount, currency) = amount::read(&asked)?;
        after.put("amount", amount);
        after.put("currency", currency);
    }
    fill(stripe, scope, &mut after, params)?;
    Ok(stripe.change(scope, KIND, id, after).object)
}

pub fn confirm(stripe: &mut Stripe, scope: &Scope, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.only(&CONFIRM.split_whitespace().collect::<Vec<_>>())?;
    let mut intent = read::retrieve(stripe, scope, KIND, id)?;
    let open = ["requires_payment_method", "requires_confirmation", "requires_action"].contains(&intent.text("status"));
    if !open {
        return Err(unexpected(&intent, "confirm"));
    }
    fill(stripe, scope, &mut intent, params)?;
    if intent["payment_method"].is_null() {
        return Err(no_method(&intent));
    }
    stripe.change(scope, KIND, id, intent);
    attempt(stripe, scope, id)
}

fn attempt(stripe: &mut Stripe, scope: &Scope, id: &str) -> Result<Value, ApiError> {
    let method = stripe.get(scope, KIND, id).and_then(|i| stripe.methods.get(i.text("payment_method"))).cloned();
    stripe.attempt(scope, id, &method.unwrap_or_default())?;
    read::retrieve(stripe, scope, KIND, id)
}

/// An intent that waits for its payer to authenticate.
pub fn waiting(stripe: &Stripe, scope: &Scope, id: &str) -> Result<Value, ApiError> {
    let intent = read::retrieve(stripe, scope, KIND, id)?;
    let waits = intent.text("status") == "requires_action" && !intent["next_action"].is_null();
    if waits { Ok(intent) } else { Err(unexpected(&intent, "authenticate")) }
}

fn no_method(intent: &Value) -> ApiError {
    ApiError::unexpected_state(intent, "This PaymentIntent has no payment method and cannot be confirmed.")
}

fn unexpected(intent: &Value, verb: &str) -> ApiError {
    let status = intent.text("status");
    ApiError::unexpected_state(intent, format!("You cannot {verb} this PaymentIntent: its status is {status}."))
}
