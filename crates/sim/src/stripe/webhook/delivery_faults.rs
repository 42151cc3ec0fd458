//! What goes wrong with deliveries.

use serde::Deserialize;

/// Chances in percent, each 0 at rest.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dial {
    /// A delivery comes twice.
    pub duplicate: u8,
    /// One thing that happened becomes two Event objects.
    pub twin: u8,
    /// A delivery overtakes those that are due with it.
    pub reorder: u8,
    /// A delivery comes up to `delay_ms` late.
    pub delay: u8,
    pub delay_ms: i64,
    /// A delivery is never made.
    pub drop: u8,
    /// The first try carries a signature that is `stale_by` seconds old; later ones a new one.
    pub stale: u8,
    pub stale_by: i64,
    /// Milliseconds between tries, instead of the usual spacing.
    pub retry_ms: Option<Vec<i64>>,
}

/// Live: tries grow apart over three days. Stripe publishes the three days, not the steps.
const LIVE_MINUTES: [i64; 11] = [1, 5, 30, 120, 300, 600, 720, 720, 720, 720, 360];
/// Sandbox: three tries over a few hours, the first included.
const SANDBOX_MINUTES: [i64; 2] = [10, 180];

impl Default for Dial {
    fn default() -> Self {
        Self {
            duplicate: 0,
            twin: 0,
            reorder: 0,
            delay: 0,
            delay_ms: 5_000,
            drop: 0,
            stale: 0,
            stale_by: 301,
            retry_ms: None,
        }
    }
}

impl Dial {
    /// Milliseconds until the next try after so many; `None` gives up.
    pub(super) fn retry_after(&self, tries: usize, livemode: bool) -> Option<i64> {
        let step = tries.checked_sub(1)?;
        match &self.retry_ms {
            Some(spacing) => spacing.get(step).copied(),
            None if livemode => LIVE_MINUTES.get(step).map(|minutes| minutes * 60_000),
            None => SANDBOX_MINUTES.get(step).map(|minutes| minutes * 60_000),
        }
    }
}
