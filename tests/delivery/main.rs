//! From a webhook to a booked movement: matching, waiting, retries, crashes, and two Workers at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;

mod connected_accounts;
mod connection_faults;
mod door;
mod every_call;
mod failed_calls;
mod late_failures;
mod ledger;
mod matching;
mod money_events;
mod parked_events;
mod stripe_lists;
mod two_workers;
mod untrue_events;
mod waiting_events;
mod webhook_to_payment;
