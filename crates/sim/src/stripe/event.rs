//! Events: what happened, kept for listing and handed to every endpoint that wants it.

use serde_json::{Value, json};

use super::Stripe;
use super::books::{Place, Scope};
use super::object::Fields;

impl Stripe {
    /// Records that something happened to an object, as it stands now, and posts it.
    pub(super) fn emit(&mut self, scope: &Scope, kind: &str, object: &Value, previous: Option<Value>) {
        let twin = self.post.twin();
        for _ in 0..=u8::from(twin) {
            let mut event = json!({
                "id": self.id("evt_1", 23), "object": "event", "api_version": self.settings.api_version,
                "created": self.now(), "data": {"object": object}, "livemode": scope.place.livemode,
                "pending_webhooks": 0,
                "request": {"id": scope.request, "idempotency_key": scope.idempotency_key}, "type": kind,
            });
            if let Some(previous) = &previous {
                event["data"]["previous_attributes"] = previous.clone();
            }
            let targets = self.listeners(&scope.place, kind);
            event.put("pending_webhooks", targets.len() as u64);
            self.books_mut(&scope.place).put(event.clone());
            for endpoint in targets {
                let connected = scope.place.account != self.settings.account;
                let account = connected.then_some(scope.place.account.as_str());
                self.post.enqueue(&scope.place, &event, &endpoint, account, self.clock.now_ms());
            }
        }
    }

    /// Endpoints that want this type: the account's own, or for a connected account those of the platform that
    /// listen to connected ones. A live endpoint of the latter kind hears test events, too.
    fn listeners(&self, place: &Place, kind: &str) -> Vec<Value> {
        let connected = place.account != self.settings.account;
        [true, false]
            .into_iter()
            .filter(|livemode| *livemode == place.livemode || (connected && *livemode))
            .filter_map(|livemode| self.books.get(&Place { account: self.settings.account.clone(), livemode }))
            .flat_map(|books| books.rows("webhook_endpoint"))
            .filter(|endpoint| endpoint.text("status") == "enabled" && wants(endpoint, kind))
            .filter(|endpoint| self.post.hears_connected(endpoint.text("id")) == connected)
            .cloned()
            .collect()
    }

    /// Writes down that a delivery of an event has arrived.
    pub(super) fn delivered(&mut self, place: &Place, event: &str) {
        if let Some(event) = self.books_mut(place).edit("event", event) {
            let left = event.int("pending_webhooks") - 1;
            event.put("pending_webhooks", left.max(0));
        }
    }
}

fn wants(endpoint: &Value, kind: &str) -> bool {
    let types = endpoint["enabled_events"].as_array().map_or(&[][..], Vec::as_slice);
    types.iter().any(|t| t == "*" || t == kind)
}
