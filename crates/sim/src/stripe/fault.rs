//! What goes wrong with API requests.

use serde::Deserialize;

use super::api::ApiError;
use crate::Rng;

/// One kind of trouble, for the next requests that fit.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiFault {
    /// `GET`, `POST`, `DELETE`; empty fits all.
    #[serde(default)]
    pub method: String,
    /// A beginning of the path; empty fits all.
    #[serde(default)]
    pub path: String,
    /// How many requests it strikes before it is gone.
    #[serde(default = "once")]
    pub times: u32,
    /// Of the requests that fit, in percent.
    #[serde(default = "all")]
    pub percent: u8,
    /// What `Stripe-Should-Retry` says with a refusal; usually it is not sent.
    #[serde(default)]
    pub should_retry: Option<bool>,
    pub kind: Trouble,
}

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// 429 with this `Stripe-Rate-Limited-Reason`: `global-rate`, `endpoint-rate`, `global-concurrency`,
    /// `endpoint-concurrency` or `resource-specific`.
    RateLimited(String),
    /// 429 `lock_timeout`, without that header.
    LockTimeout,
    /// 409 `idempotency_key_in_use`, as if the same key were just being worked on.
    KeyInUse,
    /// 500 after the endpoint began, so that an idempotency key keeps it.
    ServerError,
    /// 503 before anything was looked at.
    Unavailable,
    /// 400 about this parameter, before anything was looked at; the empty text names none.
    Refused(String),
    /// 403: a restricted key lacks this permission.
    Forbidden(String),
    /// The connection breaks before the work.
    DropBefore,
    /// The connection breaks after the work.
    DropAfter,
    /// The work is done, and the answer is longer than anybody reads.
    Endless,
    /// The answer takes so many milliseconds.
    Slow(u32),
}

fn once() -> u32 {
    1
}
fn all() -> u8 {
    100
}

impl ApiFault {
    /// The next request to a path meets it, once.
    pub fn next(path: &str, kind: Trouble) -> Self {
        Self { method: String::new(), path: path.to_owned(), times: once(), percent: all(), should_retry: None, kind }
    }
}

/// Troubles to come, the first that fits strikes.
#[derive(Debug)]
pub struct Faults {
    coming: Vec<ApiFault>,
    rng: Rng,
}

impl Faults {
    pub(super) fn seeded(seed: u64) -> Self {
        Self { coming: Vec::new(), rng: Rng::seeded(seed) }
    }

    pub fn add(&mut self, fault: ApiFault) {
        self.coming.push(fault);
    }

    pub fn clear(&mut self) {
        self.coming.clear();
    }

    /// The trouble of a request, and what `Stripe-Should-Retry` says.
    pub(super) fn strike(&mut self, method: &str, path: &str) -> Option<(Trouble, Option<bool>)> {
        let rng = &self.rng;
        let at = self.coming.iter().position(|fault| {
            (fault.method.is_empty() || fault.method == method)
                && path.starts_with(&fault.path)
                && rng.percent(fault.percent)
        })?;
        let fault = self.coming.get_mut(at)?;
        let struck = (fault.kind.clone(), fault.should_retry);
        fault.times = fault.times.saturating_sub(1);
        if fault.times == 0 {
            self.coming.remove(at);
        }
        Some(struck)
    }
}

impl Trouble {
    /// The refusal it makes at once, if it is one.
    pub(super) fn refusal(&self) -> Option<ApiError> {
        let refusal = |status, kind, code, message: &str| Some(ApiError::new(status, kind, code, message));
        match self {
            Self::RateLimited(reason) => {
                let limited = ApiError::new(429, "invalid_request_error", Some("rate_limit"), "Too many requests.");
                Some(ApiError { limited: Some(reason.as_str().into()), ..limited })
            }
            Self::LockTimeout => {
                let message = "Another request is working on this object. Try again.";
                refusal(429, "invalid_request_error", Some("lock_timeout"), message)
            }
            Self::KeyInUse => Some(ApiError::key_in_use()),
            Self::ServerError => refusal(500, "api_error", None, "An unknown error occurred."),
            Self::Refused(param) => {
                let refused =
                    ApiError::new(400, "invalid_request_error", None, "That is not possible for this account.");
                Some(ApiError { param: Some(param.clone()).filter(|param| !param.is_empty()), ..refused })
            }
            Self::Forbidden(permission) => {
                let message = format!("The provided key does not have the required permission {permission}.");
                refusal(403, "invalid_request_error", Some("permission_denied"), &message)
            }
            Self::Unavailable => refusal(503, "api_error", None, "Stripe is unavailable."),
            Self::DropBefore | Self::DropAfter | Self::Endless | Self::Slow(_) => None,
        }
    }
}
