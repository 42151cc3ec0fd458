//! What of an event's movements is still to be booked, each after its receipt.

use crate::error::Error;
use crate::flow::connection::DeliveryContext;
use crate::flow::outcome::Outcome;
use crate::flow::plan::Plan;
use crate::flow::receipt_first::with_receipts_first;
use crate::flow::{filter, instant, retry};
use crate::ledger::claim::Claim;
use crate::movement::{Movement, MovementKind};
use crate::ports::Runtime;
use crate::stripe::client::Client;
use crate::stripe::map::Scope;

/// Leaves out what is not to be booked, puts receipts before what builds on them; the rest is the event's work.
pub async fn plan(
    rt: &Runtime,
    context: &DeliveryContext<'_>,
    claim: &Claim,
    scope: &Scope<'_>,
    client: &Client<'_>,
    movements: Vec<Movement>,
) -> Result<Plan, Error> {
    let postings = filter::find_postings(rt, claim, &movements).await?;
    // Read again under that payment's lease, where its other movements are met again as well.
    let mut fresh = movements.iter().filter(|m| !postings.iter().any(|known| known.is_sure_of(&m.key)));
    if let Some(first) = fresh.next()
        && first.payment != claim.subject
        && fresh.all(|m| m.payment == first.payment)
    {
        return Ok(Plan::end(Outcome::MoveToPayment { payment: first.payment.clone() }));
    }
    // How a dispute is closed Stripe was asked, and not its event.
    let asked = movements.iter().any(|m| matches!(m.kind, MovementKind::DisputeWon | MovementKind::DisputeLost));
    let snapshot = claim.body.is_some() && !asked;
    let movements = instant::with_instants(rt, client, scope, &postings, snapshot, movements).await?;
    let (left, rest) = filter::still_to_book(context, &postings, movements);
    let waited = retry::has_waited_longest(claim, rt.clock.now());
    let left = with_receipts_first(rt, context, client, scope, &postings, left, waited).await?;
    let outcome = left.outcome.or(rest);
    Ok(match (left.movements.is_empty(), outcome) {
        (true, None) => Plan::end("no_payment".into()),
        (_, outcome) => Plan { outcome, ..Plan::book(left.movements) },
    })
}
