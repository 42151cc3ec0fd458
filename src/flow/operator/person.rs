//! Erasure of a payer's data by an operator. Open attempts that nobody has begun to pay are canceled first, so that as
//! little as possible remains.

use serde_json::json;

use crate::config::Config;
use crate::error::Error;
use crate::flow::connection;
use crate::flow::pay::cancel;
use crate::ledger::delivery;
use crate::ledger::operator::actions::{self, AuditEntry};
use crate::ledger::operator::person::{self, ForgetResult, Person};
use crate::ports::{Level, Runtime};
use crate::stripe::client::Client;

/// Forgets what is at rest. The audit entry is written before anything is done, and how it ended with it: a crash in between leaves
/// one that ended nobody knows how, and asking again is safe. `named` is whom the operator named.
pub async fn forget(
    rt: &Runtime,
    config: &Config,
    person: &Person,
    named: &str,
    entry: &AuditEntry<'_>,
) -> Result<ForgetResult, Error> {
    let number = actions::write_audit(&*rt.db, entry, "forget", named, None, None).await?;
    if let Err(error) = cancel_open_payments(rt, config, person, entry.now).await {
        let fields = json!({ "code": error.code.name(), "detail": error.detail });
        rt.log.line(Level::Warn, "person_not_forgotten", fields);
    }
    Ok(person::forget(&*rt.db, person, number).await?)
}

/// Cancels what may still be paid and is not being paid. What stays open is told as kept.
async fn cancel_open_payments(rt: &Runtime, config: &Config, person: &Person, now: i64) -> Result<(), Error> {
    let open = person::open_attempts(&*rt.db, person).await?;
    if open.is_empty() {
        return Ok(());
    }
    let state = delivery::delivery_state(&*rt.db).await?;
    let context = connection::open(rt, config, &state, now).await?;
    let client = Client::new(&*context.http, &context.delivery.stripe);
    for (key, payment) in &open {
        cancel::cancel(rt, &client, key, payment, now).await.map_err(|refused| refused.error)?;
    }
    Ok(())
}
