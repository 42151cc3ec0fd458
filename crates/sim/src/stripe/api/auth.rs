//! Who asks: the key decides account and mode, a header may name a connected account.

use quittance::http::Request;

use super::error::ApiError;
use super::params::Params;
use super::route;
use crate::stripe::books::{Place, Scope};
use crate::stripe::{Key, Stripe};

/// The place a request works in and whether a page asks, or why it may not. A page gives its key as a parameter.
pub fn caller(stripe: &Stripe, request: &Request, params: &Params) -> Result<(Scope, bool), ApiError> {
    let unauthorized = |message: String| ApiError::new(401, "invalid_request_error", None, message);
    let given = bearer(request).or_else(|| params.text("key").filter(|key| key.starts_with("pk_")).map(str::to_owned));
    let given = given.ok_or_else(|| unauthorized("You did not provide an API key.".into()))?;
    let page = stripe.settings.publishable.contains(&given).then(|| Key::full(&given));
    let key = page.as_ref().or_else(|| stripe.settings.keys.iter().find(|key| key.secret == given));
    let key = key.ok_or_else(|| unauthorized(format!("Invalid API Key provided: {}", masked(&given))))?;
    let named = request.header("stripe-account").or_else(|| request.header("stripe-context"));
    let account = named.unwrap_or(&stripe.settings.account);
    if account != stripe.settings.account && !stripe.settings.connected.iter().any(|c| c == account) {
        let message = format!("The key '{}' does not have access to account '{account}'.", masked(&given));
        return Err(ApiError::new(403, "invalid_request_error", Some("account_invalid"), message));
    }
    let (resource, verb) = route::permission(request);
    if !key.may(&resource, verb) {
        let message = format!(
            "The provided key '{}' does not have the required permissions for this endpoint on account '{account}'. \
             Having the 'rak_{resource}_{verb}' permission would allow this request to continue.",
            masked(&given)
        );
        return Err(ApiError::new(403, "invalid_request_error", None, message));
    }
    if let Some(version) = request.header("stripe-version").filter(|version| !looks_like_version(version)) {
        let message = format!("Invalid Stripe API version: {version}.");
        return Err(ApiError::new(400, "invalid_request_error", None, message));
    }
    let scope = Scope {
        place: Place { account: account.to_owned(), livemode: key.livemode() },
        request: None,
        idempotency_key: request.header("idempotency-key").filter(|_| request.method == "POST").map(str::to_owned),
    };
    Ok((scope, page.is_some()))
}

/// `2026-10-28.endive`, or a date alone as before the trains.
fn looks_like_version(version: &str) -> bool {
    let (date, train) = version.split_once('.').map_or((version, None), |(date, train)| (date, Some(train)));
    let parts: Vec<&str> = date.split('-').collect();
    parts.iter().map(|p| p.len()).eq([4, 2, 2])
        && parts.iter().all(|p| p.bytes().all(|b| b.is_ascii_digit()))
        && train.is_none_or(|train| !train.is_empty() && train.bytes().all(|b| b.is_ascii_lowercase()))
}

/// The key after `Bearer`.
fn bearer(request: &Request) -> Option<String> {
    let (scheme, value) = request.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| value.trim().to_owned()).filter(|key| !key.is_empty())
}

/// `sk_test_***imim`: enough to know which key it was.
fn masked(key: &str) -> String {
    let tail = key.len().saturating_sub(4);
    format!("{}***{}", key.get(..8.min(tail)).unwrap_or_default(), key.get(tail..).unwrap_or_default())
}
