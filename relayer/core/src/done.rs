//! Second stop, plan: what others have done already, by events, or by a look at the store where these lag.
//!
//! It must never take a packet for another one: what the source holds under its sequence is compared with what its event
//! showed.

use crate::effects::Effects;
use crate::machine::Relayer;
use crate::order::Turn;
use crate::packet::Change;
use crate::place::EndIx;
use crate::reread::Doubt;
use crate::step::{Fact, Setback, Stage};
use crate::trip::{Need, NeedKind, TripStep};
use alloc::format;
use alloc::vec::Vec;
use alloy_primitives::B256;
use chain::Blame;

/// What was found out about a message before its proof is fetched.
enum Found {
    ToDo,
    Done,
    AnotherPacket,
}

impl Relayer {
    /// Drops from the trip what others have done, and decides whether the client has to move.
    pub(crate) fn on_lookup(&mut self, ix: EndIx, values: &[Option<B256>], out: &mut Effects) {
        let Some(mut trip) = self.take_trip(ix, TripStep::Lookup) else {
            return;
        };
        if values.len() != trip.asked.len() {
            let text = format!("{} values for {} keys", values.len(), trip.asked.len());
            self.put_trip(ix, trip);
            self.fail_malformed(ix, &text, out);
            return;
        }
        let messages = trip.needs.iter().filter(|need| need.kind.is_message()).count();
        let batch = u32::try_from(messages).unwrap_or(u32::MAX);
        let mut values = values.iter();
        let (mut needs, mut turn) = (Vec::new(), Turn::default());
        for need in core::mem::take(&mut trip.needs) {
            let found = match need.kind {
                NeedKind::Confirm | NeedKind::Receipt => Found::ToDo,
                NeedKind::Recv | NeedKind::Ack | NeedKind::Timeout if need.is_looked_for => {
                    let value = values.next().copied().flatten();
                    match self.found(&need, value) {
                        Found::ToDo if !self.takes_turn(&mut turn, &need, value) => continue,
                        found => found,
                    }
                }
                NeedKind::Recv | NeedKind::Ack | NeedKind::Timeout if self.fits(&need) => Found::ToDo,
                NeedKind::Recv | NeedKind::Ack | NeedKind::Timeout => Found::Done,
            };
            let goes = match (found, need.kind) {
                (Found::ToDo, NeedKind::Confirm | NeedKind::Receipt) => true,
                (Found::ToDo, NeedKind::Recv | NeedKind::Ack | NeedKind::Timeout) => {
                    self.apply_to(&need, Fact::Chosen { batch }, out)
                }
                (Found::Done, _) => {
                    self.apply_to(&need, Fact::DoneByOthers, out);
                    false
                }
                (Found::AnotherPacket, _) => {
                    self.on_another_packet(&need, out);
                    false
                }
            };
            if goes {
                needs.push(need);
            }
        }
        trip.needs = needs;
        self.plan_update(ix, trip, out);
    }

    /// Whether the lane's events tell of everything that others did on its chain, but for its two newest blocks: then a look
    /// at the store tells hardly more, and costs as much as the proof.
    pub(crate) fn knows_all_done(&self, ix: EndIx) -> bool {
        let Some((end, _, host, _)) = self.pair(ix) else {
            return false;
        };
        let next = end.scan.next.0.saturating_add(1);
        let is_read = host.head.is_some_and(|head| next >= head.latest.block.0);
        is_read && end.scan.deferred_acks.is_none()
    }

    /// Whether the packet was seen to need this, and nothing was tried since. What somebody else did in the newest blocks
    /// is done twice, which a chain takes for nothing.
    pub(crate) fn is_fresh(&self, need: &Need) -> bool {
        let Some(record) = self.packet(need.flow, need.sequence) else {
            return false;
        };
        let last = record.history.last().map(|change| &change.fact);
        match need.kind {
            NeedKind::Recv => last.is_none(),
            NeedKind::Ack => record.is_proven && matches!(last, Some(Fact::AckWritten { .. })),
            NeedKind::Timeout | NeedKind::Confirm | NeedKind::Receipt => false,
        }
    }

    /// Whether the packet was said to be received and then proven not to be: what is said again is not asked for.
    pub(crate) fn is_disproven(&self, need: &Need) -> bool {
        let Some(record) = self
            .packet(need.flow, need.sequence)
            .filter(|_| need.kind == NeedKind::Recv)
        else {
            return false;
        };
        let is_included = |change: &Change| matches!(change.standing.stage, Stage::Included { .. });
        let is_refuted = |change: &Change| change.fact == Fact::PutBack(Setback::FalseAnswer);
        matches!(&record.history[..], [.., said, shown] if is_included(said) && is_refuted(shown))
    }

    /// What a value on the lane's own chain says about a message.
    fn found(&self, need: &Need, value: Option<B256>) -> Found {
        // It may have left meanwhile, or changed its leg; then there is nothing to be done.
        let Some(record) = self.packet(need.flow, need.sequence).filter(|_| self.fits(need)) else {
            return Found::Done;
        };
        let commitment = Some(record.packet.commitment());
        let is_received = || self.is_received_at(need.flow, need.sequence, value);
        match (need.kind, value) {
            (NeedKind::Recv, _) if is_received() => Found::Done,
            (NeedKind::Ack | NeedKind::Timeout, None) => Found::Done,
            (NeedKind::Ack | NeedKind::Timeout, value) if value != commitment => Found::AnotherPacket,
            (NeedKind::Recv | NeedKind::Ack | NeedKind::Timeout, _) => Found::ToDo,
            (NeedKind::Confirm | NeedKind::Receipt, _) => Found::ToDo,
        }
    }

    /// The source holds another packet under this sequence than its event showed: its events are read again.
    fn on_another_packet(&mut self, need: &Need, out: &mut Effects) {
        let text = "the packet is not committed on its source as its event says";
        self.penalize(need.flow, need.sequence, Blame::Peer, text);
        if let Some(chain) = self.end(need.flow).map(|end| end.chain) {
            self.blame(chain, Blame::Peer, text, out);
        }
        self.rewind(need.flow, Doubt::Packet(need.flow, need.sequence), text, out);
    }
}
