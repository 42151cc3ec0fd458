//! What events say of the pay page's PaymentIntents, written with the events' outcomes.

use serde_json::{Value, json};

use super::outcome_row::OutcomeRow;
use super::state::State;
use crate::ports::Stmt;

/// A status may follow any but a final one, and only the payment's own success can be parked: another event that needs a
/// person says nothing of money. A success is one when its receipt is posted: events of the same payment may be done without
/// it, as the balance transaction of a debit is that Stripe enters before the payer's bank has paid. What is in the books is
/// the invoice's open attempt no longer.
const SQL: &str = "UPDATE intents SET \
     status = CASE WHEN h.value ->> 'status' = 'succeeded' AND NOT EXISTS (SELECT 1 FROM postings p \
         WHERE p.key = 'stripe:' || intents.account || ':' || intents.payment || ':succeeded' AND p.doubt IS NULL) THEN status \
       WHEN status IN ('succeeded', 'canceled', 'parked') AND h.value ->> 'status' NOT IN ('succeeded', 'parked') \
       THEN status ELSE h.value ->> 'status' END, \
     closed = CASE WHEN closed IS NULL AND EXISTS (SELECT 1 FROM postings p \
       WHERE p.key = 'stripe:' || intents.account || ':' || intents.payment || ':succeeded') THEN ?2 ELSE closed END \
     FROM json_each(?1) h WHERE intents.payment = h.value ->> 'payment' AND (h.value ->> 'status' <> 'parked' \
       OR (SELECT e.type FROM inbox e WHERE e.id = h.value ->> 'event') = 'payment_intent.succeeded')";

/// The statement for the outcomes on events of PaymentIntents; `None` when they say nothing. `subjects` stand beside
/// their `outcomes`.
pub fn status_statement<'a>(pairs: impl Iterator<Item = (&'a String, &'a OutcomeRow)>, now: i64) -> Option<Stmt> {
    let said: Vec<Value> = pairs
        .filter(|(subject, _)| subject.starts_with("pi_"))
        .filter_map(|(subject, outcome)| {
            let status = stripe_status(outcome)?;
            Some(json!({ "payment": subject, "event": outcome.id, "status": status }))
        })
        .collect();
    (!said.is_empty()).then(|| Stmt::new(SQL, [Value::from(said).to_string().into(), now.into()]))
}

/// Stripe's status that an outcome is about.
fn stripe_status(outcome: &OutcomeRow) -> Option<&'static str> {
    match (outcome.state, outcome.code.as_deref()) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(state: State, code: Option<&str>) -> OutcomeRow {
        OutcomeRow { code: code.map(str::to_owned), ..OutcomeRow::new("evt_1", state) }
    }

    /// The statuses of docs.stripe.com/payments/paymentintents/lifecycle, by what their events end as.
    #[test]
    fn every_end_of_an_event_says_its_status() {
        let ignored = |code| outcome(State::Ignored, Some(code));
        for (outcome, said) in [
            (outcome(State::Done, None), Some("succeeded")),
            (outcome(State::Parked, Some("erp_refused")), Some("parked")),
            (ignored("payment_failed"), Some("requires_payment_method")),
            (ignored("payment_processing"), Some("processing")),
            (ignored("payment_canceled"), Some("canceled")),
            (ignored("payment_requires_action"), Some("requires_action")),
            (ignored("not_captured"), Some("requires_capture")),
            (ignored("moves_no_money"), None),
            (outcome(State::Failed, Some("erp_busy")), None),
            (outcome(State::Waiting, Some("payment_not_final")), None),
            (outcome(State::Received, None), None),
        ] {
            assert_eq!(stripe_status(&outcome), said, "{:?} {:?}", outcome.state, outcome.code);
        }
    }
}
