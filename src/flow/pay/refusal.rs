//! Why a payer gets no answer: a code of ours and, where waiting helps, for how long.

use serde_json::json;

use crate::erp::Fault;
use crate::error::{Blame, Code, Error};
use crate::http::Response;
use crate::ports::{DbError, Level, Log};

/// After so many seconds a payer's page asks again by itself.
const RETRY_S: i64 = 2;
/// The same for what takes longer to mend.
const RETRY_LATER_S: i64 = 10;

/// A refusal on its way to the payer's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayRefusal {
    pub error: Error,
    /// Seconds.
    pub retry_after: Option<i64>,
}

impl From<Error> for PayRefusal {
    fn from(error: Error) -> Self {
        let retry_after = match (error.code, error.code.status()) {
            (Code::StripeUnavailable, _) => Some(RETRY_S),
            (_, 429 | 503) => Some(RETRY_LATER_S),
            _ => None,
        };
        Self { error, retry_after }
    }
}

impl From<Code> for PayRefusal {
    fn from(code: Code) -> Self {
        Error::of(code).into()
    }
}

impl From<Fault> for PayRefusal {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::TimedOut(error) | Fault::Transient(error) | Fault::Connection(error) => error.into(),
        }
    }
}

impl From<DbError> for PayRefusal {
    fn from(error: DbError) -> Self {
        Error::new(Code::LedgerUnavailable, format!("{error:?}")).into()
    }
}

impl PayRefusal {
    /// The answer. A payer is told nothing of our settings or of the ERP: what is not about the request becomes one code,
    /// and the log has the true one.
    pub fn response(&self, log: &dyn Log, invoice: i64) -> Response {
        let code = self.error.code;
        let told = match code.blame() {
            Blame::Caller => Error::of(code),
            _ if matches!(code, Code::StripeUnavailable | Code::PayNotConfigured) => Error::of(code),
            _ => Error::of(Code::PayUnavailable),
        };
        if code.blame() != Blame::Caller {
            // Delivery meets the same parties and alerts of them once.
            let level = if code.blame() == Blame::Upstream { Level::Warn } else { Level::Alert };
            let fields = json!({ "invoice": invoice, "code": code.name(), "detail": self.error.detail });
            log.line(level, "payment_not_started", fields);
        }
        let answer = Response::error_response(&told).with("cache-control", "no-store");
        match self.retry_after {
            Some(seconds) => answer.with("retry-after", seconds.to_string()),
            None => answer,
        }
    }
}
