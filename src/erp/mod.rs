//! The ERP as the flows see it: it takes money movements and answers what it did with each.

pub mod alert;
mod booking;
mod fault;
pub mod invoice;
pub mod json_rpc;
pub mod mark;
pub mod odoo;
mod open;
mod traits;

pub use self::booking::{Answer, AssignResult, Booking, Document};
pub use self::fault::Fault;
pub use self::open::{open, open_for};
pub use self::traits::{Books, Erp, Invoicing, Notifier};
