//! `/v1/payouts`

use serde_json::{Value, json};

use super::error::ApiError;
use super::params::Params;
use super::{list, read, write};
use crate::stripe::Stripe;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;
use crate::stripe::payout::{Order, PAYOUT, PayoutStep};

pub fn create(stripe: &mut Stripe, scope: &Scope, params: &Params) -> Result<Value, ApiError> {
    const KNOWN: [&str; 9] = [
        "amount",
        "currency",
        "description",
        "destination",
        "metadata",
        "method",
        "payout_method",
        "source_type",
        "statement_descriptor",
    ];
    params.only(&KNOWN)?;
    params.require("amount")?;
    let order = Order {
        amount: params.int("amount")?.unwrap_or(0),
        currency: &params.require("currency")?.to_lowercase(),
        instant: params.text("method") == Some("instant"),
        descriptor: params.text("statement_descriptor"),
        metadata: write::metadata(&Value::Null, params)?,
    };
    stripe.pay_out(scope, &order)
}

pub fn update(stripe: &mut Stripe, scope: &Scope, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.only(&["metadata"])?;
    let before = read::retrieve(stripe, scope, PAYOUT, id)?;
    let metadata = write::metadata(&before["metadata"], params)?;
    let change = stripe.change(scope, PAYOUT, id, json!({"metadata": metadata}));
    stripe.emit(scope, "payout.updated", &change.object, Some(change.previous));
    Ok(change.object)
}

pub fn cancel(stripe: &mut Stripe, scope: &Scope, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.only(&[])?;
    read::retrieve(stripe, scope, PAYOUT, id)?;
    stripe.step_payout(scope, id, &PayoutStep::Cancel)?;
    read::retrieve(stripe, scope, PAYOUT, id)
}

pub fn list(stripe: &Stripe, scope: &Scope, params: &Params) -> Result<Value, ApiError> {
    params.only(&["arrival_date", "created", "destination", "ending_before", "limit", "starting_after", "status"])?;
    let rows = stripe.rows(scope, PAYOUT).iter().filter(|row| {
        ["destination", "status"].iter().all(|field| params.text(field).is_none_or(|text| row.text(field) == text))
    });
    let mut rows: Vec<&Value> = rows.collect();
    list::range(&mut rows, params, "arrival_date")?;
    list::page("/v1/payouts", rows, params)
}
