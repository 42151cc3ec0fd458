//! When a movement happened: one rule for each kind, whatever led to it.
//!
//! | kind | instant | source |
//! |---|---|---|
//! | paid, of a PaymentIntent | `payment_intent.succeeded` | no field tells when an authorization was captured or a delayed method paid |
//! | paid, of a charge alone | `charge.captured`, else `charge.succeeded` | the same |
//! | reversed, refund failed | `failure_balance_transaction.created` | docs.stripe.com/api/charges/object, /api/refunds/object |
//! | refunded, credited | `balance_transaction.created`; until there is one `refund.created` | /api/refunds/object |
//! | dispute opened | `dispute.created` | /api/disputes/object |
//! | dispute withdrawn, reinstated | `created` of its balance transaction | the same |
//! | dispute won, lost | `charge.dispute.closed` | a dispute has no field for it |
//! | settled | `created` of the balance transaction | /api/balance_transactions/object |
//! | payout reconciled | `payout.created` | /api/payouts/object |
//!
//! Where an event says it and Stripe no longer lists that event (30 days), a receipt has the instant of its balance
//! transaction, and a closed dispute that of its last one.

use serde::Deserialize;

use super::client::Client;
use super::event::Envelope;
use super::form::{Form, segment};
use super::json::{Id, List, Ref, Text};
use super::object::Charge;
use crate::error::{Code, Error};
use crate::movement::{Detail, Movement, MovementKind};

const INTENT: &[&str] = &["payment_intent.succeeded"];
const CHARGE: &[&str] = &["charge.captured", "charge.succeeded"];
const CLOSED: &[&str] = &["charge.dispute.closed"];
/// Events that Stripe makes together with the one that says when.
const BESIDE: &[&str] = &[
    "charge.succeeded",
    "charge.captured",
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "invoice.paid",
    "invoice_payment.paid",
];
/// Seconds around an instant in which an event is looked for.
const NEAR_S: i64 = 120;
/// Pages of 100 events that are looked through at last.
const PAGES_MAX: usize = 2;
/// Stripe lists events for 30 days, and the slowest debit clears within 14.
const EVENT_RETENTION_S: i64 = 30 * 86_400;
const LIST_AGE_S_MAX: i64 = EVENT_RETENTION_S + 14 * 86_400;

/// An event that says when a movement happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstantSource<'a> {
    pub types: &'static [&'static str],
    /// What it is about, `pi_…`, `ch_…` or `du_…`.
    pub object: &'a str,
    /// Whose it is.
    pub payment: &'a str,
    /// Of a payment that was paid once more: by which charge.
    charge: Option<&'a str>,
    /// Of a dispute: how it is closed.
    status: Option<&'a str>,
}

impl<'a> InstantSource<'a> {
    /// `None`: what the movement was read from says it.
    pub fn of(movement: &'a Movement) -> Option<Self> {
        match (movement.kind, &movement.detail) {
            (MovementKind::Paid, _) => Some(Self::success(&movement.payment, movement.charge.as_deref())),
            (MovementKind::DisputeWon | MovementKind::DisputeLost, Some(Detail::Dispute(dispute))) => Some(Self {
                types: CLOSED,
                object: &dispute.id,
                payment: &movement.payment,
                charge: None,
                status: Some(&dispute.status),
            }),
            _ => None,
        }
    }

    /// The success of a payment, `pi_…` or `ch_…`.
    pub fn success(payment: &'a str, charge: Option<&'a str>) -> Self {
        let types = if payment.starts_with("pi_") { INTENT } else { CHARGE };
        Self { types, object: payment, payment, charge, status: None }
    }

    /// Whether the event in hand is the one. A dispute may be closed more than once, so of a closing only the object says
    /// which; `snapshot`: it came with the event.
    pub fn matches_event(&self, event: &Envelope, snapshot: bool) -> bool {
        self.types.contains(&event.kind.as_str()) && event.object == self.object && (snapshot || self.status.is_none())
    }
}

/// Asks Stripe's list of events; `now` in seconds. `None` when it does not list the event, or may not be asked: what is not
/// needed to book money does not stop it. Errors: those of [`Client::get`] that pass.
pub async fn find_instant(
    client: &Client<'_>,
    event: &Envelope,
    sought: InstantSource<'_>,
    now: i64,
) -> Result<Option<i64>, Error> {
    allowed_or(Search { client, sought }.run(event, now).await, None)
}

/// Whether Stripe's whole list has no such event: the payment never succeeded. False where that is not sure. Errors: those
/// of [`find_instant`].
pub async fn never_listed(client: &Client<'_>, sought: InstantSource<'_>, now: i64) -> Result<bool, Error> {
    let Some(charged) = charge_instants(client, sought).await? else { return Ok(false) };
    if now - charged.created >= EVENT_RETENTION_S {
        return Ok(false);
    }
    let looked = Search { client, sought }.search_pages(charged.created - NEAR_S, None, PAGES_MAX).await;
    allowed_or(looked.map(|(found, whole)| found.is_none() && whole), false)
}

