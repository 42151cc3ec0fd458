//! The queue's door. A message is only a hint that a row of the inbox has work due: the row is the truth.

use serde_json::json;

use crate::config::Config;
use crate::flow::deliver::deliver;
use crate::ports::{Level, Runtime};

/// What to tell the queue about a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueAnswer {
    /// The rows know what comes next, or somebody else is at it.
    Ack,
    /// The ledger did not answer: give the messages again.
    Retry,
}

/// Works a batch of hints, ids of inbox rows.
pub async fn consume(rt: &Runtime, config: &Config, ids: &[String]) -> QueueAnswer {
    match deliver(rt, config, ids).await {
        Ok(()) => QueueAnswer::Ack,
        Err(error) => {
            rt.log.line(
                Level::Warn,
                "ledger_unavailable",
                json!({ "events": ids.len(), "detail": format!("{error:?}") }),
            );
            QueueAnswer::Retry
        }
    }
}

/// The dead-letter queue's door: the hints are spent, their rows are not. Nothing is parked here, since every row that
/// is not settled or parked has a next attempt, which the sweep queues.
pub fn dead_letters(rt: &Runtime, ids: &[String]) {
    rt.log.line(Level::Warn, "hints_dead_lettered", json!({ "events": ids }));
}
