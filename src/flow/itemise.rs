//! What a payout is made of: Stripe says so once it is sure. The sum is checked, the ledger links the parts, and the ERP gets
//! a note on the payout's entry.

use crate::error::{Code, Error};
use crate::ledger::transactions;
use crate::payment::PaymentEvent;
use crate::ports::Runtime;
use crate::stripe::client::Client;
use crate::stripe::map::Scope;
use crate::stripe::payouts::{self, Part, Role};

/// Reads the parts of `payout` (`po_…`) and links them; gives the movement that tells of it.
///
/// Errors: those of asking Stripe; [`Code::EventUnreadable`] when the parts do not add up to the payout.
pub async fn itemise(
    rt: &Runtime,
    client: &Client<'_>,
    scope: &Scope<'_>,
    payout: &str,
) -> Result<PaymentEvent, Error> {
    let (movement, parts) = payouts::parts(client, scope, payout).await?;
    // Its own transaction is what pays the others out.
    let paid_out = |part: &&Part| part.role != Role::Own;
    let ids: Vec<String> = parts.iter().filter(paid_out).map(|part| part.id.clone()).collect();
    let linked = transactions::paid_out(&*rt.db, scope.account, payout, &ids).await;
    linked.map_err(|_| Error::of(Code::LedgerUnavailable))?;
    Ok(movement)
}
