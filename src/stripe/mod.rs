//! Stripe's words. They stop at `map`: nothing beyond it knows what a PaymentIntent looks like.
//!
//! An event comes in through [`signature`] and [`event`]; [`map`] says what it means (with [`movement`] and
//! [`leads`], over [`object`]s); where that needs more, [`fetch`] asks Stripe through [`client`]. [`recover`] asks
//! for events that never came.

pub mod client;
pub mod customers;
pub mod error;
pub mod event;
pub mod fetch;
pub mod form;
mod json;
mod leads;
pub mod map;
mod movement;
mod object;
pub mod payment_intents;
pub mod recover;
mod reference;
pub mod retry;
pub mod signature;
pub mod unsettled;
pub mod version;
