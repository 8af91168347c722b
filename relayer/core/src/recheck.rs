//! A second look at packets that wait long for an event.
//!
//! Decides which packets are looked up, how often, and what it means that they stand otherwise on their chains than their
//! records say. However many wait, it must come to each of them; nobody may fill its round with packets of his own. It must
//! never take an endpoint's word for it that nothing is left to be done: that is proven.

use crate::asks::{Purpose, Side};
use crate::effects::Effects;
use crate::machine::Relayer;
use crate::packet::PacketRecord;
use crate::place::{ChainIx, End, EndIx};
use crate::reread::Doubt;
use crate::step::{Fact, Leg, Setback, Stage};
use crate::trip::NeedKind;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use alloy_primitives::B256;
use chain::{AsOf, Ask, Blame, BlockNumber, Fault};
use wire::{Path, Seconds, Sequence};

/// Bound: packets that are looked up again in one ask.
const RECHECK_MAX: usize = 64;
/// Of those, how many are kept for parked ones where there are any.
const PARKED_MIN: usize = 16;
/// However many packets wait, so many asks are made in the time after which a packet counts as waiting too long. Together
/// they come to more packets than can be delivered in that time.
const RECHECKS_PER_WAIT: u64 = 512;
/// The same for parked packets, of which each was looked up before.
const PARKED_RECHECKS_PER_WAIT: u64 = 64;

/// Which packets are looked up next, because they wait too long for an event.
#[derive(Debug)]
pub(crate) struct Recheck {
    pub(crate) at: Seconds,
    /// The last ones that were looked up: the round goes on behind them, or else the first few would be all that is
    /// ever looked at.
    delivered: Option<Sequence>,
    returned: Option<Sequence>,
    /// Packets that were seen once to have moved on without an event, and the final block that was known then.
    /// Bound: of live packets that wait too long.
    missed: BTreeMap<(Side, Sequence), BlockNumber>,
    /// Packets that are said to be received and not acknowledged, and the final block that was known then: that they are
    /// received is to be proven from there on. Bound: the same.
    received: BTreeMap<Sequence, BlockNumber>,
}

impl Recheck {
    pub(crate) fn new(at: Seconds) -> Self {
        Self {
            at,
            delivered: None,
            returned: None,
            missed: BTreeMap::new(),
            received: BTreeMap::new(),
        }
    }

    /// The packets whose turn it is, of those that wait for the acknowledgement's event and for the settlement's.
    fn next_round(&mut self, [delivered, returned]: [&[Sequence]; 2], most: usize) -> [Vec<Sequence>; 2] {
        self.missed.retain(|(side, sequence), _| match side {
            Side::Destination => delivered.binary_search(sequence).is_ok(),
            Side::Source => returned.binary_search(sequence).is_ok(),
        });
        self.received
            .retain(|sequence, _| delivered.binary_search(sequence).is_ok());
        let round = [
            next_of_round(delivered, self.delivered, most),
            next_of_round(returned, self.returned, RECHECK_MAX),
        ];
        [self.delivered, self.returned] = [0, 1].map(|at: usize| round.get(at)?.last().copied());
        round
    }

    /// A packet is said to be received by this block.
    pub(crate) fn hear_received(&mut self, sequence: Sequence, by: BlockNumber) {
        self.received.entry(sequence).or_insert(by);
    }

    /// What a packet needs that is said to be received.
    pub(crate) fn receipt(&self, record: &PacketRecord) -> Option<NeedKind> {
        let is_included = matches!(record.standing.stage, Stage::Included { .. });
        let is_said = is_included && record.standing.leg == Leg::Deliver;
        (is_said && self.received.contains_key(&record.id.sequence)).then_some(NeedKind::Receipt)
    }

    /// The block by which a packet is said to be received.
    pub(crate) fn said_at(&self, sequence: Sequence) -> Option<BlockNumber> {
        self.received.get(&sequence).copied()
    }

    /// It was judged whether that is so.
    pub(crate) fn forget_said(&mut self, sequence: Sequence) {
        self.received.remove(&sequence);
    }

    /// Whether the same was seen before, when an older block than `read` was final. `known` is final now.
    fn is_missed_again(&mut self, of: (Side, Sequence), read: BlockNumber, known: BlockNumber) -> bool {
        let is_again = *self.missed.entry(of).or_insert(known) < read;
        if is_again {
            self.missed.remove(&of);
        }
        is_again
    }
}

