//! Last stop, ack: the same line walked backwards, or absence proves a timeout.
//!
//! Decides what an announced acknowledgement, an announced settlement and the passing of a timeout mean for a packet.
//! It must never end a packet on an announcement: `Acked` and `TimedOut` need the proof that the commitment is gone.
//! Which of the two it was is what the source's event says; that the packet is settled is what is proven.

use crate::effects::Effects;
use crate::machine::Relayer;
use crate::packet::{Change, PacketRecord};
use crate::pause::pause;
use crate::place::{End, EndIx};
use crate::record::Record;
use crate::step::{Fact, Leg, Stage};
use alloc::vec::Vec;
use chain::{BlockNumber, Finalized};
use wire::{Acknowledgement, Sequence};

impl Relayer {
    /// The destination `ix` announced an acknowledgement for a packet that its peer sent.
    pub(crate) fn on_ack_event(
        &mut self,
        ix: EndIx,
        sequence: Sequence,
        acknowledgement: Acknowledgement,
        block: BlockNumber,
        out: &mut Effects,
    ) {
        let Some((_, peer, _, _)) = self.pair(ix) else {
            return;
        };
        // The peer's reading has not come to it; nor has its front, if there is one.
        let is_unknown = peer.is_beyond_cursor(sequence) && !peer.is_known_ahead(sequence);
        let Some(flow) = self.end(ix).map(|end| end.peer) else {
            return;
        };
        if is_unknown {
            if let Some(end) = self.end_mut(ix) {
                let (first, lowest) = end.scan.deferred_acks.unwrap_or((block, sequence));
                end.scan.deferred_acks = Some((first.min(block), lowest.min(sequence)));
            }
            return;
        }
        // The acknowledgement of one that is refused is known.
        let is_refused = |end: &End| end.parked.refused.contains(sequence);
        if self.end(flow).is_some_and(is_refused) {
            return;
        }
        if !self.meets_parked((ix, block), flow, sequence, out) {
            self.learn_ack(flow, sequence, acknowledgement, block, out);
        }
    }

    /// A live packet was acknowledged.
    pub(crate) fn learn_ack(
        &mut self,
        flow: EndIx,
        sequence: Sequence,
        acknowledgement: Acknowledgement,
        block: BlockNumber,
        out: &mut Effects,
    ) {
        let Some(record) = self.packet(flow, sequence) else {
            return;
        };
        let standing = record.standing;
        if record
            .acknowledgement
            .as_ref()
            .is_some_and(|(known, _)| *known == acknowledgement)
        {
            return;
        }
        // A new acknowledgement takes effect when it can: not while the old one is being proven or sent.
        if standing.leg == Leg::Acknowledge && standing.stage != Stage::Seen {
            return;
        }
        let Some(mut record) = self.packet(flow, sequence).cloned() else {
            return;
        };
        self.forget_doubt(flow, sequence);
        record.acknowledgement = Some((acknowledgement, block));
        out.save(Record::Packet(record.clone()));
        if let Some(end) = self.end_mut(flow) {
            end.insert(record);
        }
        self.apply(flow, sequence, Fact::AckWritten { block }, out);
        self.touch(flow);
    }

    /// The source `flow` announced in `block` that a packet is settled: by its acknowledgement, or taken back.
    pub(crate) fn on_settle_event(
        &mut self,
        flow: EndIx,
        sequence: Sequence,
        fact: impl FnOnce(BlockNumber) -> Fact,
        block: BlockNumber,
        out: &mut Effects,
    ) {
        if !self.meets_parked((flow, block), flow, sequence, out) {
            self.learn_settled(flow, sequence, fact(block), out);
        }
    }

    /// A live packet was settled.
    pub(crate) fn learn_settled(&mut self, flow: EndIx, sequence: Sequence, fact: Fact, out: &mut Effects) {
        let is_unsettled = |record: &PacketRecord| record.settled.is_none();
        if self.packet(flow, sequence).is_some_and(is_unsettled) {
            self.apply(flow, sequence, fact, out);
        }
    }

    /// Turns packets around whose timeout has passed on the destination's finalized clock while nobody carried them, and
    /// back again where that clock was said to be later than it is.
    pub(crate) fn expire_packets(&mut self, out: &mut Effects) {
        let mut turned: Vec<(EndIx, Sequence, Fact)> = Vec::new();
        for ix in (0..self.ends.len()).map(EndIx) {
            let Some((end, peer, _, destination)) = self.pair(ix) else {
                continue;
            };
            let Some(head) = destination.finalized() else {
                continue;
            };
            let closed = peer.closed().filter(|block| *block <= head.block);
            turned.extend(end.flow.values().filter_map(|record| {
                let fact = turn(record, &head, closed.is_some())?;
                Some((ix, record.id.sequence, fact))
            }));
        }
        for (flow, sequence, fact) in turned {
            self.turn_packet(flow, sequence, fact, out);
        }
    }

    /// Whoever makes packets turn again and again wins no fresh attempts by it: each time back they wait longer.
    fn turn_packet(&mut self, flow: EndIx, sequence: Sequence, fact: Fact, out: &mut Effects) {
        let (now, limits, is_back) = (self.now, self.limits, fact == Fact::NotExpired);
        self.apply(flow, sequence, fact, out);
        let Some(record) = self.packet_mut(flow, sequence).filter(|_| is_back) else {
            return;
        };
        let is_turn = |change: &&Change| change.fact == Fact::NotExpired;
        let before = record.history.iter().filter(is_turn).count().saturating_sub(1);
        record.attempts = u32::try_from(before).unwrap_or(u32::MAX);
        if before > 0 {
            record.not_before = now.saturating_add(pause(&limits, record.attempts));
        }
    }
}

/// What the destination's finalized time and height, and that its end of the channel is closed, mean for a packet that nobody
/// carries.
fn turn(record: &PacketRecord, head: &Finalized, is_closed: bool) -> Option<Fact> {
    let is_late = record.packet.has_expired(head.height, head.timestamp);
    match (record.standing.leg, record.standing.stage) {
        (Leg::Deliver, Stage::Seen) if is_late => Some(Fact::Expired),
        (Leg::Deliver, Stage::Seen) if is_closed => Some(Fact::ChannelClosed),
        (Leg::TimeOut, Stage::Seen) if !is_late && !is_closed => Some(Fact::NotExpired),
        (Leg::Deliver | Leg::Acknowledge | Leg::TimeOut, _) => None,
    }
}
