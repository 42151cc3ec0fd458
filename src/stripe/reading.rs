//! What is read of Stripe, for whom, and what it asks for: the words that readers share.

use serde::Deserialize;

use super::client::unreadable;
use super::event::Envelope;
use super::event_types::Target;
use crate::config::Matching;
use crate::error::Error;
use crate::movement::{Movement, Reference};

/// How far the texts of an account choose documents. Whoever owns a connected account writes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The key's own account: whatever they name.
    All,
    /// A connected account whose company the settings name: numbers, which are looked up there. Our own metadata, which
    /// names databases and records, is written by the key's account alone.
    Company,
    /// Any other: nothing.
    Nothing,
}

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
    /// Stripe has said what a payout is made of: [`super::payouts::PartsCursor`].
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
    pub(super) fn parse<T: Deserialize<'a>>(self) -> Result<T, Error> {
        match self {
            Self::Event(body) => serde_json::from_slice::<Snapshot<T>>(body).map(|event| event.data.object),
            Self::Object(body) => serde_json::from_slice(body),
        }
        .map_err(|error| unreadable("The event's object", &error))
    }
}
