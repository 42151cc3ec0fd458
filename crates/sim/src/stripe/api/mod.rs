//! The HTTP API: who asks, may they, was it asked before, what is to be done, how the answer looks.

mod amount;
mod auth;
mod browser;
mod error;
mod expand;
mod idempotency;
mod list;
mod page;
mod params;
mod read;
mod request_log;
mod route;
mod search;
mod write;

pub(super) mod balance_transactions;
pub(super) mod customer_sessions;
pub(super) mod customers;
pub(super) mod events;
pub(super) mod payment_intents;
pub(super) mod payment_method_domains;
pub(super) mod payment_methods;
pub(super) mod payouts;
pub(super) mod refunds;
pub(super) mod webhook_endpoints;

use quittance::http::{Request, Response};

use super::Stripe;
use super::fault::Trouble;
use crate::Reply;
pub use error::{ApiError, HALF, json_response, written};
pub(super) use idempotency::Idempotency;
pub use params::Params;
pub use request_log::LoggedRequest;

/// Answers one request to `/v1/…`.
pub(super) fn serve(stripe: &mut Stripe, request: &Request) -> Reply {
    if let Some(preflight) = browser::preflight(request) {
        return Reply::now(preflight);
    }
    let id = stripe.id("req_", 14);
    let (trouble, retry) = stripe.faults.strike(&request.method, request.path()).unzip();
    if trouble == Some(Trouble::DropBefore) {
        stripe.seen.push(LoggedRequest::from_request(request, 0));
        return Reply::Dropped;
    }
    let after_ms = if let Some(Trouble::Slow(ms)) = trouble { ms } else { 0 };
    let refusal = trouble.as_ref().and_then(Trouble::refusal);
    let refusal = refusal.map(|refusal| ApiError { retry: retry.flatten(), ..refusal });
    let response = answer(stripe, request, &id, refusal, after_ms);
    stripe.seen.push(LoggedRequest::from_request(request, response.status));
    let version = request.header("stripe-version").unwrap_or(&stripe.settings.api_version).to_owned();
    let response = response.with("request-id", id).with("stripe-version", version);
    let response = browser::open(request, response);
    let response = if trouble == Some(Trouble::Endless) { crate::endless(response) } else { response };
    if trouble == Some(Trouble::DropAfter) { Reply::Dropped } else { Reply::Answer { response, after_ms } }
}

fn answer(stripe: &mut Stripe, request: &Request, id: &str, refusal: Option<ApiError>, after_ms: u32) -> Response {
    if let Some(refusal) = refusal.as_ref().filter(|refusal| refusal.status != 500) {
        return refusal.response(id);
    }
    let encoded = if request.method == "GET" { request.query().as_bytes() } else { &request.body };
    let params = Params::parse(encoded);
    let (mut scope, page) = match auth::caller(stripe, request, &params) {
        Ok(caller) => caller,
        Err(refused) => return refused.response(id),
    };
    scope.request = Some(id.to_owned());
    if let Some(kept) = idempotency::kept(stripe, &scope, request) {
        return kept.unwrap_or_else(|refused| refused.response(id));
    }
    let done = match refusal {
        Some(refused) => Err(refused),
        None if page => page::work(stripe, &scope, request, &params),
        None => route::work(stripe, &scope, request, &params),
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
