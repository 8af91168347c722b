//! Packets that nobody can relay, because the chain committed what no packet can be.
//!
//! Decides that they take a number and no room, cause no blame and no reading of everything again. That a packet is such a
//! one is a hint like any other event, so the block that is said to hold it is looked at again, later each time. It must never take
//! one for a packet that was left out, nor forget a packet because somebody called it unreadable once.

use crate::asks::Purpose;
use crate::effects::{Effects, Note};
use crate::machine::Relayer;
use crate::names::PacketId;
use crate::place::EndIx;
use crate::reread::Doubt;
use crate::scan::Sending;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use chain::{Ask, Blame, BlockNumber, Event, EventAt};
use wire::{Seconds, Sequence};

/// Bound: packets of one end that are looked at again. The one that was seen to be unreadable most often gives way.
const PASSED_MAX: usize = 64;
/// Bound: the time to the next look doubles at most this often.
const DOUBLINGS_MAX: u32 = 8;

/// The packets of an end that were passed over.
#[derive(Debug, Default)]
pub(crate) struct Passed {
    of: BTreeMap<Sequence, Look>,
    asked: Option<Sequence>,
}

#[derive(Clone, Copy, Debug)]
struct Look {
    block: BlockNumber,
    /// How often it was called unreadable.
    times: u32,
    next: Seconds,
}

impl Passed {
    /// What a store gave back: each of them is looked at soon.
    pub(crate) fn restored(passed: Vec<(Sequence, BlockNumber)>, now: Seconds) -> Self {
        let look = |block| Look {
            block,
            times: 0,
            next: now,
        };
        let of = passed.into_iter().take(PASSED_MAX);
        Self {
            of: of.map(|(sequence, block)| (sequence, look(block))).collect(),
            asked: None,
        }
    }

    /// What is to be kept on disk.
    pub(crate) fn to_keep(&self) -> Vec<(Sequence, BlockNumber)> {
        self.of
            .iter()
            .map(|(sequence, look)| (*sequence, look.block))
            .collect()
    }

    pub(crate) fn contains(&self, sequence: Sequence) -> bool {
        self.of.contains_key(&sequence)
    }

    pub(crate) fn forget(&mut self, sequence: Sequence) {
        self.of.remove(&sequence);
    }

    /// It was called unreadable, or could not be looked at.
    fn put_off(&mut self, sequence: Sequence, block: BlockNumber, now: Seconds, every: Seconds) {
        let times = self
            .of
            .get(&sequence)
            .map_or(0, |look| look.times.saturating_add(1));
        let doubled = 1u64.checked_shl(times.min(DOUBLINGS_MAX)).unwrap_or(1);
        let next = now.saturating_add(Seconds(every.0.saturating_mul(doubled)));
        self.of.insert(sequence, Look { block, times, next });
        if self.of.len() > PASSED_MAX {
            // Of those that were confirmed as often, the newest stays.
            let surest = self
                .of
                .iter()
                .max_by_key(|(sequence, look)| (look.times, core::cmp::Reverse(**sequence)));
            if let Some(surest) = surest.map(|(sequence, _)| *sequence) {
                self.of.remove(&surest);
            }
        }
    }

    fn due(&self, now: Seconds) -> Option<(Sequence, BlockNumber)> {
        let due = self.of.iter().find(|(_, look)| look.next <= now);
        due.filter(|_| self.asked.is_none())
            .map(|(sequence, look)| (*sequence, look.block))
    }
}

impl Relayer {
    /// A send that nobody can relay: it has its number.
    pub(crate) fn pass_over(&mut self, ix: EndIx, sequence: Sequence, block: BlockNumber, out: &mut Effects) {
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        let is_next = end.scan.deferred_sends.is_none() && end.expected() == Some(sequence);
        // While sends are put off it is read again after them.
        if !is_next && !end.passed.contains(sequence) {
            return;
        }
        if is_next {
            end.scan.last = Some(sequence);
        }
        self.note_passed(ix, sequence, block, out);
    }

