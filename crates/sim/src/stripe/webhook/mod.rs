//! Deliveries: signed, tried again when refused, and troubled as the [`Dial`] says.

mod delivery;
mod delivery_faults;
mod render;
pub mod sign;

use std::collections::BTreeMap;

use quittance::http::Request;
use serde_json::Value;

use super::books::Place;
use super::object::Fields;
use crate::{Outgoing, Rng};
pub use delivery::{Delivery, Hook, State};
pub use delivery_faults::Dial;

/// The post office.
#[derive(Debug)]
pub struct Post {
    pub dial: Dial,
    pub hooks: BTreeMap<String, Hook>,
    deliveries: Vec<Delivery>,
    /// Due time and rank, to the delivery's place.
    queue: BTreeMap<(i64, i64), usize>,
    rank: i64,
    rng: Rng,
}

impl Post {
    pub(super) fn seeded(seed: u64) -> Self {
        Self {
            dial: Dial::default(),
            hooks: BTreeMap::new(),
            deliveries: Vec::new(),
            queue: BTreeMap::new(),
            rank: 0,
            rng: Rng::seeded(seed),
        }
    }

    /// All deliveries, oldest first.
    pub fn deliveries(&self) -> &[Delivery] {
        &self.deliveries
    }

    pub(super) fn next_due(&self) -> Option<i64> {
        self.queue.keys().next().map(|(due, _)| *due)
    }

    pub(super) fn twin(&self) -> bool {
        self.rng.percent(self.dial.twin)
    }

    pub(super) fn hears_connected(&self, endpoint: &str) -> bool {
        self.hooks.get(endpoint).is_some_and(|hook| hook.connect)
    }

    /// Whether every delivery of an event has arrived.
    pub(super) fn all_arrived(&self, event: &str) -> bool {
        self.deliveries.iter().filter(|d| d.event == event).all(|d| d.state == State::Delivered)
    }

    pub(super) fn enqueue(&mut self, place: &Place, event: &Value, endpoint: &Value, account: Option<&str>, now: i64) {
        let thin = self.hooks.get(endpoint.text("id")).is_some_and(|hook| hook.thin);
        let copies = if self.rng.percent(self.dial.duplicate) { 2 } else { 1 };
        for _ in 0..copies {
            let delivery = Delivery {
                id: self.deliveries.len() as u64 + 1,
                event: event.text("id").to_owned(),
                kind: event.text("type").to_owned(),
                endpoint: endpoint.text("id").to_owned(),
                url: endpoint.text("url").to_owned(),
                state: State::Waiting,
                answers: Vec::new(),
                due_ms: now + self.delay(),
                body: render::body(event, endpoint, account, thin),
                place: place.clone(),
                stale: self.rng.percent(self.dial.stale),
            };
            self.deliveries.push(delivery);
            self.wait(self.deliveries.len() - 1);
        }
    }

    fn delay(&self) -> i64 {
        let most = u64::try_from(self.dial.delay_ms).unwrap_or(0);
        if self.rng.percent(self.dial.delay) { self.rng.below(most.saturating_add(1)) as i64 } else { 0 }
    }

    fn wait(&mut self, at: usize) {
        let (drop, ahead) = (self.rng.percent(self.dial.drop), self.rng.percent(self.dial.reorder));
        let Some(delivery) = self.deliveries.get_mut(at) else { return };
        if drop {
            delivery.state = State::Dropped;
            return;
        }
        delivery.state = State::Waiting;
        self.rank += 1;
        self.queue.insert((delivery.due_ms, if ahead { -self.rank } else { self.rank }), at);
    }

    /// Signs and hands out what is due.
    pub(super) fn outgoing(&mut self, now_ms: i64) -> Vec<Outgoing> {
        let mut out = Vec::new();
        while let Some(first) = self.queue.first_entry() {
            if first.key().0 > now_ms {
                break;
            }
            let at = first.remove();
            let Some(delivery) = self.deliveries.get_mut(at) else { continue };
            let Some(hook) = self.hooks.get(&delivery.endpoint).filter(|hook| !hook.disabled) else {
                delivery.state = State::GivenUp;
                continue;
            };
            delivery.state = State::Sent;
            let live = hook.secrets.iter().filter(|(_, until)| until.is_none_or(|until| until > now_ms));
            let secrets: Vec<&str> = live.map(|(secret, _)| secret.as_str()).collect();
            let stale = if std::mem::take(&mut delivery.stale) { self.dial.stale_by } else { 0 };
            let signed = sign::header(&secrets, now_ms.div_euclid(1000) - stale, &delivery.body);
            let request = Request::new("POST", delivery.url.clone())
                .with("content-type", "application/json; charset=utf-8")
                .with("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
                .with("stripe-signature", signed)
                .body(delivery.body.clone());
            out.push(Outgoing { id: delivery.id, request });
        }
        out
    }

    /// Notes how a try went; gives the event's place and id when it has arrived.
    pub(super) fn answered(&mut self, id: u64, status: Option<u16>, now_ms: i64) -> Option<(Place, String)> {
        let at = usize::try_from(id).ok()?.checked_sub(1)?;
        let delivery = self.deliveries.get_mut(at).filter(|d| d.state == State::Sent)?;
        delivery.answers.push(status);
        if status.is_some_and(|status| (200..300).contains(&status)) {
            delivery.state = State::Delivered;
            return Some((delivery.place.clone(), delivery.event.clone()));
        }
        match self.dial.retry_after(delivery.answers.len(), delivery.place.livemode) {
            Some(spacing) => {
                delivery.due_ms = now_ms + spacing;
                self.wait(at);
            }
            None => delivery.state = State::GivenUp,
        }
        None
    }

    /// Sends an event once more, as the dashboard's button does.
    pub(super) fn resend(&mut self, id: u64, now_ms: i64) -> Option<u64> {
        let at = usize::try_from(id).ok()?.checked_sub(1)?;
        let again = Delivery {
            id: self.deliveries.len() as u64 + 1,
            answers: Vec::new(),
            due_ms: now_ms,
            stale: false,
            ..self.deliveries.get(at)?.clone()
        };
        let id = again.id;
        self.deliveries.push(again);
        self.wait(self.deliveries.len() - 1);
        Some(id)
    }
}
