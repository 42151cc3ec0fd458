//! What Stripe's refusals mean here. Stripe's messages are not passed on: they may name keys and customers.

use serde::Deserialize;

use super::retry::{RetryAdvice, retry_advice};
use crate::error::{Code, Error};
use crate::http::Response;
use crate::ports::HttpFault;

#[derive(Default, Deserialize)]
struct Envelope {
    #[serde(default)]
    error: ErrorObject,
}

/// Stripe's error object, as far as it decides something.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorObject {
    r#type: Option<String>,
    code: Option<String>,
    param: Option<String>,
    message: Option<String>,
}

/// A refusal with what a caller may decide by, besides the error that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub error: Error,
    /// Stripe's `code`, else its `type`; empty when there was no answer.
    pub code: String,
    /// The parameter that it is about.
    pub param: Option<String>,
    /// The stored answer to an earlier request with the same idempotency key, a failure of Stripe's own: it will never
    /// be another.
    pub stuck: bool,
}

impl From<Error> for Box<Refusal> {
    /// What is wrong with an answer, of which Stripe says nothing more.
    fn from(error: Error) -> Self {
        Self::new(Refusal { error, code: String::new(), param: None, stuck: false })
    }
}

/// The answer when it is 2xx; else the error:
///
/// * 401, 403: [`Code::StripeAuth`], naming the missing permission when Stripe does.
/// * an answer longer than is read: [`Code::StripeAnswerTooLarge`].
/// * no answer, 409, 429, 5xx, `Stripe-Should-Retry: true`: [`Code::StripeUnavailable`].
/// * 404 `resource_missing`: [`Code::StripeObjectMissing`].
/// * anything else: [`Code::StripeRefused`] with Stripe's code and parameter.
///
/// `what` names the request for the operator: `GET /v1/payment_intents/pi_1`.
pub fn check(exchange: Result<Response, HttpFault>, what: &str) -> Result<Response, Box<Refusal>> {
    let verdict = retry_advice(&exchange);
    let response = match exchange {
        Ok(response) if verdict == RetryAdvice::Answered => return Ok(response),
        Ok(response) => response,
        Err(fault) => {
            let error = match fault {
                HttpFault::TimedOut => unavailable(what, "no answer in time"),
                HttpFault::Unreachable(_) => unavailable(what, "no connection"),
                HttpFault::TooLarge => {
                    Error::new(Code::StripeAnswerTooLarge, format!("{what}: {}", Code::StripeAnswerTooLarge.advice()))
                }
            };
            return Err(Box::new(Refusal { error, code: String::new(), param: None, stuck: false }));
        }
    };
    let said = serde_json::from_slice::<Envelope>(&response.body).unwrap_or_default().error;
    let code = said.code.as_deref().or(said.r#type.as_deref()).unwrap_or("no code").to_owned();
    let stuck = response.status >= 500 && response.header("idempotent-replayed") == Some("true");
    let error = error(&response, verdict, &code, &said, what);
    Err(Box::new(Refusal { error, code, param: said.param, stuck }))
}

fn error(response: &Response, verdict: RetryAdvice, code: &str, said: &ErrorObject, what: &str) -> Error {
    let told = error_detail(response.status, code, response);
    match response.status {
        401 => Error::new(
            Code::StripeAuth,
            format!(
                "Stripe refuses STRIPE_API_KEY at {what} ({told}); set a valid key with `quittance setup secrets`."
            ),
        ),
        403 => Error::new(Code::StripeAuth, permission_detail(what, &told, said.message.as_deref())),
        _ if verdict == RetryAdvice::Again => unavailable(what, &told),
        404 if code == "resource_missing" => Error::new(
            Code::StripeObjectMissing,
            format!(
                "Stripe does not know what {what} asks for ({told}); look the id up in the dashboard, in the key's own mode and account."
            ),
        ),
        _ => {
            let param = said.param.as_deref().map(|p| format!(", parameter {p}")).unwrap_or_default();
            Error::new(Code::StripeRefused, format!("Stripe refuses {what} ({told}{param})."))
        }
    }
}

fn unavailable(what: &str, why: &str) -> Error {
    Error::new(Code::StripeUnavailable, format!("Stripe did not serve {what} ({why}); it is asked again by itself."))
}

/// Status, code, the rate limit's name, and the id under which Stripe's dashboard shows the request.
fn error_detail(status: u16, code: &str, response: &Response) -> String {
    let mut text = format!("{status} {code}");
    for name in ["stripe-rate-limited-reason", "request-id"] {
        if let Some(value) = response.header(name) {
            text.push_str(", ");
            text.push_str(value);
        }
    }
    text
}

fn permission_detail(what: &str, said: &str, message: Option<&str>) -> String {
    match message.and_then(permission) {
        Some(permission) => format!(
            "Stripe refuses {what}: the restricted key lacks the permission {permission} ({said}); add it to the key in the dashboard."
        ),
        None => format!(
            "Stripe refuses {what} ({said}): the key lacks a permission or does not belong to the account; compare both in the dashboard."
        ),
    }
}

/// The permission's id (`rak_…`), which Stripe's 403 message names.
fn permission(message: &str) -> Option<&str> {
    let rest = message.get(message.find("rak_")?..)?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    rest.get(..end)
}
