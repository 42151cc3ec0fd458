//! Stripe's words. They stop at `map`: nothing beyond it knows what a PaymentIntent looks like.

pub mod event;
pub mod signature;
