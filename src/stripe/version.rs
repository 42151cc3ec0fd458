//! The API version everything is asked in and read as.

/// Sent as `Stripe-Version` with every call, and given to the webhook endpoint when it is made: what is read here
/// then has one shape whatever the account's default. Newest generally available version in November 2026.
pub const PINNED_VERSION: &str = "2026-10-28.endive";

/// Whether an event's `api_version` has the shapes of [`PINNED_VERSION`]: equal train names (what stands after
/// the date's dot). Stripe's monthly releases inside a train only add fields. Versions from before the trains
/// (`2020-08-27`) and events without one are never the same.
pub fn same_train(api_version: Option<&str>) -> bool {
    let train = |version: &'static str| version.split_once('.').map(|(_, train)| train);
    match (api_version.and_then(|v| v.split_once('.')), train(PINNED_VERSION)) {
        (Some((_, theirs)), Some(ours)) => theirs == ours,
        _ => false,
    }
}
