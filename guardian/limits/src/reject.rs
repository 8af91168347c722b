//! The one list of reasons for which this crate refuses.

use thiserror::Error;

/// Why an amount may not leave, or a setting may not change. Amounts are in the token's smallest unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Reject {
    /// Nothing is set for the asset: absent means refused.
    #[error("move an asset without a limit: governance sets one first")]
    LimitAbsent,
    /// More than the bucket ever holds: waiting would not help.
    #[error("move {amount} at once: the capacity is {capacity}")]
    AboveCapacity {
        /// What was to move.
        amount: u128,
        /// What a full bucket holds.
        capacity: u128,
    },
    /// Worth more than the bucket of value ever holds.
    #[error("move a value above {capacity} at once")]
    AboveValueCapacity {
        /// What a full bucket of value holds.
        capacity: u128,
    },
    /// More than the bucket holds now.
    #[error("move {amount} now: {available} is available")]
    NoHeadroom {
        /// What was to move.
        amount: u128,
        /// What the bucket holds.
        available: u128,
    },
    /// A small amount never waits, and there is no room for it now.
    #[error("let the small amount {amount} wait: only {least} and more may")]
    TooSmallToHold {
        /// What was to move.
        amount: u128,
        /// The least that may wait.
        least: u128,
    },
    /// As many transfers wait as may.
    #[error("hold one more transfer beside {held}")]
    TooManyHeld {
        /// How many wait.
        held: u32,
    },
    /// The new setting would allow more in some respect, or the old one allows nothing: that waits in the timelock.
    #[error("lower a limit without the timelock to one that is not lower")]
    NotALowering,
}

impl Reject {
    /// The rule's name in the shared vectors.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::LimitAbsent => "limit_absent",
            Self::AboveCapacity { .. } => "above_capacity",
            Self::AboveValueCapacity { .. } => "above_value_capacity",
            Self::NoHeadroom { .. } => "no_headroom",
            Self::TooSmallToHold { .. } => "too_small_to_hold",
            Self::TooManyHeld { .. } => "too_many_held",
            Self::NotALowering => "not_a_lowering",
        }
    }
}
