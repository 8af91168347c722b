//! One page of events after the other: which is asked for, how large it is, and how long to rest after one that failed.
//!
//! It serves both readings of an end, the cursor's and the front's. It must never decide where a reading goes on: that is its owner's.

use chain::{BlockNumber, Fault, Retry};
use wire::Seconds;

/// The pages of one reading.
#[derive(Debug)]
pub(crate) struct Pages {
    asked: Option<(BlockNumber, BlockNumber)>,
    /// Blocks of the next one, before the configured bound.
    size: u64,
    retry_at: Seconds,
    /// How many in a row could not be read.
    failures: u32,
}

impl Pages {
    pub(crate) fn new(now: Seconds) -> Self {
        Self {
            asked: None,
            size: u64::MAX,
            retry_at: now,
            failures: 0,
        }
    }

    /// Whether none is on its way.
    pub(crate) fn is_idle(&self) -> bool {
        self.asked.is_none()
    }

    /// Whether the next one may be asked for.
    pub(crate) fn is_due(&self, now: Seconds) -> bool {
        self.is_idle() && self.retry_at <= now
    }

    /// Whether this one is on its way: another is late, or was given up.
    pub(crate) fn awaits(&self, page: (BlockNumber, BlockNumber)) -> bool {
        self.asked == Some(page)
    }

    /// Whether the one before could not be read.
    pub(crate) fn has_failed(&self) -> bool {
        self.failures > 0
    }

    /// The page that begins at `from`, with at most `most` blocks and none behind `head`: it is on its way from now on.
    pub(crate) fn ask(
        &mut self,
        from: BlockNumber,
        head: BlockNumber,
        most: u64,
    ) -> (BlockNumber, BlockNumber) {
        let size = self.size.clamp(1, most);
        let page = (
            from,
            BlockNumber(from.0.saturating_add(size.saturating_sub(1))).min(head),
        );
        self.asked = Some(page);
        page
    }

    /// It was read.
    pub(crate) fn came(&mut self) {
        (self.asked, self.failures) = (None, 0);
        self.size = self.size.saturating_mul(2);
    }

    /// It could not be read; says how many in a row that was. After one that is too large comes half of it.
    pub(crate) fn fail(&mut self, (from, to): (BlockNumber, BlockNumber), why: &Fault) -> u32 {
        (self.asked, self.failures) = (None, self.failures.saturating_add(1));
        if is_cut(why) {
            self.size = to.0.saturating_sub(from.0).div_ceil(2).max(1);
        }
        self.failures
    }

    /// Nothing is asked for before `until`.
    pub(crate) fn rest(&mut self, until: Seconds) {
        self.retry_at = until;
    }

    /// Whatever is on its way is not waited for any more.
    pub(crate) fn forget(&mut self) {
        self.asked = None;
    }
}

/// When a page is asked for again: a smaller one, after one that was too large, soon.
pub(crate) fn retry(why: &Fault) -> Retry {
    if is_cut(why) { Retry::NextHead } else { why.retry() }
}

fn is_cut(why: &Fault) -> bool {
    matches!(why, Fault::TooLarge { .. })
}
