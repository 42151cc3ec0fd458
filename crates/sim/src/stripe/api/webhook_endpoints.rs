//! `/v1/webhook_endpoints`: the secret is shown once, version and `connect` cannot be changed.

use serde_json::{Value, json};

use super::error::ApiError;
use super::params::Params;
use super::{read, write};
use crate::stripe::Stripe;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;
use crate::stripe::objects::webhook_endpoint;

const KIND: &str = "webhook_endpoint";
/// Most endpoints of an account in one mode.
const MOST: usize = 16;

pub fn create(stripe: &mut Stripe, scope: &Scope, params: &Params) -> Result<Value, ApiError> {
    params.only(&["url", "enabled_events", "api_version", "connect", "description", "metadata"])?;
    let url = params.require("url")?;
    check_url(url, scope)?;
    let types = params.texts("enabled_events");
    if types.is_empty() {
        return Err(ApiError::missing("enabled_events"));
    }
    let metadata = write::metadata(&Value::Null, params)?;
    let connect = params.flag("connect")?.unwrap_or(false);
    if stripe.having(scope, KIND, |_| true).len() >= MOST {
        let message = format!("You have reached the maximum of {MOST} test webhook endpoints.");
        return Err(ApiError::new(400, "invalid_request_error", None, message));
    }
    let id = add(stripe, scope, url, &types);
    let mut fields = json!({"metadata": metadata});
    write::texts(&mut fields, params, &["api_version", "description"]);
    let mut shown = stripe.change(scope, KIND, &id, fields).object;
    let secret = stripe.id("whsec_", 32);
    let hook = stripe.post.hooks.entry(id).or_default();
    hook.connect = connect;
    hook.secrets = vec![(secret.clone(), None)];
    shown.put("secret", secret);
    Ok(shown)
}

/// Adds an endpoint without a secret and gives its id.
pub fn add(stripe: &mut Stripe, scope: &Scope, url: &str, types: &[&str]) -> String {
    let id = stripe.id("we_1", 23);
    let made = webhook_endpoint::fresh(&id, stripe.now(), scope.place.livemode, url, types);
    stripe.books_mut(&scope.place).put(made);
    id
}

pub fn update(stripe: &mut Stripe, scope: &Scope, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.only(&["url", "enabled_events", "disabled", "description", "metadata"])?;
    let mut after = read::retrieve(stripe, scope, KIND, id)?;
    if let Some(url) = params.text("url") {
        check_url(url, scope)?;
    }
    let metadata = write::metadata(&after["metadata"], params)?;
    after.put("metadata", metadata);
    write::texts(&mut after, params, &["url", "description"]);
    if params.has("enabled_events") {
        after.put("enabled_events", json!(params.texts("enabled_events")));
    }
    if let Some(disabled) = params.flag("disabled")? {
        after.put("status", if disabled { "disabled" } else { "enabled" });
        stripe.post.hooks.entry(id.to_owned()).or_default().disabled = disabled;
    }
    Ok(stripe.change(scope, KIND, id, after).object)
}

pub fn delete(stripe: &mut Stripe, scope: &Scope, id: &str) -> Result<Value, ApiError> {
    read::retrieve(stripe, scope, KIND, id)?;
    stripe.books_mut(&scope.place).remove(KIND, id);
    stripe.post.hooks.remove(id);
    Ok(json!({"id": id, "object": KIND, "deleted": true}))
}

/// Live endpoints are https only.
fn check_url(url: &str, scope: &Scope) -> Result<(), ApiError> {
    if url.starts_with("https://") || (url.starts_with("http://") && !scope.place.livemode) {
        return Ok(());
    }
    Err(ApiError::param("url_invalid", "url", "Invalid URL: an explicit scheme (such as https) must be given."))
}
