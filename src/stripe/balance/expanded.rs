//! Objects with what they name in their place.

use crate::error::{Code, Error};
use crate::stripe::client::{Body, Client};
use crate::stripe::form::Form;

/// Asks with `expand`, and without it where the key may not read what stands there: a top-up whose own object is hidden is
/// told by its type alone, and must not stop everybody else. Gives the refusal with it.
pub async fn get_expanded(
    client: &Client<'_>,
    path: &str,
    query: Form,
    expand: &str,
) -> Result<(Body, Option<Error>), Error> {
    match client.get(path, &query.clone().with("expand[]", expand)).await {
        Err(error) if error.code == Code::StripeAuth => Ok((client.get(path, &query).await?, Some(error))),
        answer => Ok((answer?, None)),
    }
}
