//! What is written to disk, and what is read back from it at start.

use crate::names::{EndName, PacketId};
use crate::packet::PacketRecord;
use crate::step::Leg;
use alloc::vec::Vec;
use chain::{BlockNumber, ChainName, Fee, Outcome, SubmissionId, Ticket, TxHash};
use wire::{Seconds, Sequence};

/// One durable record. Writing it again replaces the one with the same key.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// Key: the packet's id.
    Packet(PacketRecord),
    /// A packet that only its application can move on; the same key. Until it is woken nothing but its id and leg is needed.
    Parked(PacketRecord),
    /// A packet that an endpoint showed and that was never sent: there is no record of it any more.
    Unsent(PacketId),
    /// Key: the end.
    Cursor(Cursor),
    /// Key: the submission's id.
    Flight(FlightRecord),
}

/// How far the events of one end were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Which end.
    pub end: EndName,
    /// The first block that is not read yet, or has to be read again.
    pub next: BlockNumber,
    /// The first block that was never read. Behind `next` where blocks are read again.
    pub unread: BlockNumber,
    /// The highest sequence that was seen sent from this end; `None` before the first.
    pub last: Option<Sequence>,
    /// Packets that an endpoint called unreadable, each with its block: they are looked at again.
    pub passed: Vec<(Sequence, BlockNumber)>,
    /// The newest of the packets that ended before they were proven to be sent: whether they are committed is looked at again.
    pub ended: Vec<Sequence>,
    /// How far the newest blocks are read beside it, while `next` is far behind them.
    pub front: Option<FrontCursor>,
}

/// How far the newest blocks of one end were read, beside its cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontCursor {
    /// The first block that is not read yet.
    pub next: BlockNumber,
    /// What was seen sent in those blocks and is still before the cursor: runs from the first to the last sequence.
    pub taken: Vec<(Sequence, Sequence)>,
}

/// One submission, from the moment before it is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct FlightRecord {
    /// Its name; it counts up over the whole store.
    pub id: SubmissionId,
    /// The chain it goes to.
    pub chain: ChainName,
    /// The end whose client it moves and proves with.
    pub end: EndName,
    /// The packets in it.
    pub packets: Vec<PacketId>,
    /// How many client updates it carries.
    pub updates: u32,
    /// When it was made (Unix seconds).
    pub made: Seconds,
    /// Where it is.
    pub state: FlightState,
    /// The place of its transactions in the order of their sender, once known.
    pub ticket: Option<Ticket>,
    /// Its transactions, oldest first: each replaces the one before.
    pub txs: Vec<TxHash>,
    /// The fee of the newest.
    pub fee: Fee,
}

/// Where a submission is.
#[derive(Clone, Debug, PartialEq)]
pub enum FlightState {
    /// It is about to be sent, or it is not known whether it was.
    Sending,
    /// A node has it.
    Pending,
    /// It is in a block.
    Included(Outcome),
    /// It is in a finalized block. Nothing more happens.
    Final(Outcome),
    /// It will never be in a block, or nobody waits for it. Nothing more happens.
    Dropped,
}

impl FlightState {
    /// How it ended in its block, if it is in one.
    pub(crate) fn outcome(&self) -> Option<&Outcome> {
        match self {
            Self::Included(outcome) | Self::Final(outcome) => Some(outcome),
            Self::Sending | Self::Pending | Self::Dropped => None,
        }
    }

    /// Whether nothing more happens to the submission.
    pub fn is_over(&self) -> bool {
        match self {
            Self::Final(_) | Self::Dropped => true,
            Self::Sending | Self::Pending | Self::Included(_) => false,
        }
    }
}

/// What a store gives back at start: everything that is not over.
#[derive(Clone, Debug, Default)]
pub struct Restored {
    /// The packets that are not final.
    pub packets: Vec<PacketRecord>,
    /// The packets that are parked, and on which leg.
    pub parked: Vec<(PacketId, Leg)>,
    /// The cursor of each end that was ever read.
    pub cursors: Vec<Cursor>,
    /// The submissions that are not over.
    pub flights: Vec<FlightRecord>,
    /// The highest submission id ever written.
    pub last_submission: Option<SubmissionId>,
}
