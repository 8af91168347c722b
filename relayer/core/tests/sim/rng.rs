//! Random numbers from a seed: the same seed is the same run.

use dice::Dice;

pub(crate) struct Rng(Dice);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Dice::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0.roll()
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// True in `percent` of 100 cases.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}