impl Relayer {
    /// Looks up packets that wait too long for an event.
    pub(crate) fn poll_recheck(&mut self, ix: EndIx, out: &mut Effects) {
        let (now, limits) = (self.now, self.limits);
        let every = limits.recheck_every;
        let Some((end, _, here, there)) = self.pair(ix).filter(|(end, ..)| end.recheck.at <= now) else {
            return;
        };
        // Without a head it is not known how far events should be read by then.
        let (Some(here), Some(there)) = (here.finalized(), there.finalized()) else {
            return;
        };
        let (delivered, returned) = overdue(end, now, every);
        let waiting = delivered.len().max(returned.len());
        let pause = recheck_pause(every, waiting, end.parked.len());
        let most = RECHECK_MAX.saturating_sub(end.parked.len().min(PARKED_MIN));
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        end.recheck.at = now.saturating_add(pause);
        let [mut delivered, returned] = end.recheck.next_round([&delivered, &returned], most);
        let room = RECHECK_MAX.saturating_sub(delivered.len());
        delivered.extend(end.parked.unanswered.next_few(room));
        // Where there is little room others need it more.
        let tries = if end.has_much_room(&limits) {
            end.next_tries()
        } else {
            Vec::new()
        };
        self.park_refused(ix, out);
        for sequence in tries {
            self.wake(ix, sequence, out);
        }
        self.ask_recheck(ix, (Side::Destination, there.block), delivered, out);
        self.ask_recheck(ix, (Side::Source, here.block), returned, out);
    }

    fn ask_recheck(
        &mut self,
        flow: EndIx,
        (side, known): (Side, BlockNumber),
        sequences: Vec<Sequence>,
        out: &mut Effects,
    ) {
        let Some((end, peer, _, _)) = self.pair(flow).filter(|_| !sequences.is_empty()) else {
            return;
        };
        let (chain, keys): (ChainIx, Vec<Path>) = match side {
            Side::Destination => {
                let receipts = sequences.iter().map(|sequence| peer.receipt(*sequence));
                let there = &peer.name.id;
                let acks = sequences.iter().map(|sequence| there.acknowledgement(*sequence));
                (peer.chain, receipts.chain(acks).collect())
            }
            Side::Source => {
                let commitments = sequences.iter().map(|sequence| end.name.id.commitment(*sequence));
                (end.chain, commitments.collect())
            }
        };
        let purpose = Purpose::Recheck {
            flow,
            side,
            sequences,
            known,
        };
        let as_of = AsOf::Finalized;
        self.ask(chain, purpose, Ask::Lookup { keys, as_of }, out);
    }

    pub(crate) fn on_recheck(
        &mut self,
        flow: EndIx,
        (side, known): (Side, BlockNumber),
        sequences: &[Sequence],
        values: &[Option<B256>],
        out: &mut Effects,
    ) {
        let value = |at: usize| values.get(at).copied().flatten();
        let mut missed = Vec::new();
        for (at, sequence) in sequences.iter().enumerate() {
            // Nobody has done it after all if the commitment is still there, or if the receipt is missing.
            let (is_undone, is_announced) = match side {
                Side::Source => (value(at).is_some(), true),
                Side::Destination => (
                    !self.is_received_at(flow, *sequence, value(at)),
                    value(at.saturating_add(sequences.len())).is_some(),
                ),
            };
            if !self.still_waits(flow, *sequence) {
                continue;
            }
            if is_undone {
                self.redo(flow, *sequence, out);
            } else if !is_announced {
                self.park_received(flow, *sequence, out);
            } else if self.packet(flow, *sequence).is_none() {
                self.wake_answered(flow, *sequence, out);
            } else if self.is_missed(flow, (side, *sequence), known) {
                missed.push(*sequence);
            }
        }
        if !missed.is_empty() {
            self.on_missed(flow, side, missed, out);
        }
    }

    /// Whether an event was left out by which a packet would have moved on: if that is seen twice, and all is read meanwhile
    /// that was final at the first time, or else its event is still to come. Twice, because the look may have been at a newer
    /// block than any that was known.
    fn is_missed(&mut self, flow: EndIx, of: (Side, Sequence), asked_at: BlockNumber) -> bool {
        let Some((end, peer, here, there)) = self.pair(flow) else {
            return false;
        };
        let (read, head) = match of.0 {
            Side::Source => (end.scan.next, here.finalized()),
            Side::Destination => (peer.scan.next, there.finalized()),
        };
        let Some(known) = head.map(|head| head.block) else {
            return false;
        };
        // On a quick chain a slow endpoint is never quite at the head.
        let read = BlockNumber(read.0.saturating_sub(1)).min(asked_at);
        self.end_mut(flow)
            .is_some_and(|end| end.recheck.is_missed_again(of, read, known))
    }

    /// A parked packet is acknowledged: it is looked at when its record is here, or carried on by its event before that.
    fn wake_answered(&mut self, flow: EndIx, sequence: Sequence, out: &mut Effects) {
        let limits = self.limits;
        // Whoever only says so takes no room from others.
        if self.end(flow).is_some_and(|end| end.has_much_room(&limits)) {
            self.wake(flow, sequence, out);
        }
    }

    /// Whether a packet still waits for an event as it did when it was looked up.
    fn still_waits(&self, flow: EndIx, sequence: Sequence) -> bool {
        let is_parked = self.end(flow).is_some_and(|end| end.parked.contains(sequence));
        is_parked
            || self
                .packet(flow, sequence)
                .is_some_and(|record| matches!(record.standing.stage, Stage::Included { .. }))
    }

