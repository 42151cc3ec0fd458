//! Three clocks: Stripe's, the Worker's and this machine's. Stripe signs with its own and the Worker verifies with its
//! own; `quittance setup odoo` takes the first instant to book from this machine's.

use quittance::config::Stripe;
use quittance::http::Request;
use quittance::ports::{Clock, Http};
use quittance::stripe::client::TIMEOUT_MS;
use quittance::stripe::signature::TOLERANCE_S;

use super::Finding;
use crate::ports::{SystemClock, block_on};

pub fn examine(config: &Stripe, url: Option<&str>, http: &dyn Http) -> Vec<Finding> {
    let request = Request::new("GET", format!("{}/v1/account", config.base))
        .with("authorization", format!("Bearer {}", config.api_key.reveal()));
    let stripe = seconds_ahead(request, http);
    let mut findings = vec![match stripe {
        None => Finding::note("clock", "not compared: Stripe's answer has no readable date"),
        Some(apart) => clock_finding("clock", apart, "Stripe's", "set this machine's clock"),
    }];
    if let Some(url) = url {
        let worker = seconds_ahead(Request::new("GET", format!("{url}/health")), http);
        findings.push(match (worker, stripe) {
            (None, _) => Finding::note("worker clock", "not compared: the Worker's answer has no readable date"),
            (Some(worker), Some(stripe)) => clock_finding(
                "worker clock",
                worker.saturating_sub(stripe),
                "Stripe's",
                "the Worker refuses good signatures; set the clock of what it runs on",
            ),
            (Some(worker), None) => clock_finding(
                "worker clock",
                worker,
                "this machine's",
                "set the one that is wrong; Stripe's was not readable",
            ),
        });
    }
    findings
}

fn clock_finding(what: &'static str, apart: i64, whose: &str, advice: &str) -> Finding {
    match apart.saturating_abs() {
        apart if apart <= TOLERANCE_S => Finding::good(what, format!("{apart} s from {whose}")),
        apart => Finding::bad(what, format!("{apart} s from {whose}: {advice}")),
    }
}

/// Seconds that the `Date` of any answer is ahead of this machine.
fn seconds_ahead(request: Request, http: &dyn Http) -> Option<i64> {
    let response = block_on(http.send(request, TIMEOUT_MS)).ok()?;
    let date = httpdate::parse_http_date(response.header("date")?).ok()?;
    let since = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(i64::try_from(since.as_secs()).ok()?.saturating_sub(SystemClock.now()))
}
