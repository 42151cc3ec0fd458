//! What each movement of money becomes in the books.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;

mod books;
mod dates;
mod erp_entries;
mod fee_bills;
mod ownership;