fn allowed_or<T>(answer: Result<T, Error>, otherwise: T) -> Result<T, Error> {
    match answer {
        Err(error) if [Code::StripeAuth, Code::StripeRefused].contains(&error.code) => Ok(otherwise),
        answer => answer,
    }
}

/// What a receipt is dated by where no event says it: its balance transaction, until there is one its charge.
pub async fn charge_instants(client: &Client<'_>, sought: InstantSource<'_>) -> Result<Option<ChargeInstants>, Error> {
    let Some(id) = sought.charge.or(Some(sought.object).filter(|_| sought.types == CHARGE)) else { return Ok(None) };
    let query = Form::new().with("expand[]", "balance_transaction");
    let body = client.get(&format!("/v1/charges/{}", segment(id)), &query).await?;
    let charge: Charge<'_> = body.parse()?;
    let entered = charge.balance_transaction.as_ref().and_then(Ref::object).map(|entered| entered.created);
    Ok(Some(ChargeInstants { created: charge.created, entered }))
}

/// The two instants that a charge has.
#[derive(Clone, Copy, Debug)]
pub struct ChargeInstants {
    pub created: i64,
    pub entered: Option<i64>,
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    created: i64,
    #[serde(borrow)]
    data: Data<'a>,
}
#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    object: About<'a>,
}
#[derive(Deserialize)]
struct About<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow, default)]
    status: Option<Text<'a>>,
    #[serde(borrow, default)]
    latest_charge: Option<Ref<'a, Id<'a>>>,
}

/// One event, looked for.
struct Search<'a> {
    client: &'a Client<'a>,
    sought: InstantSource<'a>,
}

impl Search<'_> {
    async fn run(&self, event: &Envelope, now: i64) -> Result<Option<i64>, Error> {
        if self.sought.types == CLOSED {
            return self.between(0, None, PAGES_MAX).await;
        }
        if BESIDE.contains(&event.kind.as_str())
            && let Some(found) = self.near(event.created, event.created).await?
        {
            return Ok(Some(found));
        }
        let charged = charge_instants(self.client, self.sought).await?;
        let Some(charged) = charged.filter(|charged| now - charged.created < LIST_AGE_S_MAX) else { return Ok(None) };
        if let Some(found) = self.near(charged.created, charged.created).await? {
            return Ok(Some(found));
        }
        let late = charged.entered.filter(|entered| entered - charged.created > NEAR_S);
        if let Some(entered) = late
            && let Some(found) = self.near(entered, entered).await?
        {
            return Ok(Some(found));
        }
        self.between(charged.created, None, PAGES_MAX).await
    }

    async fn near(&self, from: i64, to: i64) -> Result<Option<i64>, Error> {
        self.between(from - NEAR_S, Some(to + NEAR_S), 1).await
    }

    async fn between(&self, from: i64, to: Option<i64>, pages: usize) -> Result<Option<i64>, Error> {
        self.search_pages(from, to, pages).await.map(|(found, _)| found)
    }

    /// The newest such event in a span, in so many pages at the most, and whether they were all.
    async fn search_pages(&self, from: i64, to: Option<i64>, pages: usize) -> Result<(Option<i64>, bool), Error> {
        let mut after: Option<String> = None;
        for _ in 0..pages {
            let mut query = Form::new()
                .with("created[gte]", &from.to_string())
                .with_each("types", self.sought.types.iter().copied());
            if let Some(to) = to {
                query = query.with("created[lte]", &to.to_string());
            }
            if let Some(after) = &after {
                query = query.with("starting_after", after);
            }
            let body = self.client.list("/v1/events", &query).await?;
            let list: List<Row<'_>> = body.parse()?;
            if let Some(found) = list.data.iter().find(|row| self.matches_object(&row.data.object)) {
                return Ok((Some(found.created), false));
            }
            after = list.data.last().filter(|_| list.has_more).map(|row| row.id.as_str().to_owned());
            if after.is_none() {
                return Ok((None, true));
            }
        }
        Ok((None, false))
    }

    /// Of a payment that was paid once more the success with this charge; of a dispute the closing that it has now.
    fn matches_object(&self, about: &About<'_>) -> bool {
        let says = |said: Option<&str>, sought: Option<&str>| said.is_none() || sought.is_none() || said == sought;
        about.id.as_str() == self.sought.object
            && says(
                about.status.as_ref().map(Text::as_str).filter(|_| self.sought.status.is_some()),
                self.sought.status,
            )
            && says(about.latest_charge.as_ref().map(Ref::id), self.sought.charge)
    }
}
