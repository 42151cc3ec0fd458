//! The simulated Odoo held against recordings of real Odoo 17, 18 and 19.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod books;
mod contract;
