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
mod failure;
pub mod fetch;
pub mod form;
pub mod instant;
mod json;
mod leads;
pub mod left_out;
pub mod map;
mod movement;
mod object;
pub mod payment_intents;
pub mod payouts;
pub mod presence;
pub mod recover;
mod reference;
mod refund;
pub mod retry;
pub mod signature;
mod transactions;
pub mod unsettled;
pub mod version;
pub mod whose;
