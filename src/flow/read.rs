//! What an event in hand asks for: movements to book, or an end without a call to the ERP.

use super::connection::Desk;
use super::end::End;
use super::fees;
use super::follow;
use super::instant;
use super::itemise::itemise;
use super::known::{self, bookable, posted};
use super::receipt::{self, Receipts};
use super::retry;
use crate::error::{Code, Error};
use crate::ledger::claim::Claim;
use crate::ledger::fees::FEE_BILL;
use crate::payment::{Kind, PaymentEvent, posting_key};
use crate::ports::Runtime;
use crate::stripe::balance::{self, BALANCE_TRANSACTION};
use crate::stripe::client::Client;
use crate::stripe::event::{self, Envelope, UNKNOWN_ACCOUNT, UNREADABLE};
use crate::stripe::fetch;
use crate::stripe::map::{self, Lead, MAPPER_VERSION, Reach, Reading, Scope, Target};
use crate::stripe::{unsettled, whose};

/// After so many seconds of waiting for a payment that Stripe does not call final, money that moved is booked as it is.
pub const WAIT_MOST: i64 = 24 * 3_600;
/// An event that waits is looked at again after so many seconds, then ever more rarely, if nothing wakes it.
pub const WAIT_AGAIN: i64 = 600;
/// A success so many seconds old is not believed any more: what was kept of it may have failed since, and whoever told of that
/// waited no longer for it ([`crate::stripe::failure`]). Not less than [`WAIT_MOST`].
const STALE: i64 = WAIT_MOST;

/// What to do about one event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// In the order in which they build on each other.
    pub book: Vec<PaymentEvent>,
    /// How what needs no booking ends; alone the event's end.
    pub end: Option<End>,
    /// Balance transactions that the event's objects name: rows of the inbox to be.
    pub follow: Vec<serde_json::Value>,
}

/// Reads one event, asking Stripe for what it lacks.
pub async fn read(rt: &Runtime, desk: &Desk<'_>, claim: &Claim) -> Step {
    match steps(rt, desk, claim).await {
        Ok(step) => step,
        Err(error) => end(match error.code {
            // Another account's permissions say nothing about the key.
            Code::StripeAuth if account(desk, claim) == Some(&desk.identity.account) => End::Pause(error),
            Code::LedgerUnavailable => End::Release { batch_limit: claim.batch_limit },
            Code::EventUnreadable | Code::StripeRefused => End::Park(error),
            code => match retry::later(code).filter(|_| !waited(rt, claim)) {
                Some(after) => End::Later { error, after },
                None => End::Fail(error),
            },
        }),
    }
}

async fn steps(rt: &Runtime, desk: &Desk<'_>, claim: &Claim) -> Result<Step, Error> {
    if claim.livemode != desk.identity.livemode {
        return Ok(end("other_mode".into()));
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
    let listed = |account: &str| desk.delivery.stripe.accounts.iter().any(|listed| listed == account);
    let account = account(desk, claim).filter(|account| *account == desk.identity.account || listed(account));
    let Some(account) = account else { return Ok(end("other_account".into())) };
    if claim.kind == FEE_BILL {
        return fees::read(rt, claim, account).await;
    }
    let event = envelope(claim);
    let known = |key: &str| claim.postings.iter().any(|known| known.is_sure_of(key));
    let scope = Scope::new(&event, account, &desk.delivery.matching)
        .knowing(&known, desk.delivery.book_from)
        .having(waited(rt, claim))
        .reaching(reach(desk, account));
    let client = Client::new(&*desk.http, &desk.delivery.stripe).on(account);
    let found = if claim.kind == BALANCE_TRANSACTION {
        transaction(rt, desk, claim, &scope, &client).await?
    } else {
        event_of(rt, desk, claim, &scope, &client).await?
    };
    let follow = follow::rows(claim, account, &found.named);
    let step = match found.what {
        // Which closing it is the ledger tells, and the claim brought only what it has of its own subject.
        What::Movements(movements) if movements.iter().any(|m| is_closing(m) && m.payment != claim.subject) => {
            end(movements.first().map_or_else(|| "no_payment".into(), |m| End::Belongs { payment: m.payment.clone() }))
        }
        What::Movements(movements) => book(rt, desk, claim, &scope, &client, movements).await?,
        What::End(ending) => end(ending),
    };
    Ok(Step { follow, ..step })
}

/// The concrete account of an event; `None` where it names one in a way that leads to none of ours.
fn account<'a>(desk: &'a Desk<'_>, claim: &'a Claim) -> Option<&'a str> {
    let own = desk.identity.account.as_str();
    claim.account.as_deref().map_or(Some(own), |named| whose::account(named, own))
}

