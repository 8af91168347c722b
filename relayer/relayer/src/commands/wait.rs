//! Waiting for chains, within the operator's patience.

use anyhow::{Result, anyhow};
use chain::{Fault, Retry};
use std::future::Future;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Pauses between two tries: the first, doubled each time up to the longest.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
const PAUSE_LONGEST: Duration = Duration::from_millis(800);

/// The patience of one command: what it waits for, all together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline(Instant);

impl Deadline {
    pub(super) fn in_secs(secs: u64) -> Self {
        Self(Instant::now() + Duration::from_secs(secs))
    }

    /// What is left of it.
    pub(super) fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
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
