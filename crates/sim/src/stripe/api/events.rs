//! `/v1/events`: 30 days back.

use serde_json::Value;

use super::error::ApiError;
use super::params::Params;
use super::{list, read};
use crate::stripe::Stripe;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;

/// How long Stripe keeps events, in seconds.
const KEPT: i64 = 30 * 24 * 3600;
/// Most values of `types[]`.
const MOST_TYPES: usize = 20;

pub fn list(stripe: &Stripe, scope: &Scope, params: &Params) -> Result<Value, ApiError> {
    params.only(&["type", "types", "created", "delivery_success", "limit", "starting_after", "ending_before"])?;
    let types = params.texts("types");
    if types.len() > MOST_TYPES {
        return Err(ApiError::invalid("types", format!("You can list at most {MOST_TYPES} types.")));
    }
    if !types.is_empty() && params.has("type") {
        return Err(ApiError::invalid("types", "Give type or types, not both."));
    }
    let success = params.flag("delivery_success")?;
    let (oldest, newest) = (stripe.now() - KEPT, stripe.now() - stripe.settings.event_lag_ms / 1_000);
    let rows = stripe.rows(scope, "event").iter().filter(|event| {
        let kind = event.text("type");
        (oldest..=newest).contains(&event.int("created"))
            && (types.is_empty() || types.contains(&kind))
            && params.text("type").is_none_or(|wanted| wanted == kind)
            && success.is_none_or(|success| stripe.post.all_arrived(event.text("id")) == success)
    });
    list::page("/v1/events", rows.collect(), params)
}

pub fn retrieve(stripe: &Stripe, scope: &Scope, id: &str) -> Result<Value, ApiError> {
    let event = read::retrieve(stripe, scope, "event", id)?;
    let kept = event.int("created") >= stripe.now() - KEPT;
    if kept { Ok(event) } else { Err(ApiError::no_such("event", id, "id", true)) }
}
