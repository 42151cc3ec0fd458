//! `/v1/customers`

use serde_json::{Value, json};

use super::error::ApiError;
use super::params::Params;
use super::{read, write};
use crate::stripe::Stripe;
use crate::stripe::books::Scope;
use crate::stripe::object::{Fields, empty_address};
use crate::stripe::objects::customer;

const TEXTS: [&str; 5] = ["name", "email", "phone", "description", "tax_exempt"];
const KNOWN: [&str; 9] =
    ["name", "email", "phone", "description", "tax_exempt", "metadata", "address", "preferred_locales", "shipping"];

pub fn create(stripe: &mut Stripe, scope: &Scope, params: &Params) -> Result<Value, ApiError> {
    params.only(&KNOWN)?;
    let id = stripe.id("cus_", 14);
    let mut made = customer::fresh(&id, stripe.now(), scope.place.livemode);
    fill(&mut made, params)?;
    stripe.books_mut(&scope.place).put(made.clone());
    stripe.emit(scope, "customer.created", &made, None);
    Ok(made)
}

pub fn update(stripe: &mut Stripe, scope: &Scope, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.only(&KNOWN)?;
    let mut after = read::retrieve(stripe, scope, "customer", id)?;
    if after.flag("deleted") {
        return Err(ApiError::no_such("customer", id, "id", true));
    }
    fill(&mut after, params)?;
    let change = stripe.change(scope, "customer", id, after);
    stripe.emit(scope, "customer.updated", &change.object, Some(change.previous));
    Ok(change.object)
}

/// Leaves a stub behind, which is what a later retrieval gives.
pub fn delete(stripe: &mut Stripe, scope: &Scope, id: &str) -> Result<Value, ApiError> {
    let before = read::retrieve(stripe, scope, "customer", id)?;
    let stub = json!({"id": id, "object": "customer", "deleted": true});
    stripe.books_mut(&scope.place).put(stub.clone());
    stripe.emit(scope, "customer.deleted", &before, None);
    Ok(stub)
}

fn fill(customer: &mut Value, params: &Params) -> Result<(), ApiError> {
    write::email(params, "email")?;
    write::name(params, "name")?;
    write::texts(customer, params, &TEXTS);
    let metadata = write::metadata(&customer["metadata"], params)?;
    customer.put("metadata", metadata);
    if params.has("address") {
        let mut address = empty_address();
        write::texts(
            &mut address,
            &params.child("address"),
            &["city", "country", "line1", "line2", "postal_code", "state"],
        );
        customer.put("address", address);
    }
    Ok(())
}
