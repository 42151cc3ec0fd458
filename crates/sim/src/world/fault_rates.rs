//! What goes wrong at the product's ports by chance: each call draws from a seeded stream whether it fails, before its
//! effect or after it, is late, or kills the whole Worker.

use std::cell::{Cell, RefCell};

use super::port_faults::Mishap;
use crate::Rng;

/// Chances of one port, each per mille of its calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortRates {
    /// An error; nothing was done.
    pub before: u16,
    /// An error; it was done, the answer is lost.
    pub after: u16,
    /// The Worker dies; nothing was done.
    pub death: u16,
    /// The Worker dies right after it was done.
    pub death_after: u16,
    /// It is done, up to `slow_ms` later.
    pub slow: u16,
    pub slow_ms: u32,
}

/// Chances per mille of everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    pub d1: PortRates,
    pub http: PortRates,
    pub queue: PortRates,
    /// An HTTP request whose sender gave up is worked all the same, minutes later.
    pub linger: u16,
    /// A message of the queue is lost in silence.
    pub lose: u16,
    /// It is delivered twice.
    pub repeat: u16,
    /// It comes up to two minutes late, behind others.
    pub late: u16,
    /// A batch of the queue is given to two or three Workers at once, in parts or whole.
    pub twins: u16,
    /// The queue drops a message into the dead letters without a try.
    pub dead: u16,
    /// A cron does not run.
    pub missed: u16,
}

/// What happens to one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortFault {
    Mishap(Mishap),
    /// Done after so many milliseconds.
    Slow(u32),
}

/// Chance at the ports. At rest it draws nothing.
#[derive(Debug)]
pub struct FaultRates {
    rng: RefCell<Rng>,
    rates: Cell<Rates>,
    /// Strokes so far, delays not counted.
    pub struck: Cell<usize>,
}

impl Default for FaultRates {
    fn default() -> Self {
        Self { rng: RefCell::new(Rng::seeded(0)), rates: Cell::default(), struck: Cell::new(0) }
    }
}

impl FaultRates {
    /// Draws from this seed from now on.
    pub fn begin(&self, seed: u64) {
        self.rng.replace(Rng::seeded(seed));
    }

    pub fn set(&self, rates: Rates) {
        self.rates.set(rates);
    }

    pub fn rates(&self) -> Rates {
        self.rates.get()
    }

    /// Whether something happens that has this chance per mille.
    pub fn draws(&self, permille: u16) -> bool {
        permille > 0 && self.below(1_000) < u64::from(permille)
    }

    /// A number below `n`.
    pub fn below(&self, n: u64) -> u64 {
        self.rng.borrow().below(n)
    }

    /// What happens to a call of the port with this name.
    pub fn draw_fault(&self, port: &str) -> Option<PortFault> {
        let rates = self.rates.get();
        let PortRates { before, after, death, death_after, slow, slow_ms } = match port {
            "d1" => rates.d1,
            "http" => rates.http,
            _ => rates.queue,
        };
        let all = u64::from(before) + u64::from(after) + u64::from(death) + u64::from(death_after);
        if all + u64::from(slow) == 0 {
            return None;
        }
        let mut drawn = self.below(1_000);
        let mut falls = |permille: u16| match drawn.checked_sub(u64::from(permille)) {
            Some(left) => {
                drawn = left;
                false
            }
            None => true,
        };
        let mishaps = [
            (before, Mishap::FailBefore),
            (after, Mishap::FailAfter),
            (death, Mishap::DieBefore),
            (death_after, Mishap::DieAfter),
        ];
        let struck =
            mishaps.into_iter().find(|(permille, _)| falls(*permille)).map(|(_, mishap)| PortFault::Mishap(mishap));
        let late = || falls(slow).then(|| PortFault::Slow(self.below(u64::from(slow_ms)) as u32));
        let struck = struck.or_else(late);
        if matches!(struck, Some(PortFault::Mishap(_))) {
            self.struck.set(self.struck.get() + 1);
        }
        struck
    }

    /// Until when, in milliseconds from now, a request that its sender gives up is on its way; `None`: it is not given
    /// up.
    pub fn draw_delay(&self) -> Option<i64> {
        let lingers = self.draws(self.rates.get().linger);
        lingers.then(|| {
            self.struck.set(self.struck.get() + 1);
            self.below(180_000) as i64
        })
    }
}
