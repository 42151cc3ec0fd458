//! What events say of the pay page's PaymentIntents, written with the events' verdicts.

use serde_json::{Value, json};

use super::settle::Verdict;
use super::state::State;
use crate::ports::Stmt;

/// A status may follow any but a final one. Declines are counted even when another worker took the event over: one too
/// many makes a pause begin a little early.
const SQL: &str = "UPDATE intents SET \
     status = CASE WHEN status IN ('succeeded', 'canceled', 'parked') AND h.value ->> 'status' NOT IN ('succeeded', 'parked') \
       THEN status ELSE h.value ->> 'status' END, \
     declines = declines + (h.value ->> 'declined'), declined = CASE WHEN h.value ->> 'declined' THEN ?2 ELSE declined END \
     FROM json_each(?1) h WHERE intents.payment = h.value ->> 'payment'";

/// The statement for the verdicts on events of PaymentIntents; `None` when they say nothing. `subjects` stand beside
/// their `verdicts`.
pub fn heard<'a>(pairs: impl Iterator<Item = (&'a String, &'a Verdict)>, now: i64) -> Option<Stmt> {
    let said: Vec<Value> = pairs
        .filter(|(subject, _)| subject.starts_with("pi_"))
        .filter_map(|(subject, verdict)| {
            let status = status(verdict)?;
            let declined = i64::from(verdict.code.as_deref() == Some("payment_failed"));
            Some(json!({ "payment": subject, "status": status, "declined": declined }))
        })
        .collect();
    (!said.is_empty()).then(|| Stmt::new(SQL, [Value::from(said).to_string().into(), now.into()]))
}

/// Stripe's status that a verdict is about.
fn status(verdict: &Verdict) -> Option<&'static str> {
    match (verdict.state, verdict.code.as_deref()) {
        (State::Done, _) => Some("succeeded"),
        (State::Parked, _) => Some("parked"),
        (State::Ignored, Some("payment_failed")) => Some("requires_payment_method"),
        (State::Ignored, Some("payment_processing")) => Some("processing"),
        (State::Ignored, Some("payment_canceled")) => Some("canceled"),
        (State::Ignored, Some("payment_requires_action")) => Some("requires_action"),
        (State::Ignored, Some("not_captured")) => Some("requires_capture"),
        _ => None,
    }
}
