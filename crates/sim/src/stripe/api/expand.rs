//! `expand[]`: ids replaced by their objects, and lists that are left out unless asked for.

use serde_json::Value;

use super::error::ApiError;
use super::params::Params;
use crate::stripe::Stripe;
use crate::stripe::balance::TXN;
use crate::stripe::books::Scope;
use crate::stripe::object::{Fields, list};

/// Stripe's limit on the depth of a path.
const DEEPEST: usize = 4;

/// How many of a list stand inside of an object.
const LISTED: usize = 10;

/// Expands what `expand[]` names.
pub fn expand(stripe: &Stripe, scope: &Scope, object: &mut Value, params: &Params) -> Result<(), ApiError> {
    for path in params.texts("expand") {
        let parts: Vec<&str> = path.split('.').collect();
        if parts.len() > DEEPEST {
            let message = format!("You cannot expand more than {DEEPEST} levels of a property. Property: {path}");
            return Err(ApiError::invalid("expand", message));
        }
        walk(stripe, scope, object, &parts, false)
            .map_err(|part| ApiError::invalid("expand", format!("This property cannot be expanded ({part}).")))?;
    }
    Ok(())
}

/// `Err` names the part that cannot be followed. `is_source` when the node is what a balance transaction is about.
fn walk<'a>(
    stripe: &Stripe,
    scope: &Scope,
    node: &mut Value,
    parts: &[&'a str],
    is_source: bool,
) -> Result<(), &'a str> {
    let Some((part, rest)) = parts.split_first() else { return Ok(()) };
    if let Some(items) = node.as_array_mut() {
        return items.iter_mut().try_for_each(|item| walk(stripe, scope, item, parts, false));
    }
    if let Some(left_out) = left_out(stripe, scope, node, part) {
        node.put(part, left_out);
    }
    let (lacks, of_source) = (lacks(node, part, is_source), is_source);
    let is_source = node.text("object") == TXN && *part == "source";
    let Some(child) = node.get_mut(*part) else { return if lacks { Ok(()) } else { Err(part) } };
    match child {
        Value::Null => return Ok(()),
        Value::String(id) => match find(stripe, scope, id) {
            Some(found) => *child = found,
            // What stands in a connected account's books keeps its id.
            None if of_source => return Ok(()),
            None => return Err(part),
        },
        Value::Array(items) if items.iter().all(Value::is_object) => (),
        Value::Object(_) if !rest.is_empty() || child.get("id").is_some() || child.text("object") == "list" => (),
        _ => return Err(part),
    }
    walk(stripe, scope, child, rest, is_source)
}

/// Fields that can be expanded in one or another of the objects that a balance transaction is about. A path through
/// `source` may name any of them; a source of another kind is passed over.
const OF_SOURCES: [&str; 18] = [
    "account",
    "application",
    "application_fee",
    "balance_transaction",
    "balance_transactions",
    "charge",
    "customer",
    "destination",
    "destination_payment",
    "failure_balance_transaction",
    "fee",
    "originating_transaction",
    "payment_intent",
    "payment_method",
    "refunds",
    "source_refund",
    "source_transaction",
    "transfer",
];

/// Whether an object may rightly be without a field that can be expanded.
fn lacks(node: &Value, part: &str, is_source: bool) -> bool {
    let optional =
        [("refund", "failure_balance_transaction"), ("topup", "payment_method"), ("transfer", "destination_payment")];
    optional.contains(&(node.text("object"), part)) || (is_source && OF_SOURCES.contains(&part))
}

fn find(stripe: &Stripe, scope: &Scope, id: &str) -> Option<Value> {
    stripe.books(&scope.place)?.find(id).cloned()
}

/// Lists that an object has only when they are asked for.
fn left_out(stripe: &Stripe, scope: &Scope, node: &Value, part: &str) -> Option<Value> {
    let id = node.maybe("id")?;
    match (node.text("object"), part) {
        ("invoice", "payments") => {
            let payments = stripe.having(scope, "invoice_payment", |p| p.text("invoice") == id);
            Some(list(&format!("/v1/invoice_payments?invoice={id}"), payments, false))
        }
        ("charge", "refunds") => {
            let mut refunds = stripe.having(scope, "refund", |refund| refund.text("charge") == id);
            refunds.reverse();
            let more = refunds.len() > LISTED;
            refunds.truncate(LISTED);
            Some(list(&format!("/v1/charges/{id}/refunds"), refunds, more))
        }
        _ => None,
    }
}
