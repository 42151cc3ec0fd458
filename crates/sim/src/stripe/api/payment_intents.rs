//! `/v1/payment_intents`

use serde_json::{Value, json};

use super::error::ApiError;
use super::params::Params;
use super::{amount, read, write};
use crate::stripe::Stripe;
use crate::stripe::books::Scope;
use crate::stripe::method::Method;
use crate::stripe::object::Fields;
use crate::stripe::objects::payment_intent;

const KIND: &str = "payment_intent";
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
/// What a creation takes at this API version.
const CREATE: &str = "amount currency allowed_payment_method_types amount_details application_fee_amount \
    automatic_payment_methods capture_method confirm confirmation_method confirmation_token customer customer_account \
    description error_on_requires_action excluded_payment_method_types hooks mandate mandate_data metadata off_session \
    on_behalf_of payment_details payment_method payment_method_configuration payment_method_data \
    payment_method_options radar_options receipt_email return_url setup_future_usage shipping statement_descriptor \
    statement_descriptor_suffix transfer_data transfer_group use_stripe_sdk";
const UPDATE: &str = "amount currency customer description metadata payment_method receipt_email setup_future_usage \
    shipping statement_descriptor statement_descriptor_suffix transfer_group";

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
    fill(stripe, scope, &mut made, params)?;
    let capture = params.text("capture_method").unwrap_or("automatic_async");
    if !["automatic", "automatic_async", "manual"].contains(&capture) {
        return Err(ApiError::invalid("capture_method", format!("Invalid capture_method: {capture}")));
    }
    made.put("capture_method", capture);
    methods(&mut made, params)?;
    let confirm = params.flag("confirm")?.unwrap_or(false);
    if confirm && !params.has("payment_method") {
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

pub fn capture(stripe: &mut Stripe, scope: &Scope, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.only(&["amount_to_capture", "final_capture", "metadata", "statement_descriptor_suffix"])?;
    take(stripe, scope, id, params.int("amount_to_capture")?)
}

/// Captures `amount`, or all that is authorized.
pub fn take(stripe: &mut Stripe, scope: &Scope, id: &str, amount: Option<i64>) -> Result<Value, ApiError> {
    let intent = read::retrieve(stripe, scope, KIND, id)?;
    if intent.text("status") != "requires_capture" {
        return Err(unexpected(&intent, "capture"));
    }
    let most = intent.int("amount_capturable");
    let amount = amount.unwrap_or(most);
    if amount < 1 || amount > most {
        let message = format!("The amount to capture must be between 1 and the {most} that are authorized.");
        return Err(ApiError::param("amount_too_large", "amount_to_capture", message));
    }
    stripe.take(scope, id, amount);
    read::retrieve(stripe, scope, KIND, id)
}

pub fn cancel(stripe: &mut Stripe, scope: &Scope, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.only(&["cancellation_reason"])?;
    give_up(stripe, scope, id, params.text("cancellation_reason"))
}

/// Cancels; an authorization is released, which shows as a refund of its charge.
pub fn give_up(stripe: &mut Stripe, scope: &Scope, id: &str, reason: Option<&str>) -> Result<Value, ApiError> {
    let intent = read::retrieve(stripe, scope, KIND, id)?;
    if reason.is_some_and(|r| !["abandoned", "duplicate", "fraudulent", "requested_by_customer"].contains(&r)) {
        return Err(ApiError::invalid("cancellation_reason", "Invalid cancellation_reason."));
    }
    if ["succeeded", "canceled", "processing"].contains(&intent.text("status")) {
        return Err(unexpected(&intent, "cancel"));
    }
    if intent.text("status") == "requires_capture" {
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

fn attempt(stripe: &mut Stripe, scope: &Scope, id: &str) -> Result<Value, ApiError> {
    let method = stripe.get(scope, KIND, id).and_then(|i| stripe.methods.get(i.text("payment_method"))).cloned();
    stripe.attempt(scope, id, &method.unwrap_or_default())?;
    read::retrieve(stripe, scope, KIND, id)
}

/// Writes what creation, update and confirmation have in common.
fn fill(stripe: &mut Stripe, scope: &Scope, intent: &mut Value, params: &Params) -> Result<(), ApiError> {
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

fn methods(intent: &mut Value, params: &Params) -> Result<(), ApiError> {
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

fn no_method(intent: &Value) -> ApiError {
    ApiError::unexpected_state(intent, "This PaymentIntent has no payment method and cannot be confirmed.")
}

fn unexpected(intent: &Value, verb: &str) -> ApiError {
    let status = intent.text("status");
    ApiError::unexpected_state(intent, format!("You cannot {verb} this PaymentIntent: its status is {status}."))
}
