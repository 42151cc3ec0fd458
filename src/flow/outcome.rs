//! Outcomes of an attempt at an event.

use crate::error::Error;

/// One event's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The ERP has its movements.
    Done,
    /// Nothing to book: reason and detail.
    Ignore(String, Option<String>),
    /// A type this mapper does not know.
    Unsupported,
    /// For its own payment, which is not final.
    Wait { payment: String },
    /// It belongs to this payment, and is worked under its lease.
    MoveToPayment { payment: String },
    /// No attempt: what it needs is another's to do, or the rest of it is to follow. Looked at again after so many seconds.
    Postpone { error: Error, after: i64 },
    /// An attempt that failed.
    Fail(Error),
    /// A person must look.
    Park(Error),
    /// Given back without an attempt: the connection's fault, or no time left. With the most movements that may
    /// share its next call.
    Release { batch_limit: Option<i64> },
    /// The connection's fault: given back, and delivery pauses.
    Pause(Error),
}

impl Outcome {
    /// An event with several movements ends as the one that needs the most.
    pub fn severity(&self) -> u8 {
        match self {
            Self::Park(_) => 4,
            Self::Fail(_) => 3,
            Self::Done => 1,
            Self::Ignore(..) | Self::Unsupported => 0,
            _ => 2,
        }
    }
}

impl From<&'static str> for Outcome {
    fn from(reason: &'static str) -> Self {
        Self::Ignore(reason.to_owned(), None)
    }
}
