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

/// The longest e-mail address and name that Stripe takes. Source: docs.stripe.com/api/customers/create.
const LONGEST_EMAIL: usize = 512;
const LONGEST_NAME: usize = 256;

/// Refuses what Stripe takes for no e-mail address: no or several `@`, nothing before or behind it, spaces, and letters
/// beyond ASCII before it.
pub fn email(params: &Params, field: &str) -> Result<(), ApiError> {
    let Some(email) = params.text(field).filter(|email| !email.is_empty()) else { return Ok(()) };
    let clean =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@');
    let good = email.split_once('@').is_some_and(|(name, host)| name.is_ascii() && clean(name) && clean(host));
    if good && email.chars().count() <= LONGEST_EMAIL {
        return Ok(());
    }
    Err(ApiError::param("email_invalid", field, format!("Invalid email address: {email}")))
}

/// Refuses a name that is longer than Stripe keeps.
pub fn name(params: &Params, field: &str) -> Result<(), ApiError> {
    if params.text(field).is_some_and(|name| name.chars().count() > LONGEST_NAME) {
        let message = format!("Invalid string: {field} must be at most {LONGEST_NAME} characters");
        return Err(ApiError::invalid(field, message));
    }
    Ok(())
}

/// Refuses a suffix that a card statement cannot show: longer than it has room for, without a letter, or with one of
/// `< > \ ' " *`. Source: docs.stripe.com, statement descriptors.
pub fn statement_suffix(params: &Params) -> Result<(), ApiError> {
    const FIELD: &str = "statement_descriptor_suffix";
    let Some(suffix) = params.text(FIELD).filter(|suffix| !suffix.is_empty()) else { return Ok(()) };
    let good = suffix.len() <= 22
        && suffix.bytes().any(|b| b.is_ascii_alphabetic())
        && suffix.bytes().all(|b| (b' '..=b'~').contains(&b) && !b"<>\\'\"*".contains(&b));
    if good { Ok(()) } else { Err(ApiError::invalid(FIELD, "The statement descriptor suffix is invalid.")) }
}
