//! Expiry of keys and secrets: Odoo reports its key's end, the setting `EXPIRES` has the others.

use serde_json::{Value, json};

use super::alert_parts::{count_alert, utc_text};
use super::notify::DAY_S;
use crate::config::admin::digest;
use crate::config::{Config, Delivery, ErpConfig};
use crate::date;
use crate::erp;
use crate::ledger::observations::Observation;
use crate::ledger::operator::alerts::Alert;
use crate::ports::Runtime;

pub const KIND: &str = "expiring";
/// Somebody is told so long before, in seconds: two weeks.
const NOTICE_S: i64 = 14 * DAY_S;
const ODOO: &str = "ODOO_API_KEY";

/// Whether the ERP is to be asked: once a day, and for another key at once.
pub fn is_due(seen: &Observation, erp: &ErpConfig, now: i64) -> bool {
    let ErpConfig::Odoo(odoo) = erp else { return false };
    let own = key_fingerprint(odoo.api_key.reveal());
    now - seen.at >= DAY_S || seen.value.get("key").and_then(Value::as_str) != Some(own.as_str())
}

/// Asks the ERP; `None` when it did not answer.
pub async fn observe_key(rt: &Runtime, delivery: &Delivery) -> Option<Value> {
    let ErpConfig::Odoo(odoo) = &delivery.erp else { return None };
    let ends = erp::open(delivery, rt).key_expiry().await.ok()?;
    Some(json!({ "key": key_fingerprint(odoo.api_key.reveal()), "ends": ends }))
}

/// Tells one key from another.
fn key_fingerprint(key: &str) -> String {
    digest(&[key]).get(..16).unwrap_or_default().to_owned()
}

/// Everything that ends soon, or has ended.
pub fn expiry_alerts(config: &Config, key: &Observation, now: i64) -> Vec<Alert> {
    let ends = key.value.get("ends").and_then(Value::as_i64);
    let mut found: Vec<Alert> =
        ends.filter(|ends| ends - now < NOTICE_S).map(|ends| odoo_key_alert(ends, now)).into_iter().collect();
    for expiry in config.admin.expires.iter().filter(|expiry| expiry.day - now < NOTICE_S) {
        // What Odoo itself tells is known better.
        if expiry.name != ODOO || ends.is_none() {
            let day = date::iso(expiry.day);
            let what = format!(
                "{} {} {day} ({}), as EXPIRES says.",
                expiry.name,
                expiry_verb(expiry.day + DAY_S - 1, now),
                days_left(expiry.day, now)
            );
            let todo = "Make its successor, give it to the Worker (`quittance setup secrets`) and deploy; then set the new date in EXPIRES.";
            found.push(expiry_alert(&expiry.name, what, todo.into()));
        }
    }
    found
}

fn odoo_key_alert(ends: i64, now: i64) -> Alert {
    let what = format!("{ODOO} {} {} ({}).", expiry_verb(ends, now), utc_text(ends), days_left(ends, now));
    let todo = "Make a new API key of ODOO_LOGIN in Odoo (its preferences, Account Security), give it to the Worker (`quittance setup secrets`) and deploy: without a key nothing is booked.";
    expiry_alert(ODOO, what, todo.into())
}

fn expiry_alert(name: &str, what: String, todo: String) -> Alert {
    Alert { id: format!("{KIND}:{name}"), what, todo, ..count_alert(KIND, 1) }
}

fn expiry_verb(end: i64, now: i64) -> &'static str {
    if end < now { "ended on" } else { "ends on" }
}

/// Whole days, by the calendar.
fn days_left(end: i64, now: i64) -> String {
    match end.div_euclid(DAY_S) - now.div_euclid(DAY_S) {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        days if days < 0 => format!("{} days ago", -days),
        days => format!("in {days} days"),
    }
}
