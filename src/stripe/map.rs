//! From Stripe's events and objects to what shall be done. Pure: [`super::fetch`] asks Stripe where this says so.
//!
//! A receipt is booked only from a PaymentIntent, or a charge without one, that is final and received something; what
//! belongs to it only leads to it. So all events of one payment end at the same posting key. Refunds, disputes and
//! failures are movements of their own; what any of them did to the balance is its balance transaction's to tell
//! ([`super::balance`]), and [`transactions`] names it.

use serde::Deserialize;

use super::client::unreadable;
use super::event::Envelope;
pub use super::named_transactions::named_by_event as transactions;
pub use super::reference::Reach;
use super::version::same_train;
use super::{dispute, late_failure, payouts, pointers, receipt, refund};
use crate::config::Matching;
use crate::error::{Code, Error};
use crate::movement::{Movement, Reference};

/// Raised when a version reads more types or reads one differently: rows ignored as unsupported by an older mapper
/// are looked at again.
pub const MAPPER_VERSION: i64 = 2;

/// The event types read, no more: the webhook endpoint is made with them and recovery asks for them.
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
    "charge.failed",
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "invoice.paid",
    "invoice_payment.paid",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "payout.created",
    "payout.updated",
    "payout.paid",
    "payout.failed",
    "payout.canceled",
    "payout.reconciliation_completed",
    "topup.succeeded",
    "topup.failed",
    "topup.reversed",
];

/// Types that say nothing of money, or only before it moves, or what another type says better (of refunds `refund.…`):
/// an endpoint that sends everything sends them too.
const NO_MONEY: &[&str] = &[
    "payment_intent.created",
    "payment_intent.amount_capturable_updated",
    "charge.pending",
    "charge.expired",
    "charge.refunded",
    "charge.refund.updated",
    "checkout.session.expired",
    "checkout.session.async_payment_failed",
    "topup.created",
    "topup.canceled",
];

/// What is read, and for whom.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub event: &'a Envelope,
    /// The concrete account of the money, `acct_…`: the event's own, else the key's.
    pub account: &'a str,
    pub matching: &'a Matching,
    /// How far its texts choose documents.
    pub reach: Reach,
    /// Whether the ledger has booked a key of the event's payment.
    posted: &'a dyn Fn(&str) -> bool,
    /// The cut-over: what Stripe did earlier is booked by others. Seconds.
    cut_over: i64,
    /// The event has waited as long as one may.
    waited: bool,
}

impl<'a> Scope<'a> {
    /// For a ledger that has booked nothing yet, of the key's own account.
    pub fn new(event: &'a Envelope, account: &'a str, matching: &'a Matching) -> Self {
        Self { event, account, matching, reach: Reach::All, posted: &|_| false, cut_over: 0, waited: false }
    }

    /// `posted`: whether the ledger has booked a key; `cut_over`: in seconds. Only a charge that failed asks; see
    /// [`super::late_failure`].
    pub fn with_ledger(self, posted: &'a dyn Fn(&str) -> bool, cut_over: i64) -> Self {
        Self { posted, cut_over, ..self }
    }

    /// Of an account whose texts reach no further.
    pub fn with_reach(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }

    /// Whether the event has `waited` as long as one may for what it builds on: it is read as it shall be booked then.
    pub fn with_waited(self, waited: bool) -> Self {
        Self { waited, ..self }
    }

    pub(super) fn has_waited(&self) -> bool {
        self.waited
    }

    /// Before the cut-over.
    pub fn is_before_cutover(&self, created: i64) -> bool {
        created < self.cut_over
    }

    pub(super) fn is_posted(&self, key: &str) -> bool {
        (self.posted)(key)
    }
}

/// What to do about an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Money: post it. Its reference may be poor; see [`super::fetch::add_reference`].
    Movement(Movement),
    /// One event, several movements, in the order in which they are to be booked: an invoice paid in parts, a refund
    /// with its credit note, a failure with what came before it. The ledger may have some of them already.
    Movements(Vec<Movement>),
    /// Processing, failed, canceled or waiting for the payer: remembered, nothing is posted.
    Known(Movement),
    /// The payment must be fetched: [`super::fetch::resolve`].
    Pointer(Pointer),
    /// Money moved, but its payment is not final at Stripe yet, or not in the ledger: look again later.
    Waits { payment: String },
    /// Stripe has said what a payout is made of: [`super::payouts::Walk`].
    PayoutParts { payout: String },
    /// Nothing to book, for a stable reason: `not_captured`, `not_started`, `nothing_received`, `nothing_due`,
    /// `credit_balance`, `out_of_band`, `not_paid`, `no_payment`, `moves_no_money`, `refund_not_moved`,
    /// `told_by_transaction`.
    Ignore(&'static str),
    /// A type, or a status, that this version does not know.
    Unsupported,
}

/// A payment to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
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
    Refund(String),
    /// A charge that failed, for what was taken back.
    Failure(String),
    Dispute(String),
    Payout(String),
}

