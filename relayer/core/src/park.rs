//! Packets that only their application can move on: parked on disk, so that they take no room from others.
//!
//! An application may answer later and may never answer, and nobody can take back what was received; or it may refuse for
//! ever what comes back to it. Decides which packets are parked, those that are received, as is proven, and not acknowledged
//! and those that were refused again and again, and when they come back: with an event about them, when a lookup says that
//! they were not received after all, or to be tried once more. It must never let the cursor pass an event about a packet
//! that is not awake yet, so that after a crash the event is read again.

use crate::effects::{Effects, Note};
use crate::machine::Relayer;
use crate::names::PacketId;
use crate::packet::{PacketRecord, Trouble};
use crate::place::{End, EndIx};
use crate::record::Record;
use crate::step::{Fact, Leg, Stage};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use chain::{Blame, BlockNumber};
use core::ops::Bound::{Excluded, Unbounded};
use wire::Sequence;

/// Bound: records of one end that are fetched from disk at once.
const WAKING_MAX: usize = 256;

/// A packet whose application refused so often in a row is parked: with pauses that double up to a quarter of an hour it
/// has had about an hour.
const REFUSALS: u32 = 12;
/// Packets that were refused and are tried once more at a time, while most of them are refused again.
const TRIES_MIN: usize = 16;
/// Bound: packets of one end that are parked at once because they were refused.
const REFUSED_MAX: usize = 256;

/// The packets of one end whose records are only on disk.
/// Bound: some bytes each, and each was paid for twice, to be sent and to be delivered.
#[derive(Debug, Default)]
pub(crate) struct Parked {
    /// Those that are received and not acknowledged.
    pub(crate) unanswered: Round,
    /// Those whose acknowledgement or timeout is refused.
    pub(crate) refused: Round,
    /// The refused ones that were tried last.
    tried: Vec<Sequence>,
    /// Those whose records are being fetched.
    waking: BTreeSet<Sequence>,
    /// One of them was to be fetched and there was no room for it.
    is_short: bool,
}

/// Packets that take turns.
#[derive(Debug, Default)]
pub(crate) struct Round {
    all: BTreeSet<Sequence>,
    /// The last one whose turn it was.
    last: Option<Sequence>,
}

/// Where reading goes on once parked packets are awake that an event before was about.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Met {
    /// The first block with an acknowledgement of a parked packet of the other end.
    pub(crate) acks: Option<BlockNumber>,
    /// The first block with a settlement of a parked packet of this end.
    pub(crate) settlements: Option<BlockNumber>,
}

impl Met {
    pub(crate) fn first(self) -> Option<BlockNumber> {
        self.acks.into_iter().chain(self.settlements).min()
    }
}

impl Parked {
    /// `leg`: on which the packet cannot go on.
    pub(crate) fn insert(&mut self, sequence: Sequence, leg: Leg) {
        let round = match leg {
            Leg::Deliver => &mut self.unanswered,
            Leg::Acknowledge | Leg::TimeOut => &mut self.refused,
        };
        round.all.insert(sequence);
    }

    pub(crate) fn contains(&self, sequence: Sequence) -> bool {
        self.unanswered.contains(sequence) || self.refused.contains(sequence)
    }

    /// Whether a packet before `sequence` waits.
    pub(crate) fn has_before(&self, sequence: Sequence) -> bool {
        self.unanswered.has_before(sequence) || self.refused.has_before(sequence)
    }

    pub(crate) fn len(&self) -> usize {
        self.unanswered.all.len().saturating_add(self.refused.all.len())
    }

    /// How many are on their way back to memory.
    pub(crate) fn coming(&self) -> usize {
        self.waking.len()
    }
}

impl Round {
    pub(crate) fn insert(&mut self, sequence: Sequence) {
        self.all.insert(sequence);
    }

    pub(crate) fn remove(&mut self, sequence: Sequence) {
        self.all.remove(&sequence);
    }

