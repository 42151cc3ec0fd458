//! Actions on events, receipts and the ledger as a whole; the ERP is not asked, what is to be asked of it is queued.

use serde_json::Value;

use crate::error::{Code, Error};
use crate::flow::receive::send_hints;
use crate::ledger::operator::actions::{self, Action, ActionResult, AuditEntry};
use crate::ledger::operator::{health, receipts};
use crate::ledger::restore::{self, RestoreProgress};
use crate::ports::Runtime;

/// Replays, parks or ignores an event; gives its state now.
///
/// Errors: [`Code::NotFound`]; [`Code::EventBusy`] while somebody works it; [`Code::ActionNotPossible`] from its state.
pub async fn change_event(rt: &Runtime, id: &str, action: Action, entry: &AuditEntry<'_>) -> Result<String, Error> {
    match actions::apply_action(&*rt.db, id, action, entry).await? {
        ActionResult::Done(state, events) => {
            if action == Action::Replay {
                send_hints(rt, &events).await;
            }
            Ok(state)
        }
        ActionResult::Not(state) if state == "claimed" => Err(Error::of(Code::EventBusy)),
        ActionResult::Not(state) => Err(Error::new(
            Code::ActionNotPossible,
            format!("An event that is {state} cannot be made to {}.", action.name()),
        )),
        ActionResult::Missing => Err(Error::of(Code::NotFound)),
    }
}

/// The unallocated receipt of `key` is nobody's task any more.
pub async fn dismiss(rt: &Runtime, key: &str, entry: &AuditEntry<'_>) -> Result<(), Error> {
    let known = receipts::dismiss(&*rt.db, key, entry).await?;
    known.then_some(()).ok_or_else(|| Error::of(Code::NotFound))
}

/// Which of `rows` (events as the inbox takes them, a JSON array) the ledger lacks; with an `entry` they are stored and worked.
pub async fn recover(rt: &Runtime, rows: &Value, entry: Option<&AuditEntry<'_>>) -> Result<Vec<String>, Error> {
    let missing = actions::store_missing(&*rt.db, rows, entry, rt.clock.now()).await?;
    if entry.is_some() {
        send_hints(rt, &missing).await;
    }
    Ok(missing)
}

/// How many postings are of the time since `to` (seconds), which the ERP has lost.
pub async fn count_lost(rt: &Runtime, to: i64) -> Result<(i64, RestoreProgress), Error> {
    Ok((restore::postings_since(&*rt.db, to).await?, restore::progress(&*rt.db).await?))
}

/// The ERP was set back to `to` (seconds): asks it again for the next page of what was booked since; `begins` unless that goes on.
pub async fn ask_again(rt: &Runtime, to: i64, begins: bool, entry: &AuditEntry<'_>) -> Result<RestoreProgress, Error> {
    if begins {
        restore::begin(&*rt.db, to, entry).await?;
    }
    send_hints(rt, &restore::step(&*rt.db, entry.now).await?).await;
    Ok(restore::progress(&*rt.db).await?)
}

/// Keeps what a proof of the books said; `began` (seconds) of one that is equal ends the alarm of an ERP that went back.
pub async fn store_proof(rt: &Runtime, verdict: &str, summary: &str, began: Option<i64>) -> Result<(), Error> {
    let began = began.filter(|_| verdict == "equal");
    Ok(health::store_proof(&*rt.db, verdict, summary, began, rt.clock.now()).await?)
}
