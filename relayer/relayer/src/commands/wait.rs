//! Waiting for chains, within the operator's patience.

use anyhow::{Result, anyhow};
use chain::{Fault, Retry};
use std::future::Future;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Pauses between two tries: the first, doubled each time up to the longest.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
const PAUSE_LONGEST: Duration = Duration::from_millis(800);

/// The patience of one command: what it waits for, all together. No moment is computed from it: the operator's number could
/// lie beyond what a clock can hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    since: Instant,
    patience: Duration,
}

impl Deadline {
    pub(super) fn in_secs(secs: u64) -> Self {
        Self {
            since: Instant::now(),
            patience: Duration::from_secs(secs),
        }
    }

    /// What is left of it.
    pub(super) fn left(self) -> Duration {
        self.patience.saturating_sub(self.since.elapsed())
    }

    /// Tries until it succeeds, until trying again cannot help, or until time is up.
    pub(super) async fn until<T, Try, Trying>(self, what: &str, attempt: Try) -> Result<T>
    where
        Try: Fn() -> Trying,
        Trying: Future<Output = Result<T, Fault>>,
    {
        let mut told = String::new();
        let mut pause = PAUSE_FIRST;
        loop {
            let fault = match attempt().await {
                Ok(value) => return Ok(value),
                Err(fault) => fault,
            };
            if fault.retry() == Retry::Never || self.left().is_zero() {
                return Err(anyhow!("failed to {what}: failed to {fault}"));
            }
            let text = fault.to_string();
            if text != told {
                eprintln!("waiting to {what}: {text}");
                told = text;
            }
            sleep(pause.min(self.left())).await;
            pause = (pause * 2).min(PAUSE_LONGEST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_seconds_is_a_patience() {
        assert!(Deadline::in_secs(u64::MAX).left() > Duration::from_secs(u64::MAX / 2));
        assert!(Deadline::in_secs(0).left().is_zero());
    }
}
