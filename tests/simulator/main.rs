//! The simulated Odoo by itself, and a merchant's days drawn from a seed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod odoo;
mod scenarios;
