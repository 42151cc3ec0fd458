//! `/v1/customer_sessions`: lets a page show a customer's payment methods.

use serde_json::{Value, json};

use super::error::ApiError;
use super::params::Params;
use crate::stripe::Stripe;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;
use crate::stripe::objects::customer_session;

/// Most methods a payment element shows, and usually.
const MOST: i64 = 10;
const USUAL: i64 = 3;

pub fn create(stripe: &mut Stripe, scope: &Scope, params: &Params) -> Result<Value, ApiError> {
    params.only(&["customer", "components"])?;
    let customer = params.require("customer")?;
    if stripe.get(scope, "customer", customer).is_none_or(|c| c.flag("deleted")) {
        return Err(ApiError::no_such("customer", customer, "customer", false));
    }
    let components = params.child("components");
    components.only(&["payment_element"])?;
    let element = components.child("payment_element");
    if element.flag("enabled")? != Some(true) {
        return Err(ApiError::missing("components[payment_element][enabled]"));
    }
    let features = features(&element.child("features"))?;
    let secret = format!("cuss_1{}_secret_{}", stripe.id("", 23), stripe.id("", 32));
    let made = customer_session::fresh(&secret, stripe.now(), scope.place.livemode, customer, &features);
    stripe.sessions.insert(secret, (scope.place.clone(), made.clone()));
    Ok(made)
}

/// What the element may do; everything is off unless asked for.
fn features(asked: &Params) -> Result<Value, ApiError> {
    let switches = ["payment_method_redisplay", "payment_method_remove", "payment_method_save"];
    const MORE: [&str; 3] =
        ["payment_method_allow_redisplay_filters", "payment_method_redisplay_limit", "payment_method_save_usage"];
    asked.only(&[&switches[..], &MORE[..]].concat())?;
    let mut features = json!({"payment_method_allow_redisplay_filters": ["always"]});
    for switch in switches {
        let state = asked.text(switch).unwrap_or("disabled");
        if !["enabled", "disabled"].contains(&state) {
            return Err(ApiError::invalid(switch, format!("Invalid {switch}: it is enabled or disabled.")));
        }
        features.put(switch, state);
    }
    let filters = asked.texts("payment_method_allow_redisplay_filters");
    if !filters.is_empty() {
        features.put("payment_method_allow_redisplay_filters", json!(filters));
    }
    let limit = asked.int("payment_method_redisplay_limit")?;
    if limit.is_some_and(|limit| !(1..=MOST).contains(&limit)) {
        return Err(ApiError::invalid("payment_method_redisplay_limit", format!("The limit is 1 to {MOST}.")));
    }
    let redisplays = features.text("payment_method_redisplay") == "enabled";
    features.put("payment_method_redisplay_limit", redisplays.then_some(limit.unwrap_or(USUAL)));
    features.put("payment_method_save_usage", asked.text("payment_method_save_usage"));
    Ok(features)
}

/// The session behind a secret, while it lives.
pub fn behind(stripe: &Stripe, scope: &Scope, secret: &str) -> Result<Value, ApiError> {
    let found = stripe.sessions.get(secret).filter(|(place, _)| *place == scope.place);
    match found {
        Some((_, session)) if session.int("expires_at") > stripe.now() => Ok(session.clone()),
        Some(_) => Err(ApiError::invalid("customer_session_client_secret", "The customer session has expired.")),
        None => Err(ApiError::invalid("customer_session_client_secret", "No such customer session.")),
    }
}
