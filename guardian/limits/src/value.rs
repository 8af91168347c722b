//! What an amount is worth.

use alloy_primitives::U256;

/// A price is for this many of a token's smallest units.
const PRICED_UNITS: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

/// What a price source says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// The value of 10^18 of the token's smallest units.
    pub price: U256,
    /// When it was true, in seconds.
    pub updated_at: u64,
}

impl Price {
    /// The price, if one may rely on it: not zero, below 2^128, not from the future, and at most `age_seconds_max` old.
    #[must_use]
    pub fn usable(&self, now: u64, age_seconds_max: u64) -> Option<u128> {
        let age = now.checked_sub(self.updated_at)?;
        let price = u128::try_from(self.price).ok()?;
        (price != 0 && age <= age_seconds_max).then_some(price)
    }
}

/// The value of an amount, rounded up: many small amounts are never worth less than their sum.
#[must_use]
pub fn value_of(amount: u128, price: u128) -> U256 {
    // Bound: (2^128 - 1)^2 + 10^18 is below 2^256.
    let product = U256::from(amount).saturating_mul(U256::from(price));
    let up = product.saturating_add(PRICED_UNITS.saturating_sub(U256::from(1)));
    up.checked_div(PRICED_UNITS).unwrap_or_default()
}
