//! Numbers that look random and follow from a seed, so that a case that a test drew can be drawn again.
//!
//! SplitMix64: the next number is a mix of the seed and how often was rolled. For tests only: whoever knows one number
//! knows all that follow.

#![no_std]

/// A sequence of numbers; the same seed gives the same ones.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The sequence of `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number, of all 64 bits.
    pub const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`. Panics at zero.
    pub const fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    /// A place in a list of `count`. Panics if it is empty.
    pub const fn index(&mut self, count: usize) -> usize {
        // What is below a usize is one.
        self.below(count as u64) as usize
    }

    /// True one time in `times`.
    pub const fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    /// The first numbers of the generator's published reference code for the seed 1234567.
    #[test]
    fn rolls_the_numbers_of_splitmix64() {
        let mut dice = Dice::new(1_234_567);
        let rolled = [dice.roll(), dice.roll(), dice.roll()];
        assert_eq!(
            rolled,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn draws_stay_in_range() {
        let mut dice = Dice::new(1);
        for _ in 0..1000 {
            assert!(dice.below(7) < 7 && dice.index(3) < 3);
        }
    }
}
