//! Last stop, ack: the same line walked backwards, or absence proves a timeout.
//!
//! Decides what an announced acknowledgement, an announced settlement and the passing of a timeout mean for a packet.
//! It must never end a packet on an announcement: `Acked` and `TimedOut` need the proof that the commitment is gone.
//! Which of the two it was is what the source's event says; that the packet is settled is what is proven.

use crate::asks::{Purpose, Side};
use crate::effects::Effects;
use crate::machine::Relayer;
use crate::packet::{Change, PacketRecord};
use crate::pause::pause;
use crate::place::{ChainIx, End, EndIx};
use crate::record::Record;
use crate::reread::Doubt;
use crate::step::{Fact, Leg, Setback, Stage};
use alloc::vec::Vec;
use alloy_primitives::B256;
use chain::{AsOf, Ask, Blame, BlockNumber, Fault};
use wire::{Acknowledgement, Path, Seconds, Sequence};

/// Bound: packets that are looked up again in one ask.
const RECHECK_MAX: usize = 32;
/// However many packets wait, so many asks are made in the time after which a packet counts as waiting too long.
const RECHECKS_PER_WAIT: u64 = 64;

/// Which packets are looked up next, because they wait too long for an event.
#[derive(Debug)]
pub(crate) struct Recheck {
    pub(crate) at: Seconds,
    /// The last ones that were looked up: the round goes on behind them, or else the first few would be all that is
    /// ever looked at.
    delivered: Option<Sequence>,
    returned: Option<Sequence>,
}

impl Recheck {
    pub(crate) fn new(at: Seconds) -> Self {
        Self {
            at,
            delivered: None,
            returned: None,
        }
    }
}

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
        self.forget_doubt(flow, sequence);
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

    /// Turns packets around whose timeout has passed on the destination's finalized clock while nobody carried them, and
    /// back again where that clock was said to be later than it is.
    pub(crate) fn expire_packets(&mut self, out: &mut Effects) {
        let mut turned: Vec<(EndIx, Sequence, Fact)> = Vec::new();
        for ix in (0..self.ends.len()).map(EndIx) {
            let Some((end, _, _, destination)) = self.pair(ix) else {
                continue;
            };
            let Some(head) = destination.finalized() else {
                continue;
            };
            turned.extend(end.flow.values().filter_map(|record| {
                let fact = turn(record, head.timestamp)?;
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

    /// Looks up packets that wait too long for an event.
    pub(crate) fn poll_recheck(&mut self, ix: EndIx, out: &mut Effects) {
        let (now, every) = (self.now, self.limits.recheck_every);
        let Some((end, peer, _, _)) = self.pair(ix).filter(|(end, ..)| end.recheck.at <= now) else {
            return;
        };
        let (source, destination) = (end.chain, peer.chain);
        let (here, there) = (end.name.client.clone(), peer.name.client.clone());
        let (delivered, returned) = overdue(end, now, every);
        let pause = recheck_pause(every, delivered.len().max(returned.len()));
        let delivered = next_of_round(&delivered, end.recheck.delivered);
        let returned = next_of_round(&returned, end.recheck.returned);
        if let Some(end) = self.end_mut(ix) {
            end.recheck = Recheck {
                at: now.saturating_add(pause),
                delivered: delivered.last().copied(),
                returned: returned.last().copied(),
            };
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
        let (mut redo, mut missed) = (Vec::new(), Vec::new());
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
                missed.push(*sequence);
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
        if !missed.is_empty() {
            let text = "a packet was settled or acknowledged without an event for it";
            self.blame(chain, Blame::Peer, text, out);
            let mut doubts = missed.into_iter().map(|sequence| Doubt::Packet(flow, sequence));
            doubts.any(|doubt| self.rewind(ix, doubt, text, out));
        }
    }

    pub(crate) fn on_recheck_failed(&mut self, flow: EndIx, why: &Fault, out: &mut Effects) {
        if let Some(chain) = self.end(flow).map(|end| end.chain) {
            self.blame_fault(chain, why, out);
        }
    }
}

/// What the destination's finalized time means for a packet that nobody carries.
fn turn(record: &PacketRecord, time: Seconds) -> Option<Fact> {
    let is_late = record.packet.timeout <= time;
    match (record.standing.leg, record.standing.stage) {
        (Leg::Deliver, Stage::Seen) if is_late => Some(Fact::Expired),
        (Leg::TimeOut, Stage::Seen) if !is_late => Some(Fact::NotExpired),
        (Leg::Deliver | Leg::Acknowledge | Leg::TimeOut, _) => None,
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
    (delivered, returned)
}

/// The next few of `all`, which ascend: those behind `last`, and after the end the first ones again.
fn next_of_round(all: &[Sequence], last: Option<Sequence>) -> Vec<Sequence> {
    let seen = all.partition_point(|sequence| Some(*sequence) <= last);
    all.iter()
        .cycle()
        .skip(seen)
        .take(all.len().min(RECHECK_MAX))
        .copied()
        .collect()
}

/// The pause between two asks: a quarter of the wait, and less when one ask does not hold all that wait.
fn recheck_pause(every: Seconds, waiting: usize) -> Seconds {
    let asks = u64::try_from(waiting.div_ceil(RECHECK_MAX)).unwrap_or(u64::MAX);
    let quarter = every.0.div_ceil(4);
    let shortest = every.0.div_ceil(RECHECKS_PER_WAIT);
    Seconds(quarter.div_ceil(asks.max(1)).max(shortest).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequences(numbers: impl Iterator<Item = u64>) -> Vec<Sequence> {
        numbers.map(|number| Sequence::new(number).unwrap()).collect()
    }

    #[test]
    fn a_round_comes_to_every_packet_and_begins_again() {
        let all = sequences(1..=40);
        let first = next_of_round(&all, None);
        assert_eq!(first, sequences(1..=32));
        let second = next_of_round(&all, first.last().copied());
        assert_eq!(second, sequences((33..=40).chain(1..=24)));
        // The last one was settled meanwhile.
        assert_eq!(next_of_round(&all[..20], second.last().copied()), all[..20]);
        assert_eq!(next_of_round(&all[..3], all.first().copied()).len(), 3);
        assert_eq!(next_of_round(&[], all.first().copied()), []);
    }

    #[test]
    fn many_that_wait_are_looked_up_more_often_within_a_bound() {
        let pause = |waiting| recheck_pause(Seconds(1_800), waiting).0;
        assert_eq!([0, 1, 32, 33, 64].map(pause), [450, 450, 450, 225, 225]);
        assert_eq!([20_000, usize::MAX].map(pause), [29, 29]);
        assert_eq!(recheck_pause(Seconds(0), 5), Seconds(1));
    }
}
