//! A delivery, and what is known of the endpoint it goes to.

use serde::Serialize;

use crate::stripe::books::Place;

/// One event on its way to one endpoint.
#[derive(Clone, Debug, Serialize)]
pub struct Delivery {
    pub id: u64,
    /// `evt_…`
    pub event: String,
    /// `payment_intent.succeeded`, …
    #[serde(rename = "type")]
    pub kind: String,
    pub endpoint: String,
    pub url: String,
    pub state: State,
    /// Statuses of the tries so far; `null` where no answer came.
    pub answers: Vec<Option<u16>>,
    /// When the next try is due, milliseconds since 1970; of the last try when there is none.
    pub due_ms: i64,
    #[serde(skip)]
    pub body: Vec<u8>,
    #[serde(skip)]
    pub(super) place: Place,
    #[serde(skip)]
    pub(super) stale: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Waiting,
    /// Handed out, not answered yet.
    Sent,
    Delivered,
    /// All tries refused, or the endpoint is gone.
    GivenUp,
    /// Lost by the dial: never sent.
    Dropped,
}

/// What an endpoint's object does not show.
#[derive(Clone, Debug, Default)]
pub struct Hook {
    /// Signing secrets, each until an instant in milliseconds; `None` does not end.
    pub secrets: Vec<(String, Option<i64>)>,
    /// Hears connected accounts instead of its own.
    pub connect: bool,
    /// Receives thin events.
    pub thin: bool,
    /// Nothing more is sent to it, whatever still waits.
    pub disabled: bool,
}
