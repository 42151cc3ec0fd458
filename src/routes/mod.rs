//! The table of paths. Doors hold no decisions: parse, authorise, call one flow, answer.

mod admin;
mod body;
mod limits;
mod page;
mod pay;

use self::body::not_found;
use serde_json::json;

use crate::config::{Config, is_local};
use crate::error::{Code, Error};
use crate::flow;
use crate::http::{Request, Response};
use crate::ports::Runtime;

/// Where Stripe posts. `glue` answers it before the table is asked (see docs/ARCHITECTURE.md).
pub use self::body::BODY_BYTES_SMALL;
pub use self::page::embed_script;
pub use crate::flow::receive::WEBHOOK_PATH;

/// How long browsers remember to come by https alone, in seconds: a year.
pub const HSTS: &str = "max-age=31536000";

/// Answers any request.
pub async fn handle(rt: &Runtime, config: &Config, request: &Request) -> Response {
    let answer = if is_plain_http(&request.url) { https_redirect(request) } else { route(rt, config, request).await };
    answer.with("strict-transport-security", HSTS)
}

/// The most bytes that are read of a request's body before it is handed to [`handle`]. `request` has none yet.
pub async fn body_bytes_max(rt: &Runtime, config: &Config, request: &Request) -> usize {
    if is_plain_http(&request.url) { 0 } else { admin::body_bytes_max(rt, config, request).await }
}

/// Plain http from elsewhere: whatever a token or a link is worth, others have read it.
fn is_plain_http(url: &str) -> bool {
    url.starts_with("http://") && !is_local(url)
}

/// A page is asked for again by https; what sends something is refused.
fn https_redirect(request: &Request) -> Response {
    match (request.method.as_str(), request.url.strip_prefix("http")) {
        ("GET" | "HEAD", Some(rest)) => {
            Response { status: 308, headers: Vec::new(), body: Vec::new() }.with("location", format!("https{rest}"))
        }
        _ => Response::error_response(&Error::of(Code::HttpsRequired)),
    }
}

async fn route(rt: &Runtime, config: &Config, request: &Request) -> Response {
    let path = request.path();
    if let Some(answer) = admin::handle(rt, config, request).await {
        return answer;
    }
    match (path, request.method.as_str()) {
        (WEBHOOK_PATH, "POST") => flow::receive::receive(rt, config, request).await,
        (pay::BEGIN, "POST") => pay::begin(rt, config, request).await,
        (WEBHOOK_PATH | pay::BEGIN, _) => {
            Response::error_response(&Error::of(Code::MethodNotAllowed)).with("allow", "POST")
        }
        ("/health", "GET" | "HEAD") if !limits::may_read_health(rt, request).await => pay::too_many(rt),
        ("/health", "GET" | "HEAD") => health(rt, config).await,
        ("/embed.js", "GET" | "HEAD") => page::embed(config),
        (_, "GET" | "HEAD") => route_get(rt, config, request, path).await,
        _ => not_found(),
    }
}

/// Paths that name an invoice or a company by its id.
async fn route_get(rt: &Runtime, config: &Config, request: &Request, path: &str) -> Response {
    let id = |text: &str| text.parse::<i64>().ok().filter(|id| pay::is_id(*id));
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match parts.as_slice() {
        ["pay", invoice] if id(invoice).is_some() => page::shell(config),
        ["pay", "logo", company] => match id(company) {
            Some(company) => pay::logo(rt, config, request, company).await,
            None => not_found(),
        },
        ["api", "invoices", invoice, "payment"] => match id(invoice) {
            Some(invoice) => pay::payment(rt, config, request, invoice).await,
            None => not_found(),
        },
        _ => not_found(),
    }
}

/// Ready when the ledger answers. Of the settings it names those that are wrong, and shows nothing of their values.
async fn health(rt: &Runtime, config: &Config) -> Response {
    let wrong: Vec<String> = config.wrong_settings().into_iter().map(|wrong| wrong.name).collect();
    let answer = json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION"), "wrong_settings": wrong });
    match crate::ledger::ready(&*rt.db).await {
        Ok(()) => Response::json(200, &answer),
        Err(_) => Response::error_response(&Error::of(Code::LedgerUnavailable)),
    }
}
