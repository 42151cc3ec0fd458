//! Who has a signing secret that is not of the endpoint he wishes; and what Stripe has never sent so far.

use quittance::config::Secret;
use quittance::http::Request;
use quittance::routes;
use quittance::stripe::signature::sign;
use serde_json::{Value, json};

use super::invariants::Violation;
use super::plan::BESIDE;
use super::{Scenario, invariants};
use crate::world::{WORKER, connect_secret};

type StepText = Option<&'static str>;

impl Scenario {
    /// A payment that nobody made, signed by the secret of another endpoint: of the other kind, or of the other mode.
    pub(super) fn signs_for_another(&mut self) -> Result<StepText, Violation> {
        let own = self.known.clone();
        let (secret, account, livemode) = match self.below(4) {
            0 => (connect_secret(&own), None, false),
            1 => (own.clone(), Some(BESIDE), false),
            2 => (own.clone(), None, true),
            _ => (connect_secret(&own), Some(BESIDE), true),
        };
        let intent = json!({"id": format!("pi_{}", self.rng.letters(24)), "object": "payment_intent", "amount": 9_900,
            "amount_received": 9_900, "currency": "usd", "status": "succeeded", "livemode": livemode, "metadata": {},
            "created": self.world.clock.now()});
        let event = self.event(livemode, account, json!({"object": intent}));
        let status = self.posts(&event, &secret);
        self.note(|| {
            format!("another endpoint's secret signs an event of account {account:?}, live {livemode}: {status:?}")
        });
        invariants::inbox::refused(&self.world, &event, status)?;
        Ok(Some("forged event"))
    }

    /// A well-signed event of a shape that no event had so far: whatever it is, it is stored.
    pub(super) fn sends_what_nobody_reads(&mut self) -> Result<StepText, Violation> {
        let mut event = self.event(false, None, json!({"object": {"id": "pi_1", "object": "payment_intent"}}));
        let odd = [
            json!(null),
            json!(7),
            json!("text"),
            json!([]),
            json!({}),
            json!({"object": []}),
            json!({"object": {"id": 5}}),
        ];
        let names = ["data", "object", "request", "id", "type", "created", "livemode"];
        let (name, value) = (names.get(self.below(names.len())), odd.get(self.below(odd.len())).cloned());
        if let (Some(name), Some(value), Some(event)) = (name, value, event.as_object_mut()) {
            event.insert((*name).to_owned(), value);
        }
        self.causes.insert("event_unreadable");
        let secret = self.known.clone();
        let status = self.posts(&event, &secret);
        self.note(|| format!("an event that nobody reads: {status:?} {event}"));
        invariants::inbox::not_refused(status)?;
        Ok(Some("odd event"))
    }

    fn event(&mut self, livemode: bool, account: Option<&str>, data: Value) -> Value {
        let mut event = json!({"id": format!("evt_{}", self.rng.letters(24)), "object": "event",
            "type": "payment_intent.succeeded", "livemode": livemode, "created": self.world.clock.now(),
            "api_version": "2026-10-28.endive", "data": data});
        if let Some(account) = account {
            event["account"] = account.into();
        }
        event
    }

    fn posts(&self, event: &Value, secret: &str) -> Option<u16> {
        let body = event.to_string();
        let signature = sign(body.as_bytes(), &Secret::new(secret), self.world.clock.now());
        let request =
            Request::new("POST", format!("{WORKER}{}", routes::WEBHOOK_PATH)).with("stripe-signature", signature);
        self.world.request(&request.body(body)).map(|answer| answer.status)
    }
}