/// Whose words its payments are described in, and how far these go.
fn reach(desk: &Desk<'_>, account: &str) -> Reach {
    match desk.delivery.stripe.company(account) {
        _ if account == desk.identity.account => Reach::All,
        Some(_) => Reach::Company,
        None => Reach::Nothing,
    }
}

fn is_closing(movement: &PaymentEvent) -> bool {
    matches!(movement.kind, Kind::DisputeOpened | Kind::DisputeWon | Kind::DisputeLost)
}

/// What reading gave, and the balance transactions that the objects read name.
struct Found {
    what: What,
    named: Vec<String>,
}

enum What {
    Movements(Vec<PaymentEvent>),
    End(End),
}

/// A balance transaction, after the document that it settles where neither it nor the ledger has that one.
async fn transaction(
    rt: &Runtime,
    desk: &Desk<'_>,
    claim: &Claim,
    scope: &Scope<'_>,
    client: &Client<'_>,
) -> Result<Found, Error> {
    let only = |end| Ok(Found { what: What::End(end), named: Vec::new() });
    // It may be in the books while its document is not: a row that comes back after a failed attempt is read again.
    let found = balance::read(client, scope, &claim.object, &desk.delivery.counters).await?;
    let Some(settled) = found.movements.last() else { return only("other_balance".into()) };
    // What the ledger has of a payment came with the claim of that payment alone.
    if settled.payment != claim.subject {
        return only(End::Belongs { payment: settled.payment.clone() });
    }
    let found = match &found.waits {
        Some(payment) if !waited(rt, claim) => {
            if !instant::never_paid(rt, client, payment, settled.charge.as_deref()).await? {
                return only(End::Wait { payment: payment.clone() });
            }
            balance::read(client, &scope.having(true), &claim.object, &desk.delivery.counters).await?
        }
        _ => found,
    };
    let Some(settled) = found.movements.last() else { return only("other_balance".into()) };
    let has = known::builds_on(settled).is_some_and(|key| claim.postings.iter().any(|posting| posting.is_sure_of(key)));
    let found = if has { balance::Found { lead: None, ..found } } else { found };
    let movements = balance::whole(client, scope, found).await?;
    Ok(Found { what: What::Movements(movements), named: Vec::new() })
}

/// An event has waited as long as one may.
fn waited(rt: &Runtime, claim: &Claim) -> bool {
    claim.waiting_since.is_some_and(|since| rt.clock.now() - since >= WAIT_MOST)
}

async fn event_of(
    rt: &Runtime,
    desk: &Desk<'_>,
    claim: &Claim,
    scope: &Scope<'_>,
    client: &Client<'_>,
) -> Result<Found, Error> {
    if known::is_paid_again(claim, scope.account) {
        return Ok(Found { what: What::End(End::Park(Error::of(Code::PaidAgain))), named: Vec::new() });
    }
    // The key's own events come by endpoints that name no account. One that names it came by another's: what it says is asked
    // of Stripe, as of a thin event.
    let body = claim.body.as_deref().filter(|_| claim.account.is_none() || scope.account != desk.identity.account);
    let body = body.map(str::as_bytes);
    if body.and_then(event::object_mode).is_some_and(|livemode| livemode != claim.livemode) {
        return Ok(Found { what: What::End(End::Park(Error::of(Code::ObjectDiffers))), named: Vec::new() });
    }
    let mut named = map::transactions(body);
    let mut reading = map::read(scope, body)?;
    if let Reading::Lead(lead) = reading {
        if let Some(end) = known_lead(claim, scope, &lead) {
            return Ok(Found { what: What::End(end), named });
        }
        let resolved = fetch::resolve(client, scope, lead).await?;
        named.extend(resolved.transactions);
        reading = resolved.reading;
        // A debit that failed waits for a success only where there may be one.
        if let (Reading::Waits { payment }, "charge.failed") = (&reading, claim.kind.as_str())
            && !waited(rt, claim)
            && instant::never_paid(rt, client, payment, Some(&claim.object)).await?
        {
            let lead = Lead::to(Target::Failure(claim.object.clone()));
            reading = fetch::resolve(client, &scope.having(true), lead).await?.reading;
        }
    } else if let Reading::Movement(movement) = &mut reading {
        let known = posted(&claim.postings, &movement.key, None).is_some();
        if !known && bookable(desk, movement).is_none() {
            if movement.kind == Kind::Paid && rt.clock.now() - claim.created >= STALE {
                reading = fetch::resolve(client, scope, Lead::to_payment(&movement.payment)).await?.reading;
            } else if movement.reference.numbers.is_empty() {
                fetch::complete(client, movement, scope).await?;
            }
        }
    }
    if let Reading::Waits { payment } = &reading
        && waited(rt, claim)
    {
        reading = unsettled::read(client, scope, payment).await?;
    }
    let what = match reading {
        Reading::Itemised { payout } => What::Movements(vec![itemise(rt, client, scope, &payout).await?]),
        Reading::Movement(movement) => What::Movements(vec![movement]),
        Reading::Movements(movements) => What::Movements(movements),
        other => What::End(ended(other)),
    };
    Ok(Found { what, named })
}

