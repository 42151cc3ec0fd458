//! What is to be done about one event: movements to book, or an outcome without a call to the ERP.

use super::outcome::Outcome;
use crate::movement::Movement;

/// What to do about one event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// In the order in which they build on each other.
    pub movements: Vec<Movement>,
    /// How what needs no booking ends; alone the event's end.
    pub outcome: Option<Outcome>,
    /// Balance transactions that the event's objects name: rows of the inbox to be.
    pub enqueue: Vec<serde_json::Value>,
}

impl Plan {
    /// Nothing is to be booked.
    pub fn end(outcome: Outcome) -> Self {
        Self { outcome: Some(outcome), ..Self::default() }
    }

    /// These are to be booked.
    pub fn book(movements: Vec<Movement>) -> Self {
        Self { movements, ..Self::default() }
    }
}
