//! The brake on declines: after too many declined cards the PaymentIntent is canceled and the invoice is paused.

use serde_json::json;

use super::cancel::cancel;
use crate::config::Config;
use crate::flow::connection;
use crate::ledger::delivery::DeliveryState;
use crate::ledger::intents::{self, PausedAttempt};
use crate::ledger::observations;
use crate::ports::{Level, Runtime};
use crate::stripe::client::Client;

/// There are declines among the events `ids`: they are counted, and whoever had too many is stopped. If the ledger does not
/// answer, the clock does it.
pub async fn count_declines(rt: &Runtime, config: &Config, state: &DeliveryState, ids: &[String]) {
    match intents::count_declines(&*rt.db, ids, rt.clock.now()).await {
        Ok(paused) => cancel_paused(rt, config, state, &paused).await,
        Err(error) => {
            let fields = json!({ "payments": 0, "code": "ledger_unavailable", "detail": format!("{error:?}") });
            rt.log.line(Level::Warn, "payments_not_stopped", fields);
        }
    }
}

/// Cancels the PaymentIntents of paused attempts at once and tells people. One that could not be canceled is met again by the
/// next decline, by the payer's page and by the clock.
pub async fn cancel_paused(rt: &Runtime, config: &Config, state: &DeliveryState, paused: &[PausedAttempt]) {
    if paused.is_empty() {
        return;
    }
    let now = rt.clock.now();
    let delivery_context = match connection::open(rt, config, state, now).await {
        Ok(delivery_context) => delivery_context,
        Err(error) => {
            let fields = json!({ "payments": paused.len(), "code": error.code.name(), "detail": error.detail });
            return rt.log.line(Level::Warn, "payments_not_stopped", fields);
        }
    };
    let client = Client::new(&*delivery_context.http, &delivery_context.delivery.stripe);
    for one in paused {
        let fields =
            json!({ "invoice": one.invoice, "payment": one.payment, "declines": one.declines, "until": one.until });
        rt.log.line(Level::Alert, "payment_paused", fields.clone());
        if let Err(refused) = cancel(rt, &client, &one.key, &one.payment, now).await {
            let error = refused.error;
            let fields = json!({ "invoice": one.invoice, "code": error.code.name(), "detail": error.detail });
            rt.log.line(Level::Warn, "payment_not_canceled", fields);
        }
        if let Err(error) = observations::store_observation(&*rt.db, observations::DECLINES, now, Some(&fields)).await {
            rt.log.line(Level::Warn, "declines_not_stored", json!({ "detail": format!("{error:?}") }));
        }
    }
}
