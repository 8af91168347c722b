//! Which asks are on their way, what for, and until when they are waited for.
//!
//! The table is bounded by what asks: one head a chain, one page, one second look and one recheck an end, one trip an end, one find a
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
    Audit(EndIx),
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

/// All asks on their way.
#[derive(Debug, Default)]
pub(crate) struct Asks {
    next: u64,
    waiting: BTreeMap<AskId, Waiting>,
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

    /// Takes out all that were waited for long enough.
    pub(crate) fn take_overdue(&mut self, now: Seconds) -> Vec<Waiting> {
        let overdue: Vec<AskId> = self
            .waiting
            .iter()
            .filter(|(_, waiting)| waiting.deadline <= now)
            .map(|(id, _)| *id)
            .collect();
        overdue.iter().filter_map(|id| self.waiting.remove(id)).collect()
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
}
