//! Everything random about the fixture, as a function of its seed.

use std::collections::BTreeSet;

use alloy::primitives::{Address, B256, U256};
use ethereum::testing::filler;

/// A source of words that are the same whenever the seed is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draw {
    seed: u64,
}

impl Draw {
    /// The source for `seed`.
    pub(super) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Word number `index` under `label`.
    pub(super) fn word(self, label: &str, index: u64) -> B256 {
        filler(label, &[self.seed, index])
    }

    /// Address number `index` under `label`.
    pub(super) fn address(self, label: &str, index: u64) -> Address {
        Address::from_word(self.word(label, index))
    }

    /// Number `index` under `label`, at least 0 and below `bound`.
    pub(super) fn below(self, label: &str, index: u64, bound: u64) -> u64 {
        let word = U256::from_be_bytes(self.word(label, index).0);
        (word % U256::from(bound)).to()
    }

    /// `count` different numbers below `bound`, in the order in which they were drawn.
    pub(super) fn distinct(self, label: &str, count: usize, bound: u64) -> Vec<u64> {
        let mut seen = BTreeSet::new();
        let drawn = (0..).map(|index| self.below(label, index, bound));
        drawn.filter(|number| seen.insert(*number)).take(count).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Draw;

    #[test]
    fn draws_follow_from_seed_label_and_index() {
        let (one, two) = (Draw::new(1), Draw::new(2));
        assert_eq!(one.word("a", 0), Draw::new(1).word("a", 0));
        assert_ne!(one.word("a", 0), two.word("a", 0));
        assert_ne!(one.word("a", 0), one.word("b", 0));
        assert_ne!(one.address("a", 0), one.address("a", 1));
    }

    #[test]
    fn distinct_numbers_are_distinct_and_below_their_bound() {
        let mut seats = Draw::new(3).distinct("seat", 512, 512);
        assert_ne!(seats, (0..512).collect::<Vec<_>>());
        seats.sort_unstable();
        assert_eq!(seats, (0..512).collect::<Vec<_>>());
    }
}
