//! Webhook endpoints, as far as they can be recognised as ours.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::client::Client;
use super::form::Form;
use crate::error::Error;

/// The metadata by which an endpoint is known as made by set-up: `account` or `connect`.
pub const MARK_KEY: &str = "quittance";
/// The metadata that tells which secret is the endpoint's.
pub const FINGERPRINT_KEY: &str = "quittance_secret";
/// Sixteen hexadecimal digits tell a handful of secrets apart, and lead back to none of 190 bits.
const FINGERPRINT_DIGITS: usize = 16;

/// An endpoint as Stripe lists it; without its secret, which only creation shows.
#[derive(Debug)]
pub struct Endpoint {
    /// `we_…`.
    pub id: String,
    pub url: String,
    /// `enabled` or `disabled`.
    pub status: String,
    pub mark: Option<String>,
    pub print: Option<String>,
}

/// What an endpoint says of its secret: the beginning of its SHA-256.
pub fn fingerprint(secret: &str) -> String {
    let mut text = hex::encode(Sha256::digest(secret.as_bytes()));
    text.truncate(FINGERPRINT_DIGITS);
    text
}

/// All endpoints of the key's account and mode: Stripe's most is 16, less than a page.
pub async fn list(client: &Client<'_>) -> Result<Vec<Endpoint>, Error> {
    let page: Value = client.list("/v1/webhook_endpoints", &Form::new()).await?.parse()?;
    Ok(page.get("data").and_then(Value::as_array).into_iter().flatten().filter_map(endpoint).collect())
}

fn endpoint(object: &Value) -> Option<Endpoint> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let of = |name: &str| text(object.get(name));
    let metadata = |name: &str| text(object.get("metadata").and_then(|all| all.get(name)));
    let (id, url, status) = (of("id")?, of("url")?, of("status")?);
    Some(Endpoint { id, url, status, mark: metadata(MARK_KEY), print: metadata(FINGERPRINT_KEY) })
}
