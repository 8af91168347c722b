//! Reading an end's events again, because something that an endpoint showed was false.
//!
//! Decides when that may happen. Whoever sends packets can make events doubtful, so a doubt must never cost more than a
//! part of the reading: one rereading at a time, a pause after it that is longer than it took, and a packet that looked
//! the same after it waits longer each time before it causes another.

use crate::effects::{Effects, Note};
use crate::machine::Relayer;
use crate::names::bounded;
use crate::park::Met;
use crate::place::EndIx;
use crate::record::Record;
use crate::scan::Scan;
use chain::BlockNumber;
use wire::{Seconds, Sequence};

/// After a rereading there is none for this many times as long as it took, so that new blocks are read most of the time.
const REST: u64 = 4;
/// Bound: the pause of one packet doubles at most this often.
const DOUBLINGS_MAX: u32 = 6;

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
    /// While events are read again: since when, and the block up to which that goes.
    running: Option<(Seconds, BlockNumber)>,
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
    /// Everything before `next` is read: a rereading that has come so far is over, and reading rests from it.
    pub(crate) fn end_reread(&mut self, now: Seconds) {
        let Some((since, _)) = self.reread.running.filter(|(_, to)| self.next > *to) else {
            return;
        };
        let took = now.saturating_sub(since);
        let rest = now.saturating_add(Seconds(took.0.saturating_mul(REST)));
        self.reread.running = None;
        self.reread.packets_at = self.reread.packets_at.max(rest);
    }
}

impl Relayer {
    /// Reads an end's events again from the start, if it is time; says whether it does. Everything that is read again
    /// does nothing the second time.
    pub(crate) fn rewind(&mut self, ix: EndIx, doubt: Doubt, why: &str, out: &mut Effects) -> bool {
        let (now, every) = (self.now, self.limits.rewind_every);
        let finalized = self
            .pair(ix)
            .and_then(|(_, _, chain, _)| chain.finalized())
            .map(|head| head.block);
        if !self.is_doubt_due(doubt) {
            return false;
        }
        let Some(end) = self.end_mut(ix) else {
            return false;
        };
        if !end.scan.reread.takes(doubt, now, every) {
            return false;
        }
        let (since, before) = end.scan.reread.running.unwrap_or((now, end.config.start));
        let read = BlockNumber(end.scan.next.0.saturating_sub(1));
        let to = read.max(before).min(finalized.unwrap_or(read));
        end.scan.reread.running = Some((since, to));
        end.scan.next = end.config.start;
        (end.scan.deferred_acks, end.scan.met) = (None, Met::default());
        end.scan.asked = None;
        out.note(Note::Rewound {
            end: end.name.clone(),
            text: bounded(why),
        });
        out.save(Record::Cursor(end.cursor()));
        self.remember_doubt(doubt, every);
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

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: Seconds = Seconds(600);
    const PACKET: Doubt = Doubt::Packet(EndIx(0), Sequence::FIRST);

    #[test]
    fn a_rereading_is_not_begun_anew_and_is_followed_by_a_longer_rest() {
        let mut scan = Scan::new(BlockNumber(0), Seconds(0));
        assert!(scan.reread.takes(PACKET, Seconds(10), EVERY));
        scan.reread.running = Some((Seconds(10), BlockNumber(99)));
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
        scan.reread.running = Some((Seconds(10), BlockNumber(99)));
        assert!(scan.reread.takes(Doubt::Reading, Seconds(20), EVERY));
        assert!(!scan.reread.takes(Doubt::Reading, Seconds(619), EVERY));
        assert!(scan.reread.takes(Doubt::Reading, Seconds(620), EVERY));
    }
}
