//! What goes wrong at the product's own ports: the n-th call fails, or the whole Worker dies at it, before the call's
//! effect or after it.

use std::cell::{Cell, RefCell};

use quittance::ports::Fut;

use super::fault_rates::{FaultRates, PortFault};
use super::journal::Journal;
use super::watch::Watch;
use crate::Clock;

/// What happens at the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// An error; nothing was done.
    FailBefore,
    /// An error; it was done, the answer is lost.
    FailAfter,
    /// The Worker is gone; nothing was done.
    DieBefore,
    /// The Worker is gone right after it was done.
    DieAfter,
}

impl Mishap {
    pub const ALL: [Self; 4] = [Self::FailBefore, Self::FailAfter, Self::DieBefore, Self::DieAfter];
}

/// Counts calls and strikes one of them.
#[derive(Debug)]
pub struct Dial {
    clock: Clock,
    pub journal: Journal,
    /// What strikes by chance.
    pub fault_rates: FaultRates,
    pub watch: Watch,
    /// The Worker whose call was made last has died.
    pub died: Cell<bool>,
    calls: Cell<usize>,
    strike: Cell<Option<(usize, Mishap)>>,
    /// Every call lets others go first, once: for running several invocations side by side.
    pub turns: Cell<bool>,
    /// Calls of the database wait for so many turns: a ledger that is slower than the parties.
    pub slow_ledger: Cell<u32>,
    /// A request that holds this text kills the Worker.
    pub deadly: RefCell<Option<String>>,
    /// Names of the calls, in order.
    pub names: RefCell<Vec<&'static str>>,
}

/// At rest, of a world whose clock nobody looks at.
impl Default for Dial {
    fn default() -> Self {
        Self::with_clock(Clock::at(0))
    }
}

impl Dial {
    pub fn with_clock(clock: Clock) -> Self {
        Self {
            journal: Journal::with_clock(clock.clone()),
            clock,
            fault_rates: FaultRates::default(),
            watch: Watch::default(),
            died: Cell::default(),
            calls: Cell::default(),
            strike: Cell::default(),
            turns: Cell::default(),
            slow_ledger: Cell::default(),
            deadly: RefCell::default(),
            names: RefCell::default(),
        }
    }

    /// Strikes the call number `at`, 0 being the next one.
    pub fn set(&self, at: usize, mishap: Mishap) {
        self.strike.set(Some((self.calls.get() + at, mishap)));
    }

    /// Calls so far.
    pub fn calls(&self) -> usize {
        self.calls.get()
    }

    /// Whether the strike has happened or none is set.
    pub fn spent(&self) -> bool {
        self.strike.get().is_none()
    }

    /// Runs one call under the dial. `lost` makes its error. A dead Worker is a future that never ends; whoever runs
    /// the world drops it.
    pub fn call<'a, T: 'a>(
        &'a self,
        name: &'static str,
        run: impl Future<Output = T> + 'a,
        lost: impl Fn() -> T + 'a,
    ) -> Fut<'a, T> {
        let number = self.calls.get();
        self.calls.set(number + 1);
        self.names.borrow_mut().push(name);
        let strike = self.strike.get().filter(|(at, _)| *at == number).map(|(_, mishap)| mishap);
        if strike.is_some() {
            self.strike.set(None);
        }
        let strike = strike.map(PortFault::Mishap).or_else(|| self.fault_rates.draw_fault(name));
        if let Some(fault) = strike {
            self.journal.note(|| format!("  ! {name} call {number}: {fault:?}"));
        }
        let slow = if name == "d1" { self.slow_ledger.get() } else { 0 };
        let mut turns = if self.turns.get() { 1 + slow } else { 0 };
        Box::pin(async move {
            std::future::poll_fn(|_| match turns.checked_sub(1) {
                None => std::task::Poll::Ready(()),
                Some(left) => {
                    turns = left;
                    std::task::Poll::Pending
                }
            })
            .await;
            match strike {
                None => run.await,
                Some(PortFault::Slow(ms)) => {
                    self.clock.advance(i64::from(ms));
                    run.await
                }
                Some(PortFault::Mishap(Mishap::FailBefore)) => lost(),
                Some(PortFault::Mishap(Mishap::FailAfter)) => {
                    run.await;
                    lost()
                }
                Some(PortFault::Mishap(Mishap::DieBefore)) => self.dies().await,
                Some(PortFault::Mishap(Mishap::DieAfter)) => {
                    run.await;
                    self.dies().await
                }
            }
        })
    }

    /// The end of a Worker: a future that never ends, which whoever runs it drops.
    async fn dies<T>(&self) -> T {
        self.died.set(true);
        std::future::pending().await
    }
}
