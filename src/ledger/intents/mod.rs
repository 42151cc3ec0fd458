//! Payment attempts on invoices: one row per attempt, written before Stripe is called.

mod attempt;
mod brake;
mod history;
mod lifecycle;
mod open_attempts;

pub use attempt::{Attempt, AttemptPosting, InvoiceHistory, InvoiceKey, LOST_S_MAX, UNSEEN};
pub use brake::{PausedAttempt, count_declines, count_recent};
pub use history::{delivery_and_history, has_begun, was_shown};
pub use lifecycle::{OpenResult, close, open, store_answer};
pub use open_attempts::{OpenAttempt, purge, take_due};
