//! Each minute: what is due and was not worked is queued again; what is old is tidied.

use serde_json::json;

use super::pay::KEY_LIFETIME_S;
use super::receive::send_hints;
use crate::config::Config;
use crate::ledger::{restore, sweep};
use crate::ports::{DbError, Level, Runtime};
use crate::stripe::map::MAPPER_VERSION;

const DAY_S: i64 = 86_400;
/// So many seconds after it was made a form is sent no more: an hour beyond the life of its idempotency key.
const FORM_RETENTION_S: i64 = KEY_LIFETIME_S + 3_600;

/// Queues again what is due, takes up again what a newer mapper may know, removes raw bodies past their retention.
pub async fn sweep(rt: &Runtime, config: &Config) -> Result<(), DbError> {
    let now = rt.clock.now();
    let due = sweep::queue_again(&*rt.db, now).await?;
    send_hints(rt, &due).await;
    let mut reopened = sweep::reopen_unsupported(&*rt.db, MAPPER_VERSION, now).await?;
    if let Ok(delivery) = &config.delivery {
        reopened.extend(sweep::reopen_by_settings(&*rt.db, &delivery.fingerprint(), now).await?);
    }
    reopened.extend(restore::step(&*rt.db, now).await?);
    send_hints(rt, &reopened).await;
    let purged = sweep::purge(&*rt.db, now - config.retention_days * DAY_S).await?;
    if !due.is_empty() || !reopened.is_empty() || purged > 0 {
        let fields = json!({ "queued": due.len(), "reopened": reopened.len(), "purged": purged });
        rt.log.line(Level::Info, "sweep_done", fields);
    }
    Ok(())
}

/// Each quarter of an hour: what holds data about people goes when its time is over.
pub async fn purge_personal_data(rt: &Runtime, config: &Config) -> Result<(), DbError> {
    let now = rt.clock.now();
    sweep::purge_personal(&*rt.db, now - config.retention_days * DAY_S, now - FORM_RETENTION_S, now).await
}
