//! `/v1/payment_method_domains`

use serde_json::{Value, json};

use super::error::ApiError;
use super::params::Params;
use super::read;
use crate::stripe::Stripe;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;
use crate::stripe::objects::payment_method_domain;

const KIND: &str = "payment_method_domain";

/// Registering a domain again gives the one there is.
pub fn create(stripe: &mut Stripe, scope: &Scope, params: &Params) -> Result<Value, ApiError> {
    params.only(&["domain_name", "enabled"])?;
    let name = params.require("domain_name")?;
    if name.contains(['/', ':', ' ']) || !name.contains('.') {
        return Err(ApiError::invalid("domain_name", format!("Invalid domain name: {name}")));
    }
    let enabled = params.flag("enabled")?.unwrap_or(true);
    if let Some(there) = stripe.having(scope, KIND, |row| row.text("domain_name") == name).pop() {
        return Ok(there);
    }
    let id = stripe.id("pmd_1", 23);
    let mut made = payment_method_domain::fresh(&id, stripe.now(), scope.place.livemode, name);
    made.put("enabled", enabled);
    stripe.books_mut(&scope.place).put(made.clone());
    Ok(made)
}

pub fn update(stripe: &mut Stripe, scope: &Scope, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.only(&["enabled"])?;
    let before = read::retrieve(stripe, scope, KIND, id)?;
    let enabled = params.flag("enabled")?.unwrap_or(before.flag("enabled"));
    Ok(stripe.change(scope, KIND, id, json!({"enabled": enabled})).object)
}
