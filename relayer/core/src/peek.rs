//! Reading the newest blocks while old ones are still to be read, so that what is sent now waits for no backlog.
//!
//! Decides what of the front's events counts. It is a peek and replaces nothing: the cursor comes to every block of it, too, and
//! what the front took and the cursor does not find was never sent. It must never advance the cursor, and where packets go in
//! order there is none.

use crate::asks::Purpose;
use crate::effects::Effects;
use crate::front::Front;
use crate::machine::Relayer;
use crate::names::PacketId;
use crate::page::check_page;
use crate::pages;
use crate::place::EndIx;
use crate::record::Record;
use crate::reread::Doubt;
use crate::scan::Sending;
use crate::step::Fact;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use chain::{Ask, Blame, BlockNumber, Event, EventAt, Fault};
use wire::Sequence;

impl Relayer {
    /// Reads the newest blocks, where the cursor is far behind them.
    pub(crate) fn poll_front(&mut self, ix: EndIx, out: &mut Effects) {
        self.end_front(ix, out);
        let (limits, now) = (self.limits, self.now);
        let Some((end, peer, chain, _)) = self.pair(ix) else {
            return;
        };
        // Over an ordered channel nothing goes before what lies there.
        let is_ordered = peer.is_ordered() || end.is_ordered() || end.is_unread_channel();
        let (Some(head), chain_ix) = (chain.finalized().map(|head| head.block), end.chain) else {
            return;
        };
        if is_ordered || !end.scan.wants_front(head) || !end.has_front_room(&limits) {
            return;
        }
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        let front = end.scan.front.get_or_insert_with(|| Front::begin(head, now));
        let Some((from, to)) = front.ask(head, limits.page_blocks, now) else {
            return;
        };
        let end = end.name.id.clone();
        let ask = Ask::Events { end, from, to };
        self.ask(chain_ix, Purpose::Front(ix, from, to), ask, out);
    }

    pub(crate) fn on_front(
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
        let asked = |front: &&Front| front.pages.awaits((from, to));
        let Some(course) = end.scan.front.as_ref().filter(asked).map(Front::course) else {
            return;
        };
        let path = (&end.name.id, &peer.name.id);
        if let Err(bad) = check_page(path, course, (from, to), covered, &events) {
            let why = bad.fault(chain.name.to_string(), now);
            self.on_front_failed(ix, (from, to), &why, out);
            return;
        }
        let mut next = BlockNumber(covered.0.saturating_add(1));
        for event in events {
            let block = event.block;
            if !self.on_front_event(ix, event, out) {
                // Read again when there is room.
                next = block;
                break;
            }
        }
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        if let Some(front) = &mut end.scan.front {
            front.pages.came();
            front.next = next;
        }
        out.save(Record::Cursor(end.cursor()));
    }

    pub(crate) fn on_front_failed(
        &mut self,
        ix: EndIx,
        (from, to): (BlockNumber, BlockNumber),
        why: &Fault,
        out: &mut Effects,
    ) {
        let asked = |front: &&mut Front| front.pages.awaits((from, to));
        let front = self.end_mut(ix).and_then(|end| end.scan.front.as_mut());
        let failed = front.filter(asked).map(|front| front.pages.fail((from, to), why));
        let (Some(failures), Some(chain)) = (failed, self.end(ix).map(|end| end.chain)) else {
            return;
        };
        let until = self.pause_until(failures, pages::retry(why));
        let front = self.end_mut(ix).and_then(|end| end.scan.front.as_mut());
        if let Some(front) = front {
            front.pages.rest(until);
        }
        self.blame_fault(chain, why, out);
    }

