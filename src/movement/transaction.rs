//! A balance transaction: what a movement did to the Stripe balance, to the minor unit.

use serde::{Deserialize, Serialize};

use super::payout::Payout;
use crate::money::Money;

/// One balance transaction. `net` = `gross` less the sum of `fees`, all in the settlement currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// `txn_…`.
    pub id: String,
    /// Stripe's type, `charge`, `payout_failure`, …
    pub kind: String,
    /// Stripe's reporting category, as in its Balance report.
    pub category: String,
    /// Where the gross stands against.
    pub counter: Counter,
    /// In the settlement currency, with its sign.
    pub gross: Money,
    /// In the settlement currency, with its sign.
    pub net: Money,
    /// What Stripe and others kept; a negative one was given back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<Fee>,
    /// The gross in the payment's currency, where Stripe exchanged it: what stands in clearing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presented: Option<Money>,
    /// Settlement units for one presented, as Stripe writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
    /// Key of the document (receipt, refund, …) that it settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// Id of the object that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// When it may be paid out, seconds since 1970 UTC.
    pub available: i64,
    /// Stripe's words for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The payout, of one that is a payout's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payout: Option<Payout>,
}

/// What one of `fee_details` is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fee {
    pub kind: FeeKind,
    /// Stripe's type and words, for readers and the monthly bill.
    pub what: String,
    /// Positive: kept.
    pub money: Money,
}

/// Who kept it and as what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeKind {
    /// Stripe's own charge.
    Stripe,
    /// Tax on Stripe's charge.
    Tax,
    /// A platform's charge (Connect).
    Application,
    /// Tax withheld for an authority: to be claimed back.
    Withheld,
    /// A type this version does not know: suspense.
    Unknown,
}

/// The account, by its role, that the gross of a balance transaction stands against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counter {
    /// Receipts, refunds and disputes in flight: what settles a document, and nothing else.
    Clearing,
    /// Payouts and top-ups between Stripe and the bank.
    Transit,
    /// Stripe's own charges that stand alone.
    Fees,
    /// Money that Stripe holds back.
    Reserves,
    /// Transfers to and from connected accounts.
    Connected,
    /// Stripe Capital.
    Loan,
    /// Corrections of an exchange.
    Conversion,
    /// Nobody has said what it is.
    Suspense,
}

impl Counter {
    /// The role's name, as settings and set-up know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clearing => "clearing",
            Self::Transit => "transit",
            Self::Fees => "fees",
            Self::Reserves => "reserves",
            Self::Connected => "connected",
            Self::Loan => "loan",
            Self::Conversion => "conversion",
            Self::Suspense => "suspense",
        }
    }

    /// The roles that a user may name for a type or category. Clearing is not among them: nothing would ever settle what
    /// stood there without a document.
    pub const CHOICE: [Self; 7] =
        [Self::Transit, Self::Fees, Self::Reserves, Self::Connected, Self::Loan, Self::Conversion, Self::Suspense];

    /// The role of this name, where a user may choose it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::CHOICE.into_iter().find(|counter| counter.name() == name)
    }
}
