//! A Stripe to test against: the API that Quittance calls, the events it receives, and a dial for what goes
//! wrong on the way. Shapes are those of API version 2026-10-28.endive (fixtures/stripe_fields.json).
//!
//! * [`Stripe::handle`](crate::Party::handle) answers `/v1/…` and the test controls under `/_sim/…` ([`control`]).
//! * [`script`] is the Stripe.js that pages load from it; a page's key may do little ([`api`]).
//! * [`merchant`] is the payer, the dashboard and the banks: [`Stripe::pay`], [`Stripe::refund`],
//!   [`Stripe::dispute`], [`Stripe::payout`], and what becomes of each.
//! * [`balance`] is what all of that does to the balance; [`Settings`] has the fees, rates and delays.
//! * [`webhook`] signs and hands out deliveries.

#![allow(clippy::indexing_slicing, reason = "an absent field of a JSON value reads as null")]

mod agenda;
pub mod api;
pub mod balance;
pub mod books;
pub mod cards;
pub mod control;
pub mod dispute;
mod event;
pub mod fault;
pub mod merchant;
pub mod method;
pub mod object;
mod objects;
mod other_movements;
mod pay;
pub mod payout;
pub mod refund;
mod related;
pub mod script;
mod settings;
pub mod webhook;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use self::dispute::Contested;
use quittance::http::Request;
use serde_json::Value;

use crate::{Clock, Outgoing, Party, Reply, Rng};
use agenda::Agenda;
pub use api::HALF;
use api::{Idempotency, LoggedRequest};
use balance::Availability;
use books::{Books, Place, Scope};
use fault::Faults;
use method::Method;
use payout::Parts;
pub use settings::{Fee, Key, Settings};
use webhook::Post;

/// The whole of it: every account, in both modes.
pub struct Stripe {
    pub settings: Settings,
    /// What goes wrong with API requests.
    pub faults: Faults,
    /// Every API request seen, oldest first.
    pub seen: Vec<LoggedRequest>,
    clock: Clock,
    ids: Rng,
    books: BTreeMap<Place, Books>,
    agenda: Agenda,
    ripening: Availability,
    parts: Parts,
    post: Post,
    idempotency: Idempotency,
    /// What a payment method does, by its id; how it looks stands in the books.
    methods: BTreeMap<String, Method>,
    /// Customer sessions by their client secret.
    sessions: BTreeMap<String, (Place, Value)>,
    /// What each balance transaction of a dispute moved, by its id.
    disputed: BTreeMap<String, Contested>,
    /// By balance transaction, what one capture of several took.
    captures: BTreeMap<String, i64>,
}

/// An object after a change, and the old values of the fields that changed.
struct Change {
    object: Value,
    previous: Value,
}

impl Stripe {
    pub fn new(settings: Settings, clock: Clock) -> Self {
        let seed = settings.seed;
        Self {
            ids: Rng::seeded(seed),
            post: Post::seeded(seed ^ 0x05ee_d0fa),
            faults: Faults::seeded(seed ^ 0x0fa0_1750),
            settings,
            clock,
            seen: Vec::new(),
            books: BTreeMap::new(),
            agenda: Agenda::default(),
            ripening: Availability::default(),
            parts: Parts::default(),
            idempotency: Idempotency::default(),
            methods: BTreeMap::new(),
            sessions: BTreeMap::new(),
            disputed: BTreeMap::new(),
            captures: BTreeMap::new(),
        }
    }

    /// Forgets everything but the settings and the clock: the state right after [`Stripe::new`].
    pub fn reset(&mut self) {
        *self = Self::new(self.settings.clone(), self.clock.clone());
    }

    /// When something happens by itself next (a capture settles, a debit clears, a delivery is due),
    /// milliseconds since 1970.
    pub fn next_due(&self) -> Option<i64> {
        self.agenda.next_due().into_iter().chain(self.post.next_due()).min()
    }

    /// The place that settings name.
    pub fn home(&self) -> Place {
        Place { account: self.settings.account.clone(), livemode: self.settings.livemode }
    }

    /// The own account and the connected ones, in the mode that settings name.
    pub fn places(&self) -> Vec<Place> {
        let connected = self.settings.connected.iter();
        let connected = connected.map(|account| Place { account: account.clone(), ..self.home() });
        std::iter::once(self.home()).chain(connected).collect()
    }

    /// All objects of a kind, account by account, oldest first.
    pub fn everywhere(&self, kind: &str) -> Vec<&Value> {
        self.places().iter().filter_map(|place| self.books(place)).flat_map(|books| books.rows(kind)).collect()
    }

    /// Whose saved cards a customer session's client secret shows.
    pub fn session_customer(&self, secret: &str) -> Option<String> {
        self.sessions.get(secret).map(|(_, session)| session["customer"].as_str().unwrap_or_default().to_owned())
    }

    /// The objects of one place.
    pub fn books(&self, place: &Place) -> Option<&Books> {
        self.books.get(place)
    }

    fn books_mut(&mut self, place: &Place) -> &mut Books {
        self.books.entry(place.clone()).or_default()
    }

    fn get(&self, scope: &Scope, kind: &str, id: &str) -> Option<&Value> {
        self.books.get(&scope.place)?.get(kind, id)
    }

    /// Copies of the objects of a kind that fit, oldest first.
    fn having(&self, scope: &Scope, kind: &str, matches: impl Fn(&Value) -> bool) -> Vec<Value> {
        self.rows(scope, kind).iter().filter(|row| matches(row)).cloned().collect()
    }

    /// All objects of a kind, oldest first.
    fn rows(&self, scope: &Scope, kind: &str) -> &[Value] {
        self.books.get(&scope.place).map_or(&[][..], |books| books.rows(kind))
    }

    /// Writes fields into an object.
    fn change(&mut self, scope: &Scope, kind: &str, id: &str, fields: Value) -> Change {
        let mut previous = Value::Object(serde_json::Map::new());
        let Some(object) = self.books_mut(&scope.place).edit(kind, id) else {
            return Change { object: Value::Null, previous };
        };
        if let Value::Object(fields) = fields {
            for (key, value) in fields {
                let slot = &mut object[key.as_str()];
                if *slot != value {
                    previous[key] = std::mem::replace(slot, value);
                }
            }
        }
        Change { object: object.clone(), previous }
    }

    /// A new id: prefix and so many letters and digits.
    fn id(&self, prefix: &str, len: usize) -> String {
        format!("{prefix}{}", self.ids.letters(len))
    }

    fn now(&self) -> i64 {
        self.clock.now()
    }
}

impl Party for Stripe {
    fn handle(&mut self, request: &Request) -> Reply {
        self.run_agenda();
        match request.path() {
            path if path.starts_with("/_sim/") => control::serve(self, request),
            script::PATH => Reply::now(script::response()),
            _ => api::serve(self, request),
        }
    }

    fn outgoing(&mut self) -> Vec<Outgoing> {
        self.run_agenda();
        self.post.outgoing(self.clock.now_ms())
    }

    fn answered(&mut self, id: u64, status: Option<u16>) {
        if let Some((place, event)) = self.post.answered(id, status, self.clock.now_ms()) {
            self.delivered(&place, &event);
        }
    }
}
