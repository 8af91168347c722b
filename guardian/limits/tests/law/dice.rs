//! Numbers that follow from a seed (splitmix64).

pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    /// An amount of any size up to `most`: small, large and nearly all of it come up alike.
    pub(crate) fn amount(&mut self, most: u128) -> u128 {
        let wide = u128::from(self.roll()) << 64 | u128::from(self.roll());
        match self.below(4) {
            0 => most - most.min(wide % 3),
            1 => (wide >> self.below(128)).min(most),
            2 => most / (1 + u128::from(self.below(2000))),
            _ => wide % most.saturating_add(1).max(1),
        }
    }
}
