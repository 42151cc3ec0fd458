//! The operator's doors: the page, the session, the API, the metrics. docs/ADMIN.md is their contract.

mod actions;
mod answers;
mod metrics;
mod person;
mod queries;
mod shell;

use serde_json::json;

use self::answers::{BODY_BYTES_MAX, body, caller_json, json_response, refuse, text};
use super::body::{BODY_BYTES_SMALL, not_found};
use super::limits::client;
use crate::auth::{self, Caller, session};
use crate::config::Config;
use crate::error::{Code, Error};
use crate::http::{Request, Response};
use crate::ports::{Level, Limit, Runtime};

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

fn refuse_caller(rt: &Runtime, request: &Request, error: &Error) -> Response {
    let fields = json!({ "code": error.code.name(), "method": request.method });
    rt.log.line(Level::Warn, "admin_refused", fields);
    refuse(error, false)
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
