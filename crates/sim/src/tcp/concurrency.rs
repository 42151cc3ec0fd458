//! How many requests a party has in hand at one time, from reading one whole to having answered it.
//!
//! `GET /_sim/in_flight` answers `{"now", "most", "requests"}`, `DELETE` begins anew. Test controls do not count.

use std::sync::atomic::{AtomicUsize, Ordering};

use quittance::http::{Request, Response};
use serde_json::json;

/// Controls of the party itself stand under the same.
const CONTROLS: &str = "/_sim/";
const PATH: &str = "/_sim/in_flight";

#[derive(Debug, Default)]
pub struct ConcurrencyGauge {
    now: AtomicUsize,
    most: AtomicUsize,
    requests: AtomicUsize,
}

/// A request in hand, until it is dropped.
pub struct OpenRequest<'a>(Option<&'a ConcurrencyGauge>);

impl ConcurrencyGauge {
    /// Counts a request in.
    pub fn hold(&self, request: &Request) -> OpenRequest<'_> {
        if request.path().starts_with(CONTROLS) {
            return OpenRequest(None);
        }
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        self.requests.fetch_add(1, Ordering::SeqCst);
        OpenRequest(Some(self))
    }

    /// The answer to somebody who asks for the gauge itself.
    pub fn answer(&self, request: &Request) -> Option<Response> {
        if request.path() != PATH {
            return None;
        }
        let read = |of: &AtomicUsize| of.load(Ordering::SeqCst);
        if request.method == "DELETE" {
            self.most.store(read(&self.now), Ordering::SeqCst);
            self.requests.store(0, Ordering::SeqCst);
        }
        let told = json!({"now": read(&self.now), "most": read(&self.most), "requests": read(&self.requests)});
        Some(Response::json(200, &told))
    }
}

impl Drop for OpenRequest<'_> {
    fn drop(&mut self) {
        if let Some(gauge) = self.0 {
            gauge.now.fetch_sub(1, Ordering::SeqCst);
        }
    }
}
