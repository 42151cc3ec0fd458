//! The deployed Worker from outside, and an ERP behind `payments.apply`.

use std::rc::Rc;

use quittance::config::Rpc;
use quittance::erp::json_rpc::RpcErp;
use quittance::erp::{Books, Fault};
use quittance::http::{Request, Response};
use quittance::ports::{Http, HttpFault};
use quittance::routes::WEBHOOK_PATH;
use serde_json::Value;

use super::Finding;
use crate::ports::{SystemClock, block_on};

/// A Worker answers in milliseconds; this is for the way there.
const TIMEOUT: u32 = 15_000;

pub fn examine(url: &str, http: &dyn Http) -> Vec<Finding> {
    let health = block_on(http.send(Request::new("GET", format!("{url}/health")), TIMEOUT));
    let health = match health {
        Ok(response) if response.status == 200 => {
            Finding::good("worker health", format!("{url} and its ledger answer"))
        }
        other => return vec![Finding::bad("worker health", unhealthy(url, other))],
    };
    // Without a signature the door must refuse, and its code says whether it has a secret to verify with.
    let unsigned =
        Request::new("POST", format!("{url}{WEBHOOK_PATH}")).with("content-type", "application/json").body("{}");
    let door = match block_on(http.send(unsigned, TIMEOUT)) {
        Ok(response) => match code(&response).as_deref() {
            Some("signature_invalid") => Finding::good("worker door", "refuses what is not signed"),
            Some("webhook_secret_missing") => Finding::bad(
                "worker door",
                "has no usable STRIPE_WEBHOOK_SECRETS: run `quittance setup stripe --store worker`",
            ),
            _ => Finding::bad(
                "worker door",
                format!("answers HTTP {} to what is not signed: is {url} the Worker?", response.status),
            ),
        },
        Err(_) => Finding::bad("worker door", format!("{url}{WEBHOOK_PATH} does not answer")),
    };
    vec![health, door]
}

/// The stable code of a refusal, `{"error": {"code": …}}`.
fn code(response: &Response) -> Option<String> {
    let body: Value = serde_json::from_slice(&response.body).ok()?;
    body.pointer("/error/code")?.as_str().map(str::to_owned)
}

fn unhealthy(url: &str, answer: Result<Response, HttpFault>) -> String {
    match answer {
        Ok(response) => match code(&response) {
            Some(code) => format!("{url}/health says {code}: apply the migrations (`quittance deploy`)"),
            None => format!("{url}/health answers HTTP {}: is that the Worker's address?", response.status),
        },
        Err(_) => format!("{url} does not answer: deploy it (`quittance deploy`) or correct WORKER_URL"),
    }
}

/// `payments.probe`.
pub fn rpc(config: &Rpc, http: &Rc<dyn Http>) -> Finding {
    let erp = RpcErp::new(config, None, http.clone(), Rc::new(SystemClock));
    match block_on(erp.probe()) {
        Ok(()) => Finding::good("erp", format!("{} takes signed requests", config.url)),
        Err(Fault::TimedOut(error) | Fault::Transient(error) | Fault::Connection(error)) => {
            Finding::error("erp", error)
        }
    }
}
