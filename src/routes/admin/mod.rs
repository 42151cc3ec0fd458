//! The operator's doors: the page, the session, the API, the metrics. docs/ADMIN.md is their contract.

mod actions;
mod metrics;
mod person;
mod queries;
mod shell;

use serde_json::{Value, json};

use super::{BODY_BYTES_SMALL, checked_body, client, not_found};
use crate::auth::{self, Caller, session};
use crate::config::Config;
use crate::error::{Code, Error};
use crate::http::{Request, Response};
use crate::ports::{DbError, Level, Limit, Runtime};

/// The largest body here, in bytes: 500 events to recover.
const BODY_BYTES_MAX: usize = 256 * 1024;
/// After so many seconds somebody who asked too often may ask again.
const RETRY_AFTER_S: &str = "60";

/// Answers `/metrics` and whatever begins with `/admin`; `None` for any other path.
pub async fn handle(rt: &Runtime, config: &Config, request: &Request) -> Option<Response> {
    let path = request.path();
    if path == "/metrics" {
        return Some(metrics::answer(rt, config, request).await);
    }
    let rest = path.strip_prefix("/admin").filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
    if config.admin.is_off() {
        return Some(not_found());
    }
    let get = matches!(request.method.as_str(), "GET" | "HEAD");
    if get && matches!(rest, "" | "/") {
        return Some(shell::page(config));
    }
    if !rt.limits.allow(Limit::AdminClient, &client(request)).await {
        return Some(refuse(&Error::of(Code::RateLimited), false));
    }
    Some(match (rest, request.method.as_str()) {
        ("/session", "POST") => sign_in(rt, config, request).await,
        _ => match auth::admit(rt, config, request, &client(request)).await {
            Ok(caller) => dispatch(rt, config, request, rest, &caller).await,
            Err(error) => refuse_caller(rt, request, &error),
        },
    })
}

async fn dispatch(rt: &Runtime, config: &Config, request: &Request, rest: &str, caller: &Caller) -> Response {
    if request.method == "GET" {
        return queries::answer(rt, config, request, rest, caller).await.unwrap_or_else(|error| refuse(&error, true));
    }
    let meant = auth::check_csrf(caller, request);
    let done = match (meant, request.method.as_str(), rest) {
        (Err(error), ..) => return refuse_caller(rt, request, &error),
        (_, "DELETE", "/session") => session::end(rt, caller, request)
            .await
            .map(|cookie| json_response(&json!({ "ended": true })).with("set-cookie", cookie)),
        (_, "POST", _) => actions::answer(rt, config, request, rest, caller).await,
        _ => Err(Error::of(Code::NotFound)),
    };
    done.unwrap_or_else(|error| refuse(&error, true))
}

async fn sign_in(rt: &Runtime, config: &Config, request: &Request) -> Response {
    if !rt.limits.allow(Limit::AdminSignIn, &client(request)).await {
        return refuse(&Error::of(Code::RateLimited), false);
    }
    let begun = match body(request, BODY_BYTES_SMALL) {
        Ok(body) => session::begin(rt, config, text(&body, "token"), text(&body, "name")).await,
        Err(error) => Err(error),
    };
    match begun {
        Ok(begun) => json_response(&caller_json(&begun.caller)).with("set-cookie", begun.cookie),
        Err(error) => refuse_caller(rt, request, &error),
    }
}

/// Who is let in, as the page reads it.
fn caller_json(caller: &Caller) -> Value {
    json!({ "who": caller.who, "via": caller.via, "csrf": caller.csrf, "until": caller.until })
}

fn refuse_caller(rt: &Runtime, request: &Request, error: &Error) -> Response {
    let fields = json!({ "code": error.code.name(), "method": request.method });
    rt.log.line(Level::Warn, "admin_refused", fields);
    refuse(error, false)
}

/// An error; with its detail for who is let in.
fn refuse(error: &Error, detail: bool) -> Response {
    let mut body = json!({ "error": { "code": error.code.name(), "message": error.code.advice() } });
    if let Some(fields) = body.get_mut("error").and_then(Value::as_object_mut).filter(|_| detail) {
        fields.insert("detail".into(), error.detail.as_str().into());
    }
    let response = with_security_headers(Response::json(error.code.status(), &body));
    if error.code == Code::RateLimited { response.with("retry-after", RETRY_AFTER_S) } else { response }
}

fn json_response(value: &Value) -> Response {
    with_security_headers(Response::json(200, value))
}

/// JSON text as the ledger made it.
fn text_response(text: String) -> Response {
    let headers = vec![("content-type".into(), "application/json; charset=utf-8".into())];
    with_security_headers(Response { status: 200, headers, body: text.into_bytes() })
}

fn with_security_headers(response: Response) -> Response {
    response.with("cache-control", "no-store").with("x-content-type-options", "nosniff")
}

/// How much of a body is read: of who is not let in no more than signing in needs. Of the others what [`body`] takes.
pub async fn body_bytes_max(rt: &Runtime, config: &Config, request: &Request) -> usize {
    let acts = request.path().starts_with("/admin/api/") && request.method == "POST" && !config.admin.is_off();
    let client = client(request);
    if !acts || !rt.limits.allow(Limit::AdminClient, &client).await {
        return BODY_BYTES_SMALL;
    }
    if auth::admit(rt, config, request, &client).await.is_ok() { BODY_BYTES_MAX } else { BODY_BYTES_SMALL }
}

/// Read member by member, not into a type of its own: each of those costs the Worker some kilobytes.
fn body(request: &Request, most: usize) -> Result<Value, Error> {
    let read = |body: &[u8]| serde_json::from_slice(body).ok().filter(Value::is_object);
    checked_body(&request.body, most).and_then(|body| read(body).ok_or_else(|| Error::of(Code::RequestInvalid)))
}

/// A text member; empty when it is none.
fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or("")
}

fn ledger_unavailable(_: DbError) -> Error {
    Error::of(Code::LedgerUnavailable)
}
