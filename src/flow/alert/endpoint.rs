//! The webhook endpoint at Stripe: Stripe itself disables one whose deliveries failed for days, and people do.

use serde_json::{Value, json};

use super::alert_parts::count_alert;
use super::notify::DAY_S;
use crate::config::{Config, Stripe};
use crate::error::Code;
use crate::flow::receive::WEBHOOK_PATH;
use crate::ledger::observations::Observation;
use crate::ledger::operator::alerts::Alert;
use crate::ports::Runtime;
use crate::stripe::client::Client;
use crate::stripe::endpoint::{self, Endpoint, fingerprint};

pub const KIND: &str = "endpoint";
/// Without a webhook for so long, in seconds, the endpoint is looked at as often; otherwise once a day.
const SILENCE_S_MIN: i64 = 3_600;

/// Whether Stripe is to be asked. What was bad is looked at in each run, so that the alert ends with it.
pub fn is_due(seen: &Observation, last: Option<i64>, now: i64) -> bool {
    let every = match state_name(seen) {
        "disabled" | "gone" => 0,
        // The key may not read endpoints, and a person would have to give it the permission.
        "hidden" => DAY_S,
        _ if is_silent(last, now) => SILENCE_S_MIN,
        _ => DAY_S,
    };
    now - seen.at >= every
}

fn is_silent(last: Option<i64>, now: i64) -> bool {
    last.is_none_or(|last| now - last >= SILENCE_S_MIN)
}

fn state_name(seen: &Observation) -> &str {
    seen.value.get("state").and_then(Value::as_str).unwrap_or("unknown")
}

/// Asks Stripe; `None` when it did not answer.
pub async fn observe_endpoint(rt: &Runtime, config: &Config, stripe: &Stripe, before: &Observation) -> Option<Value> {
    let ids = before.value.get("ids").cloned().unwrap_or_else(|| json!([]));
    let known: Vec<&str> = ids.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    match endpoint::list(&Client::new(&*rt.http, stripe)).await {
        Ok(all) => Some(endpoint_state(&all, config, &known)),
        Err(error) if error.code == Code::StripeAuth => Some(json!({ "state": "hidden", "ids": ids })),
        Err(_) => None,
    }
}

/// Ours are those whose secret is one of ours, by the fingerprint that set-up leaves with them; those at our address, where
/// it is known; and those that were ours before.
fn endpoint_state(all: &[Endpoint], config: &Config, known: &[&str]) -> Value {
    let prints: Vec<String> = config.webhook_secrets.iter().map(|one| fingerprint(one.secret.reveal())).collect();
    let address = config.admin.address.as_ref().map(|own| format!("{own}{WEBHOOK_PATH}"));
    let ours = |e: &&Endpoint| {
        let print = e.print.as_ref().is_some_and(|print| prints.contains(print));
        print || address.as_deref() == Some(&e.url) || known.contains(&e.id.as_str())
    };
    let ours: Vec<&Endpoint> = all.iter().filter(ours).collect();
    let twin = |a: &Endpoint, b: &Endpoint| a.url == b.url && a.mark == b.mark;
    let works = |e: &Endpoint| ours.iter().any(|other| other.status == "enabled" && twin(e, other));
    let ids: Vec<&str> = ours.iter().map(|e| e.id.as_str()).collect();
    match ours.iter().find(|e| e.status != "enabled" && !works(e)) {
        Some(bad) => json!({ "state": "disabled", "ids": ids, "what": format!("{} ({})", bad.id, bad.url) }),
        None if !ours.is_empty() => json!({ "state": "enabled", "ids": ids }),
        None => {
            let lost = known.first().copied().or(address.as_deref());
            json!({ "state": if lost.is_some() { "gone" } else { "unknown" }, "ids": known, "what": lost })
        }
    }
}

/// One that is gone is told of only while no webhook comes: then nobody put another in its place.
pub fn endpoint_alert(seen: &Observation, last: Option<i64>, now: i64) -> Option<Alert> {
    let which = seen.value.get("what").and_then(Value::as_str).unwrap_or_default();
    let what = match state_name(seen) {
        "disabled" => format!(
            "The webhook endpoint {which} is disabled at Stripe, which does so when deliveries have failed for days."
        ),
        "gone" if is_silent(last, now) => format!("There is no webhook endpoint {which} at Stripe any more."),
        _ => return None,
    };
    let todo = "Run `quittance setup stripe`, which enables it or makes it anew (or enable it in Stripe's dashboard), then `quittance doctor`. Until then money is booked with a delay.".into();
    Some(Alert { what, todo, ..count_alert(KIND, 1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each run while it is bad, each hour while no webhook comes, else once a day.
    #[test]
    fn an_endpoint_is_looked_at_as_often_as_it_may_matter() {
        let at = 1_800_000_000;
        let seen = |state: &str| Observation { at, value: json!({ "state": state }) };
        let busy = |now| Some(now - SILENCE_S_MIN + 1);
        for (state, quiet, every) in [
            ("disabled", false, 0),
            ("gone", true, 0),
            ("enabled", true, 3_600),
            ("enabled", false, 86_400),
            ("unknown", true, 3_600),
            ("hidden", true, 86_400),
        ] {
            let last = |now| if quiet { None } else { busy(now) };
            assert!(is_due(&seen(state), last(at + every), at + every), "{state} {quiet}");
            assert!(every == 0 || !is_due(&seen(state), last(at + every - 1), at + every - 1), "{state} {quiet}");
        }
    }
}
