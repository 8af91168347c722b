//! What governance sets: nothing, a limit, or explicitly none.

use crate::Reject;

/// A limit in units of a token (or of value).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The most that may leave at once, and what a full bucket holds.
    pub capacity: u128,
    /// How much the bucket refills in 86,400 seconds.
    pub per_day: u128,
    /// The most refill that inflow may bring forward; 0 = inflow counts for nothing.
    pub credit_cap: u128,
}

/// What is set for one asset in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Nothing: every amount is refused.
    Absent,
    /// At most this much.
    Limited(Limit),
    /// Explicitly no limit.
    Unlimited,
}

impl Setting {
    /// Accepts `next` if it allows no more than `self` in any respect. Such a change needs no timelock.
    ///
    /// Taking a limit away is no lowering, although an absent limit refuses everything: a default may stand behind it.
    pub fn check_lowering(&self, next: &Setting) -> Result<(), Reject> {
        let Setting::Limited(next) = next else {
            return Err(Reject::NotALowering);
        };
        match self {
            Setting::Absent => Err(Reject::NotALowering),
            Setting::Unlimited => Ok(()),
            Setting::Limited(limit) => {
                let lower = next.capacity <= limit.capacity
                    && next.per_day <= limit.per_day
                    && next.credit_cap <= limit.credit_cap;
                lower.then_some(()).ok_or(Reject::NotALowering)
            }
        }
    }
}
