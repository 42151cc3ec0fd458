//! A call of the ERP that failed as a whole.

use crate::error::Error;

/// The whole call failed: no movement has an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No answer within the time, so that some or all may be booked; or a list refused as a whole, which one of its
    /// movements may have caused. A list is halved before anything counts as an attempt.
    TimedOut(Error),
    /// The ERP could not serve this call now (a lock, a serialization failure). Counts as an attempt.
    Transient(Error),
    /// Address, login, rights, configuration: no event's fault. Delivery pauses.
    Connection(Error),
}

impl Fault {
    /// What there is to say of it to a person who waits.
    pub fn error(self) -> Error {
        match self {
            Self::TimedOut(error) | Self::Transient(error) | Self::Connection(error) => error,
        }
    }
}
