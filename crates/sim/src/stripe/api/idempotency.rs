//! Idempotency keys of v1: the first result is kept for a day, errors of validation and concurrency are not.

use std::collections::BTreeMap;

use quittance::http::{Request, Response};

use super::error::ApiError;
use crate::stripe::Stripe;
use crate::stripe::books::{Place, Scope};

/// Stripe may forget a key after this time, in milliseconds.
const KEPT_MS: i64 = 24 * 3600 * 1000;
/// Longest key that Stripe takes.
const LONGEST: usize = 255;

/// Kept results by place and key.
#[derive(Debug, Default)]
pub struct Idempotency(BTreeMap<(Place, String), Kept>);

#[derive(Clone, Debug)]
struct Kept {
    path: String,
    body: Vec<u8>,
    made_ms: i64,
    /// Until then the first request is still being worked on.
    ready_ms: i64,
    /// `None` when the result is not kept: only the work's duration is.
    response: Option<Response>,
}

/// The kept answer to a repeated request, or the refusal to repeat it.
pub fn kept(stripe: &Stripe, scope: &Scope, request: &Request) -> Option<Result<Response, ApiError>> {
    let key = scope.idempotency_key.as_ref()?;
    if key.len() > LONGEST {
        let message = format!("Idempotency keys have at most {LONGEST} characters.");
        return Some(Err(ApiError::new(400, "invalid_request_error", None, message)));
    }
    let kept = stripe.idempotency.0.get(&(scope.place.clone(), key.clone()))?;
    let now = stripe.clock.now_ms();
    if now < kept.ready_ms {
        return Some(Err(ApiError::key_in_use()));
    }
    let response = kept.response.as_ref().filter(|_| now - kept.made_ms < KEPT_MS)?;
    if kept.path != request.path() || kept.body != request.body {
        let message = "Keys for idempotent requests can only be used with the same parameters and endpoint.";
        return Some(Err(ApiError::new(400, "idempotency_error", None, message)));
    }
    Some(Ok(response.clone().with("idempotency-key", key.as_str()).with("idempotent-replayed", "true")))
}

/// Keeps a result: what the endpoint did, and a 500 on the way, but no refusal to begin.
pub fn keep(stripe: &mut Stripe, scope: &Scope, request: &Request, response: &Response, after_ms: u32) {
    let Some(key) = scope.idempotency_key.clone() else { return };
    let now = stripe.clock.now_ms();
    let keep = matches!(response.status, 200 | 402 | 500);
    let kept = Kept {
        path: request.path().to_owned(),
        body: request.body.clone(),
        made_ms: now,
        ready_ms: now + i64::from(after_ms),
        response: keep.then(|| response.clone()),
    };
    stripe.idempotency.0.insert((scope.place.clone(), key), kept);
}
