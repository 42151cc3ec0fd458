//! Stripe's words. They stop at `map`: nothing beyond it knows what a PaymentIntent looks like.
//!
//! An event comes in through [`signature`] and [`event`]; [`map`] says what it means (with [`movement`], [`refund`],
//! [`failure`], [`dispute`] and [`leads`], over [`object`]s); where that needs more, [`fetch`] asks Stripe through
//! [`client`]. [`instant`] says when each happened. [`balance`] reads what a movement did to the balance, and lists them all; [`payouts`] what a payout is made
//! of. [`recover`] asks for events that never came.

pub mod balance;
pub mod client;
pub mod client_secret;
pub mod customers;
mod dispute;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod event_list;
pub mod fetch;
pub mod form;
pub mod instant;
mod json;
mod late_failure;
pub mod map;
mod named_transactions;
pub mod not_final;
mod object;
pub mod omitted_parameters;
pub mod payment_id;
pub mod payment_intents;
pub mod payouts;
mod pointers;
pub mod presence;
mod receipt;
mod reference;
mod refund;
pub mod retry;
pub mod signature;
pub mod version;
