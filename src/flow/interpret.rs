//! Interpretation of a claimed event: the movements to book, or an outcome without a call to the ERP.

use super::connection::DeliveryContext;
use super::enqueue;
use super::fees;
use super::filter::{self, posted_outcome, reason_not_to_book};
use super::instant;
use super::outcome::Outcome;
use super::payout_parts::payout_movement;
use super::receipt_first::{self, ReceiptSearch};
use super::retry;
use crate::error::{Code, Error};
use crate::ledger::claim::Claim;
use crate::ledger::fees::FEE_BILL;
use crate::movement::{Movement, MovementKind, posting_key};
use crate::ports::Runtime;
use crate::stripe::balance::{self, BALANCE_TRANSACTION};
use crate::stripe::client::Client;
use crate::stripe::event::{self, Envelope, UNKNOWN_ACCOUNT, UNREADABLE};
use crate::stripe::fetch;
use crate::stripe::map::{self, MAPPER_VERSION, Pointer, Reach, Reading, Scope, Target};
use crate::stripe::{not_final, payment_id};

/// After so many seconds of waiting for a payment that Stripe does not call final, money that moved is booked as it is.
pub const WAIT_S_MAX: i64 = 24 * 3_600;
/// An event that waits is looked at again after so many seconds, then ever more rarely, if nothing wakes it.
pub const WAIT_S_MIN: i64 = 600;
/// A success so many seconds old is not believed any more: what was kept of it may have failed since, and whoever told of that
/// waited no longer for it ([`crate::stripe::late_failure`]). Not less than [`WAIT_S_MAX`].
const SUCCESS_AGE_S_MAX: i64 = WAIT_S_MAX;

/// What to do about one event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// In the order in which they build on each other.
    pub movements: Vec<Movement>,
    /// How what needs no booking ends; alone the event's end.
    pub outcome: Option<Outcome>,
    /// Balance transactions that the event's objects name: rows of the inbox to be.
    pub enqueue: Vec<serde_json::Value>,
}

/// Reads one event, asking Stripe for what it lacks.
pub async fn interpret(rt: &Runtime, context: &DeliveryContext<'_>, claim: &Claim) -> Plan {
    match plan(rt, context, claim).await {
        Ok(step) => step,
        Err(error) => outcome_only(match error.code {
            // Another account's permissions say nothing about the key.
            Code::StripeAuth if account(context, claim) == Some(&context.identity.account) => Outcome::Pause(error),
            Code::LedgerUnavailable => Outcome::Release { batch_limit: claim.batch_limit },
            Code::EventUnreadable | Code::StripeRefused => Outcome::Park(error),
            code => match retry::postponement_s(code).filter(|_| !has_waited_longest(rt, claim)) {
                Some(after) => Outcome::Postpone { error, after },
                None => Outcome::Fail(error),
            },
        }),
    }
}

