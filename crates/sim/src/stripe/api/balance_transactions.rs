//! `/v1/balance_transactions`

use serde_json::Value;

use super::error::ApiError;
use super::list;
use super::params::Params;
use crate::stripe::Stripe;
use crate::stripe::balance::TXN;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;

const KNOWN: [&str; 8] =
    ["created", "currency", "ending_before", "limit", "payout", "source", "starting_after", "type"];

/// Newest first, of all balances. With `payout`, what went out with an automatic payout, and its own transaction.
pub fn list(stripe: &Stripe, scope: &Scope, params: &Params) -> Result<Value, ApiError> {
    params.only(&KNOWN)?;
    let newest = stripe.now() - stripe.settings.list_lag_ms / 1_000;
    let rows = stripe.rows(scope, TXN).iter().filter(|row| row.int("created") <= newest).filter(|row| {
        ["currency", "source", "type"].iter().all(|field| params.text(field).is_none_or(|text| row.text(field) == text))
    });
    let rows = match params.text("payout") {
        None => rows.collect(),
        Some(payout) => {
            let is_part = stripe.parts_of(scope, payout)?;
            rows.filter(|row| is_part(row)).collect()
        }
    };
    list::page("/v1/balance_transactions", rows, params)
}
