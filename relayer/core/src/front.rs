//! Where the newest blocks are read while old ones are still to be read, and what was taken there.
//!
//! The cursor of an end reads block after block. A relayer that was away, that has no room for all that lies there, or that
//! reads events again, has it far behind the head; a second reading, the front, keeps up with the head meanwhile. Decides when
//! there is one, where it stands, and which sends are known from it. What it does with events is in `peek`.

use crate::page::Course;
use crate::pages::Pages;
use crate::place::End;
use crate::record::FrontCursor;
use crate::reread::AHEAD_MAX;
use crate::scan::Scan;
use alloc::vec::Vec;
use chain::BlockNumber;
use wire::{Seconds, Sequence};

/// A cursor that is more blocks than this behind the head has a front beside it.
const BEHIND: u64 = 64;
/// So many blocks before the head a front begins: what was sent shortly before is live, too.
pub(crate) const LIVE_BLOCKS: u64 = 31;
/// Bound: runs of sequences of one front. One that was left behind itself, by an outage, begins anew at the head, and with it
/// another run.
const RUNS_MAX: usize = 16;

/// The second reading of an end's events.
#[derive(Debug)]
pub(crate) struct Front {
    /// The first block that it has not read.
    pub(crate) next: BlockNumber,
    /// The sends that it took, as runs from the first to the last sequence.
    taken: Vec<(Sequence, Sequence)>,
    /// Its next send is not compared with the last one: there are blocks between.
    is_open: bool,
    pub(crate) pages: Pages,
}

impl Front {
    /// A front that begins shortly before the head.
    pub(crate) fn begin(head: BlockNumber, now: Seconds) -> Self {
        Self::at(near(head), now)
    }

    fn at(next: BlockNumber, now: Seconds) -> Self {
        Self {
            next,
            taken: Vec::new(),
            is_open: true,
            pages: Pages::new(now),
        }
    }

    /// What a store gave back.
    pub(crate) fn restored(cursor: FrontCursor, now: Seconds) -> Self {
        Self {
            is_open: cursor.taken.is_empty(),
            taken: cursor.taken,
            ..Self::at(cursor.next, now)
        }
    }

    /// What is to be kept on disk.
    pub(crate) fn to_keep(&self) -> FrontCursor {
        FrontCursor {
            next: self.next,
            taken: self.taken.clone(),
        }
    }

    fn has_taken(&self, sequence: Sequence) -> bool {
        let mut runs = self.taken.iter();
        runs.any(|(first, last)| (*first..=*last).contains(&sequence))
    }

    /// Whether there is a place for a send; if so, it has one.
    pub(crate) fn take(&mut self, sequence: Sequence) -> bool {
        let is_full = self.taken.len() >= RUNS_MAX;
        match self.taken.last_mut() {
            Some((_, last)) if last.next() == Ok(sequence) => *last = sequence,
            Some(_) if is_full => return false,
            Some(_) | None => self.taken.push((sequence, sequence)),
        }
        self.is_open = false;
        true
    }

    /// Forgets what the cursor came to.
    pub(crate) fn pass(&mut self, last: Option<Sequence>) {
        self.taken.retain(|(_, end)| last.is_none_or(|last| *end > last));
    }

    /// What its next page has to begin with.
    pub(crate) fn course(&self) -> Course {
        match self.taken.last().filter(|_| !self.is_open) {
            Some((_, last)) => Course::After(last.next().ok()),
            None => Course::Anywhere,
        }
    }

    /// The next page to be asked for, if it is time and there is one.
    pub(crate) fn ask(
        &mut self,
        head: BlockNumber,
        page_blocks: u64,
        now: Seconds,
    ) -> Option<(BlockNumber, BlockNumber)> {
        if !self.pages.is_due(now) {
            return None;
        }
        self.follow(head);
        let next = self.next;
        (next <= head).then(|| self.pages.ask(next, head, page_blocks))
    }

    /// Begins anew at the head where it is far from it: behind it, or ahead of what was only announced.
    fn follow(&mut self, head: BlockNumber) {
        let is_behind = head.0.saturating_sub(self.next.0) > BEHIND;
        let is_ahead = self.next.0 > head.0.saturating_add(AHEAD_MAX);
        if is_behind || is_ahead {
            (self.next, self.is_open) = (near(head), true);
        }
    }
}

fn near(head: BlockNumber) -> BlockNumber {
    BlockNumber(head.0.saturating_sub(LIVE_BLOCKS))
}

