//! Quittance: when money moves at Stripe, the ERP's books say so, once, to the cent.
//!
//! The map of the house (docs/ARCHITECTURE.md walks through it, docs/GLOSSARY.md has the words):
//!
//! * [`error`], [`http`], [`ports`], [`config`], [`date`], [`signed`]: the ground everything stands on. Time, chance, network
//!   and storage come through [`ports`] only.
//! * [`money`], [`payment`]: amounts, and the middle vocabulary between Stripe and any ERP.
//! * [`stripe`]: Stripe's words; they stop at `stripe::map`.
//! * [`erp`]: the ERP's words; Odoo first, any other by signed JSON-RPC.
//! * [`ledger`]: everything in D1, and the only SQL.
//! * [`flow`]: what happens: receive, deliver, sweep, recover.
//! * [`admin`]: who is let in as an operator.
//! * [`routes`], [`queue`], [`cron`]: the doors; they parse, authorise, call one flow and answer.
//! * `glue`: the only room that knows Cloudflare's platform, compiled for wasm only.

pub mod admin;
pub mod config;
pub mod cron;
pub mod date;
pub mod erp;
pub mod error;
pub mod flow;
#[cfg(target_arch = "wasm32")]
mod glue;
pub mod http;
pub mod ledger;
pub mod money;
pub mod payment;
pub mod ports;
pub mod queue;
pub mod routes;
pub mod signed;
pub mod stripe;
