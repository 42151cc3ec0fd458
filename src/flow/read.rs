//! What an event in hand asks for: movements to book, or an end without a call to the ERP.

use super::connection::Desk;
use crate::error::{Code, Error};
use crate::ledger::claim::Claim;
use crate::ledger::postings::{self, Known};
use crate::payment::{Kind, PaymentEvent, posting_key};
use crate::ports::Runtime;
use crate::stripe::client::Client;
use crate::stripe::event::Envelope;
use crate::stripe::fetch;
use crate::stripe::map::{self, MAPPER_VERSION, Reading, Scope};
use crate::stripe::unsettled;

/// After so many seconds of waiting for a payment that Stripe does not call final, money that moved is booked as it is.
const WAIT_MOST: i64 = 24 * 3_600;
/// An event that waits is looked at again after so many seconds, if nothing wakes it.
pub const WAIT_AGAIN: i64 = 600;

/// What to do about one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Movements, and how those of the event that need no booking end.
    Book(Vec<PaymentEvent>, Option<End>),
    End(End),
}

/// How an attempt at an event ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The ERP has its movements.
    Done,
    /// Nothing to book: reason and detail.
    Ignore(String, Option<String>),
    /// A type this mapper does not know.
    Unsupported,
    /// For its own payment, which is not final.
    Wait { payment: String },
    /// It belongs to this payment, and is worked under its lease.
    Belongs { payment: String },
    /// An attempt that failed.
    Fail(Error),
    /// A person must look.
    Park(Error),
    /// Given back without an attempt: the connection's fault, or no time left. With the most movements that may
    /// share its next call.
    Release { batch_limit: Option<i64> },
    /// The connection's fault: given back, and delivery pauses.
    Pause(Error),
}

/// Reads one event, asking Stripe for what it lacks.
pub async fn read(rt: &Runtime, desk: &Desk<'_>, claim: &Claim) -> Step {
    match steps(rt, desk, claim).await {
        Ok(step) => step,
        Err(error) => Step::End(match error.code {
            // Another account's permissions say nothing about the key.
            Code::StripeAuth if claim.account.as_ref().is_none_or(|a| *a == desk.identity.account) => End::Pause(error),
            Code::LedgerUnavailable => End::Release { batch_limit: claim.batch_limit },
            Code::EventUnreadable | Code::StripeRefused => End::Park(error),
            _ => End::Fail(error),
        }),
    }
}

async fn steps(rt: &Runtime, desk: &Desk<'_>, claim: &Claim) -> Result<Step, Error> {
    if claim.livemode != desk.identity.livemode {
        return Ok(ignore("other_mode"));
    }
    let account = claim.account.as_deref().unwrap_or(&desk.identity.account);
    if account != desk.identity.account && !desk.delivery.stripe.accounts.iter().any(|a| a == account) {
        return Ok(ignore("other_account"));
    }
    let event = envelope(claim);
    let known = |key: &str| claim.postings.iter().any(|known| known.key == key);
    let scope = Scope::new(&event, account, &desk.delivery.matching).knowing(&known);
    let client = Client::new(&*desk.http, &desk.delivery.stripe).on(account);
    let mut reading = map::read(&scope, claim.body.as_deref().map(str::as_bytes))?;
    if let Reading::Lead(lead) = reading {
        match lead.payment() {
            Some(payment) if payment != claim.subject => {
                return Ok(Step::End(End::Belongs { payment: payment.to_owned() }));
            }
            Some(payment) => {
                if let Some(end) = posted(&claim.postings, &posting_key(account, payment, "succeeded"), None) {
                    return Ok(Step::End(end));
                }
            }
            None => {}
        }
        reading = fetch::resolve(&client, &scope, lead).await?.reading;
    } else if let Reading::Movement(movement) = &mut reading {
        let known = posted(&claim.postings, &movement.key, None).is_some();
        if !known && movement.reference.numbers.is_empty() && bookable(desk, movement).is_none() {
            fetch::complete(&client, movement, &desk.delivery.matching).await?;
        }
    }
    if let (Reading::Waits { payment }, Some(since)) = (&reading, claim.waiting_since)
        && rt.clock.now() - since >= WAIT_MOST
    {
        reading = unsettled::read(&client, &scope, payment).await?;
    }
    match reading {
        // What else moves money has no booking yet.
        Reading::Movements(movements) if movements.iter().any(|m| m.kind != Kind::Paid) => {
            Ok(Step::End(End::Unsupported))
        }
        Reading::Movement(movement) => book(rt, desk, claim, vec![movement]).await,
        Reading::Movements(movements) => book(rt, desk, claim, movements).await,
        other => Ok(Step::End(end(other))),
    }
}

