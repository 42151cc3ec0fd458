//! The clients of ERPs: Odoo, and any ERP by signed JSON-RPC.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../common/schema.rs"]
mod schema;

mod any_erp;
mod odoo_client;
mod rpc_receiver;
