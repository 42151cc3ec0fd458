//! What a kind says beyond the payment: which refund, which dispute, which payout.

use serde::{Deserialize, Serialize};

use super::payout::Payout;
use super::transaction::{FeeKind, Transaction};
use crate::money::Money;

/// One for each kind that needs more than a payment's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Detail {
    /// Of `settled`.
    Transaction(Box<Transaction>),
    /// Of `refunded`, `refund_failed` and `credited`.
    Refund(Refund),
    /// Of `reversed`.
    Reversal(Reversal),
    /// Of `dispute_…`.
    Dispute(Dispute),
    /// Of `payout_reconciled`.
    Payout(Payout),
    /// Of `fees_billed` and `fees_cleared`.
    FeeBill(FeeBill),
}

impl Detail {
    /// Key of the document that must be in the books before: a receipt, or what a balance transaction settles.
    pub fn builds_on(&self) -> Option<&str> {
        match self {
            Self::Refund(refund) => Some(&refund.receipt),
            Self::Reversal(reversal) => Some(&reversal.receipt),
            Self::Dispute(dispute) => Some(&dispute.receipt),
            Self::Transaction(transaction) => transaction.document.as_deref(),
            Self::Payout(_) | Self::FeeBill(_) => None,
        }
    }
}

/// What Stripe kept in one month and settlement currency, for the bill of a supplier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeBill {
    /// `2026-11`: a month of UTC, as Stripe's invoices are.
    pub month: String,
    /// 1 for the month's bill, and from 2 on for what was booked after that had its list.
    pub number: i64,
    /// By type, the largest first.
    pub sums: Vec<FeeSum>,
    /// Ids of the balance transactions that it was kept from.
    pub transactions: Vec<String>,
}

/// The fees of one type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeSum {
    pub kind: FeeKind,
    /// Stripe's type and words.
    pub what: String,
    /// Positive: kept.
    pub money: Money,
}

/// A refund of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// `re_…` or `pyr_…`.
    pub id: String,
    /// Key of the receipt that it gives back.
    pub receipt: String,
    /// Everything that the payment had received goes back with it: this refund and those before it.
    pub full: bool,
    /// Why it failed, Stripe's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// A receipt that was no money in the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversal {
    /// Key of the receipt.
    pub receipt: String,
    /// Whether it was ever booked is for the ERP to say, since Stripe no longer tells and the ledger does not know. Without
    /// it there is nothing to take back, and the answer is [`crate::error::Code::RefundReceiptUnknown`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub if_received: bool,
}

/// A dispute (chargeback) or inquiry about a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// `du_…` or `dp_…`.
    pub id: String,
    /// Key of the receipt that it is about.
    pub receipt: String,
    /// Stripe's status, `needs_response`, `lost`, …
    pub status: String,
    /// Only a question of the payer's bank: no money has moved.
    pub inquiry: bool,
    /// Until when evidence can be handed in, seconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_by: Option<i64>,
    /// What Stripe has moved of it so far, by its balance transactions, the oldest first. One whose size
    /// in the payment's currency is not certain is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<DisputeMove>,
}

/// What one balance transaction moved of a dispute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeMove {
    /// `txn_…`.
    pub transaction: String,
    /// In the payment's currency; negative when it was withdrawn, positive when it was given back.
    pub money: Money,
    /// From before the cut-over: whoever kept the books then has it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub earlier: bool,
}

/// How a dispute stands, by its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeClosing {
    /// Not, or it is under appeal.
    Open,
    /// In the merchant's favour, or an inquiry that came to nothing.
    Won,
    /// In the payer's favour.
    Lost,
}

impl Dispute {
    pub fn closing(&self) -> DisputeClosing {
        match self.status.as_str() {
            "won" | "warning_closed" => DisputeClosing::Won,
            "lost" => DisputeClosing::Lost,
            _ => DisputeClosing::Open,
        }
    }

    /// Stripe took money and has not given any back since.
    pub fn has_money_out(&self) -> bool {
        self.moved.last().is_some_and(|last| last.money.minor < 0)
    }
}