/// A lead to a payment that the ledger has, or that is another subject's. Not where a charge's own object was not sent: it
/// may have its balance transaction now.
fn known_lead(claim: &Claim, scope: &Scope<'_>, lead: &Lead) -> Option<End> {
    let payment = lead.payment()?;
    if payment != claim.subject {
        return Some(End::Belongs { payment: payment.to_owned() });
    }
    let unseen = claim.body.is_none() && claim.kind.starts_with("charge.");
    posted(&claim.postings, &posting_key(scope.account, payment, Kind::Paid.transition()), None).filter(|_| !unseen)
}

fn ended(reading: Reading) -> End {
    match reading {
        Reading::Known(event) => End::Ignore(known_as(event.kind).to_owned(), event.reason),
        Reading::Waits { payment } => End::Wait { payment },
        Reading::Ignore(reason) => End::Ignore(reason.to_owned(), None),
        Reading::Unsupported => End::Unsupported,
        Reading::Movement(_) | Reading::Movements(_) | Reading::Lead(_) | Reading::Itemised { .. } => {
            End::Park(Error::new(Code::EventUnreadable, "The event leads nowhere; look at it in Stripe's dashboard."))
        }
    }
}

/// Leaves out what is not to be booked, puts receipts before what builds on them; the rest is the event's work.
async fn book(
    rt: &Runtime,
    desk: &Desk<'_>,
    claim: &Claim,
    scope: &Scope<'_>,
    client: &Client<'_>,
    movements: Vec<PaymentEvent>,
) -> Result<Step, Error> {
    let postings = known::of(rt, claim, &movements).await?;
    // Read again under that payment's lease, where its other movements are met again as well.
    let mut fresh = movements.iter().filter(|m| !postings.iter().any(|known| known.is_sure_of(&m.key)));
    if let Some(first) = fresh.next()
        && first.payment != claim.subject
        && fresh.all(|m| m.payment == first.payment)
    {
        return Ok(end(End::Belongs { payment: first.payment.clone() }));
    }
    // How a dispute is closed Stripe was asked, and not its event.
    let asked = movements.iter().any(|m| matches!(m.kind, Kind::DisputeWon | Kind::DisputeLost));
    let snapshot = claim.body.is_some() && !asked;
    let movements = instant::dated(rt, client, scope, &postings, snapshot, movements).await?;
    let (left, rest) = known::left(desk, &postings, movements);
    let put = receipt::put_before(rt, desk, client, scope, &postings, left, waited(rt, claim)).await?;
    let (left, rest) = match put {
        Receipts::Put(left) => (left, rest),
        Receipts::End(ending) => (Vec::new(), Some(ending)),
    };
    Ok(match (left.is_empty(), rest) {
        (true, None) => end("no_payment".into()),
        (_, rest) => Step { book: left, end: rest, follow: Vec::new() },
    })
}

fn end(end: End) -> Step {
    Step { end: Some(end), ..Step::default() }
}

fn known_as(kind: Kind) -> &'static str {
    match kind {
        Kind::Paid => "nothing_received",
        Kind::Processing => "payment_processing",
        Kind::Failed => "payment_failed",
        Kind::Canceled => "payment_canceled",
        Kind::RequiresAction => "payment_requires_action",
        // Movements of money: they are booked, never only known.
        Kind::Reversed
        | Kind::Refunded
        | Kind::RefundFailed
        | Kind::Credited
        | Kind::DisputeOpened
        | Kind::DisputeWithdrawn
        | Kind::DisputeReinstated
        | Kind::DisputeWon
        | Kind::DisputeLost
        | Kind::Settled
        | Kind::PayoutReconciled
        | Kind::FeesBilled
        | Kind::FeesCleared => "moves_no_money",
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
pub fn mapper() -> i64 {
    MAPPER_VERSION
}
