//! The payment status of an invoice, from the ledger alone: the page polls it after the payer has paid.

use serde_json::{Value, json};

use super::PayRefusal;
use super::attempt_state::attempt_state;
use super::context::{database_names, is_token};
use crate::config::Config;
use crate::error::Code;
use crate::ledger::intents;
use crate::ports::Runtime;

/// Answers `{"state", "payment", "booked", "paused_for"}` of the newest attempt. A wrong token and an invoice that nobody
/// began to pay look the same.
pub async fn payment_status(rt: &Runtime, config: &Config, invoice: i64, token: &str) -> Result<Value, PayRefusal> {
    config.pay.as_ref().map_err(Clone::clone)?;
    let delivery = config.delivery.as_ref().map_err(Clone::clone)?;
    let now = rt.clock.now();
    let (_, known) = intents::delivery_and_history(&*rt.db, &database_names(delivery)?, invoice, now).await?;
    let newest = known.attempts.first().filter(|attempt| is_token(token, &attempt.token));
    let attempt = newest.ok_or(Code::InvoiceNotFound)?;
    let paused = (known.paused_until - now).max(0);
    let booked = attempt.posting.as_ref().filter(|p| p.outcome != "gone").map(|p| json!({ "name": p.name }));
    Ok(json!({
        "state": attempt_state(attempt).name(), "payment": attempt.payment, "booked": booked, "paused_for": paused,
    }))
}
