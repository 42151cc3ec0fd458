//! Parties to test against: a Stripe and an Odoo, as state machines over plain requests and answers.
//! In-process for tests, behind [`tcp`] for the demo. Given a seed and a clock, a run repeats to the byte.

// `json!` counts the fields of an API object.
#![recursion_limit = "256"]

pub mod clock;
pub mod odoo;
pub mod rng;
pub mod stripe;
pub mod tcp;

use quittance::http::{Request, Response};
use quittance::ports::{ANSWER_BYTES_MAX, HttpFault};

pub use clock::Clock;
pub use rng::Rng;

/// Somebody who answers requests, and may make some by itself.
pub trait Party: Send {
    /// Works one request whole and says what its sender sees of it.
    fn handle(&mut self, request: &Request) -> Reply;

    /// Requests that are due now, by the party's clock. Each is handed out once and must be [`Party::answered`].
    fn outgoing(&mut self) -> Vec<Outgoing> {
        Vec::new()
    }

    /// How an outgoing request went: its status, or `None` when no answer came.
    fn answered(&mut self, _id: u64, _status: Option<u16>) {}
}

/// What the sender of a request sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// An answer, so many milliseconds after the request.
    Answer { response: Response, after_ms: u32 },
    /// The connection broke before an answer. The work may have been done.
    Dropped,
}

/// A request that a party makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    pub id: u64,
    pub request: Request,
}

impl Reply {
    /// An answer without delay.
    pub fn now(response: Response) -> Self {
        Self::Answer { response, after_ms: 0 }
    }

    /// What `quittance::ports::Http::send` gives a sender who waits at most `timeout` milliseconds.
    pub fn within(self, timeout: u32) -> Result<Response, HttpFault> {
        match self {
            Self::Answer { response, .. } if response.body.len() > ANSWER_BYTES_MAX => Err(HttpFault::TooLarge),
            Self::Answer { response, after_ms } if after_ms <= timeout => Ok(response),
            Self::Answer { .. } => Err(HttpFault::TimedOut),
            Self::Dropped => Err(HttpFault::Unreachable("the connection broke before an answer".into())),
        }
    }
}
/// The same answer with blanks after it, which JSON allows, until it is longer than the Worker reads.
fn endless(mut response: Response) -> Response {
    response.body.resize(response.body.len() + ANSWER_BYTES_MAX, b' ');
    response
}

#[cfg(feature = "world")]
pub mod d1;
#[cfg(feature = "world")]
pub mod scenario;
#[cfg(feature = "world")]
pub mod world;
