//! The table of paths. Doors hold no decisions: parse, authorise, call one flow, answer.

use serde_json::json;

use crate::config::Config;
use crate::error::{Code, Error};
use crate::flow;
use crate::http::{Request, Response};
use crate::ports::Runtime;

/// Where Stripe posts. `glue` answers it before the table is asked (see docs/ARCHITECTURE.md).
pub const WEBHOOK: &str = "/webhooks/stripe";

/// Answers any request.
pub async fn handle(rt: &Runtime, config: &Config, request: &Request) -> Response {
    match (request.path(), request.method.as_str()) {
        (WEBHOOK, "POST") => flow::receive::receive(rt, config, request).await,
        (WEBHOOK, _) => Response::refusal(&Error::of(Code::MethodNotAllowed)).with("allow", "POST"),
        ("/health", "GET" | "HEAD") => health(rt).await,
        _ => Response::refusal(&Error::of(Code::NotFound)),
    }
}

/// Ready when the ledger answers. Tells a stranger nothing else.
async fn health(rt: &Runtime) -> Response {
    match crate::ledger::ready(&*rt.db).await {
        Ok(()) => Response::json(200, &json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })),
        Err(_) => Response::refusal(&Error::of(Code::LedgerUnavailable)),
    }
}
