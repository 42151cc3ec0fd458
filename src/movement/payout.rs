//! What a payout's movements say.

use serde::{Deserialize, Serialize};

/// Money on its way from Stripe to the bank, or back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    /// `po_…`.
    pub id: String,
    /// Stripe says what it is made of; manual and instant payouts are not itemised.
    pub itemised: bool,
    /// Key of the balance transaction that took it out of the balance.
    pub settled: String,
    /// When it should reach the bank, seconds since 1970 UTC.
    pub arrival: i64,
    /// What the bank statement shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub descriptor: Option<String>,
    /// The bank's own reference, where Stripe has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// How many balance transactions it is made of.
    pub parts: usize,
}
