//! First stop, event: from a chain's finalized events to packets at `Seen`.
//!
//! Decides which blocks are read and what an event means. It reads finalized blocks only, page by page, and its cursor
//! never passes an event that was not taken: sequences of sends are contiguous, so a page that leaves one out is refused
//! whole. It must never believe an event: what matters is proven later, and what turns out false makes the events be
//! read again.

use crate::asks::Purpose;
use crate::config::Limits;
use crate::effects::Effects;
use crate::front::Front;
use crate::machine::Relayer;
use crate::names::{PacketId, bounded};
use crate::packet::PacketRecord;
use crate::page::{BadPage, Course, check_page};
use crate::pages::{self, Pages};
use crate::park::Met;
use crate::place::{End, EndIx};
use crate::record::Record;
use crate::reread::{Doubt, Reread};
use crate::step::Fact;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use chain::{AnyPacket, Ask, Blame, BlockNumber, Event, EventAt, Fault, TxHash};
use wire::{Seconds, Sequence};

/// A cursor that is fewer blocks than this behind the head has read what there was some time ago.
const NEAR_HEAD: u64 = 8;
/// The part of an end's room that the cursor leaves to a front.
const FRONT_PART: usize = 8;

/// What an event says of a packet that was sent.
pub(crate) struct Sending {
    pub(crate) packet: AnyPacket,
    pub(crate) block: BlockNumber,
    pub(crate) tx: TxHash,
}

/// How far the events of an end are read.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(crate) next: BlockNumber,
    /// The first block that was never read, whatever is read again.
    pub(crate) unread_from: BlockNumber,
    pub(crate) last: Option<Sequence>,
    /// The first block with a send for which there was no room.
    pub(crate) deferred_sends: Option<BlockNumber>,
    /// The first block with an acknowledgement of a packet that the other end has not shown yet, and the lowest such
    /// sequence.
    pub(crate) deferred_acks: Option<(BlockNumber, Sequence)>,
    /// Events about parked packets, which are read again when these are awake.
    pub(crate) met: Met,
    pub(crate) pages: Pages,
    pub(crate) reread: Reread,
    /// The second reading, while this one is far behind the head.
    pub(crate) front: Option<Front>,
    pub(crate) audit_at: Seconds,
    pub(crate) audit_hit: Option<Sequence>,
}

impl Scan {
    pub(crate) fn new(start: BlockNumber, now: Seconds) -> Self {
        Self {
            next: start,
            unread_from: start,
            last: None,
            deferred_sends: None,
            deferred_acks: None,
            met: Met::default(),
            pages: Pages::new(now),
            reread: Reread::new(now),
            front: None,
            audit_at: now,
            audit_hit: None,
        }
    }
}

impl End {
    /// Room for what the cursor comes to. A part of it is the front's, while there is one.
    pub(crate) fn has_room(&self, limits: &Limits) -> bool {
        let part = |whole: usize| match self.scan.front {
            Some(_) => whole.saturating_sub(whole.div_euclid(FRONT_PART)),
            None => whole,
        };
        self.holds_less(part(limits.live_max), part(limits.live_bytes_max))
    }

    /// Room for what the front brings.
    pub(crate) fn has_front_room(&self, limits: &Limits) -> bool {
        self.holds_less(limits.live_max, limits.live_bytes_max)
    }

    fn holds_less(&self, packets: usize, bytes: usize) -> bool {
        self.flow.len().saturating_add(self.parked.coming()) < packets && self.flow_bytes < bytes
    }

    /// Room enough to read sends again that were put off: a quarter, so that not every settled packet causes a reading.
    pub(crate) fn has_much_room(&self, limits: &Limits) -> bool {
        let part = |whole: usize| whole.saturating_sub(whole.div_ceil(4));
        self.flow.len() <= part(limits.live_max) && self.flow_bytes <= part(limits.live_bytes_max)
    }
}

