//! Odoo 17, 18, 19 and later, without a module: every booking is one call of a server action ("procedure") that
//! set-up installed. docs/ODOO.md tells what is there and why.

mod alerts;
pub mod answer;
mod assign;
mod booking_procedure;
pub mod books;
mod discover;
mod disputes;
mod duplicate;
mod entries;
pub mod error;
mod fee_bills;
mod invoices;
mod json2;
mod jsonrpc;
mod lines;
mod logo;
pub mod numbers;
mod odoo_erp;
pub mod procedure;
mod receipts;
mod refunds;
#[cfg(not(target_arch = "wasm32"))]
pub mod setup;
pub mod transport;

pub use self::booking_procedure::procedure_input;
pub use self::odoo_erp::{OdooErp, Owner};
