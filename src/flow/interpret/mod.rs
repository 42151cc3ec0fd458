//! What an event in hand asks for: what Stripe says of it, and what of that is still to be booked.

mod event;
mod movements;
mod transaction;

use super::connection::DeliveryContext;
use super::outcome::Outcome;
use super::plan::Plan;
use super::{fees, retry};
use crate::error::{Code, Error};
use crate::ledger::claim::Claim;
use crate::ledger::fees::FEE_BILL;
use crate::movement::{Movement, MovementKind};
use crate::ports::Runtime;
use crate::stripe::balance::BALANCE_TRANSACTION;
use crate::stripe::client::Client;
use crate::stripe::event::{Envelope, UNKNOWN_ACCOUNT, UNREADABLE};
use crate::stripe::map::{Reach, Scope};
use crate::stripe::payment_id;

/// Reads one event, asking Stripe for what it lacks.
pub async fn interpret(rt: &Runtime, context: &DeliveryContext<'_>, claim: &Claim) -> Plan {
    match plan(rt, context, claim).await {
        Ok(plan) => plan,
        Err(error) => Plan::end(match error.code {
            // Another account's permissions say nothing about the key.
            Code::StripeAuth if account(context, claim) == Some(&context.identity.account) => Outcome::Pause(error),
            Code::LedgerUnavailable => Outcome::Release { batch_limit: claim.batch_limit },
            Code::EventUnreadable | Code::StripeRefused => Outcome::Park(error),
            code => match retry::postponement_s(code).filter(|_| !retry::has_waited_longest(claim, rt.clock.now())) {
                Some(after) => Outcome::Postpone { error, after },
                None => Outcome::Fail(error),
            },
        }),
    }
}

async fn plan(rt: &Runtime, context: &DeliveryContext<'_>, claim: &Claim) -> Result<Plan, Error> {
    if claim.livemode != context.identity.livemode {
        return Ok(Plan::end("other_mode".into()));
    }
    if claim.kind == UNREADABLE {
        let sentence = "Stripe signed what this version cannot read as an event; look at Stripe's dashboard for what happened at that time.";
        return Err(Error::new(Code::EventUnreadable, sentence));
    }
    if claim.account.as_deref() == Some(UNKNOWN_ACCOUNT) {
        let sentence =
            "The event names its account in a form that this version does not know; look at it in Stripe's dashboard.";
        return Err(Error::new(Code::EventUnreadable, sentence));
    }
    let listed = |account: &str| context.delivery.stripe.accounts.iter().any(|listed| listed == account);
    let account = account(context, claim).filter(|account| *account == context.identity.account || listed(account));
    let Some(account) = account else { return Ok(Plan::end("other_account".into())) };
    if claim.kind == FEE_BILL {
        return fees::plan_bill(rt, claim, account).await;
    }
    let event = envelope(claim);
    let known = |key: &str| claim.postings.iter().any(|known| known.is_sure_of(key));
    let scope = Scope::new(&event, account, &context.delivery.matching)
        .with_ledger(&known, context.delivery.book_from)
        .with_waited(retry::has_waited_longest(claim, rt.clock.now()))
        .with_reach(text_reach(context, account));
    let client = Client::new(&*context.http, &context.delivery.stripe).for_account(account);
    let read = if claim.kind == BALANCE_TRANSACTION {
        transaction::plan(rt, context, claim, &scope, &client).await?
    } else {
        event::plan(rt, context, claim, &scope, &client).await?
    };
    if read.outcome.is_some() {
        return Ok(read);
    }
    // Which closing it is the ledger tells, and the claim brought only what it has of its own subject.
    let closing = read.movements.iter().any(|m| is_closing(m) && m.payment != claim.subject);
    if let Some(first) = read.movements.first().filter(|_| closing) {
        let outcome = Some(Outcome::MoveToPayment { payment: first.payment.clone() });
        return Ok(Plan { outcome, movements: Vec::new(), ..read });
    }
    let left = movements::plan(rt, context, claim, &scope, &client, read.movements).await?;
    Ok(Plan { enqueue: read.enqueue, ..left })
}

/// The concrete account of an event; `None` where it names one in a way that leads to none of ours.
fn account<'a>(context: &'a DeliveryContext<'_>, claim: &'a Claim) -> Option<&'a str> {
    let own = context.identity.account.as_str();
    claim.account.as_deref().map_or(Some(own), |named| payment_id::event_account(named, own))
}

/// Whose words its payments are described in, and how far these go.
fn text_reach(context: &DeliveryContext<'_>, account: &str) -> Reach {
    match context.delivery.stripe.company(account) {
        _ if account == context.identity.account => Reach::All,
        Some(_) => Reach::Company,
        None => Reach::Nothing,
    }
}

fn is_closing(movement: &Movement) -> bool {
    matches!(movement.kind, MovementKind::DisputeOpened | MovementKind::DisputeWon | MovementKind::DisputeLost)
}

fn envelope(claim: &Claim) -> Envelope {
    Envelope {
        id: claim.id.clone(),
        kind: claim.kind.clone(),
        account: claim.account.clone(),
        livemode: claim.livemode,
        api_version: claim.api_version.clone(),
        created: claim.created,
        object: claim.object.clone(),
        subject: claim.subject.clone(),
        thin: claim.body.is_none(),
    }
}
