//! Stripe's vocabulary: signatures, events, objects and the client. It stops at `map`: nothing beyond it knows the shape of a
//! PaymentIntent.
//!
//! An event comes in through [`signature`] and [`event`]; [`map`] interprets it (with [`receipt`], [`refund`],
//! [`late_failure`], [`dispute`] and [`pointers`], over [`object`]s). Where that needs more, [`fetch`] asks Stripe through
//! [`client`]. [`instant`] finds when each happened. [`balance`] reads what a movement did to the balance, and lists them
//! all; [`payouts`] reads the parts of a payout. [`event_list`] reads events whose webhook never came.

pub mod balance;
pub mod client;
pub mod client_secret;
pub mod customers;
mod dispute;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod event_list;
mod event_types;
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
mod reading;
mod receipt;
mod reference;
mod refund;
pub mod retry;
pub mod signature;
pub mod version;
