//! Refusals in Stripe's envelope.

use quittance::http::Response;
use serde_json::{Map, Value, json};

/// A refusal: status, and what stands under `error`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    pub status: u16,
    /// `invalid_request_error`, `card_error`, `api_error`, `idempotency_error`
    pub kind: &'static str,
    pub code: Option<String>,
    pub message: String,
    pub param: Option<String>,
    /// Further fields of the envelope: `decline_code`, `charge`, `payment_intent`, …
    pub more: Box<Map<String, Value>>,
    /// `Stripe-Rate-Limited-Reason`
    pub limited: Option<Box<str>>,
    /// `Stripe-Should-Retry`
    pub retry: Option<bool>,
}

impl ApiError {
    pub fn new(status: u16, kind: &'static str, code: Option<&str>, message: impl Into<String>) -> Self {
        let code = code.map(str::to_owned);
        let message = message.into();
        Self { status, kind, code, message, param: None, more: Box::default(), limited: None, retry: None }
    }

    /// 400 with a code about one parameter.
    pub fn param(code: &str, param: &str, message: impl Into<String>) -> Self {
        let refused = Self::new(400, "invalid_request_error", Some(code), message);
        Self { param: Some(param.to_owned()), ..refused }
    }

    /// 400 without a code.
    pub fn invalid(param: &str, message: impl Into<String>) -> Self {
        let refused = Self::new(400, "invalid_request_error", None, message);
        Self { param: Some(param.to_owned()), ..refused }
    }

    pub fn missing(param: &str) -> Self {
        Self::param("parameter_missing", param, format!("Missing required param: {param}."))
    }

    /// 404 when the id stands in the path (`param` is `id` or the kind), 400 when it is another parameter.
    pub fn no_such(kind: &str, id: &str, param: &str, in_path: bool) -> Self {
        let refused = Self::param("resource_missing", param, format!("No such {}: '{id}'", kind.replace('.', " ")));
        Self { status: if in_path { 404 } else { 400 }, ..refused }
    }

    /// 409: the key's first request is not done yet.
    pub fn key_in_use() -> Self {
        let message = "There is currently another in-progress request using this Idempotency-Key.";
        Self::new(409, "idempotency_error", Some("idempotency_key_in_use"), message)
    }

    pub fn unexpected_state(intent: &Value, message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", Some("payment_intent_unexpected_state"), message)
            .with("payment_intent", intent.clone())
    }

    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.more.insert(key.to_owned(), value.into());
        self
    }

    pub fn response(&self, request: &str) -> Response {
        let mut error = Map::clone(&self.more);
        error.insert("type".into(), self.kind.into());
        error.insert("message".into(), self.message.as_str().into());
        if let Some(code) = &self.code {
            error.insert("code".into(), code.as_str().into());
            let page = format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-"));
            error.insert("doc_url".into(), page.into());
        }
        if let Some(param) = &self.param {
            error.insert("param".into(), param.as_str().into());
        }
        let log = format!("https://dashboard.stripe.com/test/logs/{request}");
        error.insert("request_log_url".into(), log.into());
        let response = json_response(self.status, &json!({ "error": error }));
        let response = match &self.limited {
            Some(reason) => response.with("stripe-rate-limited-reason", reason.as_ref()),
            None => response,
        };
        match self.retry {
            Some(retry) => response.with("stripe-should-retry", retry.to_string()),
            None => response,
        }
    }
}

/// Stripe sends its JSON with line breaks and indents; so do the simulated answers.
pub fn json_response(status: u16, body: &Value) -> Response {
    let mut response = Response::json(status, &Value::Null);
    response.body = written(body);
    response
}

/// Stands in a text of the simulated Stripe for half of a surrogate pair, `\ud83d`, which no text in Rust can hold. Stripe
/// passes on what a merchant's JavaScript cut in two.
pub const HALF: char = '\u{e83d}';

/// As it goes over the wire.
pub fn written(body: &Value) -> Vec<u8> {
    format!("{body:#}").replace(HALF, r"\ud83d").into_bytes()
}
