//! What can be changed about an account while it runs.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::stripe::api::ApiError;
use crate::stripe::payout::Payouts;
use crate::stripe::settings::{Fee, Settings};

/// New values of [`Settings`]; what is `None` stays.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Terms {
    pub currency: Option<String>,
    /// Decimal texts.
    pub rates: Option<BTreeMap<String, String>>,
    pub settles: Option<BTreeMap<String, String>>,
    pub fee: Option<Fee>,
    pub available_after_s: Option<i64>,
    /// A negative number is "only what was captured".
    pub capture_reversal_after_ms: Option<i64>,
    pub capture_reversal_told: Option<bool>,
    pub settle_after_ms: Option<i64>,
    pub clear_after_ms: Option<i64>,
    pub refund_after_ms: Option<i64>,
    pub dispute_after_ms: Option<i64>,
    pub reinstate_after_ms: Option<i64>,
    pub payouts: Option<Payouts>,
    pub search_missing: Option<bool>,
}

impl Terms {
    /// Writes them into the settings; refuses a rate that is no number.
    pub(super) fn apply(self, to: &mut Settings) -> Result<(), ApiError> {
        if let Some(rates) = self.rates {
            let read = |(currency, rate): (String, String)| rate.parse().map(|rate| (currency, rate));
            let rates: Result<_, _> = rates.into_iter().map(read).collect();
            to.rates = rates.map_err(|_| ApiError::invalid("rates", "A rate is a decimal number as text."))?;
        }
        if let Some(after) = self.capture_reversal_after_ms {
            to.capture_reversal_after_ms = Some(after).filter(|after| *after >= 0);
        }
        set(&mut to.currency, self.currency);
        set(&mut to.settles, self.settles);
        set(&mut to.fee, self.fee);
        set(&mut to.available_after_s, self.available_after_s);
        set(&mut to.capture_reversal_told, self.capture_reversal_told);
        set(&mut to.settle_after_ms, self.settle_after_ms);
        set(&mut to.clear_after_ms, self.clear_after_ms);
        set(&mut to.refund_after_ms, self.refund_after_ms);
        set(&mut to.dispute_after_ms, self.dispute_after_ms);
        set(&mut to.reinstate_after_ms, self.reinstate_after_ms);
        set(&mut to.payouts, self.payouts);
        set(&mut to.search_missing, self.search_missing);
        Ok(())
    }
}

fn set<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}
