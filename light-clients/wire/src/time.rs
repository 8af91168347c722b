//! Time as packets know it: whole seconds, and the three questions a timeout answers.

use crate::Reject;
use core::fmt;

/// Seconds: a point in Unix time or a duration, as the name beside it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(pub u64);

/// How far ahead of the host's clock a timeout may lie: 24 h, on both sides of IBC v2.
pub const TIMEOUT_AHEAD_MAX: Seconds = Seconds(24 * 60 * 60);

impl Seconds {
    /// `self + other`, or `None` beyond the range of 64 bits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// `self - other`, or `None` when `other` is later.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// `self + other`, or the largest value.
    pub fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// `self - other`, or 0 when `other` is later.
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0)
    }
}

/// May a packet with `timeout` be sent when the host's clock is at `now`? It may when the timeout is after `now`
/// and at most [`TIMEOUT_AHEAD_MAX`] ahead.
///
/// Errors: [`Reject::ZeroTimeout`], [`Reject::TimedOut`], [`Reject::TimeoutTooFar`].
pub fn check_timeout(timeout: Seconds, now: Seconds) -> Result<(), Reject> {
    check_receivable(timeout, now)?;
    let latest = now.saturating_add(TIMEOUT_AHEAD_MAX);
    if timeout > latest {
        return Err(Reject::TimeoutTooFar { timeout, now, latest });
    }
    Ok(())
}

/// May a packet with `timeout` be received when the host's clock is at `now`? Not at or after its timeout.
///
/// Errors: [`Reject::ZeroTimeout`], [`Reject::TimedOut`].
pub fn check_receivable(timeout: Seconds, now: Seconds) -> Result<(), Reject> {
    if timeout == Seconds(0) {
        return Err(Reject::ZeroTimeout);
    }
    if now >= timeout {
        return Err(Reject::TimedOut { timeout, now });
    }
    Ok(())
}

/// Does a state with timestamp `proven`, in which the receipt is absent, prove that the packet timed out? It does
/// when the state is of the timeout or later: from then on the destination refuses the packet.
///
/// Errors: [`Reject::ZeroTimeout`], [`Reject::NotTimedOut`].
pub fn check_expired(timeout: Seconds, proven: Seconds) -> Result<(), Reject> {
    if timeout == Seconds(0) {
        return Err(Reject::ZeroTimeout);
    }
    if proven < timeout {
        return Err(Reject::NotTimedOut { timeout, proven });
    }
    Ok(())
}
