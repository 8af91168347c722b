//! Reading an end's events again, because something that an endpoint showed was false.
//!
//! Decides when that may happen. Whoever sends packets can make events doubtful, so a doubt must never cost more than a
//! part of the reading: one rereading at a time, from where the packet came, a pause after it that is longer than it took, and
//! a packet that looked the same after it waits longer each time before it causes another. Reading itself must never stand
//! still because of a doubt: where blocks cannot be had again it goes on without them, and a restart forgets the doubt.

use crate::effects::{Effects, Note};
use crate::machine::Relayer;
use crate::names::bounded;
use crate::packet::PacketRecord;
use crate::place::EndIx;
use crate::place::{ChainIx, End};
use crate::record::Record;
use crate::scan::Scan;
use crate::step::{Fact, Leg};
use alloc::format;
use chain::{Blame, BlockNumber, Fault};
use wire::{Seconds, Sequence};

/// After a rereading there is none for this many times as long as it took, so that new blocks are read most of the time.
const REST: u64 = 4;
/// Bound: the pause of one packet doubles at most this often.
const DOUBLINGS_MAX: u32 = 6;

/// An endpoint may lag behind another by this many blocks without being called a liar.
pub(crate) const AHEAD_MAX: u64 = 256;

/// Why events are to be read again.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Doubt {
    /// Reading itself cannot go on.
    Reading,
    /// An event about this packet of this end is contradicted by the state.
    Packet(EndIx, Sequence),
}

/// How an end's events are read again.
#[derive(Debug)]
pub(crate) struct Reread {
    /// No doubt about a packet is followed before this time, and none about the reading before the other.
    packets_at: Seconds,
    reading_at: Seconds,
    running: Option<Running>,
}

/// Events are being read again.
#[derive(Clone, Copy, Debug)]
struct Running {
    since: Seconds,
    /// The block up to which that goes.
    to: BlockNumber,
    /// Where reading was before, and goes on when this is left.
    resume: BlockNumber,
}

/// What a packet's event has caused so far. Forgotten when the event turns out to be another one.
#[derive(Debug, Default)]
pub(crate) struct Doubted {
    times: u32,
    not_before: Seconds,
}

impl Reread {
    pub(crate) fn new(now: Seconds) -> Self {
        Self {
            packets_at: now,
            reading_at: now,
            running: None,
        }
    }

    /// Whether a doubt is followed now; if so, the next of its kind waits at least `every`.
    fn takes(&mut self, doubt: Doubt, now: Seconds, every: Seconds) -> bool {
        let at = match doubt {
            Doubt::Packet(..) if self.running.is_some() => return false,
            Doubt::Packet(..) => &mut self.packets_at,
            Doubt::Reading => &mut self.reading_at,
        };
        let takes = *at <= now;
        if takes {
            *at = now.saturating_add(every);
        }
        takes
    }
}

impl Scan {
    /// Where reading has to start after a restart.
    pub(crate) fn durable_next(&self) -> BlockNumber {
        let next = self.reread.running.map_or(self.next, |running| running.resume);
        let sends = self.deferred_sends.unwrap_or(next);
        let acks = self.deferred_acks.map_or(next, |(block, _)| block);
        let met = self.met.first().unwrap_or(next);
        next.min(sends).min(acks).min(met)
    }

    /// Reads again from `from`; what was put off behind it is met again on the way.
    fn begin_reread(&mut self, from: BlockNumber, finalized: Option<BlockNumber>, now: Seconds) {
        let before = self.reread.running;
        let read = BlockNumber(self.next.0.saturating_sub(1));
        let to = read.max(before.map_or(from, |running| running.to));
        let to = to.min(finalized.unwrap_or(read));
        let is_behind = |block: &mut BlockNumber| *block >= from;
        let put_off = [
            self.deferred_acks
                .take_if(|(block, _)| is_behind(block))
                .map(|(block, _)| block),
            self.met.acks.take_if(is_behind),
            self.met.settlements.take_if(is_behind),
        ];
        let resume = before.map_or(self.next, |running| running.resume);
        let resume = put_off.into_iter().flatten().fold(resume, BlockNumber::min);
        self.reread.running = Some(Running {
            since: before.map_or(now, |running| running.since),
            to,
            resume: resume.min(BlockNumber(to.0.saturating_add(1))),
        });
        self.next = from;
        self.pages.forget();
    }

