//! What one attempt at an event leaves: the event's outcome, and a posting for each movement that the ERP has.

use serde::Serialize;
use serde_json::Value;

use super::state::State;

/// What became of a claimed event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeRow {
    pub id: String,
    pub state: State,
    pub code: Option<String>,
    pub detail: Option<String>,
    pub attempts: i64,
    /// Kept while nobody has come to an outcome on it; else 0.
    pub crashes: i64,
    /// When it may be claimed again; `None` when nothing is left to do.
    pub due: Option<i64>,
    pub waiting_for: Option<String>,
    pub waiting_since: Option<i64>,
    pub batch_limit: Option<i64>,
    /// Version of the mapper, on `ignored(unsupported)`.
    pub mapper: Option<i64>,
    /// Another subject to work it under from now on.
    pub subject: Option<String>,
}

impl OutcomeRow {
    /// On event `id`, with nothing left to do and nothing to say.
    pub fn new(id: &str, state: State) -> Self {
        Self {
            id: id.to_owned(),
            state,
            code: None,
            detail: None,
            attempts: 0,
            crashes: 0,
            due: None,
            waiting_for: None,
            waiting_since: None,
            batch_limit: None,
            mapper: None,
            subject: None,
        }
    }
}

/// A movement that the ERP has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Posting {
    pub key: String,
    pub payment: String,
    pub event: String,
    pub minor: i64,
    pub currency: String,
    /// `created`, `duplicate` or `gone`.
    pub outcome: &'static str,
    pub model: Option<String>,
    pub record: Option<i64>,
    pub name: Option<String>,
    /// JSON array.
    pub flags: Value,
    /// JSON array.
    pub documents: Value,
    /// The movement's kind, as [`crate::movement::MovementKind`] is written.
    pub kind: Value,
    /// At Stripe, seconds.
    pub occurred: i64,
    /// Days `YYYY-MM-DD`: the one it was meant for, and the one it stands on in the ERP.
    pub intended: Option<String>,
    pub date: Option<String>,
    /// By which an operator looks for it: numbers of invoices, the customer's id.
    pub words: Vec<String>,
}
