//! Set-up, deployment and `doctor`: every command that makes or looks at an installation.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;

mod books;
mod deploy;
mod doctor;
mod doctor_books;
mod network;
mod odoo;
mod odoo_ui;
mod opening;
mod provider;
mod real_odoo;
mod secrets;
mod stripe;
mod stripe_secrets;
