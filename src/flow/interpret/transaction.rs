//! What a balance transaction asks for: its own movement, after the document that it settles.

use crate::error::Error;
use crate::flow::connection::DeliveryContext;
use crate::flow::outcome::Outcome;
use crate::flow::plan::Plan;
use crate::flow::{instant, retry};
use crate::ledger::claim::Claim;
use crate::ports::Runtime;
use crate::stripe::balance;
use crate::stripe::client::Client;
use crate::stripe::map::Scope;

/// A balance transaction, after the document that it settles where neither it nor the ledger has that one.
pub async fn plan(
    rt: &Runtime,
    context: &DeliveryContext<'_>,
    claim: &Claim,
    scope: &Scope<'_>,
    client: &Client<'_>,
) -> Result<Plan, Error> {
    let only = |outcome| Ok(Plan::end(outcome));
    // It may be in the books while its document is not: a row that comes back after a failed attempt is read again.
    let found = balance::read_transaction(client, scope, &claim.object, &context.delivery.counters).await?;
    let Some(settled) = found.movements.last() else { return only("other_balance".into()) };
    // What the ledger has of a payment came with the claim of that payment alone.
    if settled.payment != claim.subject {
        return only(Outcome::MoveToPayment { payment: settled.payment.clone() });
    }
    let found = match &found.waits {
        Some(payment) if !retry::has_waited_longest(claim, rt.clock.now()) => {
            if !instant::never_paid(rt, client, payment, settled.charge.as_deref()).await? {
                return only(Outcome::Wait { payment: payment.clone() });
            }
            balance::read_transaction(client, &scope.with_waited(true), &claim.object, &context.delivery.counters)
                .await?
        }
        _ => found,
    };
    let Some(settled) = found.movements.last() else { return only("other_balance".into()) };
    let has = settled.builds_on().is_some_and(|key| claim.postings.iter().any(|posting| posting.is_sure_of(key)));
    let found = if has { balance::TransactionReading { pointer: None, ..found } } else { found };
    Ok(Plan::book(balance::with_documents(client, scope, found).await?))
}