    /// Takes what concerns packets that are known or sent just now; everything else is the cursor's. Says whether there was
    /// room.
    fn on_front_event(&mut self, ix: EndIx, at: EventAt, out: &mut Effects) -> bool {
        let EventAt { block, tx, event } = at;
        let Some(peer) = self.end(ix).map(|end| end.peer) else {
            return true;
        };
        match event {
            Event::Sent(packet) => return self.on_front_send(ix, Sending { packet, block, tx }, out),
            Event::Unreadable { sequence, .. } => return self.pass_over_ahead(ix, sequence, block, out),
            Event::Acknowledged {
                packet,
                acknowledgement,
            } => self.learn_ack(peer, packet.sequence(), acknowledgement, block, out),
            Event::AckReturned { sequence, .. } => {
                self.learn_settled_ahead(ix, sequence, Fact::AckReturned { block }, out);
            }
            Event::TimedOut { sequence, .. } => {
                self.learn_settled_ahead(ix, sequence, Fact::TakenBack { block }, out);
            }
        }
        true
    }

    /// Only what was proven to be sent can end at the front: the cursor takes the front's word for it that it is over.
    fn learn_settled_ahead(&mut self, ix: EndIx, sequence: Sequence, fact: Fact, out: &mut Effects) {
        if self.packet(ix, sequence).is_some_and(|record| record.is_proven) {
            self.learn_settled(ix, sequence, fact, out);
        }
    }

    fn on_front_send(&mut self, ix: EndIx, sending: Sending, out: &mut Effects) -> bool {
        let (limits, sequence) = (self.limits, sending.packet.sequence());
        let Some(end) = self.end_mut(ix).filter(|end| end.is_beyond_cursor(sequence)) else {
            return true;
        };
        if end.is_known_ahead(sequence) {
            return true;
        }
        let has_room = end.has_front_room(&limits);
        let front = end.scan.front.as_mut().filter(|_| has_room);
        if !front.is_some_and(|front| front.take(sequence)) {
            return false;
        }
        self.take_send(ix, sending, out);
        true
    }

    /// A send that nobody can relay has its number at the front, too.
    fn pass_over_ahead(
        &mut self,
        ix: EndIx,
        sequence: Sequence,
        block: BlockNumber,
        out: &mut Effects,
    ) -> bool {
        let Some(end) = self.end_mut(ix).filter(|end| end.is_beyond_cursor(sequence)) else {
            return true;
        };
        if end.is_known_ahead(sequence) {
            return true;
        }
        let has_place = end.scan.front.as_mut().is_some_and(|front| front.take(sequence));
        if has_place {
            self.note_passed(ix, sequence, block, out);
        }
        has_place
    }

    /// The cursor came to all that the front read: there is one reading again. What the front took and the cursor did not
    /// find was never sent, unless it is proven: then the cursor's reading left it out.
    fn end_front(&mut self, ix: EndIx, out: &mut Effects) {
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        let (last, sends_next) = (end.scan.last, end.scan.sends_next());
        let Some(front) = &mut end.scan.front else {
            return;
        };
        front.pass(last);
        if !front.pages.is_idle() || sends_next < front.next {
            return;
        }
        let is_beyond = |sequence: &Sequence| last.is_none_or(|last| *sequence > last);
        let beyond = end.flow.iter().filter(|(sequence, _)| is_beyond(sequence));
        let beyond: Vec<(Sequence, bool)> = beyond.map(|(of, record)| (*of, record.is_proven)).collect();
        if beyond.iter().any(|(_, is_proven)| *is_proven) {
            let text = "a packet that is proven was left out where blocks are read in their order";
            self.rewind(ix, Doubt::Reading, text, out);
            return;
        }
        end.scan.front = None;
        out.save(Record::Cursor(end.cursor()));
        for (sequence, _) in beyond {
            self.unsee(ix, sequence, out);
        }
    }

    /// A packet that only the front was shown was never sent.
    fn unsee(&mut self, ix: EndIx, sequence: Sequence, out: &mut Effects) {
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        end.remove(sequence);
        let (chain, source) = (end.chain, end.name.clone());
        let id = PacketId { source, sequence };
        let text = format!("packet {id} was shown among the newest blocks, and is in none of them");
        out.save(Record::Unsent(id));
        self.blame(chain, Blame::Peer, &text, out);
        self.touch(ix);
    }
}
