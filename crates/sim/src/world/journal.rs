//! What happens in a world, in words, one line each with its time: for reading a run that went wrong. At rest it costs
//! nothing.

use std::cell::{Cell, RefCell};

use crate::Clock;

/// The lines, when they are kept.
#[derive(Debug)]
pub struct Journal {
    clock: Clock,
    kept: Cell<bool>,
    lines: RefCell<Vec<String>>,
}

impl Journal {
    pub fn with_clock(clock: Clock) -> Self {
        Self { clock, kept: Cell::new(false), lines: RefCell::default() }
    }

    /// Keeps lines from now on.
    pub fn keep(&self) {
        self.kept.set(true);
    }

    /// Adds a line; `words` is only asked when lines are kept.
    pub fn note(&self, words: impl FnOnce() -> String) {
        if self.kept.get() {
            let ms = self.clock.now_ms();
            let (day, time) = (quittance::date::iso(ms.div_euclid(1000)), ms.rem_euclid(86_400_000));
            let (h, m, s) = (time / 3_600_000, time / 60_000 % 60, time / 1000 % 60);
            let line = format!("{day} {h:02}:{m:02}:{s:02}.{:03} {}", time % 1000, words());
            self.lines.borrow_mut().push(line);
        }
    }

    pub fn lines(&self) -> Vec<String> {
        self.lines.borrow().clone()
    }
}
