//! `quittance verify`: the comparison by itself, its words, and the whole against the simulated Stripe and Odoo.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod both_sides;
#[path = "../common/mod.rs"]
mod common;
mod compare;
mod period;
mod random;
mod rpc;
mod table;
mod trade;
mod whole;
mod worker;