impl Relayer {
    /// Asks for the next page of an end's events, if there is one.
    pub(crate) fn poll_events(&mut self, ix: EndIx, out: &mut Effects) {
        self.read_met_again(ix);
        self.poll_front(ix, out);
        let (limits, now) = (self.limits, self.now);
        let Some((end, peer, chain, _)) = self.pair(ix) else {
            return;
        };
        let (Some(head), chain_ix) = (chain.finalized(), end.chain) else {
            return;
        };
        let known_over_there = peer.scan.last;
        let has_much_room = end.has_much_room(&limits);
        let Some(end) = self.end_mut(ix).filter(|end| end.scan.pages.is_due(now)) else {
            return;
        };
        if has_much_room && let Some(block) = end.scan.deferred_sends.take() {
            end.scan.next = end.scan.next.min(block);
        }
        if let Some((block, sequence)) = end.scan.deferred_acks
            && known_over_there >= Some(sequence)
        {
            end.scan.deferred_acks = None;
            end.scan.next = end.scan.next.min(block);
        }
        let from = end.scan.next;
        // On a quick chain a slow endpoint is never quite at the head.
        if head.block.0.saturating_sub(from.0) < NEAR_HEAD {
            self.poll_audit(ix, out);
            self.poll_passed(ix, out);
        }
        let Some(end) = self.end_mut(ix).filter(|_| from <= head.block) else {
            return;
        };
        let (from, to) = end.scan.pages.ask(from, head.block, limits.page_blocks);
        let end = end.name.id.clone();
        self.ask(
            chain_ix,
            Purpose::Events(ix, from, to),
            Ask::Events { end, from, to },
            out,
        );
    }

    pub(crate) fn on_events(
        &mut self,
        ix: EndIx,
        (from, to): (BlockNumber, BlockNumber),
        covered: BlockNumber,
        events: Vec<EventAt>,
        out: &mut Effects,
    ) {
        let now = self.now;
        let Some((end, peer, chain, _)) = self.pair(ix) else {
            return;
        };
        if !end.scan.pages.awaits((from, to)) {
            return;
        }
        let path = (&end.name.id, &peer.name.id);
        let bad = check_page(path, end.course(), (from, to), covered, &events);
        let (endpoint, has_failed) = (chain.name.to_string(), end.scan.pages.has_failed());
        if let Err(bad) = bad {
            let is_gap = matches!(bad, BadPage::Gap(_));
            let why = bad.fault(endpoint, now);
            self.on_events_failed(ix, (from, to), &why, out);
            if is_gap && has_failed {
                // Asked twice, the page stays as it is: what is missing lies in one that was read before.
                self.rewind(ix, Doubt::Reading, bad.text(), out);
            }
            return;
        }
        for event in events {
            self.on_event(ix, event, out);
        }
        if let Some(end) = self.end_mut(ix) {
            end.scan.pages.came();
            end.scan.next = BlockNumber(covered.0.saturating_add(1));
            end.scan.unread_from = end.scan.unread_from.max(end.scan.next);
            end.scan.end_reread(now);
            out.save(Record::Cursor(end.cursor()));
        }
    }

    pub(crate) fn on_events_failed(
        &mut self,
        ix: EndIx,
        (from, to): (BlockNumber, BlockNumber),
        why: &Fault,
        out: &mut Effects,
    ) {
        let Some(end) = self.end(ix).filter(|end| end.scan.pages.awaits((from, to))) else {
            return;
        };
        let chain = end.chain;
        if matches!(why, Fault::Pruned { .. }) && self.leave_reread(ix, (from, to), why, out) {
            return;
        }
        let failures = self.end_mut(ix).map(|end| end.scan.pages.fail((from, to), why));
        let until = self.pause_until(failures.unwrap_or_default(), pages::retry(why));
        if let Some(end) = self.end_mut(ix) {
            end.scan.pages.rest(until);
        }
        self.blame_fault(chain, why, out);
    }

    fn on_event(&mut self, ix: EndIx, at: EventAt, out: &mut Effects) {
        let EventAt { block, tx, event } = at;
        match event {
            Event::Sent(packet) => self.on_send_event(ix, Sending { packet, block, tx }, out),
            Event::Unreadable { sequence, .. } => self.pass_over(ix, sequence, block, out),
            Event::Acknowledged {
                packet,
                acknowledgement,
            } => {
                self.on_ack_event(ix, packet.sequence(), acknowledgement, block, out);
            }
            Event::AckReturned { sequence, .. } => {
                self.on_settle_event(ix, sequence, |block| Fact::AckReturned { block }, block, out);
            }
            Event::TimedOut { sequence, .. } => {
                self.on_settle_event(ix, sequence, |block| Fact::TakenBack { block }, block, out);
            }
        }
    }

