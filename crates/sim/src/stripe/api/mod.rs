//! The HTTP API: who asks, may they, was it asked before, what is to be done, how the answer looks.

mod amount;
mod auth;
mod error;
mod expand;
mod idempotency;
mod list;
mod params;
mod read;
mod route;
mod write;

pub(super) mod customers;
pub(super) mod events;
pub(super) mod payment_intents;
pub(super) mod payment_method_domains;
pub(super) mod webhook_endpoints;

use quittance::http::{Request, Response};
use serde::Serialize;

use super::Stripe;
use super::fault::Trouble;
use crate::Reply;
pub use error::{ApiError, json_response};
pub(super) use idempotency::Idempotency;
pub use params::Params;

/// An API request as it was seen. Bodies are kept, keys are not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub query: String,
    pub body: String,
    pub account: Option<String>,
    pub version: Option<String>,
    pub idempotency_key: Option<String>,
    pub status: u16,
}

/// Answers one request to `/v1/…`.
pub(super) fn serve(stripe: &mut Stripe, request: &Request) -> Reply {
    let id = stripe.id("req_", 14);
    let trouble = stripe.faults.strike(&request.method, request.path());
    if trouble == Some(Trouble::DropBefore) {
        note(stripe, request, 0);
        return Reply::Dropped;
    }
    let after_ms = if let Some(Trouble::Slow(ms)) = trouble { ms } else { 0 };
    let response = answer(stripe, request, &id, trouble.as_ref(), after_ms);
    note(stripe, request, response.status);
    let version = request.header("stripe-version").unwrap_or(&stripe.settings.api_version).to_owned();
    let response = response.with("request-id", id).with("stripe-version", version);
    if trouble == Some(Trouble::DropAfter) { Reply::Dropped } else { Reply::Answer { response, after_ms } }
}

fn answer(stripe: &mut Stripe, request: &Request, id: &str, trouble: Option<&Trouble>, after_ms: u32) -> Response {
    let refusal = trouble.and_then(Trouble::refusal);
    if let Some(refusal) = refusal.as_ref().filter(|refusal| refusal.status != 500) {
        return refusal.response(id);
    }
    let mut scope = match auth::caller(stripe, request) {
        Ok(scope) => scope,
        Err(refused) => return refused.response(id),
    };
    scope.request = Some(id.to_owned());
    if let Some(kept) = idempotency::kept(stripe, &scope, request) {
        return kept.unwrap_or_else(|refused| refused.response(id));
    }
    let done = match refusal {
        Some(refused) => Err(refused),
        None => route::work(stripe, &scope, request),
    };
    let response = match &done {
        Ok(body) => json_response(200, body),
        Err(refused) => refused.response(id),
    };
    idempotency::keep(stripe, &scope, request, &response, after_ms);
    match &scope.idempotency_key {
        Some(key) => response.with("idempotency-key", key.as_str()).with("original-request", id),
        None => response,
    }
}

fn note(stripe: &mut Stripe, request: &Request, status: u16) {
    let header = |name| request.header(name).map(str::to_owned);
    stripe.seen.push(Seen {
        method: request.method.clone(),
        path: request.path().to_owned(),
        query: request.query().to_owned(),
        body: String::from_utf8_lossy(&request.body).into_owned(),
        account: header("stripe-account").or_else(|| header("stripe-context")),
        version: header("stripe-version"),
        idempotency_key: header("idempotency-key"),
        status,
    });
}
