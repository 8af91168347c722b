//! Figures: the middle of many, and words for them.

use std::time::Duration;

/// The value in the middle; zero for none.
pub(crate) fn median(times: &[Duration]) -> Duration {
    percentile(times, 50)
}

/// By the nearest-rank method; zero for no samples.
pub(crate) fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let position = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(position).copied().unwrap_or_default()
}

/// In microseconds.
pub(crate) fn micros(time: Duration) -> String {
    format!("{:.0} µs", time.as_secs_f64() * 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples() {
        let times: Vec<Duration> = (1..=200).rev().map(Duration::from_millis).collect();
        assert_eq!(median(&times), Duration::from_millis(100));
        assert_eq!(percentile(&times, 99), Duration::from_millis(198));
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }

    #[test]
    fn times_carry_their_unit() {
        assert_eq!(micros(Duration::from_nanos(1_234_600)), "1235 µs");
    }
}