fn end(reading: Reading) -> End {
    match reading {
        Reading::Known(event) => End::Ignore(known(event.kind).to_owned(), event.reason),
        Reading::Waits { payment } => End::Wait { payment },
        Reading::Ignore(reason) => End::Ignore(reason.to_owned(), None),
        Reading::Unsupported => End::Unsupported,
        Reading::Movement(_) | Reading::Movements(_) | Reading::Lead(_) | Reading::Itemised { .. } => {
            End::Park(Error::new(Code::EventUnreadable, "The event leads nowhere; look at it in Stripe's dashboard."))
        }
    }
}

/// Leaves out what the ledger has and what is not to be booked; the rest is the event's work.
async fn book(rt: &Runtime, desk: &Desk<'_>, claim: &Claim, movements: Vec<PaymentEvent>) -> Result<Step, Error> {
    let mut postings = claim.postings.clone();
    // Movements of other subjects: the claim did not bring their postings.
    if movements.iter().any(|m| m.payment != claim.subject) {
        let keys: Vec<&str> = movements.iter().map(|m| m.key.as_str()).collect();
        let found = postings::known(&*rt.db, &keys).await;
        postings.extend(found.map_err(|_| Error::of(Code::LedgerUnavailable))?);
    }
    let mut ends = Vec::new();
    let mut work = Vec::new();
    for movement in movements {
        match posted(&postings, &movement.key, Some(movement.money.minor))
            .or_else(|| bookable(desk, &movement).map(Into::into))
        {
            Some(end) => ends.push(end),
            None => work.push(movement),
        }
    }
    Ok(match (work.as_slice(), gravest(ends)) {
        ([], Some(end)) => Step::End(end),
        ([], None) => ignore("no_payment"),
        // Read again under that payment's lease, where its other movements are met again as well.
        ([one], _) if one.payment != claim.subject => Step::End(End::Belongs { payment: one.payment.clone() }),
        (_, rest) => Step::Book(work, rest),
    })
}

/// Of several ends the one that stands for the event.
fn gravest(ends: Vec<End>) -> Option<End> {
    ends.into_iter().max_by_key(End::gravity)
}

/// The ledger's word on a movement; `minor` is what Stripe says of it now, where that is known.
fn posted(postings: &[Known], key: &str, minor: Option<i64>) -> Option<End> {
    let known = postings.iter().find(|known| known.key == key)?;
    Some(match minor {
        // Reported when it was found out; later events of the payment need not alarm again.
        _ if known.outcome == "gone" => End::Ignore(Code::PaymentGone.name().to_owned(), None),
        Some(minor) if minor != known.minor => End::Park(Error::new(
            Code::AmountDiffers,
            format!(
                "{} minor units are booked, and Stripe now says {minor}; correct the payment by hand.",
                known.minor
            ),
        )),
        _ => End::Done,
    })
}

/// Why a movement is not to be booked by this ledger.
fn bookable(desk: &Desk<'_>, movement: &PaymentEvent) -> Option<&'static str> {
    let database = movement.reference.database.as_ref();
    if movement.occurred < desk.delivery.book_from {
        Some("before_go_live")
    } else if database.is_some_and(|name| desk.delivery.matching.ignored_databases.contains(name)) {
        Some("ignored_database")
    } else {
        None
    }
}

impl End {
    /// An event with several movements ends as the one that needs the most.
    pub fn gravity(&self) -> u8 {
        match self {
            Self::Park(_) => 4,
            Self::Fail(_) => 3,
            Self::Done => 1,
            Self::Ignore(..) | Self::Unsupported => 0,
            _ => 2,
        }
    }
}

impl From<&'static str> for End {
    fn from(reason: &'static str) -> Self {
        Self::Ignore(reason.to_owned(), None)
    }
}

fn ignore(reason: &'static str) -> Step {
    Step::End(reason.into())
}

fn known(kind: Kind) -> &'static str {
    match kind {
        Kind::Paid => "nothing_received",
        Kind::Processing => "payment_processing",
        Kind::Failed => "payment_failed",
        Kind::Canceled => "payment_canceled",
        Kind::RequiresAction => "payment_requires_action",
        // Movements of money: they are booked, never only known.
        _ => "moves_no_money",
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

#[cfg(test)]
mod tests {
    use super::*;

    fn known(key: &str, minor: i64) -> Known {
        Known { key: key.to_owned(), outcome: "created".to_owned(), minor }
    }

    /// One event, several payments: what needs a person is not covered by another payment that is well.
    #[test]
    fn the_gravest_end_of_an_events_payments_stands() {
        let postings = [known("a", 500), known("b", 700)];
        let ends = || vec![posted(&postings, "a", Some(501)), posted(&postings, "b", Some(700))].into_iter().flatten();
        for ends in [ends().collect::<Vec<_>>(), ends().rev().collect()] {
            let end = gravest(ends);
            assert!(matches!(&end, Some(End::Park(error)) if error.code == Code::AmountDiffers), "{end:?}");
        }
        assert_eq!(gravest(vec![]), None);
        assert_eq!(gravest(vec![End::from("before_go_live"), End::Done]), Some(End::Done), "something is in the books");
    }
}
