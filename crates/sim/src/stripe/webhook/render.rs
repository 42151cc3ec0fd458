//! The bytes that an endpoint receives.

use serde_json::{Value, json};

use crate::stripe::api::written;
use crate::stripe::object::{Fields, url_of};

/// An event as one endpoint gets it: in its API version, with the connected account's id, or thin.
pub fn body(event: &Value, endpoint: &Value, account: Option<&str>, thin: bool) -> Vec<u8> {
    let event = if thin { notification(event, account) } else { snapshot(event, endpoint, account) };
    written(&event)
}

fn snapshot(event: &Value, endpoint: &Value, account: Option<&str>) -> Value {
    let mut event = event.clone();
    if let Some(version) = endpoint.maybe("api_version") {
        event.put("api_version", version);
    }
    if let Some(account) = account {
        event.put("account", account);
    }
    event
}

/// A thin event: what happened to which object, to be fetched. Its id is another than the snapshot's.
fn notification(event: &Value, account: Option<&str>) -> Value {
    let object = &event["data"]["object"];
    let request = &event["request"];
    let reason = request.maybe("id").map(|_| json!({"type": "request", "request": request}));
    let mode = if event.flag("livemode") { "" } else { "test_" };
    json!({
        "id": format!("evt_{mode}65{}", event.text("id").trim_start_matches("evt_1")),
        "object": "v2.core.event", "type": format!("v1.{}", event.text("type")),
        "created": rfc3339(event.int("created")), "livemode": event["livemode"], "context": account,
        "snapshot_event": event["id"], "reason": reason,
        "related_object": {"id": object["id"], "type": object["object"], "url": url_of(object)},
    })
}

/// Seconds since 1970 as `2026-11-21T19:00:00.000Z`. Days to date: Howard Hinnant's civil-from-days.
fn rfc3339(seconds: i64) -> String {
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let day = day + 719_468;
    let (era, doe) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let month = (5 * doy + 2) / 153;
    let (month, date) = (if month < 10 { month + 3 } else { month - 9 }, doy - (153 * month + 2) / 5 + 1);
    let year = yoe + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}.000Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_700_000_000, "2023-11-14T22:13:20.000Z"),
            (1_709_164_800, "2024-02-29T00:00:00.000Z"),
            (1_798_761_599, "2026-12-31T23:59:59.000Z"),
        ] {
            assert_eq!(rfc3339(seconds), text);
        }
    }

    /// A thin event has the fields of the sample, no more and no fewer.
    #[test]
    fn thin_events_have_the_shape_of_the_sample() {
        let sample = include_str!("../../../../../tests/fixtures/stripe/thin_event_sample.json");
        let mut sample: Value = serde_json::from_str(sample).unwrap();
        sample.as_object_mut().unwrap().remove("_note");
        let event = json!({
            "id": "evt_1SAMPLE", "type": "payment_intent.succeeded", "created": 1_795_287_600, "livemode": false,
            "request": {"id": "req_sample", "idempotency_key": "k-1"},
            "data": {"object": {"id": "pi_1SAMPLE", "object": "payment_intent"}},
        });
        let mut thin = notification(&event, None);
        thin.put("id", sample["id"].clone());
        assert_eq!(thin, sample);
    }
}
