//! What is known about one packet: the record that is kept in memory while it lives, and on disk until `keep`
//! lets it go.

use crate::names::{PacketId, bounded};
use crate::step::{Carrier, Fact, Impossible, Leg, Stage, Standing, step};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use chain::{AnyPacket, Blame, BlockNumber, SubmissionId, TxHash};
use wire::{Acknowledgement, Seconds};

/// Bound: changes kept of one packet's history. A packet that is retried for a day keeps its beginning and its end.
pub const HISTORY_MAX: usize = 64;
/// Of those, how many of the beginning are kept when the middle is dropped.
const HISTORY_HEAD: usize = 16;

/// Everything that is known about one packet.
#[derive(Clone, Debug, PartialEq)]
pub struct PacketRecord {
    /// Which packet.
    pub id: PacketId,
    /// The packet itself, as an event showed it. Until [`PacketRecord::is_proven`] it is a claim.
    pub packet: Arc<AnyPacket>,
    /// Leg and stage.
    pub standing: Standing,
    /// The finalized block of the source in which it was sent.
    pub sent: BlockNumber,
    /// The transaction that sent it.
    pub sent_tx: TxHash,
    /// Since when it is known (Unix seconds), however often it was put back since.
    pub known_since: Seconds,
    /// Whether its commitment was proven by our light client, so that its content is the truth.
    pub is_proven: bool,
    /// The acknowledgement that the destination announced, and the finalized block in which it did.
    pub acknowledgement: Option<(Acknowledgement, BlockNumber)>,
    /// The finalized block of the source in which it announced that the packet is settled.
    pub settled: Option<BlockNumber>,
    /// How often the work of this leg failed in a row.
    pub attempts: u32,
    /// It is left alone before this time (Unix seconds, the relayer's clock).
    pub not_before: Seconds,
    /// What went wrong last, kept until the packet moves on to another leg.
    pub trouble: Option<Trouble>,
    /// What happened to it, oldest first; at most [`HISTORY_MAX`] entries.
    pub history: Vec<Change>,
    /// How many entries of the middle were dropped.
    pub history_dropped: u32,
}

/// One entry of a packet's history.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// When, by the relayer's clock (Unix seconds).
    pub at: Seconds,
    /// Where the packet was after it.
    pub standing: Standing,
    /// Why.
    pub fact: Fact,
    /// The source's finalized block at that moment, as far as it was known.
    pub source: Option<BlockNumber>,
    /// The destination's finalized block at that moment, as far as it was known.
    pub destination: Option<BlockNumber>,
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// When (Unix seconds).
    pub at: Seconds,
    /// Who is responsible.
    pub blame: Blame,
    /// What happened, in a bounded number of characters.
    pub text: String,
}

impl Trouble {
    /// Keeps a text of bounded length.
    pub fn new(at: Seconds, blame: Blame, text: &str) -> Self {
        Self {
            at,
            blame,
            text: bounded(text),
        }
    }
}

/// The moment at which a fact became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The relayer's clock (Unix seconds).
    pub at: Seconds,
    /// The source's finalized block.
    pub source: Option<BlockNumber>,
    /// The destination's finalized block.
    pub destination: Option<BlockNumber>,
}

impl PacketRecord {
    /// A packet as it was seen in an event.
    pub fn seen(
        id: PacketId,
        packet: impl Into<AnyPacket>,
        sent: BlockNumber,
        sent_tx: TxHash,
        at: Seconds,
    ) -> Self {
        Self {
            id,
            packet: Arc::new(packet.into()),
            standing: Standing {
                leg: Leg::Deliver,
                stage: Stage::Seen,
            },
            sent,
            sent_tx,
            known_since: at,
            is_proven: false,
            acknowledgement: None,
            settled: None,
            attempts: 0,
            not_before: at,
            trouble: None,
            history: Vec::new(),
            history_dropped: 0,
        }
    }

    /// Lets `fact` take effect: moves the packet by [`step`] and writes its history.
    ///
    /// # Errors
    /// [`Impossible`] when the fact does not fit; nothing changes.
    pub fn apply(&mut self, fact: Fact, moment: Moment) -> Result<(), Impossible> {
        let next = step(self.standing, &fact)?;
        if next.leg != self.standing.leg {
            self.attempts = 0;
            self.not_before = moment.at;
            self.trouble = None;
        }
        match &fact {
            Fact::AckReturned { block } | Fact::TakenBack { block } => self.settled = Some(*block),
            Fact::SettlementRefuted => self.settled = None,
            Fact::ShownOtherwise { block } => {
                (self.sent, self.acknowledgement, self.settled) = (*block, None, None);
            }
            Fact::AckRefuted => self.acknowledgement = None,
            Fact::ProofHolds if next.leg == Leg::Deliver => self.is_proven = true,
            Fact::Chosen { .. }
            | Fact::ProofAsked { .. }
            | Fact::ProofHolds
            | Fact::Handed { .. }
            | Fact::Sent { .. }
            | Fact::Landed { .. }
            | Fact::Skipped { .. }
            | Fact::Vanished { .. }
            | Fact::DoneByOthers
            | Fact::PutBack(_)
            | Fact::AckWritten { .. }
            | Fact::Expired
            | Fact::ChannelClosed
            | Fact::NotExpired
            | Fact::ReceiptFound
            | Fact::SettlementHolds
            | Fact::NotThisPath { .. } => {}
        }
        self.standing = next;
        self.remember(Change {
            at: moment.at,
            standing: next,
            fact,
            source: moment.source,
            destination: moment.destination,
        });
        Ok(())
    }

    fn remember(&mut self, change: Change) {
        if self.history.len() >= HISTORY_MAX {
            self.history
                .remove(HISTORY_HEAD.min(self.history.len().saturating_sub(1)));
            self.history_dropped = self.history_dropped.saturating_add(1);
        }
        self.history.push(change);
    }

    /// The submission that carries it now, if it is this relayer's.
    pub fn submission(&self) -> Option<SubmissionId> {
        match self.standing.stage {
            Stage::Submitted { submission }
            | Stage::Included {
                by: Carrier::Ours(submission),
            } => Some(submission),
            Stage::Seen
            | Stage::Planned
            | Stage::Proving { .. }
            | Stage::Proven { .. }
            | Stage::Included { by: Carrier::Others }
            | Stage::Acked
            | Stage::TimedOut
            | Stage::Refused => None,
        }
    }

    /// Since when it stands where it stands (Unix seconds).
    pub fn since(&self) -> Seconds {
        self.history.last().map_or(self.not_before, |change| change.at)
    }

    /// How many bytes it keeps in memory whose number the sender chose: those of its payload and of its acknowledgement.
    pub fn weight(&self) -> usize {
        self.packet.weight().saturating_add(self.answer_bytes())
    }

    /// How many bytes its application wrote and has to read.
    pub(crate) fn value_bytes(&self) -> usize {
        self.packet.data().len().saturating_add(self.answer_bytes())
    }

    fn answer_bytes(&self) -> usize {
        let answer = self.acknowledgement.as_ref();
        answer.map_or(0, |(answer, _)| answer.as_bytes().len())
    }
}
