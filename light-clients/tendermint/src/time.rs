//! A moment as CometBFT writes it: seconds and nanoseconds since 1970.
//!
//! Blocks can be less than a second apart, so their order needs the nanoseconds. Everything else counts in whole seconds,
//! rounded down.

use core::fmt;

use wire::Seconds;

/// The first second of the year 1: what Go writes where no time was set.
pub(crate) const SECONDS_MIN: i64 = -62_135_596_800;

/// The last second of the year 9999.
pub(crate) const SECONDS_MAX: i64 = 253_402_300_799;

/// Nanoseconds in a second.
pub(crate) const NANOS: u32 = 1_000_000_000;

/// A moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    /// Whole seconds since 1970; only of votes may they be negative.
    pub seconds: i64,
    /// Nanoseconds of the second that has begun.
    pub nanos: u32,
}

impl Time {
    /// What Go writes where no time was set.
    pub const UNSET: Self = Self {
        seconds: SECONDS_MIN,
        nanos: 0,
    };

    /// The whole seconds; 0 before 1970.
    #[must_use]
    pub fn rounded_down(self) -> Seconds {
        Seconds(u64::try_from(self.seconds).unwrap_or(0))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09} s", self.seconds, self.nanos)
    }
}
