//! Webhook endpoints.

use serde_json::{Value, json};

/// An enabled endpoint. Its secret is kept apart and shown once; so is whether it hears connected accounts.
pub fn fresh(id: &str, now: i64, livemode: bool, url: &str, enabled_events: &[&str]) -> Value {
    json!({
        "id": id, "object": "webhook_endpoint", "api_version": null, "application": null, "created": now,
        "description": null, "enabled_events": enabled_events, "livemode": livemode, "metadata": {},
        "status": "enabled", "url": url,
    })
}