impl Pointer {
    /// Nothing is known but the object.
    pub fn to_target(target: Target) -> Self {
        Self { target, moved: false, reference: Reference::default() }
    }

    /// To what a payment's id names: a PaymentIntent, or a charge without one.
    pub fn to_payment(id: &str) -> Self {
        let id = id.to_owned();
        Self::to_target(if id.starts_with("pi_") { Target::PaymentIntent(id) } else { Target::Charge(id) })
    }

    /// The payment's id, where it is known before anything is fetched and only its receipt can come of it: the ledger may
    /// have it posted already. Not a charge's: it may belong to a PaymentIntent.
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
pub fn read_event(scope: &Scope<'_>, body: Option<&[u8]>) -> Result<Reading, Error> {
    let event = scope.event;
    if NO_MONEY.contains(&event.kind.as_str()) {
        return Ok(Reading::Ignore("moves_no_money"));
    }
    // The object would say no more: not worth a permission to read it.
    if event.kind.starts_with("topup.") && EVENT_TYPES.contains(&event.kind.as_str()) {
        return Ok(Reading::Ignore("told_by_transaction"));
    }
    let Some(target) = target(&event.kind, &event.object) else { return Ok(Reading::Unsupported) };
    if event.object.is_empty() {
        return Err(Error::new(
            Code::EventUnreadable,
            "The event names no object; look at it in Stripe's dashboard, under the events of that time.",
        ));
    }
    let Some(body) = body.filter(|_| !event.thin && same_train(event.api_version.as_deref())) else {
        let intent = Some(event.subject.clone()).filter(|id| target.only_leads_to_receipt() && id.starts_with("pi_"));
        return Ok(Reading::Pointer(Pointer::to_target(intent.map_or(target, Target::PaymentIntent))));
    };
    let json = Json::Event(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body));
    // The event's own time is when a charge without a PaymentIntent was captured; a later update tells nothing.
    if event.kind == "charge.updated" {
        return pointers::read_updated_charge(&json.parse()?);
    }
    if matches!(target, Target::Dispute(_)) {
        return Ok(dispute::event_movements(scope, &json.parse()?));
    }
    read_object(scope, json, Pointer::to_target(target))
}

impl Target {
    /// Nothing but the receipt of a payment comes of it.
    fn only_leads_to_receipt(&self) -> bool {
        matches!(
            self,
            Self::PaymentIntent(_)
                | Self::Charge(_)
                | Self::CheckoutSession(_)
                | Self::Invoice(_)
                | Self::InvoicePayment(_)
        )
    }
}

/// Reads the object that `lead` names.
pub(super) fn read_object(scope: &Scope<'_>, json: Json<'_>, pointer: Pointer) -> Result<Reading, Error> {
    match pointer.target {
        Target::PaymentIntent(_) => Ok(receipt::read_intent(scope, &json.parse()?, pointer.moved, pointer.reference)),
        Target::Charge(_) => pointers::read_charge(scope, &json.parse()?, pointer.reference),
        Target::CheckoutSession(_) => pointers::read_session(scope, &json.parse()?, pointer.reference),
        Target::Invoice(_) => pointers::read_invoice(scope, &json.parse()?),
        Target::InvoicePayment(_) => pointers::read_invoice_payment(scope, &json.parse()?, pointer.reference),
        Target::Refund(_) => Ok(refund::refund_movements(scope, &json.parse()?)),
        Target::Failure(_) => late_failure::failure_movements(scope, &json.parse()?),
        Target::Dispute(_) => Ok(dispute::dispute_movements(scope, &json.parse()?)),
        Target::Payout(_) => Ok(payouts::payout_reading(scope, &json.parse()?)),
    }
}

/// The object that an event of this type is about; `None` for a type that is not read.
fn target(kind: &str, id: &str) -> Option<Target> {
    let id = id.to_owned();
    let mut words = kind.split('.').filter(|_| EVENT_TYPES.contains(&kind));
    Some(match (words.next()?, words.next()?) {
        ("payment_intent", _) => Target::PaymentIntent(id),
        ("charge", "dispute") => Target::Dispute(id),
        ("charge", "failed") => Target::Failure(id),
        ("charge", _) => Target::Charge(id),
        ("checkout", _) => Target::CheckoutSession(id),
        ("invoice", _) => Target::Invoice(id),
        ("invoice_payment", _) => Target::InvoicePayment(id),
        ("refund", _) => Target::Refund(id),
        ("payout", _) => Target::Payout(id),
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
    fn parse<T: Deserialize<'a>>(self) -> Result<T, Error> {
        match self {
            Self::Event(body) => serde_json::from_slice::<Snapshot<T>>(body).map(|event| event.data.object),
            Self::Object(body) => serde_json::from_slice(body),
        }
        .map_err(|error| unreadable("The event's object", &error))
    }
}
