//! Receipts first: a movement that builds on a receipt which is not in the ledger has that receipt booked before it.

use super::connection::DeliveryContext;
use super::filter::reason_not_to_book;
use super::instant;
use super::outcome::Outcome;
use super::plan::Plan;
use crate::error::Error;
use crate::ledger::postings::PostingSummary;
use crate::movement::{Detail, Movement, MovementKind, Reference, posting_key};
use crate::ports::Runtime;
use crate::stripe::client::Client;
use crate::stripe::fetch;
use crate::stripe::map::{Pointer, Reading, Scope};
use crate::stripe::not_final;

/// Puts the receipt that `movements` build on before them, where neither they nor the ledger have it. One from before the
/// cut-over is left to the books as they are: whoever builds on it gets its reference, to find it there. A payment that Stripe does
/// not call final is waited for, but not when the event has `waited` as long as one may: then it is booked as it is.
pub async fn with_receipts_first(
    rt: &Runtime,
    context: &DeliveryContext<'_>,
    client: &Client<'_>,
    scope: &Scope<'_>,
    postings: &[PostingSummary],
    movements: Vec<Movement>,
    waited: bool,
) -> Result<Plan, Error> {
    let has = |key: &str| postings.iter().any(|p| p.is_sure_of(key)) || movements.iter().any(|m| m.key == key);
    let missing = |m: &&Movement| {
        let own = posting_key(scope.account, &m.payment, MovementKind::Paid.transition());
        // Whether there is a receipt to take back may be the ERP's to say.
        let asked = matches!(&m.detail, Some(Detail::Reversal(reversal)) if reversal.if_received);
        m.builds_on() == Some(own.as_str()) && !has(&own) && !asked
    };
    let Some(payment) = movements.iter().find(missing).map(|m| m.payment.clone()) else {
        return Ok(Plan::book(movements));
    };
    // A balance transaction need not wait for its document; whoever read it has looked for that already.
    if movements.iter().all(|m| m.kind == MovementKind::Settled) {
        return Ok(Plan::book(movements));
    }
    let pointer = Pointer { moved: true, ..Pointer::to_payment(&payment) };
    let mut reading = fetch::resolve(client, scope, pointer).await?.reading;
    if let Reading::Waits { payment } = &reading
        && waited
    {
        reading = not_final::read_not_final(client, scope, payment).await?;
    }
    if let Reading::Movement(receipt) = &mut reading {
        let dated = instant::with_instants(rt, client, scope, postings, false, vec![receipt.clone()]).await?;
        *receipt = dated.into_iter().next().unwrap_or_else(|| receipt.clone());
    }
    Ok(match reading {
        Reading::Movement(receipt) => match reason_not_to_book(context, &receipt) {
            Some("before_go_live") => Plan::book(movements.into_iter().map(|m| with_reference(m, &receipt)).collect()),
            Some(reason) => Plan::end(reason.into()),
            None => Plan::book(std::iter::once(receipt).chain(movements).collect()),
        },
        Reading::Waits { payment } if !waited => Plan::end(Outcome::Wait { payment }),
        _ => Plan::book(movements),
    })
}

/// What says nothing of its payment's invoice and payer says what the receipt would have said.
fn with_reference(movement: Movement, receipt: &Movement) -> Movement {
    if movement.payment != receipt.payment || movement.reference != Reference::default() {
        return movement;
    }
    let customer = movement.customer.or_else(|| receipt.customer.clone());
    Movement { reference: receipt.reference.clone(), customer, ..movement }
}
