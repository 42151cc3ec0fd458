//! The ports on a person's machine: blocking HTTP, the system's clock, no cache.

use std::future::Future;
use std::time::Duration;

use quittance::http::{Request, Response};
use quittance::ports::{Clock, Entropy, Fut, Http, HttpFault, Kv};

/// HTTP over the machine's network. A call blocks, so its future is ready at once.
pub struct Network(ureq::Agent);

/// Larger than any answer asked for; Odoo's external ids of 5,000 records are 60 KB. Twice what the Worker reads: `verify`
/// asks for all open items of an account at once, and a person's machine has the room.
const BODY_BYTES_MAX: u64 = 16 * 1024 * 1024;

impl Default for Network {
    fn default() -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        Self(config.build().into())
    }
}

impl Network {
    fn exchange(&self, request: Request, timeout: u32) -> Result<Response, ureq::Error> {
        let mut builder = ureq::http::Request::builder().method(request.method.as_str()).uri(request.url.as_str());
        for (name, value) in &request.headers {
            builder = builder.header(name.as_str(), value.as_str());
        }
        let limit = Some(Duration::from_millis(timeout.into()));
        let answer = if request.body.is_empty() && request.method != "POST" {
            let built = builder.body(()).map_err(ureq::Error::from)?;
            self.0.run(self.0.configure_request(built).timeout_global(limit).build())
        } else {
            let built = builder.body(request.body).map_err(ureq::Error::from)?;
            self.0.run(self.0.configure_request(built).timeout_global(limit).build())
        }?;
        let (head, mut body) = answer.into_parts();
        let headers = head.headers.iter();
        let headers = headers.map(|(n, v)| (n.to_string(), String::from_utf8_lossy(v.as_bytes()).into_owned()));
        let headers = headers.collect();
        let body = body.with_config().limit(BODY_BYTES_MAX).read_to_vec()?;
        Ok(Response { status: head.status.as_u16(), headers, body })
    }
}

impl Http for Network {
    fn send(&self, request: Request, timeout: u32) -> Fut<'_, Result<Response, HttpFault>> {
        let answer = self.exchange(request, timeout).map_err(|error| match error {
            ureq::Error::Timeout(_) => HttpFault::TimedOut,
            ureq::Error::BodyExceedsLimit(_) => HttpFault::TooLarge,
            error => HttpFault::Unreachable(error.to_string()),
        });
        Box::pin(std::future::ready(answer))
    }
}

/// Remembers nothing: every command looks anew.
pub struct NoCache;

impl Kv for NoCache {
    fn get<'a>(&'a self, _: &'a str) -> Fut<'a, Option<String>> {
        Box::pin(std::future::ready(None))
    }
    fn put<'a>(&'a self, _: &'a str, _: &'a str, _: u32) -> Fut<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port")]
    fn now_ms(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

/// The machine's chance.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "this is the port")]
    fn fill(&self, bytes: &mut [u8]) {
        // Without chance from the system a key would repeat; zeros make Stripe refuse the second one.
        if getrandom::fill(bytes).is_err() {
            bytes.fill(0);
        }
    }
}

/// Waits, in milliseconds.
#[expect(clippy::disallowed_methods, reason = "a command has no ledger that would try again later")]
pub fn pause(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}

/// Runs a future on this thread. Ours are ready at once; another would be asked again until it is.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        std::thread::yield_now();
    }
}
