//! Instants of movements, by the rule of each kind ([`crate::stripe::instant`]), whichever event led to them: if the
//! event in hand does not contain it, the inbox or Stripe is asked.

use crate::error::{Code, Error};
use crate::ledger::inbox;
use crate::ledger::postings::PostingSummary;
use crate::movement::{Detail, Movement, MovementKind};
use crate::ports::Runtime;
use crate::stripe::client::Client;
use crate::stripe::instant::{self, InstantSource};
use crate::stripe::map::Scope;

/// Dates what the ledger does not have yet; `snapshot`: the event in hand came with its object. Errors: those of asking
/// Stripe that pass; [`Code::LedgerUnavailable`].
pub async fn with_instants(
    rt: &Runtime,
    client: &Client<'_>,
    scope: &Scope<'_>,
    postings: &[PostingSummary],
    snapshot: bool,
    mut movements: Vec<Movement>,
) -> Result<Vec<Movement>, Error> {
    for at in 0..movements.len() {
        let Some(movement) = movements.get(at) else { break };
        if postings.iter().any(|known| known.is_sure_of(&movement.key)) {
            continue;
        }
        let found = match InstantSource::of(movement) {
            Some(sought) if sought.matches_event(scope.event, snapshot) => Some(scope.event.created),
            Some(sought) => closing_instant(rt, client, scope, sought, movement.kind == MovementKind::Paid).await?,
            None => None,
        };
        let unsure = found.is_none() && is_before_cutover(movement, postings, &movements) && {
            let success = success_instant(rt, client, scope, &movement.payment, movement.charge.as_deref()).await?;
            success.is_none_or(|at| !scope.is_before_cutover(at))
        };
        if let (Some(found), Some(movement)) = (found, movements.get_mut(at)) {
            movement.occurred = found;
        } else if let (true, Some(movement)) = (unsure, movements.get_mut(at)) {
            mark_if_received(movement);
        }
    }
    Ok(movements)
}

/// A reversal whose receipt is neither the ledger's nor beside it: that of money which stood on the balance before the
/// cut-over. Had it paid by then, somebody else has the receipt; if it never paid, nobody has.
fn is_before_cutover(movement: &Movement, postings: &[PostingSummary], movements: &[Movement]) -> bool {
    match &movement.detail {
        Some(Detail::Reversal(reversal)) if !reversal.if_received => {
            let has = |key: &str| key == reversal.receipt;
            !postings.iter().any(|known| has(&known.key)) && !movements.iter().any(|other| has(&other.key))
        }
        _ => false,
    }
}

/// When a payment had succeeded, if it ever had.
async fn success_instant(
    rt: &Runtime,
    client: &Client<'_>,
    scope: &Scope<'_>,
    payment: &str,
    charge: Option<&str>,
) -> Result<Option<i64>, Error> {
    let sought = InstantSource::success(payment, charge);
    match inbox_instant(rt, sought).await? {
        Some(found) => Ok(Some(found)),
        None => instant::find_instant(client, scope.event, sought, rt.clock.now()).await,
    }
}

/// Whether a payment whose debit failed never succeeded, which is sure while Stripe still lists all events since its charge:
/// then nobody waits for a success.
pub async fn never_paid(rt: &Runtime, client: &Client<'_>, payment: &str, charge: Option<&str>) -> Result<bool, Error> {
    let sought = InstantSource::success(payment, charge);
    match inbox_instant(rt, sought).await? {
        Some(_) => Ok(false),
        None => instant::never_listed(client, sought, rt.clock.now()).await,
    }
}

/// The ERP is to say whether it has the receipt.
fn mark_if_received(movement: &mut Movement) {
    if let Some(Detail::Reversal(reversal)) = &mut movement.detail {
        reversal.if_received = true;
    }
}

/// A dispute's closings are many events of one object, so Stripe is asked first, which says the status of each.
async fn closing_instant(
    rt: &Runtime,
    client: &Client<'_>,
    scope: &Scope<'_>,
    sought: InstantSource<'_>,
    paid: bool,
) -> Result<Option<i64>, Error> {
    if paid && let Some(found) = inbox_instant(rt, sought).await? {
        return Ok(Some(found));
    }
    match instant::find_instant(client, scope.event, sought, rt.clock.now()).await? {
        Some(found) => Ok(Some(found)),
        None if paid => Ok(instant::charge_instants(client, sought).await?.map(|c| c.entered.unwrap_or(c.created))),
        None => inbox_instant(rt, sought).await,
    }
}

/// What an event of the inbox says.
async fn inbox_instant(rt: &Runtime, sought: InstantSource<'_>) -> Result<Option<i64>, Error> {
    let kept = inbox::newest_created(&*rt.db, sought.payment, sought.object, sought.types).await;
    kept.map_err(|_| Error::of(Code::LedgerUnavailable))
}
