//! The middle vocabulary: what happened to a payment, in words that are neither Stripe's nor an ERP's.
//! docs/payment-event.schema.json publishes it.

mod detail;
mod payout;
mod transaction;

use serde::{Deserialize, Serialize};

use crate::money::Money;

pub use self::detail::{Detail, Dispute, DisputeClosing, DisputeMove, FeeBill, FeeSum, Refund, Reversal};
pub use self::payout::Payout;
pub use self::transaction::{Counter, Fee, FeeKind, Transaction};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
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
    /// A delayed method failed after it had succeeded: the receipt is taken back and what it paid is due again.
    Reversed,
    /// Money went back to the payer.
    Refunded,
    /// A refund came back: the payer's bank did not take it.
    RefundFailed,
    /// The credit note of a refund: a step of its own, which never holds up the money.
    Credited,
    /// A dispute or an inquiry was opened; no money moved by that.
    DisputeOpened,
    /// Stripe took the disputed money out of the balance.
    DisputeWithdrawn,
    /// Stripe gave disputed money back.
    DisputeReinstated,
    /// Closed in the merchant's favour, or an inquiry that came to nothing; the money is another movement.
    DisputeWon,
    /// Closed in the payer's favour.
    DisputeLost,
    /// A balance transaction: the only kind that moves the Stripe balance account, by its net.
    Settled,
    /// Stripe has said which balance transactions a payout is made of.
    PayoutReconciled,
    /// What Stripe kept in a month, as its bill will say.
    FeesBilled,
    /// That bill is in the books for good: what it was kept from is matched with it.
    FeesCleared,
}

/// Something that happened to one payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// Of the movement, never of the event: `stripe:{acct_…}:{object id}:{transition}`. The ERP books a key once.
    pub key: String,
    pub kind: MovementKind,
    /// The Stripe account whose money it is, `acct_…`.
    pub account: String,
    pub livemode: bool,
    /// Id of the payment, `pi_…`, or `ch_…` for a charge without a PaymentIntent. Of a movement without a payment the id of
    /// the object that moved it (`po_…`, `txn_…`).
    pub payment: String,
    /// The charge that took the money, `ch_…` or `py_…`, where it is not `payment` itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge: Option<String>,
    /// What it was paid with, `pm_…` (`card_…` or `src_…` where the merchant still uses Stripe's older APIs).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// What was received, given back, withdrawn or reinstated, in the payment's currency and never negative; of
    /// [`MovementKind::DisputeLost`] what of the disputed money has not come back so far; of
    /// [`MovementKind::Settled`] the net in the settlement currency, with its sign; of [`MovementKind::FeesBilled`] what was kept, with its
    /// sign; before money moves what was asked for.
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
    /// What its kind says beyond.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Detail>,
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// As the ERP names it, `account.move`.
    pub model: String,
    pub id: i64,
    /// Its number, as the metadata has it beside the id. An ERP that is set back to a backup gives lost ids to other records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Id of its contact, from the metadata too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<i64>,
    /// When the ERP made it, as the ERP wrote it for the metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
}

/// Flag of a receipt booked from its charge, because its payment is not final at Stripe after a day: it is left
/// unallocated.
pub const NOT_FINAL: &str = "payment_not_final";
/// Flag of a balance transaction whose size is not that of what it is about, so that it settles no document: it stands on
/// suspense, or on conversion where it is a small correction.
pub const NOT_PRESENTED: &str = "not_presented";

/// Flag of a receipt of a connected account whose company the settings do not name: its texts are another's, and it is left
/// unallocated.
pub const CONNECTED: &str = "connected_account";

impl Movement {
    /// Key of the document that must be in the books before it.
    pub fn builds_on(&self) -> Option<&str> {
        self.detail.as_ref()?.builds_on()
    }
}

impl MovementKind {
    /// Whether it puts money on an account; the others are only known, or told to readers of the books.
    pub fn moves_money(self) -> bool {
        matches!(
            self,
            Self::Paid
                | Self::Reversed
                | Self::Refunded
                | Self::RefundFailed
                | Self::DisputeWithdrawn
                | Self::DisputeReinstated
                | Self::DisputeLost
                | Self::Settled
        )
    }

    /// The last part of its key, `stripe:{acct_…}:{object}:{transition}`. The object is the payment's own id up to
    /// [`MovementKind::Reversed`], then the refund's (`re_…`), the dispute's (`du_…`), the balance transaction's (`txn_…`, also of
    /// what was withdrawn and reinstated, since a dispute may take and give more than once) and the payout's (`po_…`). Of fees
    /// it is their month and currency, `fees_2026_11_usd`, with a number from the month's second bill on. What can happen to a dispute again has a number from the second
    /// time on: `lost_2`.
    pub fn transition(self) -> &'static str {
        match self {
            Self::Paid | Self::Refunded => "succeeded",
            Self::Processing => "processing",
            Self::Failed | Self::RefundFailed => "failed",
            Self::Canceled => "canceled",
            Self::RequiresAction => "requires_action",
            Self::Reversed => "reversed",
            Self::Credited => "credit_note",
            Self::DisputeOpened => "opened",
            Self::DisputeWithdrawn => "withdrawn",
            Self::DisputeReinstated => "reinstated",
            Self::DisputeWon => "won",
            Self::DisputeLost => "lost",
            Self::Settled => "settled",
            Self::PayoutReconciled => "reconciled",
            Self::FeesBilled => "billed",
            Self::FeesCleared => "cleared",
        }
    }
}

/// The key of a movement. `account` is always concrete; see [`Movement::key`].
pub fn posting_key(account: &str, object: &str, transition: &str) -> String {
    format!("stripe:{account}:{object}:{transition}")
}
