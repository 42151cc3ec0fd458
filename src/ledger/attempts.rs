//! The history of an event's attempts, as far as they were not success at once: what an operator reads in its story.

use serde_json::{Value, json};

use super::outcome_row::OutcomeRow;
use super::state::State;
use crate::ports::Stmt;

/// Rows kept of one event: the schedule of retries has fewer, a long wait is one row.
const ATTEMPTS_MAX: i64 = 30;

/// A row for each outcome that the holder of the lease (`?2`) may write; the same end again only counts (`?3` is now).
const INSERT: &str = "INSERT INTO attempts (event, number, at, last, times, state, code, detail) \
     SELECT i.id, coalesce(a.number + (a.state <> v.value ->> 'state' OR a.code IS NOT v.value ->> 'code' \
       OR a.detail IS NOT v.value ->> 'detail'), 1), ?3, ?3, 1, v.value ->> 'state', v.value ->> 'code', v.value ->> 'detail' \
     FROM json_each(?1) v CROSS JOIN inbox i ON i.id = v.value ->> 'id' AND i.state = 'claimed' \
     LEFT JOIN attempts a ON a.event = i.id AND a.number = (SELECT max(n.number) FROM attempts n WHERE n.event = i.id) \
     WHERE EXISTS (SELECT 1 FROM leases l WHERE l.subject = i.subject AND l.token = ?2) \
     ON CONFLICT (event, number) DO UPDATE SET times = times + 1, last = excluded.last";

const PRUNE: &str = "DELETE FROM attempts WHERE event IN (SELECT value ->> 'id' FROM json_each(?1)) AND number <= ?2 + \
     (SELECT max(n.number) FROM attempts n WHERE n.event = attempts.event)";

/// Statements for the outcomes of one batch, to be run before these are written; none on the way where all goes well.
pub(super) fn history_statements(outcomes: &[OutcomeRow], token: &str, now: i64) -> Vec<Stmt> {
    let told: Vec<Value> = outcomes
        .iter()
        .filter(|v| match v.state {
            State::Failed | State::Waiting | State::Parked => true,
            // What had failed before has come to its end.
            State::Done | State::Ignored => v.attempts > 0,
            State::Received | State::Claimed => false,
        })
        .map(|v| json!({ "id": v.id, "state": v.state.name(), "code": v.code, "detail": v.detail }))
        .collect();
    if told.is_empty() {
        return Vec::new();
    }
    let list = Value::from(told).to_string();
    vec![
        Stmt::new(INSERT, [list.as_str().into(), token.into(), now.into()]),
        Stmt::new(PRUNE, [list.into(), (-ATTEMPTS_MAX).into()]),
    ]
}
