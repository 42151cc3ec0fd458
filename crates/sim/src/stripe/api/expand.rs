//! `expand[]`: ids replaced by their objects, and lists that are left out unless asked for.

use serde_json::Value;

use super::error::ApiError;
use super::params::Params;
use crate::stripe::Stripe;
use crate::stripe::books::Scope;
use crate::stripe::object::{Fields, list};

/// Stripe's limit on the depth of a path.
const DEEPEST: usize = 4;

/// Expands what `expand[]` names.
pub fn expand(stripe: &Stripe, scope: &Scope, object: &mut Value, params: &Params) -> Result<(), ApiError> {
    for path in params.texts("expand") {
        let parts: Vec<&str> = path.split('.').collect();
        if parts.len() > DEEPEST {
            let message = format!("You cannot expand more than {DEEPEST} levels of a property. Property: {path}");
            return Err(ApiError::invalid("expand", message));
        }
        walk(stripe, scope, object, &parts)
            .map_err(|part| ApiError::invalid("expand", format!("This property cannot be expanded ({part}).")))?;
    }
    Ok(())
}

/// `Err` names the part that cannot be followed.
fn walk<'a>(stripe: &Stripe, scope: &Scope, node: &mut Value, parts: &[&'a str]) -> Result<(), &'a str> {
    let Some((part, rest)) = parts.split_first() else { return Ok(()) };
    if let Some(items) = node.as_array_mut() {
        return items.iter_mut().try_for_each(|item| walk(stripe, scope, item, parts));
    }
    if let Some(left_out) = left_out(stripe, scope, node, part) {
        node.put(part, left_out);
    }
    let child = node.get_mut(*part).ok_or(*part)?;
    match child {
        Value::Null => return Ok(()),
        Value::String(id) => *child = find(stripe, scope, id).ok_or(*part)?,
        Value::Array(items) if items.iter().all(Value::is_object) => (),
        Value::Object(_) if !rest.is_empty() || child.get("id").is_some() || child.text("object") == "list" => (),
        _ => return Err(part),
    }
    walk(stripe, scope, child, rest)
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
        ("charge", "refunds") => Some(list(&format!("/v1/charges/{id}/refunds"), Vec::new(), false)),
        _ => None,
    }
}
