//! What the daemon last said about itself. Writing never waits for a reader.

use crate::metrics::Metrics;
use crate::view::{HealthView, StatusView};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// A daemon whose loop has not turned for this long is not alive, in seconds.
const BEAT_SECS_MAX: u64 = 30;

/// The state that the daemon publishes and the server shows.
#[derive(Debug, Default)]
pub struct Board {
    status: RwLock<Arc<StatusView>>,
    /// Unix seconds of the last turn of the daemon's loop; zero before the first.
    beat: AtomicU64,
    /// Counters and histograms.
    pub metrics: Metrics,
}

impl Board {
    /// Replaces what is shown.
    pub fn publish(&self, status: StatusView) {
        self.metrics.show(&status);
        *self.status.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(status);
    }

    /// What was published last.
    pub fn status(&self) -> Arc<StatusView> {
        self.status.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The daemon's loop turned at `now` (Unix seconds).
    pub fn beat(&self, now: u64) {
        self.beat.store(now, Ordering::Relaxed);
    }

    /// Whether the daemon lives and works, at `now` (Unix seconds).
    pub fn health(&self, now: u64) -> HealthView {
        let beat = self.beat.load(Ordering::Relaxed);
        let silent = now.saturating_sub(beat);
        let live = beat != 0 && silent <= BEAT_SECS_MAX;
        let mut reasons = self.status().not_ready.clone();
        if beat == 0 {
            reasons.push("the daemon has not started to work".into());
        } else if !live {
            reasons.push(format!(
                "the daemon's loop stands still for {silent} s, {BEAT_SECS_MAX} s are allowed"
            ));
        }
        HealthView {
            live,
            ready: live && reasons.is_empty(),
            reasons,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_loop_is_not_alive() {
        let board = Board::default();
        assert!(!board.health(100).live);
        board.beat(100);
        assert!(board.health(100 + BEAT_SECS_MAX).ready);
        let late = board.health(101 + BEAT_SECS_MAX);
        assert!(!late.live && !late.ready);
        assert_eq!(late.reasons.len(), 1);
    }

    #[test]
    fn a_reason_makes_it_unready_and_leaves_it_alive() {
        let board = Board::default();
        board.beat(100);
        board.publish(StatusView {
            not_ready: vec!["chain a does not answer".into()],
            ..StatusView::default()
        });
        let health = board.health(100);
        assert!(health.live && !health.ready);
        assert_eq!(health.reasons, ["chain a does not answer"]);
    }
}
