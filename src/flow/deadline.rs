//! The end of an attempt: whatever is asked of the network is answered, or given up, before the lease runs out.

use std::rc::Rc;

use crate::http::{Request, Response};
use crate::ports::{Clock, Fut, Http, HttpFault};

/// A network whose every exchange ends by one instant.
pub struct Deadline {
    pub http: Rc<dyn Http>,
    pub clock: Rc<dyn Clock>,
    /// Milliseconds since 1970 UTC.
    pub until: i64,
}

impl Http for Deadline {
    fn send(&self, request: Request, timeout: u32) -> Fut<'_, Result<Response, HttpFault>> {
        match u32::try_from(self.until - self.clock.now_ms()) {
            Ok(left) if left > 0 => self.http.send(request, timeout.min(left)),
            // Too late to begin: nothing was sent, but what a call before it did is not known either.
            _ => Box::pin(async { Err(HttpFault::TimedOut) }),
        }
    }
}