    pub(crate) fn pop_first(&mut self) -> Option<Sequence> {
        self.all.pop_first()
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn newest(&self, most: usize) -> Vec<Sequence> {
        self.all.iter().rev().take(most).copied().collect()
    }

    fn has_before(&self, sequence: Sequence) -> bool {
        self.all.range(..sequence).next().is_some()
    }

    pub(crate) fn contains(&self, sequence: Sequence) -> bool {
        self.all.contains(&sequence)
    }

    /// The next few: those behind the last, and after the end the first ones again.
    pub(crate) fn next_few(&mut self, most: usize) -> Vec<Sequence> {
        let (behind, again) = match self.last {
            Some(last) => (Excluded(last), Some(self.all.range(..=last))),
            None => (Unbounded, None),
        };
        let round = self
            .all
            .range((behind, Unbounded))
            .chain(again.into_iter().flatten());
        let next: Vec<Sequence> = round.take(most).copied().collect();
        self.last = next.last().copied().or(self.last);
        next
    }
}

impl End {
    /// The refused packets that are tried once more. Where most of the last ones went on, twice as many: what refused them
    /// all, as a halt does, is over.
    pub(crate) fn next_tries(&mut self) -> Vec<Sequence> {
        let went_on = |sequence: &&Sequence| {
            let record = self.flow.get(sequence);
            !self.parked.contains(**sequence) && !record.is_some_and(is_refused)
        };
        let (tried, went_on) = (
            self.parked.tried.len(),
            self.parked.tried.iter().filter(went_on).count(),
        );
        let most = if went_on.saturating_mul(2) > tried {
            tried.saturating_mul(2).clamp(TRIES_MIN, WAKING_MAX)
        } else {
            TRIES_MIN
        };
        self.parked.tried = self.parked.refused.next_few(most);
        self.parked.tried.clone()
    }

    /// Whether all that were to be fetched are awake; where there was no room for one, there is much now.
    fn is_awake(&self, has_much_room: bool) -> bool {
        self.parked.waking.is_empty() && (has_much_room || !self.parked.is_short)
    }
}

impl Relayer {
    /// Parks packets whose applications refuse what comes back to them. While a packet pauses it is on no trip.
    pub(crate) fn park_refused(&mut self, flow: EndIx, out: &mut Effects) {
        let Some(end) = self.end(flow) else {
            return;
        };
        let pauses = |record: &&PacketRecord| record.not_before > self.now && is_refused(record);
        let refused = end.flow.values().filter(pauses).take(REFUSED_MAX);
        let refused: Vec<Sequence> = refused.map(|record| record.id.sequence).collect();
        for sequence in refused {
            self.park(flow, sequence, out);
        }
    }

    /// Parks a packet that is received and not acknowledged, or has it proven first that it is received.
    pub(crate) fn park_received(&mut self, flow: EndIx, sequence: Sequence, out: &mut Effects) {
        let Some(record) = self.packet(flow, sequence) else {
            return;
        };
        if is_proven_received(record) {
            self.park(flow, sequence, out);
            return;
        }
        let head = self.pair(flow).and_then(|(_, _, _, there)| there.finalized());
        if let (Some(head), Some(end)) = (head, self.end_mut(flow)) {
            end.recheck.hear_received(sequence, head.block);
            self.touch(flow);
        }
    }

    /// Parks a packet that is proven to be received and waits for its application, or is refused by it.
    pub(crate) fn park(&mut self, flow: EndIx, sequence: Sequence, out: &mut Effects) {
        let Some(record) = self.packet(flow, sequence).filter(|record| waits(record)) else {
            return;
        };
        // Until the submission is final a reorganisation may take it away, and it has to be found again then.
        let is_flying = record.submission().is_some_and(|id| {
            let mut flights = self.chains.iter().flat_map(|chain| &chain.flights);
            flights.any(|flight| flight.record.id == id)
        });
        if is_flying {
            return;
        }
        let (record, leg) = (record.clone(), record.standing.leg);
        out.note(Note::Parked {
            packet: record.id.clone(),
        });
        out.save(Record::Parked(record));
        if let Some(end) = self.end_mut(flow) {
            end.remove(sequence);
            end.parked.insert(sequence, leg);
        }
    }

    /// Has the record of a parked packet fetched, if there is room for it.
    pub(crate) fn wake(&mut self, flow: EndIx, sequence: Sequence, out: &mut Effects) {
        let limits = self.limits;
        let is_asleep =
            |end: &&mut End| end.parked.contains(sequence) && !end.parked.waking.contains(&sequence);
        let Some(end) = self.end_mut(flow).filter(is_asleep) else {
            return;
        };
        if !end.has_room(&limits) {
            end.parked.is_short = true;
        } else if end.parked.coming() < WAKING_MAX {
            end.parked.waking.insert(sequence);
            let source = end.name.clone();
            out.wake(PacketId { source, sequence });
        }
    }

    /// The end `reader` met an event in `block` about a packet that `flow` sent. If it is parked it is woken, and the event
    /// is read again later; says whether it is so.
    pub(crate) fn meets_parked(
        &mut self,
        (reader, block): (EndIx, BlockNumber),
        flow: EndIx,
        sequence: Sequence,
        out: &mut Effects,
    ) -> bool {
        if !self.end(flow).is_some_and(|end| end.parked.contains(sequence)) {
            return false;
        }
        if let Some(end) = self.end_mut(reader) {
            let met = &mut end.scan.met;
            let first = if reader == flow {
                &mut met.settlements
            } else {
                &mut met.acks
            };
            *first = Some(first.map_or(block, |first| first.min(block)));
        }
        self.wake(flow, sequence, out);
        true
    }

