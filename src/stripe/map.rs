//! From Stripe's events and objects to what shall be done. Pure: [`super::fetch`] asks Stripe where this says so.
//!
//! Money is booked only from a PaymentIntent, or a charge without one, that is final and received something; every
//! other object only leads to it. So all events of one payment end at the same posting key.

use serde::Deserialize;

use super::client::unreadable;
use super::event::Envelope;
use super::version::same_train;
use super::{leads, movement};
use crate::config::Matching;
use crate::error::Error;
use crate::payment::{PaymentEvent, Reference};

/// Raised when a version reads more types or reads one differently: rows ignored as unsupported by an older mapper
/// are looked at again.
pub const MAPPER_VERSION: i64 = 1;

/// Types kept for what they say by coming: the pay page offers no invoice whose payment is under dispute. Nothing is
/// booked of them yet, so they are ignored as unsupported, for a newer mapper to take up.
const NOTED: &[&str] = &["charge.dispute.created", "charge.dispute.closed"];

/// The event types read or noted, no more: the webhook endpoint is made with them and recovery asks for them.
pub const EVENT_TYPES: &[&str] = &[
    "payment_intent.succeeded",
    "payment_intent.processing",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.requires_action",
    "payment_intent.partially_funded",
    "charge.succeeded",
    "charge.captured",
    "charge.updated",
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "invoice.paid",
    "invoice_payment.paid",
    "charge.dispute.created",
    "charge.dispute.closed",
];

/// Types that say nothing of money or only before it moves: an endpoint that sends everything sends them too.
const NO_MONEY: &[&str] = &[
    "payment_intent.created",
    "payment_intent.amount_capturable_updated",
    "charge.pending",
    "charge.failed",
    "charge.expired",
    "checkout.session.expired",
    "checkout.session.async_payment_failed",
];

/// What is read, and for whom.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub event: &'a Envelope,
    /// The concrete account of the money, `acct_…`: the event's own, else the key's.
    pub account: &'a str,
    pub matching: &'a Matching,
}

/// What to do about an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Money: post it. Its reference may be poor; see [`super::fetch::complete`].
    Movement(PaymentEvent),
    /// One event, several payments: an invoice paid in parts. Only [`super::fetch::resolve`] gives it.
    Movements(Vec<PaymentEvent>),
    /// Processing, failed, canceled or waiting for the payer: remembered, nothing is posted.
    Known(PaymentEvent),
    /// The payment must be fetched: [`super::fetch::resolve`].
    Lead(Lead),
    /// Money moved, but its payment is not final at Stripe yet: look again later.
    Waits { payment: String },
    /// Nothing to book, for a stable reason: `not_captured`, `not_started`, `nothing_received`, `nothing_due`,
    /// `credit_balance`, `out_of_band`, `not_paid`, `no_payment`, `moves_no_money`.
    Ignore(&'static str),
    /// A type, or a status, that this version does not know.
    Unsupported,
}

/// A payment to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    pub target: Target,
    /// What led here says that money moved.
    pub moved: bool,
    /// What the object that led here says it is for.
    pub reference: Reference,
}

/// The object to fetch, by id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    PaymentIntent(String),
    Charge(String),
    CheckoutSession(String),
    Invoice(String),
    InvoicePayment(String),
}

impl Lead {
    /// Nothing is known but the object.
    pub fn to(target: Target) -> Self {
        Self { target, moved: false, reference: Reference::default() }
    }

    /// The payment's id, where it is known before anything is fetched: the ledger may have it posted already. Not a
    /// charge's: it may belong to a PaymentIntent.
    pub fn payment(&self) -> Option<&str> {
        match &self.target {
            Target::PaymentIntent(id) => Some(id),
            _ => None,
        }
    }
}

/// Reads an event. `body` is its raw JSON; `None` when only its envelope is known (pulled, or too large to keep).
/// Without an object, and in an API version of another train, the answer is a [`Reading::Lead`]: to the PaymentIntent
/// where the envelope's subject names one, so that the ledger is asked before Stripe, else to the object.
///
/// Errors: [`crate::error::Code::EventUnreadable`] when the object lacks what a booking needs.
pub fn read(scope: &Scope<'_>, body: Option<&[u8]>) -> Result<Reading, Error> {
    let event = scope.event;
    if NO_MONEY.contains(&event.kind.as_str()) {
        return Ok(Reading::Ignore("moves_no_money"));
    }
    let Some(target) = target(&event.kind, &event.object) else { return Ok(Reading::Unsupported) };
    let Some(body) = body.filter(|_| !event.thin && same_train(event.api_version.as_deref())) else {
        let intent = Some(event.subject.clone()).filter(|subject| subject.starts_with("pi_"));
        return Ok(Reading::Lead(Lead::to(intent.map_or(target, Target::PaymentIntent))));
    };
    let json = Json::Event(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body));
    // The event's own time is when a charge without a PaymentIntent was captured; a later update tells nothing.
    if event.kind == "charge.updated" {
        return leads::of_updated_charge(&json.read()?);
    }
    read_object(scope, json, Lead::to(target))
}

/// Reads the object that `lead` names.
pub(super) fn read_object(scope: &Scope<'_>, json: Json<'_>, lead: Lead) -> Result<Reading, Error> {
    match lead.target {
        Target::PaymentIntent(_) => Ok(movement::of_intent(scope, &json.read()?, lead.moved, lead.reference)),
        Target::Charge(_) => leads::of_charge(scope, &json.read()?, lead.reference),
        Target::CheckoutSession(_) => leads::of_session(scope, &json.read()?, lead.reference),
        Target::Invoice(_) => leads::of_invoice(scope, &json.read()?),
        Target::InvoicePayment(_) => leads::of_invoice_payment(scope, &json.read()?, lead.reference),
    }
}

/// The object that an event of this type is about; `None` for a type that is not read.
fn target(kind: &str, id: &str) -> Option<Target> {
    let id = id.to_owned();
    let family = kind.split('.').next().filter(|_| EVENT_TYPES.contains(&kind) && !NOTED.contains(&kind))?;
    Some(match family {
        "payment_intent" => Target::PaymentIntent(id),
        "charge" => Target::Charge(id),
        "checkout" => Target::CheckoutSession(id),
        "invoice" => Target::Invoice(id),
        "invoice_payment" => Target::InvoicePayment(id),
        _ => return None,
    })
}

/// Where an object's JSON stands.
#[derive(Clone, Copy)]
pub(super) enum Json<'a> {
    /// In `data.object` of an event.
    Event(&'a [u8]),
    /// By itself.
    Object(&'a [u8]),
}

#[derive(Deserialize)]
struct Snapshot<T> {
    data: Data<T>,
}
#[derive(Deserialize)]
struct Data<T> {
    object: T,
}

impl<'a> Json<'a> {
    fn read<T: Deserialize<'a>>(self) -> Result<T, Error> {
        match self {
            Self::Event(body) => serde_json::from_slice::<Snapshot<T>>(body).map(|event| event.data.object),
            Self::Object(body) => serde_json::from_slice(body),
        }
        .map_err(|error| unreadable("The event's object", &error))
    }
}
