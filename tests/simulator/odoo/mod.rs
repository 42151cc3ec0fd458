//! The simulated Odoo by itself: what a test may rely on when it books against it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod booking;
mod books;
mod credit;
mod desk;
mod edges;
mod pay;
