//! Which asks are on their way, what for, and until when they are waited for.
//!
//! The table is bounded by what asks: one head a chain, two pages, one second look and one recheck an end, one trip an end, one find a
//! submission.

use crate::place::{ChainIx, EndIx};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use chain::{AskId, BlockNumber, SubmissionId};
use wire::{Seconds, Sequence};

/// What an ask is for, and so where its reply goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Head(ChainIx),
    Events(EndIx, BlockNumber, BlockNumber),
    /// The newest blocks, while the cursor is far behind them.
    Front(EndIx, BlockNumber, BlockNumber),
    /// A second look at a packet that was passed over.
    Passed(EndIx, Sequence),
    Client(EndIx),
    Notices(EndIx),
    /// What the client believes, and then what the chain that it follows says to that.
    Believed(EndIx),
    Compared(EndIx),
    Lookup(EndIx),
    Update(EndIx),
    Prove(EndIx),
    Recheck {
        flow: EndIx,
        side: Side,
        sequences: Vec<Sequence>,
        /// The chain's finalized block when it was asked.
        known: BlockNumber,
    },
    /// Whether packets of an end are committed: the next one, and some that have ended.
    Audit(EndIx, Vec<Sequence>),
    Send(ChainIx, SubmissionId),
    Find(ChainIx, SubmissionId),
}

/// Which of a packet's two chains was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    Source,
    Destination,
}

/// An ask on its way.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) chain: ChainIx,
    pub(crate) purpose: Purpose,
    pub(crate) deadline: Seconds,
}

/// Bound: sends that were given up and whose word is still taken; the oldest gives way.
const LATE_MAX: usize = 64;

/// All asks on their way.
#[derive(Debug, Default)]
pub(crate) struct Asks {
    next: u64,
    waiting: BTreeMap<AskId, Waiting>,
    /// Sends that were given up.
    late: BTreeMap<AskId, (ChainIx, SubmissionId)>,
}

impl Asks {
    pub(crate) fn open(&mut self, waiting: Waiting) -> AskId {
        let id = AskId(self.next);
        self.next = self.next.wrapping_add(1);
        self.waiting.insert(id, waiting);
        id
    }

    /// The ask that a reply from `chain` belongs to; none if it is late, repeated or from another chain.
    pub(crate) fn close(&mut self, id: AskId, chain: ChainIx) -> Option<Purpose> {
        if self.waiting.get(&id)?.chain != chain {
            return None;
        }
        self.waiting.remove(&id).map(|waiting| waiting.purpose)
    }

    /// The send that was given up and that a late reply from `chain` belongs to.
    pub(crate) fn close_late(&mut self, id: AskId, chain: ChainIx) -> Option<SubmissionId> {
        let (_, submission) = *self.late.get(&id).filter(|(asked, _)| *asked == chain)?;
        self.late.remove(&id);
        Some(submission)
    }

    /// Takes out all that were waited for long enough. Of sends is remembered what they were.
    pub(crate) fn take_overdue(&mut self, now: Seconds) -> Vec<Waiting> {
        let overdue: Vec<AskId> = self
            .waiting
            .iter()
            .filter(|(_, waiting)| waiting.deadline <= now)
            .map(|(id, _)| *id)
            .collect();
        let mut taken = Vec::new();
        for id in overdue {
            let Some(waiting) = self.waiting.remove(&id) else {
                continue;
            };
            if let Purpose::Send(chain, submission) = waiting.purpose {
                self.late.insert(id, (chain, submission));
            }
            taken.push(waiting);
        }
        while self.late.len() > LATE_MAX {
            self.late.pop_first();
        }
        taken
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_closes_its_ask_once_and_only_from_its_chain() {
        let mut asks = Asks::default();
        let waiting = Waiting {
            chain: ChainIx(0),
            purpose: Purpose::Head(ChainIx(0)),
            deadline: Seconds(10),
        };
        let id = asks.open(waiting.clone());
        assert_eq!(asks.close(id, ChainIx(1)), None);
        assert_eq!(asks.close(id, ChainIx(0)), Some(Purpose::Head(ChainIx(0))));
        assert_eq!(asks.close(id, ChainIx(0)), None);
        asks.open(waiting);
        assert!(asks.take_overdue(Seconds(9)).is_empty());
        assert_eq!(asks.take_overdue(Seconds(10)).len(), 1);
        assert_eq!(asks.len(), 0);
    }

    #[test]
    fn of_asks_that_were_given_up_the_newest_sends_are_remembered() {
        let mut asks = Asks::default();
        let purpose = |n| Purpose::Send(ChainIx(0), SubmissionId(n));
        let waiting = |purpose| Waiting {
            chain: ChainIx(0),
            purpose,
            deadline: Seconds(10),
        };
        let head = asks.open(waiting(Purpose::Head(ChainIx(0))));
        let sends = [1, 2].map(|n| asks.open(waiting(purpose(n))));
        assert_eq!(asks.take_overdue(Seconds(10)).len(), 3);
        assert_eq!(asks.close_late(head, ChainIx(0)), None);
        assert_eq!(asks.close_late(sends[0], ChainIx(1)), None, "another chain's");
        assert_eq!(asks.close_late(sends[0], ChainIx(0)), Some(SubmissionId(1)));
        assert_eq!(asks.close_late(sends[0], ChainIx(0)), None, "once");
        for n in 0..LATE_MAX as u64 {
            asks.open(waiting(purpose(n)));
        }
        asks.take_overdue(Seconds(10));
        assert_eq!(asks.close_late(sends[1], ChainIx(0)), None, "the oldest gave way");
    }
}
