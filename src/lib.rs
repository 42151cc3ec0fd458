//! Quittance books each money movement at Stripe in the ERP exactly once, to the cent.
//!
//! The map of the source (docs/ARCHITECTURE.md walks through it, docs/GLOSSARY.md has the words):
//!
//! * [`error`], [`http`], [`ports`], [`config`], [`date`], [`hmac`]: the ground, which every room may use. Time, entropy,
//!   network and storage come through [`ports`] only.
//! * [`money`], [`movement`]: amounts, and the vocabulary between Stripe and any ERP.
//! * [`stripe`]: Stripe's vocabulary; it stops at `stripe::map`.
//! * [`erp`]: the ERP's vocabulary; Odoo first, any other by signed JSON-RPC.
//! * [`ledger`]: everything in D1, and the only SQL.
//! * [`flow`]: the flows: receive, deliver, sweep, sync with Stripe's lists, pay.
//! * [`auth`]: authentication of operators.
//! * [`routes`], [`queue`], [`cron`]: the doors; they parse, authorise, call one flow and answer.
//! * `glue`: the only room that knows Cloudflare's platform, compiled for wasm only.

pub mod auth;
pub mod config;
pub mod cron;
pub mod date;
pub mod erp;
pub mod error;
pub mod flow;
#[cfg(target_arch = "wasm32")]
mod glue;
pub mod hmac;
pub mod http;
pub mod ledger;
pub mod money;
pub mod movement;
pub mod ports;
pub mod queue;
pub mod routes;
pub mod stripe;
