//! Payouts: what they are, and which balance transactions each is made of.

mod parts;
mod payout;

pub use self::parts::{Part, PartsCursor, Role};
pub use self::payout::{Payout, payout_reading};