    /// Everything before `next` is read: a rereading that has come so far is over, and reading rests from it.
    pub(crate) fn end_reread(&mut self, now: Seconds) {
        if self.reread.running.is_some_and(|running| self.next > running.to) {
            self.rest_from_reread(now);
        }
    }

    /// Ends a rereading wherever it is; says where reading goes on then.
    fn rest_from_reread(&mut self, now: Seconds) -> Option<BlockNumber> {
        let running = self.reread.running.take()?;
        let took = now.saturating_sub(running.since);
        let rest = now.saturating_add(Seconds(took.0.saturating_mul(REST)));
        self.reread.packets_at = self.reread.packets_at.max(rest);
        Some(running.resume)
    }
}

impl Relayer {
    /// Reads an end's events again, if it is time; says whether it does. Everything that is read again does nothing the
    /// second time.
    pub(crate) fn rewind(&mut self, ix: EndIx, doubt: Doubt, why: &str, out: &mut Effects) -> bool {
        let (now, every) = (self.now, self.limits.rewind_every);
        let finalized = self
            .pair(ix)
            .and_then(|(_, _, chain, _)| chain.finalized())
            .map(|head| head.block);
        if !self.is_doubt_due(doubt) {
            return false;
        }
        let since = self.happened_since(ix, doubt);
        let Some(end) = self.end_mut(ix) else {
            return false;
        };
        if !end.scan.reread.takes(doubt, now, every) {
            return false;
        }
        let from = since.map_or(end.config.start, |block| {
            block.min(end.scan.next).max(end.config.start)
        });
        end.scan.begin_reread(from, finalized, now);
        out.note(Note::Rewound {
            end: end.name.clone(),
            text: bounded(why),
        });
        out.save(Record::Cursor(end.cursor()));
        self.remember_doubt(doubt, every);
        true
    }

    /// Reads events again that were read far beyond the finalized block: the endpoint that showed them had none to show.
    pub(crate) fn rewind_ahead(&mut self, ix: ChainIx, finalized: BlockNumber, out: &mut Effects) {
        let limit = finalized.0.saturating_add(AHEAD_MAX);
        for at in (0..self.ends.len()).map(EndIx) {
            let is_ahead = |end: &&End| end.chain == ix && end.scan.next.0 > limit;
            let Some(next) = self.end(at).filter(is_ahead).map(|end| end.scan.next) else {
                continue;
            };
            let text = format!("events were shown up to block {next}, and only {finalized} is final");
            self.blame(ix, Blame::Peer, &text, out);
            if let Some(end) = self.end_mut(at) {
                end.scan.unread_from = BlockNumber(finalized.0.saturating_add(1));
            }
            self.rewind(at, Doubt::Reading, &text, out);
        }
    }

    /// The first block of the end `ix` that can hold what a doubt is about, by what the packet went through. None where that
    /// says nothing, or where a reading from there did not show it: it may lie before all the same.
    fn happened_since(&self, ix: EndIx, doubt: Doubt) -> Option<BlockNumber> {
        let Doubt::Packet(flow, sequence) = doubt else {
            return None;
        };
        let end = self.end(flow)?;
        if end.doubted.contains_key(&sequence) {
            return None;
        }
        match end.flow.get(&sequence) {
            Some(record) if ix == flow => Some(record.sent),
            Some(record) => unreceived_at(record),
            // The send that is expected next follows the last one.
            None if ix == flow && end.expected() == Some(sequence) => {
                Some(end.flow.get(&end.scan.last?)?.sent)
            }
            None => None,
        }
    }

    /// An endpoint no longer has blocks that are to be read again: reading goes on where it was before. Says whether it
    /// does.
    pub(crate) fn leave_reread(
        &mut self,
        ix: EndIx,
        (from, to): (BlockNumber, BlockNumber),
        why: &Fault,
        out: &mut Effects,
    ) -> bool {
        let now = self.now;
        let Some(end) = self.end_mut(ix) else {
            return false;
        };
        let Some(resume) = end.scan.rest_from_reread(now) else {
            return false;
        };
        end.scan.next = resume;
        end.scan.pages.forget();
        let text = format!("failed to read blocks {from} to {to} again, reading goes on at {resume}: {why}");
        out.note(Note::RereadLeft {
            end: end.name.clone(),
            text: bounded(&text),
        });
        out.save(Record::Cursor(end.cursor()));
        true
    }

