//! How long is waited after a failure.

use crate::config::Limits;
use crate::machine::Relayer;
use chain::Retry;
use wire::Seconds;

/// An endpoint or a client is tried at least this often: what was out of order for hours, or what a person had to correct,
/// works again within a minute.
const ENDPOINT_PAUSE_MAX: Seconds = Seconds(60);

impl Relayer {
    /// When to try again after the `failures`-th failure in a row: never before what the fault says.
    pub(crate) fn pause_until(&self, failures: u32, retry: Retry) -> Seconds {
        until(&self.limits, self.now, failures, retry)
    }
}

fn until(limits: &Limits, now: Seconds, failures: u32, retry: Retry) -> Seconds {
    let often = ENDPOINT_PAUSE_MAX.min(limits.pause_max);
    let until = now.saturating_add(pause(limits, failures).min(often));
    match retry {
        Retry::At(at) => until.max(at.min(now.saturating_add(limits.pause_max))),
        // Whether a person has acted, only asking tells.
        Retry::Never => now.saturating_add(often),
        Retry::NextHead => until,
    }
}

/// The pause after `failures` failures in a row: doubling, between the two limits.
pub(crate) fn pause(limits: &Limits, failures: u32) -> Seconds {
    let doubled = limits
        .pause_min
        .0
        .checked_shl(failures.saturating_sub(1).min(32))
        .unwrap_or(u64::MAX);
    Seconds(doubled.clamp(limits.pause_min.0.min(limits.pause_max.0), limits.pause_max.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn pauses_double_between_their_limits() {
        let limits = Limits {
            pause_min: Seconds(2),
            pause_max: Seconds(60),
            ..Limits::default()
        };
        let pauses: Vec<u64> = [0, 1, 2, 3, 6, 40, u32::MAX]
            .map(|n| pause(&limits, n).0)
            .to_vec();
        assert_eq!(pauses, [2, 2, 4, 8, 60, 60, 60]);
    }

    #[test]
    fn what_a_person_has_to_correct_is_tried_each_minute() {
        let (limits, now) = (Limits::default(), Seconds(1_000));
        assert!(limits.pause_max > Seconds(60));
        for failures in [1, 2, 40] {
            assert_eq!(until(&limits, now, failures, Retry::Never), Seconds(1_060));
        }
        let asked = Seconds(1_500);
        assert_eq!(until(&limits, now, 1, Retry::At(asked)), asked);
        assert!(until(&limits, now, 40, Retry::NextHead) <= Seconds(1_060));
    }
}
