//! What a page may: its key is public, so an object's client secret stands for the right to it, and nothing is
//! shown that is the merchant's alone.

use quittance::http::Request;
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::params::Params;
use super::{customer_sessions, expand, payment_intents, read};
use crate::stripe::Stripe;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;
use crate::stripe::objects::payment_intent::types;

/// Fields of a PaymentIntent that a page sees.
const SHOWN: &str = "id object amount amount_details automatic_payment_methods canceled_at cancellation_reason \
    capture_method client_secret confirmation_method created currency description last_payment_error livemode \
    next_action payment_method payment_method_configuration_details payment_method_types processing receipt_email \
    setup_future_usage shipping source status";

/// Does what a page asks for.
pub fn work(stripe: &mut Stripe, scope: &Scope, request: &Request, params: &Params) -> Result<Value, ApiError> {
    let path = request.path().strip_prefix("/v1/").unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let done = match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["elements", "sessions"]) => return session(stripe, scope, params),
        ("GET", ["payment_intents", id]) => owned(stripe, scope, id, params),
        ("POST", ["payment_intents", id, "confirm"]) => {
            owned(stripe, scope, id, params).and_then(|_| payment_intents::confirm(stripe, scope, id, params))
        }
        ("POST", ["3ds2", "authenticate"]) => authenticate(stripe, scope, params),
        _ => {
            let message = "A publishable key may not make this call. Make it from your server, with a secret key.";
            Err(ApiError::new(401, "invalid_request_error", Some("secret_key_required"), message))
        }
    };
    let mut intent = done.map_err(redacted)?;
    if params.texts("expand").iter().any(|path| *path != "payment_method") {
        return Err(ApiError::invalid("expand", "A publishable key may expand payment_method only."));
    }
    expand::expand(stripe, scope, &mut intent, params)?;
    Ok(shown(&intent))
}

/// A PaymentIntent whose secret the page knows.
fn owned(stripe: &Stripe, scope: &Scope, id: &str, params: &Params) -> Result<Value, ApiError> {
    let secret = params.require("client_secret")?;
    let intent = read::retrieve(stripe, scope, "payment_intent", id)
        .map_err(|unknown| ApiError { param: Some("intent".into()), ..unknown })?;
    if intent.text("client_secret") == secret {
        return Ok(intent);
    }
    Err(ApiError::param("payment_intent_invalid_parameter", "client_secret", "The secret is not this PaymentIntent's."))
}

/// The answer of the 3-D Secure dialog. A payer who closes it has not authenticated.
fn authenticate(stripe: &mut Stripe, scope: &Scope, params: &Params) -> Result<Value, ApiError> {
    params.only(&["key", "payment_intent", "client_secret", "outcome"])?;
    let id = params.require("payment_intent")?;
    owned(stripe, scope, id, params)?;
    let passed = match params.require("outcome")? {
        "accept" => true,
        "refuse" | "close" => false,
        _ => return Err(ApiError::invalid("outcome", "The outcome is accept, refuse or close.")),
    };
    stripe.authenticate(id, passed)?;
    owned(stripe, scope, id, params)
}

/// What the payment element needs to draw itself.
fn session(stripe: &Stripe, scope: &Scope, params: &Params) -> Result<Value, ApiError> {
    const KNOWN: [&str; 6] =
        ["key", "type", "locale", "client_secret", "customer_session_client_secret", "deferred_intent"];
    params.only(&KNOWN)?;
    let intent = match params.text("client_secret") {
        Some(secret) => owned(stripe, scope, secret.split("_secret_").next().unwrap_or_default(), params)?,
        None => {
            let currency = params.child("deferred_intent").require("currency")?.to_lowercase();
            json!({"payment_method_types": types(&currency)})
        }
    };
    let customer = match params.text("customer_session_client_secret") {
        Some(secret) => customer(stripe, scope, &intent, secret)?,
        None => Value::Null,
    };
    let own = if intent.maybe("id").is_some() { shown(&intent) } else { Value::Null };
    Ok(json!({
        "object": "elements_session", "payment_intent": own, "customer": customer,
        "ordered_payment_method_types": intent["payment_method_types"], "livemode": scope.place.livemode,
    }))
}

/// The customer's methods that the session lets the element show, newest first.
fn customer(stripe: &Stripe, scope: &Scope, intent: &Value, secret: &str) -> Result<Value, ApiError> {
    let session = customer_sessions::behind(stripe, scope, secret)?;
    let customer = session.text("customer");
    if intent.maybe("id").is_some() && intent.text("customer") != customer {
        let message = "The customer session is of another customer than the PaymentIntent.";
        return Err(ApiError::invalid("customer_session_client_secret", message));
    }
    let features = &session["components"]["payment_element"]["features"];
    let filters = features["payment_method_allow_redisplay_filters"].as_array().cloned().unwrap_or_default();
    let types = intent["payment_method_types"].as_array().cloned().unwrap_or_default();
    let mut methods = stripe.having(scope, "payment_method", |method| {
        method.text("customer") == customer
            && filters.contains(&method["allow_redisplay"])
            && types.contains(&method["type"])
    });
    methods.reverse();
    methods.truncate(usize::try_from(features.int("payment_method_redisplay_limit")).unwrap_or(0));
    Ok(json!({"customer_session": session, "payment_methods": methods}))
}

fn shown(intent: &Value) -> Value {
    let fields = SHOWN.split_whitespace().filter_map(|field| Some((field.to_owned(), intent.get(field)?.clone())));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// An intent inside a refusal is shown to a page like any other.
fn redacted(mut refused: ApiError) -> ApiError {
    if let Some(intent) = refused.more.get_mut("payment_intent") {
        *intent = shown(intent);
    }
    refused
}
