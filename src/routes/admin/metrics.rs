//! `/metrics`: the state of the ledger as Prometheus reads it. docs/ADMIN.md lists the names.

use std::fmt::Write;

use serde_json::Value;

use super::answers::{refuse, with_security_headers};
use crate::auth::{count_guess, may_scrape};
use crate::config::Config;
use crate::error::{Code, Error};
use crate::http::{Request, Response};
use crate::ledger::operator::health;
use crate::ports::{Limit, Runtime};
use crate::routes::body::not_found;
use crate::routes::limits::client;

/// Name, kind, help, and where in the health its value stands.
const PLAIN: [(&str, &str, &str, &str); 9] = [
    ("quittance_events_total", "counter", "Rows of the inbox ever written.", "/totals/events"),
    ("quittance_postings_total", "counter", "Movements known to be in the ERP.", "/totals/postings"),
    ("quittance_last_webhook_timestamp_seconds", "gauge", "When a webhook last came.", "/last_webhook"),
    ("quittance_last_posting_timestamp_seconds", "gauge", "When a posting was last written.", "/last_posting"),
    ("quittance_lag_seconds", "gauge", "How long the oldest due event has waited for its worker.", "/lag"),
    ("quittance_delivery_failures", "gauge", "Faults of the connection since the last booking.", "/delivery/failures"),
    (
        "quittance_unallocated_receipts",
        "gauge",
        "Receipts with money that is not allocated to an invoice.",
        "/counts/unallocated",
    ),
    (
        "quittance_books_checked_timestamp_seconds",
        "gauge",
        "When quittance verify last told its verdict.",
        "/books/checked",
    ),
    ("quittance_now_timestamp_seconds", "gauge", "The Worker's clock.", "/now"),
];
/// States that are shown; the final ones are the rest of the total.
const STATES: [&str; 5] = ["received", "claimed", "waiting", "failed", "parked"];

/// Answers a scraper.
pub async fn answer(rt: &Runtime, config: &Config, request: &Request) -> Response {
    match may_scrape(config, request) {
        None => return not_found(),
        Some(_) if !rt.limits.allow(Limit::AdminClient, &client(request)).await => {
            return refuse(&Error::of(Code::RateLimited), false);
        }
        Some(false) => {
            count_guess(rt, &client(request)).await;
            return refuse(&Error::of(Code::AdminUnauthorized), false);
        }
        Some(true) => {}
    }
    match health::health_json(&*rt.db, env!("CARGO_PKG_VERSION"), rt.clock.now()).await {
        Ok(text) => render(&serde_json::from_str(&text).unwrap_or_default()),
        Err(error) => refuse(&error.into(), false),
    }
}

fn render(health: &Value) -> Response {
    let mut out = String::new();
    for (name, kind, help, place) in PLAIN {
        if let Some(value) = health.pointer(place).and_then(Value::as_i64) {
            head(&mut out, name, kind, help);
            line(&mut out, name, "", value);
        }
    }
    head(&mut out, "quittance_open_events", "gauge", "Events that are not at rest, by state.");
    for state in STATES {
        let count = health.pointer(&format!("/counts/{state}")).and_then(Value::as_i64).unwrap_or(0);
        line(&mut out, "quittance_open_events", &format!("{{state=\"{state}\"}}"), count);
    }
    for (name, list) in [("event_list", "recovery"), ("transaction_list", "completeness")] {
        let metric = format!("quittance_{name}_complete_timestamp_seconds");
        head(&mut out, &metric, "gauge", "Start of the last run over Stripe's list that came to its end.");
        for one in health.get(list).and_then(Value::as_array).into_iter().flatten() {
            let account = one.get("account").and_then(Value::as_str).unwrap_or_default();
            let to = one.get("complete_to").and_then(Value::as_i64).unwrap_or(0);
            line(&mut out, &metric, &format!("{{account=\"{account}\"}}"), to);
        }
    }
    let equal = health.pointer("/books/verdict").and_then(Value::as_str).map(|verdict| verdict != "differs");
    if let Some(equal) = equal {
        head(&mut out, "quittance_books_equal", "gauge", "1 unless quittance verify last said that the books differ.");
        line(&mut out, "quittance_books_equal", "", i64::from(equal));
    }
    let headers = vec![("content-type".into(), "text/plain; version=0.0.4; charset=utf-8".into())];
    with_security_headers(Response { status: 200, headers, body: out.into_bytes() })
}

// Writing into a String cannot fail.
fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
}

fn line(out: &mut String, name: &str, labels: &str, value: i64) {
    let _ = writeln!(out, "{name}{labels} {value}");
}
