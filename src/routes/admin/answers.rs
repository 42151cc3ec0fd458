//! What operators' requests carry, and how they are answered.

use serde_json::{Value, json};

use crate::auth::Caller;
use crate::error::{Code, Error};
use crate::http::{Request, Response};
use crate::routes::body::checked_body;

/// The largest body here, in bytes: 500 events to recover.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// After so many seconds somebody who asked too often may ask again.
const RETRY_AFTER_S: &str = "60";

/// The longest reason, in characters.
pub const REASON_CHARS_MAX: usize = 500;
/// Who is let in, as the page reads it.
pub fn caller_json(caller: &Caller) -> Value {
    json!({ "who": caller.who, "via": caller.via, "csrf": caller.csrf, "until": caller.until })
}

/// An error; with its detail for who is let in.
pub fn refuse(error: &Error, detail: bool) -> Response {
    let mut body = json!({ "error": { "code": error.code.name(), "message": error.code.advice() } });
    if let Some(fields) = body.get_mut("error").and_then(Value::as_object_mut).filter(|_| detail) {
        fields.insert("detail".into(), error.detail.as_str().into());
    }
    let response = with_security_headers(Response::json(error.code.status(), &body));
    if error.code == Code::RateLimited { response.with("retry-after", RETRY_AFTER_S) } else { response }
}

pub fn json_response(value: &Value) -> Response {
    with_security_headers(Response::json(200, value))
}

/// JSON text as the ledger made it.
pub fn text_response(text: String) -> Response {
    let headers = vec![("content-type".into(), "application/json; charset=utf-8".into())];
    with_security_headers(Response { status: 200, headers, body: text.into_bytes() })
}

pub fn with_security_headers(response: Response) -> Response {
    response.with("cache-control", "no-store").with("x-content-type-options", "nosniff")
}

/// Read member by member, not into a type of its own: each of those costs the Worker some kilobytes.
pub fn body(request: &Request, most: usize) -> Result<Value, Error> {
    let read = |body: &[u8]| serde_json::from_slice(body).ok().filter(Value::is_object);
    checked_body(&request.body, most).and_then(|body| read(body).ok_or_else(|| Error::of(Code::RequestInvalid)))
}

/// A text member; empty when it is none.
pub fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or("")
}

/// Why somebody does something; a sentence is needed where `needed`.
pub fn reason(body: &Value, needed: bool) -> Result<String, Error> {
    let text = text(body, "reason").trim().to_owned();
    let good = text.chars().count() <= REASON_CHARS_MAX && !(needed && text.is_empty());
    if good { Ok(text) } else { Err(Error::new(Code::RequestInvalid, "`reason` has 1 to 500 characters.")) }
}