impl Scan {
    /// The first block with sends that were not taken.
    pub(crate) fn sends_next(&self) -> BlockNumber {
        self.deferred_sends
            .map_or(self.next, |deferred| deferred.min(self.next))
    }

    /// How many blocks up to the head are not read, or were read without room for all of their sends.
    pub(crate) fn unread(&self, head: BlockNumber) -> u64 {
        let read = self.sends_next().0.saturating_sub(1);
        head.0.saturating_sub(read)
    }

    /// Whether the newest blocks are to be read beside this reading. Where that has nearly come to the head, the front waits to
    /// be passed.
    pub(crate) fn wants_front(&self, head: BlockNumber) -> bool {
        let least = if self.front.is_some() { LIVE_BLOCKS } else { BEHIND };
        self.unread(head) > least
    }

    /// Whether the front took a send that the cursor has not come to.
    fn has_taken_ahead(&self, sequence: Sequence) -> bool {
        self.front.as_ref().is_some_and(|front| front.has_taken(sequence))
    }
}

impl End {
    /// Whether the cursor has not come to a send.
    pub(crate) fn is_beyond_cursor(&self, sequence: Sequence) -> bool {
        sequence >= self.config.first && self.scan.last.is_none_or(|last| sequence > last)
    }

    /// Whether a send that comes after the last one of the cursor is known from the front: alive, or settled already.
    pub(crate) fn is_known_ahead(&self, sequence: Sequence) -> bool {
        self.flow.contains_key(&sequence)
            || self.parked.contains(sequence)
            || self.scan.has_taken_ahead(sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequence(number: u64) -> Sequence {
        Sequence::new(number).unwrap()
    }

    fn front() -> Front {
        Front::at(near(BlockNumber(1_000)), Seconds(0))
    }

    #[test]
    fn a_front_begins_shortly_before_the_head_and_follows_it() {
        let mut front = front();
        assert_eq!(front.next, BlockNumber(969));
        assert!(front.take(sequence(7)));
        let mut moves = |head| {
            front.is_open = false;
            front.follow(BlockNumber(head));
            (front.next.0, front.is_open)
        };
        assert_eq!(moves(1_033), (969, false), "not far behind");
        assert_eq!(moves(1_034), (1_003, true), "too far behind");
        assert_eq!(moves(747), (1_003, false), "an endpoint that lags");
        assert_eq!(moves(746), (715, true), "the head was a lie");
        assert_eq!(moves(3), (0, true), "a young chain");
    }

    #[test]
    fn what_follows_is_compared_until_blocks_lie_between() {
        let mut front = front();
        assert_eq!(front.course(), Course::Anywhere);
        assert!(front.take(sequence(7)));
        assert_eq!(front.course(), Course::After(Some(sequence(8))));
        front.follow(BlockNumber(9_000));
        assert_eq!(front.course(), Course::Anywhere);
        assert!(front.take(sequence(90)));
        assert_eq!(front.course(), Course::After(Some(sequence(91))));
    }

    #[test]
    fn runs_are_remembered_until_the_cursor_has_passed_them() {
        let mut front = front();
        for number in [7, 8, 9, 20, 21] {
            assert!(front.take(sequence(number)));
        }
        let kept = Front::restored(front.to_keep(), Seconds(0));
        for front in [&front, &kept] {
            assert_eq!(
                front.taken,
                [(sequence(7), sequence(9)), (sequence(20), sequence(21))]
            );
            let known = [6, 7, 9, 10, 20, 21, 22].map(|number| front.has_taken(sequence(number)));
            assert_eq!(known, [false, true, true, false, true, true, false]);
            assert_eq!(front.course(), Course::After(Some(sequence(22))));
        }
        front.pass(None);
        front.pass(Some(sequence(8)));
        assert_eq!(front.taken.len(), 2);
        front.pass(Some(sequence(9)));
        assert_eq!(front.taken, [(sequence(20), sequence(21))]);
    }

    #[test]
    fn there_are_no_more_runs_than_are_remembered() {
        let mut front = front();
        for number in 1..=RUNS_MAX as u64 {
            assert!(front.take(sequence(number * 10)));
        }
        front.is_open = true;
        assert!(!front.take(sequence(1_000)));
        assert_eq!(
            front.course(),
            Course::Anywhere,
            "it is shown again, and no gap then"
        );
        assert!(
            front.take(sequence(RUNS_MAX as u64 * 10 + 1)),
            "the last one goes on"
        );
    }
}
