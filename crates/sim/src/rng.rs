//! Chance that repeats: SplitMix64 from a seed.

use std::cell::Cell;

/// A stream of numbers decided by its seed.
#[derive(Clone, Debug)]
pub struct Rng(Cell<u64>);

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl Rng {
    pub fn seeded(seed: u64) -> Self {
        Self(Cell::new(seed))
    }

    /// The next number, any of 2^64.
    pub fn draw(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.set(state);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 when `n` is 0.
    pub fn below(&self, n: u64) -> u64 {
        self.draw().checked_rem(n).unwrap_or(0)
    }

    /// True in `percent` of all draws. Draws nothing at 0 and 100, so that a dial at rest changes no stream.
    pub fn percent(&self, percent: u8) -> bool {
        match percent {
            0 => false,
            100.. => true,
            _ => self.below(100) < u64::from(percent),
        }
    }

    /// `len` letters and digits.
    pub fn letters(&self, len: usize) -> String {
        (0..len).filter_map(|_| BASE62.get(self.below(62) as usize).map(|b| char::from(*b))).collect()
    }
}

/// The product's port, so that a native run draws from a seed, too.
impl quittance::ports::Entropy for Rng {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.iter_mut().zip(self.draw().to_le_bytes()).for_each(|(to, from)| *to = from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_and_another_does_not() {
        let (a, b, c) = (Rng::seeded(1), Rng::seeded(1), Rng::seeded(2));
        let (a, b, c) = (a.letters(24), b.letters(24), c.letters(24));
        assert_eq!(a, b);
        assert_ne!(a, c);
    }

    #[test]
    fn a_dial_at_rest_draws_nothing() {
        let (a, b) = (Rng::seeded(7), Rng::seeded(7));
        assert!(!a.percent(0) && a.percent(100));
        assert_eq!(a.draw(), b.draw());
        let hits = (0..10_000).filter(|_| a.percent(30)).count();
        assert!((2_700..3_300).contains(&hits), "{hits}");
    }
}
