//! How an account is paid out.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What was agreed on about payouts.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Payouts {
    /// At each midnight UTC at which something is available it is paid out by itself.
    pub automatic: bool,
    /// What an automatic payout leaves on the balance, minor units by currency.
    pub minimum_balance: BTreeMap<String, i64>,
    /// Whether an automatic payout of a negative balance takes the money from the bank; else it waits.
    pub debit_bank: bool,
    /// On the bank's statement.
    pub descriptor: Option<String>,
    /// From `pending` to `in_transit`, in milliseconds.
    pub submit_after_ms: i64,
    /// From the making to the arrival, in seconds; a standard payout arrives at the midnight UTC after that.
    pub arrive_after_s: i64,
    /// From the arrival to the bank's trace id, in milliseconds.
    pub trace_after_ms: i64,
    /// From the making of an automatic payout until its parts can be listed, in milliseconds.
    pub reconcile_after_ms: i64,
}

impl Default for Payouts {
    fn default() -> Self {
        Self {
            automatic: false,
            minimum_balance: BTreeMap::new(),
            debit_bank: false,
            descriptor: None,
            submit_after_ms: 60_000,
            arrive_after_s: 24 * 3600,
            trace_after_ms: 3_600_000,
            reconcile_after_ms: 1_800_000,
        }
    }
}
