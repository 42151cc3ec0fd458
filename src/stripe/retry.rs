//! Whether asking again can help. Pure: when to ask again is the ledger's schedule, not the client's.

use crate::http::Response;
use crate::ports::HttpFault;

/// What to make of one exchange with Stripe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAdvice {
    /// 2xx.
    Answered,
    /// The same request, with the same idempotency key, may succeed later.
    Again,
    /// The same request gets the same answer.
    Final,
}

/// Stripe's own word (`Stripe-Should-Retry`) first; else 409 (a lock or a key in use), 429, 5xx and a network
/// fault are worth another try, as in Stripe's SDKs.
pub fn retry_advice(exchange: &Result<Response, HttpFault>) -> RetryAdvice {
    let Ok(response) = exchange else { return RetryAdvice::Again };
    if (200..300).contains(&response.status) {
        return RetryAdvice::Answered;
    }
    match response.header("stripe-should-retry") {
        Some("true") => RetryAdvice::Again,
        Some("false") => RetryAdvice::Final,
        _ if matches!(response.status, 409 | 429 | 500..=599) => RetryAdvice::Again,
        _ => RetryAdvice::Final,
    }
}
