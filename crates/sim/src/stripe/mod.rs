//! A Stripe to test against.
