//! The time of a simulated world, shared by everyone in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that stands still until it is moved, or the machine's own plus an offset. Clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock {
    shared: Arc<AtomicI64>,
    real: bool,
}

impl Clock {
    /// Stands at `now_ms`, milliseconds since 1970 UTC.
    pub fn at(now_ms: i64) -> Self {
        Self { shared: Arc::new(AtomicI64::new(now_ms)), real: false }
    }

    /// The machine's time, for servers; [`Clock::advance`] moves it ahead of the machine.
    pub fn real() -> Self {
        Self { shared: Arc::new(AtomicI64::new(0)), real: true }
    }

    /// Milliseconds since 1970 UTC.
    pub fn now_ms(&self) -> i64 {
        let base = if self.real { machine_ms() } else { 0 };
        base + self.shared.load(Ordering::SeqCst)
    }

    /// Seconds since 1970 UTC.
    pub fn now(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// Moves the time on by `ms`.
    pub fn advance(&self, ms: i64) {
        self.shared.fetch_add(ms, Ordering::SeqCst);
    }

    /// Moves a standing clock to `now_ms`, never backwards.
    pub fn advance_to(&self, now_ms: i64) {
        let ahead = now_ms - self.now_ms();
        if ahead > 0 {
            self.advance(ahead);
        }
    }
}

impl quittance::ports::Clock for Clock {
    fn now_ms(&self) -> i64 {
        Clock::now_ms(self)
    }
}

#[allow(clippy::disallowed_methods, reason = "only a server's clock reads the machine's")]
fn machine_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}