    /// Remembers one that was passed over, and tells of it the first time.
    pub(crate) fn note_passed(
        &mut self,
        ix: EndIx,
        sequence: Sequence,
        block: BlockNumber,
        out: &mut Effects,
    ) {
        let (now, every) = (self.now, self.limits.rewind_every);
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        let (is_known, source) = (end.passed.contains(sequence), end.name.clone());
        end.passed.put_off(sequence, block, now, every);
        if !is_known {
            let packet = PacketId { source, sequence };
            out.note(Note::PassedOver { packet });
        }
    }

    /// Looks again at one of the packets that were passed over, if it is time.
    pub(crate) fn poll_passed(&mut self, ix: EndIx, out: &mut Effects) {
        let now = self.now;
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        let Some((sequence, block)) = end.passed.due(now) else {
            return;
        };
        end.passed.asked = Some(sequence);
        let (chain, end) = (end.chain, end.name.id.clone());
        let ask = Ask::Events {
            end,
            from: block,
            to: block,
        };
        self.ask(chain, Purpose::Passed(ix, sequence), ask, out);
    }

    /// What the block of a packet that was passed over holds now.
    pub(crate) fn on_passed(
        &mut self,
        ix: EndIx,
        sequence: Sequence,
        events: Vec<EventAt>,
        out: &mut Effects,
    ) {
        self.on_passed_failed(ix, sequence);
        let Some(chain) = self.end(ix).map(|end| end.chain) else {
            return;
        };
        let of_it = events.into_iter().find(|at| match &at.event {
            Event::Sent(packet) => packet.sequence() == sequence,
            Event::Unreadable { sequence: other, .. } => *other == sequence,
            Event::Acknowledged { .. } | Event::AckReturned { .. } | Event::TimedOut { .. } => false,
        });
        match of_it.map(|at| (at.event, at.block, at.tx)) {
            Some((Event::Sent(packet), block, tx)) => {
                self.blame(chain, Blame::Peer, &shown_late(sequence), out);
                self.on_send_event(ix, Sending { packet, block, tx }, out);
            }
            Some(_) => {}
            None => {
                let text = alloc::format!("packet {sequence} is not where it was shown to be unreadable");
                self.rewind(ix, Doubt::Packet(ix, sequence), &text, out);
            }
        }
    }

    /// Nothing was learned: it is looked at again later.
    pub(crate) fn on_passed_failed(&mut self, ix: EndIx, sequence: Sequence) {
        let (now, every) = (self.now, self.limits.rewind_every);
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        end.passed.asked = None;
        if let Some(block) = end.passed.of.get(&sequence).map(|look| look.block) {
            end.passed.put_off(sequence, block, now, every);
        }
    }
}

fn shown_late(sequence: Sequence) -> alloc::string::String {
    alloc::format!("packet {sequence} was called unreadable before, and is not")
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: Seconds = Seconds(600);

    #[test]
    fn looks_become_rare_and_never_end() {
        let (mut passed, mut now, mut looks) = (Passed::default(), Seconds(0), 0);
        passed.put_off(Sequence::FIRST, BlockNumber(7), now, EVERY);
        while now.0 < 10_000_000 {
            now = now.saturating_add(Seconds(100));
            if passed.due(now).is_some() {
                passed.put_off(Sequence::FIRST, BlockNumber(7), now, EVERY);
                looks += 1;
            }
        }
        assert!((60..90).contains(&looks), "{looks} looks");
    }

    #[test]
    fn the_one_that_is_surest_to_be_unreadable_gives_way() {
        let mut passed = Passed::default();
        let number = |n: usize| Sequence::new(n as u64).unwrap();
        for n in 1..=PASSED_MAX {
            passed.put_off(number(n), BlockNumber(7), Seconds(0), EVERY);
        }
        passed.put_off(number(9), BlockNumber(7), Seconds(0), EVERY);
        passed.put_off(number(PASSED_MAX + 1), BlockNumber(7), Seconds(0), EVERY);
        assert!(!passed.contains(number(9)));
        passed.put_off(number(PASSED_MAX + 2), BlockNumber(7), Seconds(0), EVERY);
        assert!(!passed.contains(number(1)), "of equals the oldest");
        assert_eq!(passed.to_keep().len(), PASSED_MAX);
        assert_eq!(
            Passed::restored(passed.to_keep(), Seconds(0)).to_keep(),
            passed.to_keep()
        );
    }
}
