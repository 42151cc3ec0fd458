//! Parts of a payout, read once Stripe calls them complete. The sum is checked, the ledger links the parts, and the ERP
//! gets a note on the payout's entry.

use crate::error::{Code, Error};
use crate::ledger::transactions;
use crate::movement::Movement;
use crate::ports::Runtime;
use crate::stripe::client::Client;
use crate::stripe::map::Scope;
use crate::stripe::payouts::{PartsCursor, Role};

/// Pages of 100 parts that one attempt reads: some seconds of it. The next one goes on where it ended.
const PAGES_MAX: usize = 30;
/// Seconds that the place is kept. Whoever does not find it begins anew, which costs calls and harms nothing.
const PROGRESS_TTL_S: u32 = 3 * 86_400;

/// Reads the parts of `payout` (`po_…`) and links them; gives the movement that tells of it.
///
/// Errors: those of asking Stripe; [`Code::PayoutReading`] when it has more parts than one attempt reads;
/// [`Code::EventUnreadable`] when the parts do not add up to the payout.
pub async fn payout_movement(
    rt: &Runtime,
    client: &Client<'_>,
    scope: &Scope<'_>,
    payout: &str,
) -> Result<Movement, Error> {
    let place = format!("payout:{}:{payout}", scope.account);
    let kept = rt.kv.get(&place).await.and_then(|text| serde_json::from_str(&text).ok());
    let mut walk = kept.unwrap_or_else(|| PartsCursor::start(payout));
    let read = link_pages(rt, client, scope, payout, &mut walk).await;
    if !walk.is_complete() {
        let text = serde_json::to_string(&walk).unwrap_or_default();
        rt.kv.put(&place, &text, PROGRESS_TTL_S).await;
        read?;
        return Err(Error::of(Code::PayoutReading));
    }
    read?;
    walk.reconciliation(client, scope).await
}

/// Each page is linked before the walk is past it.
async fn link_pages(
    rt: &Runtime,
    client: &Client<'_>,
    scope: &Scope<'_>,
    payout: &str,
    walk: &mut PartsCursor,
) -> Result<(), Error> {
    let mut ids = Vec::new();
    let mut next = walk.clone();
    let mut read = Ok(());
    for _ in 0..PAGES_MAX {
        match next.step(client).await {
            // Its own transaction is what pays the others out.
            Ok(parts) => ids.extend(parts.into_iter().filter(|part| part.role != Role::Own).map(|part| part.id)),
            Err(error) => read = Err(error),
        }
        if next.is_complete() || read.is_err() {
            break;
        }
    }
    let linked = transactions::link_payout(&*rt.db, scope.account, payout, &ids).await;
    linked.map_err(|_| Error::of(Code::LedgerUnavailable))?;
    *walk = next;
    read
}
