//! The simulated Odoo by itself: what a test may rely on when it books against it.

mod booking;
mod books;
mod client;
mod credit;
mod edges;
mod pay;
