//! Notifications of alerts: when one begins, when its count grows, and once a day while it lasts.

use serde_json::json;

use crate::config::Config;
use crate::hmac;
use crate::http::Request;
use crate::ledger::operator::alerts::{self, Alert, RaisedAlert};
use crate::ports::{DbError, Level, Runtime};

/// More of the same is told after so many seconds at the earliest, and what lasts after a day.
pub const RETRY_S: i64 = 900;
pub const DAY_S: i64 = 86_400;
/// One post waits at most this long, in milliseconds.
const TIMEOUT_MS: u32 = 10_000;
/// Where the signature of a post stands: `t=…,v1=…`, as docs/OPERATIONS.md says.
const SIGNATURE: &str = "quittance-signature";

/// Tells what is news, and keeps what stands. Costs nothing more while there is nothing.
pub async fn notify(
    rt: &Runtime,
    config: &Config,
    kinds: &[&str],
    found: &[Alert],
    known: &[RaisedAlert],
) -> Result<(), DbError> {
    let stood = known.iter().any(|one| kinds.contains(&one.kind.as_str()));
    if found.is_empty() && !stood {
        return Ok(());
    }
    let now = rt.clock.now();
    let mut told = Vec::new();
    for alert in found {
        let before = known.iter().find(|one| one.id == alert.id);
        if is_due(alert, before, now) && post(rt, config, alert, now).await {
            let fields = json!({ "kind": alert.kind, "what": alert.what, "todo": alert.todo, "count": alert.count });
            rt.log.line(Level::Alert, "alert", fields);
            told.push(alert.id.clone());
        }
    }
    alerts::store_alerts(&*rt.db, kinds, found, &told, now).await
}

fn is_due(alert: &Alert, before: Option<&RaisedAlert>, now: i64) -> bool {
    match before {
        None | Some(RaisedAlert { told: 0, .. }) => true,
        Some(known) => {
            let age = now - known.told;
            age >= DAY_S || (age >= RETRY_S && alert.count > known.count)
        }
    }
}

/// Posts it where ALERT_URL says, as Slack and others take it. What was not taken is tried again in the next run.
async fn post(rt: &Runtime, config: &Config, alert: &Alert, now: i64) -> bool {
    let Some(url) = &config.admin.alert_url else { return true };
    let body = json!({
        "text": format!("Quittance: {}\n{}", alert.what, alert.todo),
        "quittance": { "kind": alert.kind, "what": alert.what, "todo": alert.todo, "count": alert.count, "at": now },
    });
    let body = body.to_string().into_bytes();
    let mut request = Request::new("POST", url.as_str()).with("content-type", "application/json");
    if let Some(secret) = &config.admin.alert_secret {
        request = request.with(SIGNATURE, hmac::header(&body, secret, now));
    }
    let cause = match rt.http.send(request.body(body), TIMEOUT_MS).await {
        Ok(answer) if (200..300).contains(&answer.status) => return true,
        Ok(answer) => format!("HTTP {}", answer.status),
        Err(_) => "no answer".to_owned(),
    };
    rt.log.line(Level::Warn, "alert_not_sent", json!({ "kind": alert.kind, "cause": cause }));
    false
}