    /// Whether the packet's event may cause another rereading. The first is free; what it shows again, waits.
    fn is_doubt_due(&self, doubt: Doubt) -> bool {
        let Doubt::Packet(flow, sequence) = doubt else {
            return true;
        };
        let known = self.end(flow).and_then(|end| end.doubted.get(&sequence));
        known.is_none_or(|known| known.not_before <= self.now)
    }

    fn remember_doubt(&mut self, doubt: Doubt, every: Seconds) {
        let now = self.now;
        let Doubt::Packet(flow, sequence) = doubt else {
            return;
        };
        let Some(end) = self.end_mut(flow) else {
            return;
        };
        // Bound: of live and parked packets, of those that were passed over, and of the one that is expected next.
        let expected = end.expected();
        let is_known = |known: Sequence| {
            end.flow.contains_key(&known) || end.parked.contains(known) || end.passed.contains(known)
        };
        end.doubted
            .retain(|known, _| is_known(*known) || Some(*known) == expected);
        let doubted = end.doubted.entry(sequence).or_default();
        doubted.times = doubted.times.saturating_add(1);
        let doubled = 1u64.checked_shl(doubted.times.min(DOUBLINGS_MAX)).unwrap_or(1);
        doubted.not_before = now.saturating_add(Seconds(every.0.saturating_mul(doubled)));
    }

    /// An event turned out to be another one than was shown before: what it causes from now on is new.
    pub(crate) fn forget_doubt(&mut self, flow: EndIx, sequence: Sequence) {
        if let Some(end) = self.end_mut(flow) {
            end.doubted.remove(&sequence);
        }
    }
}

/// A block of the destination up to which the packet was not received: the final one when it was chosen to be carried.
fn unreceived_at(record: &PacketRecord) -> Option<BlockNumber> {
    let mut history = record.history.iter();
    let is_chosen = |fact: &Fact| matches!(fact, Fact::Chosen { .. });
    let chosen = history.find(|change| change.standing.leg == Leg::Deliver && is_chosen(&change.fact));
    chosen?.destination
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: Seconds = Seconds(600);
    const PACKET: Doubt = Doubt::Packet(EndIx(0), Sequence::FIRST);

    #[test]
    fn a_rereading_is_not_begun_anew_and_is_followed_by_a_longer_rest() {
        let mut scan = Scan::new(BlockNumber(0), Seconds(0));
        assert!(scan.reread.takes(PACKET, Seconds(10), EVERY));
        scan.next = BlockNumber(100);
        scan.begin_reread(BlockNumber(0), None, Seconds(10));
        scan.next = BlockNumber(99);
        scan.end_reread(Seconds(2_000));
        assert!(
            !scan.reread.takes(PACKET, Seconds(2_000), EVERY),
            "it is still going on"
        );
        scan.next = BlockNumber(100);
        scan.end_reread(Seconds(2_010));
        assert!(!scan.reread.takes(PACKET, Seconds(10_009), EVERY));
        assert!(scan.reread.takes(PACKET, Seconds(10_010), EVERY));
    }

    #[test]
    fn what_stands_in_the_way_of_reading_waits_for_no_packet() {
        let mut scan = Scan::new(BlockNumber(0), Seconds(0));
        assert!(scan.reread.takes(PACKET, Seconds(10), EVERY));
        scan.next = BlockNumber(100);
        scan.begin_reread(BlockNumber(0), None, Seconds(10));
        assert!(scan.reread.takes(Doubt::Reading, Seconds(20), EVERY));
        assert!(!scan.reread.takes(Doubt::Reading, Seconds(619), EVERY));
        assert!(scan.reread.takes(Doubt::Reading, Seconds(620), EVERY));
    }

    #[test]
    fn what_was_put_off_behind_a_rereading_is_not_lost_when_that_is_left() {
        let mut scan = Scan::new(BlockNumber(0), Seconds(0));
        scan.next = BlockNumber(100);
        scan.deferred_acks = Some((BlockNumber(80), Sequence::FIRST));
        scan.met.settlements = Some(BlockNumber(40));
        scan.begin_reread(BlockNumber(60), None, Seconds(10));
        assert_eq!((scan.next, scan.deferred_acks), (BlockNumber(60), None));
        assert_eq!(scan.met.settlements, Some(BlockNumber(40)), "it lies before");
        assert_eq!(scan.durable_next(), BlockNumber(40));
        assert_eq!(scan.rest_from_reread(Seconds(20)), Some(BlockNumber(80)));
    }
}
