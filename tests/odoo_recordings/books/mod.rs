//! The simulated Odoo's accounting held against real Odoo 17, 18 and 19 Community: each story of
//! `tests/fixtures/odoo/books` is a list of RPC calls, and what entries stood in the real books after them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod picture;
mod play;
mod stories;
