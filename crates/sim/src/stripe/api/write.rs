//! Writing parameters into objects.

use serde_json::{Map, Value};

use super::error::ApiError;
use super::params::Params;
use crate::stripe::object::Fields;

/// Stripe's limits on metadata.
const MOST_PAIRS: usize = 50;
const LONGEST_KEY: usize = 40;
const LONGEST_VALUE: usize = 500;

/// The object's metadata with the given pairs written in: an empty text takes a pair away, an empty `metadata` all.
pub fn metadata(before: &Value, params: &Params) -> Result<Value, ApiError> {
    let mut pairs = before.as_object().cloned().unwrap_or_default();
    if params.text("metadata") == Some("") {
        pairs = Map::new();
    }
    for (key, value) in params.child("metadata").pairs() {
        let param = format!("metadata[{key}]");
        if key.chars().count() > LONGEST_KEY {
            return Err(ApiError::invalid(&param, format!("Metadata keys have at most {LONGEST_KEY} characters.")));
        }
        if value.chars().count() > LONGEST_VALUE {
            return Err(ApiError::invalid(&param, format!("Metadata values have at most {LONGEST_VALUE} characters.")));
        }
        match value {
            "" => pairs.remove(key),
            value => pairs.insert(key.to_owned(), value.into()),
        };
    }
    if pairs.len() > MOST_PAIRS {
        return Err(ApiError::invalid("metadata", format!("Metadata has at most {MOST_PAIRS} pairs.")));
    }
    Ok(Value::Object(pairs))
}

/// Copies text parameters into fields of the same name; the empty text writes null.
pub fn texts(object: &mut Value, params: &Params, fields: &[&str]) {
    for field in fields {
        match params.text(field) {
            None => (),
            Some("") => object.put(field, Value::Null),
            Some(text) => object.put(field, text),
        }
    }
}
