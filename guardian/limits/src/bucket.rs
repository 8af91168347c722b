//! A continuous token bucket.
//!
//! The level is kept in units x 86,400, so that a rate in units a day refills a whole number every second and nothing is
//! ever rounded away. Credit is an advance on refill: it raises level and debt alike, and later refill repays the debt
//! before it raises the level. So level - debt grows by nothing but time, which is why the bound of I4 holds.

use alloy_primitives::U256;

use crate::{Limit, Reject, Setting};

/// Seconds of a day: the unit of rates, and the scale of levels.
pub const DAY_SECONDS: u64 = 86_400;
const SCALE: U256 = U256::from_limbs([DAY_SECONDS, 0, 0, 0]);

/// How full one bucket is. It means something together with its [`Limit`] only.
///
/// Bound: with amounts below 2^128, level and debt stay below 2^145; the saturating arithmetic below never saturates
/// except where it says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// What may leave, in units x 86,400.
    pub level: U256,
    /// Refill that inflow brought forward, in units x 86,400.
    pub debt: U256,
    /// The second up to which refill is counted; 0 for a bucket that was never touched, which is full.
    pub updated_at: u64,
}

impl Bucket {
    /// A full bucket without debt.
    #[must_use]
    pub fn full(limit: &Limit, now: u64) -> Self {
        Self {
            level: scaled(limit.capacity),
            debt: U256::ZERO,
            updated_at: now,
        }
    }

    /// The bucket at `now`: refilled, and never fuller than its capacity. A clock that goes back refills nothing.
    #[must_use]
    pub fn refilled(&self, limit: &Limit, now: u64) -> Self {
        if self.updated_at == 0 {
            return Self::full(limit, now);
        }
        // A clock that goes back counts as one that stands.
        let elapsed = now.saturating_sub(self.updated_at);
        let gained = U256::from(elapsed).saturating_mul(U256::from(limit.per_day));
        let repaid = gained.min(self.debt);
        let level = self.level.saturating_add(gained.saturating_sub(repaid));
        Self {
            level: level.min(scaled(limit.capacity)),
            debt: self.debt.saturating_sub(repaid),
            updated_at: self.updated_at.max(now),
        }
    }

    /// Whole units that may leave, rounded down.
    #[must_use]
    pub fn available(&self) -> u128 {
        self.level.checked_div(SCALE).unwrap_or_default().saturating_to()
    }

    /// The bucket after `amount` left. `self` is refilled.
    pub fn taken(&self, limit: &Limit, amount: u128) -> Result<Self, Reject> {
        if amount > limit.capacity {
            let capacity = limit.capacity;
            return Err(Reject::AboveCapacity { amount, capacity });
        }
        let available = self.available();
        if amount > available {
            return Err(Reject::NoHeadroom { amount, available });
        }
        Ok(Self {
            level: self.level.saturating_sub(scaled(amount)),
            ..*self
        })
    }

    /// The bucket after `inflow` arrived in the other direction. `self` is refilled. What exceeds the credit cap or
    /// the capacity is not credited, and is forgotten.
    #[must_use]
    pub fn credited(&self, limit: &Limit, inflow: u128) -> Self {
        // The debt may lie above a cap that was lowered since.
        let allowed = scaled(limit.credit_cap).saturating_sub(self.debt);
        let room = scaled(limit.capacity).saturating_sub(self.level);
        let credit = scaled(inflow).min(allowed).min(room);
        Self {
            level: self.level.saturating_add(credit),
            debt: self.debt.saturating_add(credit),
            updated_at: self.updated_at,
        }
    }

    /// The bucket after governance changed `old` to `new` at `now`. Time that passed counts by the old rate. Lowering
    /// cuts the level, raising leaves it, and debt stays. A limit where none was begins with a full bucket.
    #[must_use]
    pub fn reconfigured(&self, old: &Setting, new: &Setting, now: u64) -> Self {
        match (old, new) {
            (Setting::Limited(old), Setting::Limited(new)) => {
                let refilled = self.refilled(old, now);
                Self {
                    level: refilled.level.min(scaled(new.capacity)),
                    ..refilled
                }
            }
            (Setting::Absent | Setting::Unlimited, Setting::Limited(new)) => Self::full(new, now),
            (_, Setting::Absent | Setting::Unlimited) => Self::default(),
        }
    }
}

fn scaled(amount: u128) -> U256 {
    U256::from(amount).saturating_mul(SCALE)
}