    /// Lets an end read events again that it met before their packets were awake.
    pub(crate) fn read_met_again(&mut self, ix: EndIx) {
        let limits = self.limits;
        let Some((end, peer, _, _)) = self.pair(ix).filter(|(end, ..)| end.scan.pages.is_idle()) else {
            return;
        };
        let (peer_ix, mut met) = (end.peer, end.scan.met);
        let (has_peer_room, has_room) = (peer.has_much_room(&limits), end.has_much_room(&limits));
        let acks = met.acks.take_if(|_| peer.is_awake(has_peer_room));
        let settlements = met.settlements.take_if(|_| end.is_awake(has_room));
        if let Some(end) = self.end_mut(ix) {
            end.scan.met = met;
            let again = Met { acks, settlements }.first();
            end.scan.next = again.map_or(end.scan.next, |block| block.min(end.scan.next));
        }
        for (flow, has_room) in [(peer_ix, has_peer_room), (ix, has_room)] {
            if let Some(end) = self.end_mut(flow).filter(|_| has_room) {
                end.parked.is_short = false;
            }
        }
    }

    /// The record of a parked packet has come; none if it could not be read.
    pub(crate) fn on_woken(&mut self, id: &PacketId, record: Option<PacketRecord>, out: &mut Effects) {
        let at = self.ends.iter().position(|end| end.name == id.source);
        let Some(end) = at.and_then(|at| self.ends.get_mut(at)) else {
            return;
        };
        if !end.parked.waking.remove(&id.sequence) {
            return;
        }
        end.parked.unanswered.all.remove(&id.sequence);
        end.parked.refused.all.remove(&id.sequence);
        match record.filter(|record| record.id == *id && waits(record)) {
            Some(record) => {
                out.note(Note::Woken { packet: id.clone() });
                out.save(Record::Packet(record.clone()));
                end.insert(record);
            }
            None => {
                let chain = end.chain;
                let text = alloc::format!(
                    "the record of packet {id} cannot be read: it is left alone until the relayer starts again"
                );
                self.blame(chain, Blame::Us, &text, out);
            }
        }
    }
}

/// Whether a packet is where only its application can move it on.
fn waits(record: &PacketRecord) -> bool {
    match (record.standing.leg, record.standing.stage) {
        (Leg::Deliver, Stage::Included { .. }) => true,
        (Leg::Acknowledge | Leg::TimeOut, Stage::Seen) => is_refused(record),
        (Leg::Deliver | Leg::Acknowledge | Leg::TimeOut, _) => false,
    }
}

/// Whether our light client saw that the packet is received, and nothing happened to it since.
fn is_proven_received(record: &PacketRecord) -> bool {
    let last = record.history.last();
    last.is_some_and(|change| change.fact == Fact::ReceiptFound)
}

/// Whether the way back of a packet failed again and again on the chain itself.
fn is_refused(record: &PacketRecord) -> bool {
    let is_back = record.standing.leg != Leg::Deliver && record.standing.stage == Stage::Seen;
    let is_by_chain = |trouble: &Trouble| trouble.blame == Blame::Chain;
    is_back && record.attempts >= REFUSALS && record.trouble.as_ref().is_some_and(is_by_chain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn numbers(sequences: &[Sequence]) -> Vec<u64> {
        sequences.iter().map(|sequence| sequence.get()).collect()
    }

    #[test]
    fn a_round_comes_to_every_parked_packet_and_begins_again() {
        let mut parked = Parked::default();
        assert_eq!(parked.unanswered.next_few(4), []);
        for number in [2, 3, 5, 7, 11] {
            let sequence = Sequence::new(number).unwrap();
            parked.insert(sequence, Leg::Deliver);
            parked.insert(sequence.next().unwrap(), Leg::Acknowledge);
        }
        let rounds = [4, 3, 0, 9].map(|most| numbers(&parked.unanswered.next_few(most)));
        let expected = [vec![2, 3, 5, 7], vec![11, 2, 3], vec![], vec![5, 7, 11, 2, 3]];
        assert_eq!(rounds, expected);
        assert_eq!(numbers(&parked.refused.next_few(2)), [3, 4]);
        // The last one whose turn it was is awake.
        parked.unanswered.all.remove(&Sequence::new(3).unwrap());
        assert_eq!(numbers(&parked.unanswered.next_few(2)), [5, 7]);
        assert_eq!(parked.len(), 9);
    }
}
