//! The middle vocabulary: what happened to a payment, in words that are neither Stripe's nor an ERP's.
//! docs/payment-event.schema.json publishes it.

use serde::{Deserialize, Serialize};

use crate::money::Money;

/// What happened. Only [`Kind::Paid`] moves money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The payer's money arrived: a receipt is booked.
    Paid,
    /// On its way (bank debits); nothing is booked.
    Processing,
    /// Declined or failed; `reason` says why. Nothing is booked.
    Failed,
    /// Given up before any money moved.
    Canceled,
    /// Waits for the payer (3-D Secure, a voucher).
    RequiresAction,
}

/// Something that happened to one payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentEvent {
    /// Of the movement, never of the event: `stripe:{acct_…}:{object id}:{transition}`. The ERP books a key once.
    pub key: String,
    pub kind: Kind,
    /// The Stripe account whose money it is, `acct_…`.
    pub account: String,
    pub livemode: bool,
    /// Id of the payment, `pi_…`, or `ch_…` for a charge without a PaymentIntent.
    pub payment: String,
    /// The charge that took the money, `ch_…` or `py_…`, where it is not `payment` itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge: Option<String>,
    /// What it was paid with, `pm_…` (`card_…` or `src_…` where the merchant still uses Stripe's older APIs).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// What was received (for [`Kind::Paid`]), else what was asked for.
    pub money: Money,
    /// When it happened, seconds since 1970 UTC.
    pub occurred: i64,
    /// The payer at Stripe, `cus_…` (or `acct_…`, where the payer is an account).
    pub customer: Option<String>,
    /// Why a payment failed or was canceled: Stripe's code, never its message.
    pub reason: Option<String>,
    /// What it may be for.
    pub reference: Reference,
    /// What the ERP's readers should know: `foreign_database`, …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
}

/// What a payment may be for, the surest first: the matching ladder reads it from top to bottom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The ERP database that our own metadata names.
    pub database: Option<String>,
    /// Records of that database, from our own metadata: model and id.
    #[serde(default)]
    pub records: Vec<Record>,
    /// Document numbers: from configured metadata names, a Stripe invoice, or a checkout session's reference.
    #[serde(default)]
    pub numbers: Vec<String>,
    /// Free texts in which a document number may stand.
    #[serde(default)]
    pub texts: Vec<String>,
}

/// A record of the ERP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// As the ERP names it, `account.move`.
    pub model: String,
    pub id: i64,
}

/// Flag of a receipt booked from its charge, because its payment is not final at Stripe after a day: it is left
/// unallocated.
pub const NOT_FINAL: &str = "payment_not_final";

/// The key of a movement. `account` is always concrete; see [`PaymentEvent::key`].
pub fn posting_key(account: &str, object: &str, transition: &str) -> String {
    format!("stripe:{account}:{object}:{transition}")
}
