//! The flows: receive, deliver, sweep, sync with Stripe's lists, alert, pay. Each is written over the ports only, so
//! that it runs the same in workerd and in a test.

pub mod alert;
pub mod book;
mod conditional_reversal;
pub mod connection;
pub mod deadline;
pub mod deliver;
mod enqueue;
pub mod fees;
mod filter;
mod instant;
pub mod interpret;
pub mod join;
pub mod list_sync;
pub mod missing_transactions;
mod movement_job;
pub mod operator;
mod outcome;
pub mod outcome_row;
pub mod pay;
mod payout_parts;
mod plan;
mod receipt_first;
pub mod receive;
pub mod retry;
pub mod sweep;
pub mod sync_events;
pub mod sync_transactions;
