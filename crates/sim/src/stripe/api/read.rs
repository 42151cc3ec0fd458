//! Retrieving and listing what others made.

use serde_json::Value;

use super::error::ApiError;
use super::list;
use super::params::Params;
use crate::stripe::Stripe;
use crate::stripe::books::Scope;
use crate::stripe::object::{Fields, PATHS};
use crate::stripe::objects;

pub fn retrieve(stripe: &Stripe, scope: &Scope, kind: &str, id: &str) -> Result<Value, ApiError> {
    stripe.get(scope, kind, id).cloned().ok_or_else(|| ApiError::no_such(kind, id, "id", true))
}

/// Lists a kind, filtered by those of its fields that Stripe takes as filters.
pub fn list(stripe: &Stripe, scope: &Scope, kind: &str, params: &Params) -> Result<Value, ApiError> {
    const PAGING: [&str; 5] = ["limit", "starting_after", "ending_before", "created", "payment"];
    let filters: &[&str] = match kind {
        "payment_intent" => &["customer"],
        "charge" => &["customer", "payment_intent", "transfer_group"],
        "topup" => &["status"],
        "transfer" => &["destination", "transfer_group"],
        "application_fee" => &["charge"],
        "customer" => &["email"],
        "invoice" => &["customer", "status", "collection_method"],
        "invoice_payment" => &["invoice", "status"],
        "refund" | "dispute" => &["charge", "payment_intent"],
        "checkout.session" => &["customer", "payment_intent", "payment_link", "status"],
        "payment_method" => &["customer", "type", "allow_redisplay"],
        "payment_method_domain" => &["domain_name", "enabled"],
        _ => &[],
    };
    params.only(&[&PAGING, filters].concat())?;
    let payment = params.child("payment");
    let wanted = payment.text("payment_intent");
    if kind == "invoice_payment" && wanted.is_some() && payment.text("type") != Some("payment_intent") {
        return Err(ApiError::missing("payment[type]"));
    }
    let rows = stripe.rows(scope, kind).iter().filter(|row| {
        filters.iter().all(|field| params.text(field).is_none_or(|text| is(&row[*field], text)))
            && wanted.is_none_or(|intent| row["payment"].text("payment_intent") == intent)
    });
    let (_, path) = PATHS.iter().find(|(name, _)| *name == kind).copied().unwrap_or_default();
    list::page(path, rows.collect(), params)
}

/// Whether a field reads as this text.
fn is(field: &Value, text: &str) -> bool {
    match field {
        Value::String(own) => own == text,
        Value::Bool(own) => text == if *own { "true" } else { "false" },
        _ => false,
    }
}

/// The own account, or a connected one.
pub fn account(stripe: &Stripe, id: &str) -> Result<Value, ApiError> {
    let known = id == stripe.settings.account || stripe.settings.connected.iter().any(|c| c == id);
    if known {
        return Ok(objects::account::standing(id, &stripe.settings.currency));
    }
    Err(ApiError::no_such("account", id, "account", true))
}