async fn plan(rt: &Runtime, context: &DeliveryContext<'_>, claim: &Claim) -> Result<Plan, Error> {
    if claim.livemode != context.identity.livemode {
        return Ok(outcome_only("other_mode".into()));
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
    let Some(account) = account else { return Ok(outcome_only("other_account".into())) };
    if claim.kind == FEE_BILL {
        return fees::plan_bill(rt, claim, account).await;
    }
    let event = envelope(claim);
    let known = |key: &str| claim.postings.iter().any(|known| known.is_sure_of(key));
    let scope = Scope::new(&event, account, &context.delivery.matching)
        .with_ledger(&known, context.delivery.book_from)
        .with_waited(has_waited_longest(rt, claim))
        .with_reach(text_reach(context, account));
    let client = Client::new(&*context.http, &context.delivery.stripe).for_account(account);
    let found = if claim.kind == BALANCE_TRANSACTION {
        interpret_transaction(rt, context, claim, &scope, &client).await?
    } else {
        interpret_event(rt, context, claim, &scope, &client).await?
    };
    let follow = enqueue::transaction_rows(claim, account, &found.transactions);
    let step = match found.content {
        // Which closing it is the ledger tells, and the claim brought only what it has of its own subject.
        Content::Movements(movements) if movements.iter().any(|m| is_closing(m) && m.payment != claim.subject) => {
            outcome_only(
                movements
                    .first()
                    .map_or_else(|| "no_payment".into(), |m| Outcome::MoveToPayment { payment: m.payment.clone() }),
            )
        }
        Content::Movements(movements) => plan_movements(rt, context, claim, &scope, &client, movements).await?,
        Content::End(ending) => outcome_only(ending),
    };
    Ok(Plan { enqueue: follow, ..step })
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

/// What reading gave, and the balance transactions that the objects read name.
struct Interpretation {
    content: Content,
    transactions: Vec<String>,
}

enum Content {
    Movements(Vec<Movement>),
    End(Outcome),
}

/// A balance transaction, after the document that it settles where neither it nor the ledger has that one.
async fn interpret_transaction(
    rt: &Runtime,
    context: &DeliveryContext<'_>,
    claim: &Claim,
    scope: &Scope<'_>,
    client: &Client<'_>,
) -> Result<Interpretation, Error> {
    let only = |end| Ok(Interpretation { content: Content::End(end), transactions: Vec::new() });
    // It may be in the books while its document is not: a row that comes back after a failed attempt is read again.
    let found = balance::read_transaction(client, scope, &claim.object, &context.delivery.counters).await?;
    let Some(settled) = found.movements.last() else { return only("other_balance".into()) };
    // What the ledger has of a payment came with the claim of that payment alone.
    if settled.payment != claim.subject {
        return only(Outcome::MoveToPayment { payment: settled.payment.clone() });
    }
    let found = match &found.waits {
        Some(payment) if !has_waited_longest(rt, claim) => {
            if !instant::never_paid(rt, client, payment, settled.charge.as_deref()).await? {
                return only(Outcome::Wait { payment: payment.clone() });
            }
            balance::read_transaction(client, &scope.with_waited(true), &claim.object, &context.delivery.counters)
                .await?
        }
        _ => found,
    };
    let Some(settled) = found.movements.last() else { return only("other_balance".into()) };
    let has =
        filter::builds_on(settled).is_some_and(|key| claim.postings.iter().any(|posting| posting.is_sure_of(key)));
    let found = if has { balance::TransactionReading { pointer: None, ..found } } else { found };
    let movements = balance::with_documents(client, scope, found).await?;
    Ok(Interpretation { content: Content::Movements(movements), transactions: Vec::new() })
}

/// An event has waited as long as one may.
fn has_waited_longest(rt: &Runtime, claim: &Claim) -> bool {
    claim.waiting_since.is_some_and(|since| rt.clock.now() - since >= WAIT_S_MAX)
}

async fn interpret_event(
    rt: &Runtime,
    context: &DeliveryContext<'_>,
    claim: &Claim,
    scope: &Scope<'_>,
    client: &Client<'_>,
) -> Result<Interpretation, Error> {
    if filter::is_paid_again(claim, scope.account) {
        return Ok(Interpretation {
            content: Content::End(Outcome::Park(Error::of(Code::PaidAgain))),
            transactions: Vec::new(),
        });
    }
    // The key's own events come by endpoints that name no account. One that names it came by another's: what it says is asked
    // of Stripe, as of a thin event.
    let body = claim.body.as_deref().filter(|_| claim.account.is_none() || scope.account != context.identity.account);
    let body = body.map(str::as_bytes);
    if body.and_then(event::object_mode).is_some_and(|livemode| livemode != claim.livemode) {
        return Ok(Interpretation {
            content: Content::End(Outcome::Park(Error::of(Code::ObjectDiffers))),
            transactions: Vec::new(),
        });
    }
    let mut named = map::transactions(body);
    let mut reading = map::read_event(scope, body)?;
    if let Reading::Pointer(pointer) = reading {
        if let Some(end) = known_payment_outcome(claim, scope, &pointer) {
            return Ok(Interpretation { content: Content::End(end), transactions: named });
        }
        let resolved = fetch::resolve(client, scope, pointer).await?;
        named.extend(resolved.transactions);
        reading = resolved.reading;
        // A debit that failed waits for a success only where there may be one.
        if let (Reading::Waits { payment }, "charge.failed") = (&reading, claim.kind.as_str())
            && !has_waited_longest(rt, claim)
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
        && has_waited_longest(rt, claim)
    {
        reading = not_final::read_not_final(client, scope, payment).await?;
    }
    let what = match reading {
        Reading::PayoutParts { payout } => Content::Movements(vec![payout_movement(rt, client, scope, &payout).await?]),
        Reading::Movement(movement) => Content::Movements(vec![movement]),
        Reading::Movements(movements) => Content::Movements(movements),
        other => Content::End(outcome_of_reading(other)),
    };
    Ok(Interpretation { content: what, transactions: named })
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

/// Leaves out what is not to be booked, puts receipts before what builds on them; the rest is the event's work.
async fn plan_movements(
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
        return Ok(outcome_only(Outcome::MoveToPayment { payment: first.payment.clone() }));
    }
    // How a dispute is closed Stripe was asked, and not its event.
    let asked = movements.iter().any(|m| matches!(m.kind, MovementKind::DisputeWon | MovementKind::DisputeLost));
    let snapshot = claim.body.is_some() && !asked;
    let movements = instant::with_instants(rt, client, scope, &postings, snapshot, movements).await?;
    let (left, rest) = filter::still_to_book(context, &postings, movements);
    let put =
        receipt_first::with_receipts_first(rt, context, client, scope, &postings, left, has_waited_longest(rt, claim))
            .await?;
    let (left, rest) = match put {
        ReceiptSearch::Ready(left) => (left, rest),
        ReceiptSearch::End(ending) => (Vec::new(), Some(ending)),
    };
    Ok(match (left.is_empty(), rest) {
        (true, None) => outcome_only("no_payment".into()),
        (_, rest) => Plan { movements: left, outcome: rest, enqueue: Vec::new() },
    })
}

fn outcome_only(end: Outcome) -> Plan {
    Plan { outcome: Some(end), ..Plan::default() }
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

/// Kept with an event that was ignored as unsupported, so that a newer mapper takes it up again.
pub fn mapper_version() -> i64 {
    MAPPER_VERSION
}