    pub(crate) fn on_send_event(&mut self, ix: EndIx, sending: Sending, out: &mut Effects) {
        let (limits, sequence, block) = (self.limits, sending.packet.sequence(), sending.block);
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        // One that was called unreadable before is none, and seen for the first time.
        let is_passed = end.passed.contains(sequence);
        let (is_beyond, is_known) = (end.is_beyond_cursor(sequence), end.is_known_ahead(sequence));
        // In a block that was never read there is no send that was seen before.
        let has_not_ended = block >= end.scan.unread_from || end.ended.is_committed(sequence);
        let is_again = !is_beyond && !is_known && !is_passed && has_not_ended;
        if is_again {
            self.take_again(ix, sending, out);
            return;
        }
        if !is_passed && (is_known || !is_beyond) {
            if is_beyond && end.scan.deferred_sends.is_none() {
                end.scan.last = Some(sequence);
            }
            self.compare_send(ix, sending.packet, block, out);
            return;
        }
        if end.scan.deferred_sends.is_some() || !end.has_room(&limits) {
            end.scan.deferred_sends = Some(end.scan.deferred_sends.map_or(block, |first| first.min(block)));
            return;
        }
        end.scan.last = end.scan.last.max(Some(sequence));
        self.take_send(ix, sending, out);
    }

    /// A send whose number was shown before as one that has ended: what was shown then was false.
    fn take_again(&mut self, ix: EndIx, sending: Sending, out: &mut Effects) {
        let (limits, sequence) = (self.limits, sending.packet.sequence());
        let Some(end) = self.end(ix) else {
            return;
        };
        let (chain, has_room) = (end.chain, end.has_front_room(&limits));
        let text = format!("packet {sequence} is sent only now, and was shown before as one that has ended");
        self.blame(chain, Blame::Peer, &text, out);
        if has_room {
            self.take_send(ix, sending, out);
        }
    }

    /// A packet that was not seen before.
    pub(crate) fn take_send(&mut self, ix: EndIx, sending: Sending, out: &mut Effects) {
        let Sending { packet, block, tx } = sending;
        let (now, sequence, destination) = (self.now, packet.sequence(), packet.destination());
        let Some((end, peer, _, _)) = self.pair(ix) else {
            return;
        };
        let (expected, peer) = (peer.name.id.clone(), end.peer);
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        end.passed.forget(sequence);
        end.ended.forget(sequence);
        let source = end.name.clone();
        let record = PacketRecord::seen(PacketId { source, sequence }, packet, block, tx, now);
        out.save(Record::Packet(record.clone()));
        end.insert(record);
        for lane in [ix, peer] {
            self.touch(lane);
        }
        if destination != expected {
            let fact = Fact::NotThisPath {
                destination: bounded(&destination.to_string()),
            };
            self.apply(ix, sequence, fact, out);
        }
    }

    /// A send that was seen before: replaces what an endpoint showed, unless that is proven.
    fn compare_send(&mut self, ix: EndIx, packet: AnyPacket, block: BlockNumber, out: &mut Effects) {
        let sequence = packet.sequence();
        let Some(record) = self.packet(ix, sequence) else {
            return;
        };
        if record.is_proven || (*record.packet == packet && record.sent == block) {
            return;
        }
        let Some(chain) = self.end(ix).map(|end| end.chain) else {
            return;
        };
        self.blame(
            chain,
            Blame::Peer,
            &format!("packet {} was shown with other contents before", record.id),
            out,
        );
        self.apply(ix, sequence, Fact::ShownOtherwise { block }, out);
        let now = self.now;
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        let Some(mut record) = end.flow.get(&sequence).cloned() else {
            return;
        };
        end.doubted.remove(&sequence);
        record.packet = packet.into();
        (record.not_before, record.attempts) = (now, 0);
        out.save(Record::Packet(record.clone()));
        end.insert(record);
    }
}

impl End {
    /// The sequence that the next new send must have; none after the last possible one.
    pub(crate) fn expected(&self) -> Option<Sequence> {
        self.scan
            .last
            .map_or(Some(self.config.first), |last| last.next().ok())
    }

    /// Which send the next page has to begin with.
    fn course(&self) -> Course {
        match self.scan.deferred_sends {
            Some(_) => Course::PuttingOff(self.expected()),
            None => Course::After(self.expected()),
        }
    }
}