    /// What was to be done is not done. A parked packet is looked up again once it is awake, and then done.
    fn redo(&mut self, flow: EndIx, sequence: Sequence, out: &mut Effects) {
        if self.packet(flow, sequence).is_some() {
            self.apply(flow, sequence, Fact::PutBack(Setback::Lost), out);
        } else {
            self.wake(flow, sequence, out);
        }
    }

    /// Something happened to these packets and its event was never shown.
    fn on_missed(&mut self, flow: EndIx, side: Side, mut missed: Vec<Sequence>, out: &mut Effects) {
        let Some((end, peer, _, _)) = self.pair(flow) else {
            return;
        };
        let (chain, ix) = match side {
            Side::Source => (end.chain, flow),
            Side::Destination => (peer.chain, end.peer),
        };
        let text = "a packet was settled or acknowledged without an event for it";
        self.blame(chain, Blame::Peer, text, out);
        // The first one's reading comes to the events of those behind it, too.
        missed.sort_unstable();
        let mut doubts = missed.into_iter().map(|sequence| Doubt::Packet(flow, sequence));
        doubts.any(|doubt| self.rewind(ix, doubt, text, out));
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
    (delivered, returned)
}

/// The next few of `all`, which ascend: those behind `last`, and after the end the first ones again.
fn next_of_round(all: &[Sequence], last: Option<Sequence>, most: usize) -> Vec<Sequence> {
    let seen = all.partition_point(|sequence| Some(*sequence) <= last);
    all.iter()
        .cycle()
        .skip(seen)
        .take(all.len().min(most))
        .copied()
        .collect()
}

/// The pause between two asks: a quarter of the wait, and less when one ask does not hold all that wait.
fn recheck_pause(every: Seconds, waiting: usize, parked: usize) -> Seconds {
    let of = |count: usize, asks_max: u64| {
        let asks = u64::try_from(count.div_ceil(RECHECK_MAX)).unwrap_or(u64::MAX);
        let quarter = every.0.div_ceil(4);
        let shortest = every.0.div_ceil(asks_max);
        Seconds(quarter.div_ceil(asks.max(1)).max(shortest).max(1))
    };
    of(waiting, RECHECKS_PER_WAIT).min(of(parked, PARKED_RECHECKS_PER_WAIT))
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
        let first = next_of_round(&all, None, 32);
        assert_eq!(first, sequences(1..=32));
        let second = next_of_round(&all, first.last().copied(), 32);
        assert_eq!(second, sequences((33..=40).chain(1..=24)));
        // The last one was settled meanwhile.
        let rest = next_of_round(&all[..20], second.last().copied(), 32);
        assert_eq!(rest, all[..20]);
        assert_eq!(next_of_round(&all[..3], all.first().copied(), 32).len(), 3);
        assert_eq!(next_of_round(&[], all.first().copied(), 32), []);
    }

    #[test]
    fn many_that_wait_are_looked_up_more_often_within_a_bound() {
        let pause = |waiting, parked| recheck_pause(Seconds(1_800), waiting, parked).0;
        assert_eq!(
            [0, 1, 64, 65, 128].map(|n| pause(n, 0)),
            [450, 450, 450, 225, 225]
        );
        assert_eq!([20_000, usize::MAX].map(|n| pause(n, 0)), [4, 4]);
        assert_eq!([65, 20_000, usize::MAX].map(|n| pause(0, n)), [225, 29, 29]);
        assert_eq!(pause(20_000, 20_000), 4);
        assert_eq!(recheck_pause(Seconds(0), 5, 5), Seconds(1));
    }

    #[test]
    fn a_packet_is_missed_when_two_looks_a_block_apart_say_so() {
        let (mut recheck, block) = (Recheck::new(Seconds(0)), BlockNumber);
        let of = (Side::Destination, Sequence::FIRST);
        let waits: &[Sequence] = &[Sequence::FIRST];
        assert!(!recheck.is_missed_again(of, block(10), block(12)), "once");
        assert!(
            !recheck.is_missed_again(of, block(12), block(12)),
            "no newer block was known"
        );
        assert!(recheck.is_missed_again(of, block(13), block(13)));
        assert!(
            !recheck.is_missed_again(of, block(14), block(14)),
            "it is told once"
        );
        recheck.next_round([waits, &[]], 1);
        assert!(recheck.is_missed_again(of, block(15), block(15)));
        recheck.is_missed_again(of, block(16), block(16));
        recheck.next_round([&[], waits], 1);
        assert!(
            !recheck.is_missed_again(of, block(17), block(17)),
            "it went on meanwhile"
        );
    }

    /// Somebody who has packets delivered that are never answered cannot keep them in memory.
    #[test]
    fn packets_are_looked_up_faster_than_they_can_be_delivered() {
        let wait = 1_800;
        let asks = wait / recheck_pause(Seconds(wait), 20_000, 1_000_000).0;
        // A hundred messages in a block of twelve seconds.
        assert!(asks * (RECHECK_MAX - PARKED_MIN) as u64 > 100 * wait / 12);
    }
}
