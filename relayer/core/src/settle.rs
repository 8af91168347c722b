//! Last stop, ack: the same line walked backwards, or absence proves a timeout.
//!
//! Decides what an announced acknowledgement, an announced settlement and the passing of a timeout mean for a packet.
//! It must never end a packet on an announcement: `Acked` and `TimedOut` need the proof that the commitment is gone.
//! Which of the two it was is what the source's event says; that the packet is settled is what is proven.

use crate::asks::{Purpose, Side};
use crate::effects::Effects;
use crate::machine::Relayer;
use crate::place::{ChainIx, End, EndIx};
use crate::record::Record;
use crate::step::{Fact, Leg, Setback, Stage};
use alloc::vec::Vec;
use alloy_primitives::B256;
use chain::{AsOf, Ask, Blame, BlockNumber, Fault};
use wire::{Acknowledgement, Path, Seconds, Sequence};

/// Bound: packets that are looked up again in one ask.
const RECHECK_MAX: usize = 32;

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
        let is_unknown = peer.scan.last.is_none_or(|last| sequence > last);
        let is_ours = sequence >= peer.config.first;
        let Some(flow) = self.end(ix).map(|end| end.peer) else {
            return;
        };
        if is_unknown && is_ours {
            if let Some(end) = self.end_mut(ix) {
                let (first, lowest) = end.scan.deferred_acks.unwrap_or((block, sequence));
                end.scan.deferred_acks = Some((first.min(block), lowest.min(sequence)));
            }
            return;
        }
        self.learn_ack(flow, sequence, acknowledgement, block, out);
    }

    fn learn_ack(
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
        record.acknowledgement = Some((acknowledgement, block));
        out.save(Record::Packet(record.clone()));
        if let Some(end) = self.end_mut(flow) {
            end.insert(record);
        }
        self.apply(flow, sequence, Fact::AckWritten { block }, out);
        self.touch(flow);
    }

    /// The source `flow` announced that a packet is settled: by its acknowledgement, or taken back.
    pub(crate) fn on_settle_event(&mut self, flow: EndIx, sequence: Sequence, fact: Fact, out: &mut Effects) {
        if self
            .packet(flow, sequence)
            .is_some_and(|record| record.settled.is_none())
        {
            self.apply(flow, sequence, fact, out);
        }
    }

    /// Turns packets around whose timeout has passed on the destination's finalized clock while nobody carried them.
    pub(crate) fn expire_packets(&mut self, out: &mut Effects) {
        let mut expired: Vec<(EndIx, Sequence)> = Vec::new();
        for ix in (0..self.ends.len()).map(EndIx) {
            let Some((end, _, _, destination)) = self.pair(ix) else {
                continue;
            };
            let Some(head) = destination.finalized() else {
                continue;
            };
            let late = end.flow.values().filter(|record| {
                record.standing.leg == Leg::Deliver
                    && record.standing.stage == Stage::Seen
                    && record.packet.timeout <= head.timestamp
            });
            expired.extend(late.map(|record| (ix, record.id.sequence)));
        }
        for (flow, sequence) in expired {
            self.apply(flow, sequence, Fact::Expired, out);
        }
    }

    /// Looks up packets that wait too long for an event.
    pub(crate) fn poll_recheck(&mut self, ix: EndIx, out: &mut Effects) {
        let (now, every) = (self.now, self.limits.recheck_every);
        let Some((end, peer, _, _)) = self.pair(ix).filter(|(end, ..)| end.recheck_at <= now) else {
            return;
        };
        let (source, destination) = (end.chain, peer.chain);
        let (here, there) = (end.name.client.clone(), peer.name.client.clone());
        let (delivered, returned) = overdue(end, now, every);
        if let Some(end) = self.end_mut(ix) {
            end.recheck_at = now.saturating_add(Seconds(every.0.div_ceil(4).max(1)));
        }
        let receipts = delivered
            .iter()
            .map(|sequence| wire::path::receipt(&there, *sequence));
        let acks = delivered
            .iter()
            .map(|sequence| wire::path::acknowledgement(&there, *sequence));
        let keys: Vec<Path> = receipts.chain(acks).collect();
        self.ask_recheck(destination, ix, Side::Destination, delivered, keys, out);
        let keys: Vec<Path> = returned
            .iter()
            .map(|sequence| wire::path::commitment(&here, *sequence))
            .collect();
        self.ask_recheck(source, ix, Side::Source, returned, keys, out);
    }

    fn ask_recheck(
        &mut self,
        chain: ChainIx,
        flow: EndIx,
        side: Side,
        sequences: Vec<Sequence>,
        keys: Vec<Path>,
        out: &mut Effects,
    ) {
        if !keys.is_empty() {
            let purpose = Purpose::Recheck {
                flow,
                side,
                sequences,
            };
            self.ask(
                chain,
                purpose,
                Ask::Lookup {
                    keys,
                    as_of: AsOf::Finalized,
                },
                out,
            );
        }
    }

    pub(crate) fn on_recheck(
        &mut self,
        flow: EndIx,
        side: Side,
        sequences: &[Sequence],
        values: &[Option<B256>],
        out: &mut Effects,
    ) {
        let present = |at: usize| values.get(at).is_some_and(Option::is_some);
        let (mut redo, mut is_event_missed) = (Vec::new(), false);
        for (at, sequence) in sequences.iter().enumerate() {
            let still_waits = self
                .packet(flow, *sequence)
                .is_some_and(|record| matches!(record.standing.stage, Stage::Included { .. }));
            // Nobody has done it after all if the commitment is still there, or if the receipt is missing.
            let (is_undone, is_announced) = match side {
                Side::Source => (present(at), true),
                Side::Destination => (!present(at), present(at.saturating_add(sequences.len()))),
            };
            if still_waits && is_undone {
                redo.push(*sequence);
            } else if still_waits && is_announced {
                is_event_missed = true;
            }
        }
        for sequence in redo {
            self.apply(flow, sequence, Fact::PutBack(Setback::Lost), out);
        }
        let Some((end, peer, _, _)) = self.pair(flow) else {
            return;
        };
        let (chain, ix) = match side {
            Side::Source => (end.chain, flow),
            Side::Destination => (peer.chain, end.peer),
        };
        if is_event_missed {
            let text = "a packet was settled or acknowledged without an event for it";
            self.blame(chain, Blame::Peer, text, out);
            self.rewind(ix, text, out);
        }
    }

    pub(crate) fn on_recheck_failed(&mut self, flow: EndIx, why: &Fault, out: &mut Effects) {
        if let Some(chain) = self.end(flow).map(|end| end.chain) {
            self.blame_fault(chain, why, out);
        }
    }
}

/// Packets that wait too long: for the acknowledgement's event, and for the settlement's.
fn overdue(end: &End, now: Seconds, every: Seconds) -> (Vec<Sequence>, Vec<Sequence>) {
    let (mut delivered, mut returned) = (Vec::new(), Vec::new());
    for record in end
        .flow
        .values()
        .filter(|record| record.since().saturating_add(every) <= now)
    {
        let Stage::Included { .. } = record.standing.stage else {
            continue;
        };
        match record.standing.leg {
            Leg::Deliver => delivered.push(record.id.sequence),
            Leg::Acknowledge | Leg::TimeOut if record.settled.is_none() => returned.push(record.id.sequence),
            Leg::Acknowledge | Leg::TimeOut => {}
        }
    }
    delivered.truncate(RECHECK_MAX);
    returned.truncate(RECHECK_MAX);
    (delivered, returned)
}
