//! What Stripe says of an event: its own object, or what that leads to, asked for where it was not sent.

use crate::error::{Code, Error};
use crate::flow::connection::DeliveryContext;
use crate::flow::filter::{self, posted_outcome, reason_not_to_book};
use crate::flow::outcome::Outcome;
use crate::flow::payout_parts::payout_movement;
use crate::flow::plan::Plan;
use crate::flow::{enqueue, instant, retry};
use crate::ledger::claim::Claim;
use crate::movement::{MovementKind, posting_key};
use crate::ports::Runtime;
use crate::stripe::client::Client;
use crate::stripe::map::{self, Pointer, Reading, Scope, Target};
use crate::stripe::{event, fetch, not_final};

/// A success so many seconds old is not believed any more: what was kept of it may have failed since, and whoever told of that
/// waited no longer for it (`stripe::late_failure`). Not less than [`retry::WAIT_S_MAX`].
const SUCCESS_AGE_S_MAX: i64 = retry::WAIT_S_MAX;

/// What an event asks for; its balance transactions become rows of the inbox.
pub async fn plan(
    rt: &Runtime,
    context: &DeliveryContext<'_>,
    claim: &Claim,
    scope: &Scope<'_>,
    client: &Client<'_>,
) -> Result<Plan, Error> {
    if filter::is_paid_again(claim, scope.account) {
        return Ok(Plan::end(Outcome::Park(Error::of(Code::PaidAgain))));
    }
    // The key's own events come by endpoints that name no account. One that names it came by another's: what it says is asked
    // of Stripe, as of a thin event.
    let body = claim.body.as_deref().filter(|_| claim.account.is_none() || scope.account != context.identity.account);
    let body = body.map(str::as_bytes);
    if body.and_then(event::object_mode).is_some_and(|livemode| livemode != claim.livemode) {
        return Ok(Plan::end(Outcome::Park(Error::of(Code::ObjectDiffers))));
    }
    let mut named = map::transactions(body);
    let mut reading = map::read_event(scope, body)?;
    if let Reading::Pointer(pointer) = reading {
        if let Some(end) = known_payment_outcome(claim, scope, &pointer) {
            let enqueue = enqueue::transaction_rows(claim, scope.account, &named);
            return Ok(Plan { enqueue, ..Plan::end(end) });
        }
        let resolved = fetch::resolve(client, scope, pointer).await?;
        named.extend(resolved.transactions);
        reading = resolved.reading;
        // A debit that failed waits for a success only where there may be one.
        if let (Reading::Waits { payment }, "charge.failed") = (&reading, claim.kind.as_str())
            && !retry::has_waited_longest(claim, rt.clock.now())
            && instant::never_paid(rt, client, payment, Some(&claim.object)).await?
        {
            let pointer = Pointer::to_target(Target::Failure(claim.object.clone()));
            reading = fetch::resolve(client, &scope.with_waited(true), pointer).await?.reading;
        }
    } else if let Reading::Movement(movement) = &mut reading {
        let known = posted_outcome(&claim.postings, &movement.key, None).is_some();
        if !known && reason_not_to_book(context, movement).is_none() {
            if movement.kind == MovementKind::Paid && rt.clock.now() - claim.created >= SUCCESS_AGE_S_MAX {
                reading = fetch::resolve(client, scope, Pointer::to_payment(&movement.payment)).await?.reading;
            } else if movement.reference.numbers.is_empty() {
                fetch::add_reference(client, movement, scope).await?;
            }
        }
    }
    if let Reading::Waits { payment } = &reading
        && retry::has_waited_longest(claim, rt.clock.now())
    {
        reading = not_final::read_not_final(client, scope, payment).await?;
    }
    let plan = match reading {
        Reading::PayoutParts { payout } => Plan::book(vec![payout_movement(rt, client, scope, &payout).await?]),
        Reading::Movement(movement) => Plan::book(vec![movement]),
        Reading::Movements(movements) => Plan::book(movements),
        other => Plan::end(outcome_of_reading(other)),
    };
    Ok(Plan { enqueue: enqueue::transaction_rows(claim, scope.account, &named), ..plan })
}

/// A lead to a payment that the ledger has, or that is another subject's. Not where a charge's own object was not sent: it
/// may have its balance transaction now.
fn known_payment_outcome(claim: &Claim, scope: &Scope<'_>, pointer: &Pointer) -> Option<Outcome> {
    let payment = pointer.payment()?;
    if payment != claim.subject {
        return Some(Outcome::MoveToPayment { payment: payment.to_owned() });
    }
    let unseen = claim.body.is_none() && claim.kind.starts_with("charge.");
    posted_outcome(&claim.postings, &posting_key(scope.account, payment, MovementKind::Paid.transition()), None)
        .filter(|_| !unseen)
}

fn outcome_of_reading(reading: Reading) -> Outcome {
    match reading {
        Reading::Known(event) => Outcome::Ignore(ignore_reason(event.kind).to_owned(), event.reason),
        Reading::Waits { payment } => Outcome::Wait { payment },
        Reading::Ignore(reason) => Outcome::Ignore(reason.to_owned(), None),
        Reading::Unsupported => Outcome::Unsupported,
        Reading::Movement(_) | Reading::Movements(_) | Reading::Pointer(_) | Reading::PayoutParts { .. } => {
            Outcome::Park(Error::new(
                Code::EventUnreadable,
                "The event leads nowhere; look at it in Stripe's dashboard.",
            ))
        }
    }
}

fn ignore_reason(kind: MovementKind) -> &'static str {
    match kind {
        MovementKind::Paid => "nothing_received",
        MovementKind::Processing => "payment_processing",
        MovementKind::Failed => "payment_failed",
        MovementKind::Canceled => "payment_canceled",
        MovementKind::RequiresAction => "payment_requires_action",
        // Movements of money: they are booked, never only known.
        MovementKind::Reversed
        | MovementKind::Refunded
        | MovementKind::RefundFailed
        | MovementKind::Credited
        | MovementKind::DisputeOpened
        | MovementKind::DisputeWithdrawn
        | MovementKind::DisputeReinstated
        | MovementKind::DisputeWon
        | MovementKind::DisputeLost
        | MovementKind::Settled
        | MovementKind::PayoutReconciled
        | MovementKind::FeesBilled
        | MovementKind::FeesCleared => "moves_no_money",
    }
}
