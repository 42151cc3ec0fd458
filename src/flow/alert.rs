//! People are told of what wants them: once when it begins, again when there is more of it, and once a day while it lasts.

use serde_json::json;

use crate::config::Config;
use crate::date;
use crate::error::Code;
use crate::http::Request;
use crate::ledger::operator::alerts::{self, Alert, Known};
use crate::ports::{DbError, Level, Runtime};
use crate::signed;

/// More of the same is told after so many seconds at the earliest, and what lasts after a day.
const AGAIN: i64 = 900;
const DAILY: i64 = 86_400;
/// One post waits at most this long, in milliseconds.
const TIMEOUT: u32 = 10_000;
/// Where the signature of a post stands: `t=…,v1=…`, as docs/OPERATIONS.md says.
const SIGNATURE: &str = "quittance-signature";

const PARKED: &str = "parked";
const UNALLOCATED: &str = "unallocated";
const PAUSED: &str = "paused";
const BOOKS: &str = "books";
const SILENT: &str = "no_webhooks";

/// Looks at what can change in a minute: parked events, receipts without an invoice, a pause, the last proof.
pub async fn minute(rt: &Runtime, config: &Config) -> Result<(), DbError> {
    let scene = alerts::scene(&*rt.db, rt.clock.now()).await?;
    let mut found = Vec::new();
    if scene.parked > 0 {
        found.push(Alert {
            what: format!("{} parked: {}.", events(scene.parked), scene.parked_codes),
            todo: "Look at each, mend its cause, then replay it (`quittance events list --state parked`).".into(),
            ..alert(PARKED, scene.parked)
        });
    }
    if scene.unallocated > 0 {
        let many = if scene.unallocated == 1 { "receipt has" } else { "receipts have" };
        found.push(Alert {
            what: format!("{} {many} money that no invoice has.", scene.unallocated),
            todo: "Give each its invoice, or dismiss it (`quittance events unallocated`).".into(),
            ..alert(UNALLOCATED, scene.unallocated)
        });
    }
    if let Some((code, detail, since)) = scene.paused {
        found.push(Alert {
            what: format!("Nothing has been booked since {}: {code}: {detail}", utc(since)),
            todo: Code::named(&code).map_or("See docs/ERRORS.md.", Code::advice).into(),
            ..alert(PAUSED, 1)
        });
    }
    if let Some((verdict, summary)) = scene.books {
        found.push(Alert {
            what: format!("`quittance verify` said {verdict}: {summary}"),
            todo: "Run `quittance verify`: it lists each difference with what to do.".into(),
            ..alert(BOOKS, 1)
        });
    }
    tell(rt, config, &[PARKED, UNALLOCATED, PAUSED, BOOKS], &found, &scene.known).await
}

/// Looks whether Stripe has events that no webhook brings.
pub async fn quarter(rt: &Runtime, config: &Config) -> Result<(), DbError> {
    let silence = alerts::silence(&*rt.db).await?;
    let silent = silence.last.is_none_or(|last| rt.clock.now() - last > config.admin.silence);
    let mut found = Vec::new();
    if silent && silence.pulled > 0 {
        let since = silence.last.map_or_else(|| "ever".to_owned(), |last| format!("since {}", utc(last)));
        found.push(Alert {
            what: format!("No webhook has come {since}, and Stripe lists {} that none brought.", events(silence.pulled)),
            todo: "Look at the endpoint in Stripe's dashboard: is it there, enabled, at this address? `quittance doctor` tells. Until then money is booked with a delay.".into(),
            ..alert(SILENT, 1)
        });
    }
    tell(rt, config, &[SILENT], &found, &silence.known).await
}

fn alert(kind: &'static str, count: i64) -> Alert {
    Alert { id: kind.to_owned(), kind, what: String::new(), todo: String::new(), count }
}

fn events(count: i64) -> String {
    if count == 1 { "1 event".into() } else { format!("{count} events") }
}

fn utc(instant: i64) -> String {
    format!("{} UTC", date::instant(instant))
}

/// Tells what is news, and keeps what stands. Costs nothing more while there is nothing.
async fn tell(rt: &Runtime, config: &Config, kinds: &[&str], found: &[Alert], known: &[Known]) -> Result<(), DbError> {
    let stood = known.iter().any(|one| kinds.contains(&one.id.as_str()));
    if found.is_empty() && !stood {
        return Ok(());
    }
    let now = rt.clock.now();
    let mut told = Vec::new();
    for alert in found {
        let before = known.iter().find(|one| one.id == alert.id);
        if is_news(alert, before, now) && send(rt, config, alert, now).await {
            let fields = json!({ "kind": alert.kind, "what": alert.what, "todo": alert.todo, "count": alert.count });
            rt.log.line(Level::Alert, "alert", fields);
            told.push(alert.id.clone());
        }
    }
    alerts::keep(&*rt.db, kinds, found, &told, now).await
}

fn is_news(alert: &Alert, before: Option<&Known>, now: i64) -> bool {
    match before {
        None | Some(Known { told: 0, .. }) => true,
        Some(known) => {
            let age = now - known.told;
            age >= DAILY || (age >= AGAIN && alert.count > known.count)
        }
    }
}

/// Posts it where ALERT_URL says, as Slack and others take it. What was not taken is tried again in the next run.
async fn send(rt: &Runtime, config: &Config, alert: &Alert, now: i64) -> bool {
    let Some(url) = &config.admin.alert_url else { return true };
    let body = json!({
        "text": format!("Quittance: {}\n{}", alert.what, alert.todo),
        "quittance": { "kind": alert.kind, "what": alert.what, "todo": alert.todo, "count": alert.count, "at": now },
    });
    let body = body.to_string().into_bytes();
    let mut request = Request::new("POST", url.as_str()).with("content-type", "application/json");
    if let Some(secret) = &config.admin.alert_secret {
        request = request.with(SIGNATURE, signed::header(&body, secret, now));
    }
    let cause = match rt.http.send(request.body(body), TIMEOUT).await {
        Ok(answer) if (200..300).contains(&answer.status) => return true,
        Ok(answer) => format!("HTTP {}", answer.status),
        Err(_) => "no answer".to_owned(),
    };
    rt.log.line(Level::Warn, "alert_not_sent", json!({ "kind": alert.kind, "cause": cause }));
    false
}
