//! The `quittance` command as a library: what it does to Odoo, Stripe and Cloudflare, over the same ports as the
//! Worker. `main.rs` only reads the arguments; the demo calls the same functions.

pub mod calendar;
pub mod deploy;
pub mod doctor;
pub mod events;
pub mod fail;
pub mod odoo;
pub mod odoo_ui;
pub mod pay_link;
pub mod person;
pub mod ports;
pub mod provider;
pub mod recover;
pub mod run;
pub mod secrets;
pub mod settings;
pub mod stripe;
pub mod terminal;
pub mod verify;
pub mod worker;
