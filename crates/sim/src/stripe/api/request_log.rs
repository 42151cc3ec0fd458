//! What is kept of a request for tests to look at. Keys and what was typed of a card or an account are not.

use quittance::http::Request;
use serde::Serialize;

/// An API request as it was seen. Bodies are kept, keys and payment details are not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoggedRequest {
    pub method: String,
    pub path: String,
    pub query: String,
    pub body: String,
    pub account: Option<String>,
    pub version: Option<String>,
    pub idempotency_key: Option<String>,
    pub status: u16,
}

impl LoggedRequest {
    pub fn from_request(request: &Request, status: u16) -> Self {
        let header = |name| request.header(name).map(str::to_owned);
        Self {
            method: request.method.clone(),
            path: request.path().to_owned(),
            query: quiet(request.query()),
            body: quiet(&String::from_utf8_lossy(&request.body)),
            account: header("stripe-account").or_else(|| header("stripe-context")),
            version: header("stripe-version"),
            idempotency_key: header("idempotency-key"),
            status,
        }
    }
}

/// The same parameters with stars where a secret stood.
fn quiet(encoded: &str) -> String {
    let secret = |name: &str| {
        name == "key" || ["[number]", "[cvc]", "[account_number]", "[iban]"].iter().any(|end| name.ends_with(end))
    };
    if !form_urlencoded::parse(encoded.as_bytes()).any(|(name, _)| secret(&name)) {
        return encoded.to_owned();
    }
    let mut kept = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(encoded.as_bytes()) {
        kept.append_pair(&name, if secret(&name) { "***" } else { &value });
    }
    kept.finish()
}
