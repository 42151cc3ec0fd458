//! Lists: newest first, cursors both ways, ranges of `created`.

use std::borrow::Borrow;

use serde_json::Value;

use super::error::ApiError;
use super::params::Params;
use crate::stripe::object::{Fields, list};

/// Stripe's page sizes.
const USUAL: i64 = 10;
const MOST: i64 = 100;

/// One page of `rows` (oldest first). Cursors name rows of the same list.
pub fn page<T: Borrow<Value>>(url: &str, mut rows: Vec<T>, params: &Params) -> Result<Value, ApiError> {
    range(&mut rows, params, "created")?;
    rows.reverse();
    let limit = params.int("limit")?.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        let message = format!("Invalid limit: it must be between 1 and {MOST}.");
        return Err(ApiError::param("parameter_invalid_integer", "limit", message));
    }
    let limit = usize::try_from(limit).unwrap_or(0);
    if params.has("starting_after") && params.has("ending_before") {
        return Err(ApiError::invalid("ending_before", "Give starting_after or ending_before, not both."));
    }
    let at = |key: &str| match params.text(key) {
        None => Ok(None),
        Some(id) => match rows.iter().position(|row| row.borrow().text("id") == id) {
            Some(at) => Ok(Some(at)),
            None => Err(ApiError::no_such("object", id, key, false)),
        },
    };
    let (from, to) = match (at("starting_after")?, at("ending_before")?) {
        (Some(after), _) => (after + 1, rows.len().min(after + 1 + limit)),
        (None, Some(before)) => (before.saturating_sub(limit), before),
        (None, None) => (0, rows.len().min(limit)),
    };
    let has_more = if params.has("ending_before") { from > 0 } else { to < rows.len() };
    let data = rows.get(from..to).unwrap_or_default().iter().map(|row| row.borrow().clone()).collect();
    Ok(list(url, data, has_more))
}

/// Keeps the rows of a range of seconds since 1970: `created=…`, or `created[gt|gte|lt|lte]=…`.
pub fn range<T: Borrow<Value>>(rows: &mut Vec<T>, params: &Params, field: &str) -> Result<(), ApiError> {
    if let Some(exact) = params.int(field)? {
        rows.retain(|row| row.borrow().int(field) == exact);
    }
    let range = params.child(field);
    for (key, holds) in [
        ("gt", (|c, at| c > at) as fn(i64, i64) -> bool),
        ("gte", |c, at| c >= at),
        ("lt", |c, at| c < at),
        ("lte", |c, at| c <= at),
    ] {
        if let Some(at) = range.int(key)? {
            rows.retain(|row| holds(row.borrow().int(field), at));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ids(query: &str) -> (Vec<i64>, bool) {
        let rows = (1..=7).map(|n| json!({"id": n.to_string(), "created": n * 10})).collect();
        let page = page("/v1/x", rows, &Params::parse(query.as_bytes())).unwrap();
        let ids = page["data"].as_array().unwrap().iter().map(|row| row.text("id").parse().unwrap()).collect();
        (ids, page.flag("has_more"))
    }

    #[test]
    fn pages_go_both_ways() {
        assert_eq!(ids("limit=3"), (vec![7, 6, 5], true));
        assert_eq!(ids("limit=3&starting_after=5"), (vec![4, 3, 2], true));
        assert_eq!(ids("limit=3&starting_after=2"), (vec![1], false));
        assert_eq!(ids("limit=3&ending_before=2"), (vec![5, 4, 3], true));
        assert_eq!(ids("limit=3&ending_before=6"), (vec![7], false));
        assert_eq!(ids("created[gte]=30&created[lt]=50"), (vec![4, 3], false));
    }

    #[test]
    fn wrong_pages_are_refused() {
        for query in ["limit=0", "limit=101", "starting_after=9", "starting_after=1&ending_before=2", "limit=x"] {
            assert!(page("/v1/x", vec![json!({"id": "1"})], &Params::parse(query.as_bytes())).is_err(), "{query}");
        }
    }
}
