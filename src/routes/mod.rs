//! The table of paths. Doors hold no decisions: parse, authorise, call one flow, answer.

mod admin;
mod limits;
mod page;
mod pay;

use limits::client;
use serde_json::json;

use crate::config::Config;
use crate::error::{Code, Error};
use crate::flow;
use crate::http::{Request, Response};
use crate::ports::Runtime;

/// Where Stripe posts. `glue` answers it before the table is asked (see docs/ARCHITECTURE.md).
pub use crate::flow::receive::WEBHOOK;

/// Answers any request.
pub async fn handle(rt: &Runtime, config: &Config, request: &Request) -> Response {
    let path = request.path();
    if let Some(answer) = admin::handle(rt, config, request).await {
        return answer;
    }
    match (path, request.method.as_str()) {
        (WEBHOOK, "POST") => flow::receive::receive(rt, config, request).await,
        (pay::BEGIN, "POST") => pay::begin(rt, config, request).await,
        (WEBHOOK | pay::BEGIN, _) => Response::refusal(&Error::of(Code::MethodNotAllowed)).with("allow", "POST"),
        ("/health", "GET" | "HEAD") if !limits::health(rt, request).await => pay::too_many(rt),
        ("/health", "GET" | "HEAD") => health(rt).await,
        ("/embed.js", "GET" | "HEAD") => page::embed(config),
        (_, "GET" | "HEAD") => read(rt, config, request, path).await,
        _ => not_found(),
    }
}

/// Paths that name an invoice or a company by its id.
async fn read(rt: &Runtime, config: &Config, request: &Request, path: &str) -> Response {
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

fn not_found() -> Response {
    Response::refusal(&Error::of(Code::NotFound))
}

/// Ready when the ledger answers. Tells a stranger nothing else.
async fn health(rt: &Runtime) -> Response {
    match crate::ledger::ready(&*rt.db).await {
        Ok(()) => Response::json(200, &json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })),
        Err(_) => Response::refusal(&Error::of(Code::LedgerUnavailable)),
    }
}
