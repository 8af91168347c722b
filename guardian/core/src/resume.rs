//! A resume waits, so that those who see that it is wrong can halt again.

use crate::Reject;

/// How long a resume waits.
pub const RESUME_DELAY_SECONDS: u64 = 3600;

/// A resume that was approved and waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The set that approved it.
    pub set: u64,
    /// The number of the halt that it takes off.
    pub serial: u64,
    /// From when on anybody may execute it.
    pub ready_at: u64,
}

impl Resume {
    /// A resume that is approved now.
    #[must_use]
    pub fn scheduled(set: u64, serial: u64, now: u64) -> Self {
        Self {
            set,
            serial,
            ready_at: now.saturating_add(RESUME_DELAY_SECONDS),
        }
    }

    /// Accepts the execution of a resume that waited long enough, while its set still stands and no newer halt came in
    /// between.
    pub fn check(&self, set: u64, serial: u64, now: u64) -> Result<(), Reject> {
        if self.set != set {
            return Err(Reject::ResumeOfOtherSet {
                scheduled: self.set,
                current: set,
            });
        }
        if self.serial != serial {
            return Err(Reject::HaltedAgain {
                signed: self.serial,
                newest: serial,
            });
        }
        if now < self.ready_at {
            return Err(Reject::ResumeTooEarly {
                ready_at: self.ready_at,
                now,
            });
        }
        Ok(())
    }
}
