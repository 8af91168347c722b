//! Fourth stop, submit, when it goes wrong: a submission that is refused, reverts, or is given up.
//!
//! Decides who pauses: the one message that reverts, never the others. When it is not known which one it is, batches of
//! half the size find it in a few rounds, while everything else goes through.

use crate::asks::Purpose;
use crate::effects::Effects;
use crate::fee;
use crate::machine::Relayer;
use crate::names::{PacketId, bounded};
use crate::packet::Trouble;
use crate::place::{ChainIx, EndIx};
use crate::record::{FlightState, Record};
use crate::step::{Fact, Setback};
use crate::trip::LaneState;
use alloc::string::ToString;
use alloy_primitives::Bytes;
use chain::{Ask, Blame, Fault, Place, Retry, Revert, SubmissionId};
use wire::Sequence;

impl Relayer {
    pub(crate) fn on_send_failed(&mut self, ix: ChainIx, id: SubmissionId, why: Fault, out: &mut Effects) {
        self.blame_fault(ix, &why, out);
        let now = self.now;
        let again = self.chain(ix).map_or(now, |chain| chain.again(now));
        let Some(flight) = self.chain_mut(ix).and_then(|chain| chain.flight(id)) else {
            return;
        };
        flight.is_asked = false;
        if let Fault::Underpriced { wanted, .. } = why {
            let mut floor = fee::raised(flight.record.fee);
            floor.max = floor.max.max(wanted);
            flight.record.fee = floor;
            flight.resend_at = Some(again);
            return;
        }
        if !flight.record.txs.is_empty() {
            // A better offer failed; the transaction that is out there is looked for as before.
            flight.find_at = again;
            flight.sent_at = now;
            return;
        }
        match &why {
            Fault::WouldRevert(revert) => {
                if !self.send_without(ix, id, revert, out) {
                    self.on_revert(ix, id, revert, out);
                }
            }
            Fault::TooLarge { .. } => {
                let revert = Revert {
                    message: None,
                    data: Bytes::new(),
                    text: why.to_string(),
                    gas: None,
                };
                self.on_revert(ix, id, &revert, out);
            }
            Fault::Unreachable { .. }
            | Fault::Busy { .. }
            | Fault::Malformed { .. }
            | Fault::WrongChain { .. }
            | Fault::NotYet(_)
            | Fault::Pruned { .. }
            | Fault::NoClient { .. }
            | Fault::Unfit { .. }
            | Fault::Underpriced { .. }
            | Fault::TooDear { .. }
            | Fault::NonceTaken { .. }
            | Fault::Funds { .. }
            | Fault::Account { .. }
            | Fault::Signer { .. }
            | Fault::Refused { .. } => {
                // It may have been sent all the same. On an EVM chain a later one takes the same nonce, so that only one can
                // land. On a Cosmos chain both can, and the second one does nothing with packets that the first one brought;
                // so the adapter's word is waited for (`late`), and only who lies or dies gets here unheard.
                self.drop_flight(ix, id, Setback::Lost, &why.to_string(), out);
                self.hold_for(ix, why.retry(), why.blame(), &why.to_string());
            }
        }
    }

    /// The submission reverts: the message that does it pauses; if that is not known, smaller batches find it.
    pub(crate) fn on_revert(&mut self, ix: ChainIx, id: SubmissionId, revert: &Revert, out: &mut Effects) {
        let Some((lane, is_landed, record)) = self
            .chain_mut(ix)
            .and_then(|chain| chain.flight(id))
            .map(|flight| (flight.lane, flight.is_landed, flight.record.clone()))
        else {
            return;
        };
        let aboard = self.aboard(id);
        let count = aboard.len();
        let named = revert
            .message
            .and_then(|at| usize::try_from(at).ok())
            .and_then(|at| record.packets.get(at));
        let alone = aboard
            .first()
            .filter(|_| count == 1 && revert.message.is_none())
            .copied();
        let culprit = named.and_then(|id| self.live(id)).or(alone);
        for (flow, sequence) in aboard {
            if Some((flow, sequence)) == culprit {
                self.penalize(flow, sequence, Blame::Chain, &revert.to_string());
                self.apply(flow, sequence, Fact::PutBack(Setback::Poison), out);
            } else {
                self.apply(flow, sequence, Fact::PutBack(Setback::Reverted), out);
            }
        }
        if culprit.is_none()
            && let Some(end) = self.end_mut(lane)
        {
            end.lane.messages_cap = count.div_ceil(2).max(1);
        }
        if is_landed {
            // It used a nonce. Until its block is final it is not forgotten: where a reorganisation takes it away, the
            // transactions behind it wait for that nonce.
            self.free_lane(lane, id);
        } else {
            self.drop_flight(ix, id, Setback::Reverted, &revert.to_string(), out);
        }
        if let Some(end) = self.end_mut(lane) {
            end.lane.trouble = Some(bounded(&revert.to_string()));
        }
        if count == 0 {
            self.fail_lane(lane, Setback::Reverted, Retry::NextHead, &revert.to_string(), out);
        }
    }

    /// Sends the submission again without the one message that is known to revert; false if that cannot be done.
    fn send_without(&mut self, ix: ChainIx, id: SubmissionId, revert: &Revert, out: &mut Effects) -> bool {
        let at = revert.message.and_then(|at| usize::try_from(at).ok());
        let flight = self.chain_mut(ix).and_then(|chain| chain.flight(id));
        let (Some(flight), Some(at)) = (flight, at) else {
            return false;
        };
        let Some(body) = flight.body.as_ref() else {
            return false;
        };
        let is_known = at < body.messages.len() && at < flight.record.packets.len();
        if !is_known || body.messages.len() < 2 {
            return false;
        }
        let (mut submission, ground) = (body.clone(), flight.ground.clone());
        let mut packets = flight.record.packets.clone();
        submission.messages.remove(at);
        let culprit = packets.remove(at);
        // A pool shows the paths of its messages and no others, so what is left needs another one.
        if submission.pool.is_some() {
            let pooled = ground.map(|ground| self.pool(&ground, &mut submission, &mut packets));
            if !matches!(pooled, Some(Ok(()))) {
                return false;
            }
        }
        let Some(flight) = self.chain_mut(ix).and_then(|chain| chain.flight(id)) else {
            return false;
        };
        flight.body = Some(submission.clone());
        flight.record.packets = packets;
        flight.is_asked = true;
        let fee = flight.record.fee;
        out.save(Record::Flight(flight.record.clone()));
        // It may have moved on meanwhile, by an event.
        let is_aboard = |of: &(EndIx, Sequence)| {
            let record = self.packet(of.0, of.1);
            record.is_some_and(|record| record.submission() == Some(id))
        };
        if let Some((flow, sequence)) = self.live(&culprit).filter(is_aboard) {
            self.penalize(flow, sequence, Blame::Chain, &revert.to_string());
            self.apply(flow, sequence, Fact::PutBack(Setback::Poison), out);
        }
        self.ask(
            ix,
            Purpose::Send(ix, id),
            Ask::Send {
                submission,
                fee,
                place: Place::Next,
            },
            out,
        );
        true
    }

    /// Where a live packet is kept.
    pub(crate) fn live(&self, id: &PacketId) -> Option<(EndIx, Sequence)> {
        let at = self
            .ends
            .iter()
            .position(|end| end.name == id.source)
            .map(EndIx)?;
        self.packet(at, id.sequence).map(|_| (at, id.sequence))
    }

    /// Nobody waits for this submission any more: what is still aboard is put back.
    pub(crate) fn drop_flight(
        &mut self,
        ix: ChainIx,
        id: SubmissionId,
        setback: Setback,
        text: &str,
        out: &mut Effects,
    ) {
        for (flow, sequence) in self.aboard(id) {
            self.apply(flow, sequence, Fact::PutBack(setback), out);
        }
        let Some(chain) = self.chain_mut(ix) else {
            return;
        };
        let Some(at) = chain.flights.iter().position(|flight| flight.record.id == id) else {
            return;
        };
        let mut flight = chain.flights.remove(at);
        flight.record.state = FlightState::Dropped;
        out.save(Record::Flight(flight.record));
        self.free_lane(flight.lane, id);
        if let Some(end) = self.end_mut(flight.lane) {
            end.lane.trouble = Some(bounded(text));
        }
    }

    /// Lets the lane look for work again, if it waited for this submission.
    pub(crate) fn free_lane(&mut self, lane: EndIx, id: SubmissionId) {
        if let Some(end) = self.end_mut(lane)
            && matches!(end.lane.state, LaneState::Flying(flying) if flying == id)
        {
            end.lane.state = LaneState::Idle;
            end.lane.is_dirty = true;
        }
    }

    /// Gas costs more than the operator allows: told once, looked at again with every head.
    pub(crate) fn hold_for_fee(&mut self, ix: ChainIx, out: &mut Effects) {
        let now = self.now;
        let Some(chain) = self.chain_mut(ix) else {
            return;
        };
        let cap = chain.fee.max;
        let text = alloc::format!(
            "gas costs more than the cap of {cap} (wei, or 10^-18 of a chain's own coin) a unit: submissions wait"
        );
        let is_told = chain.hold_reason.as_ref().is_some_and(|known| known.text == text);
        chain.hold_until = chain.again(now);
        chain.hold_reason = Some(Trouble::new(now, Blame::Chain, &text));
        if !is_told {
            self.blame(ix, Blame::Chain, &text, out);
        }
    }

    /// Nothing is sent to this chain for a while.
    fn hold_for(&mut self, ix: ChainIx, retry: Retry, blame: Blame, text: &str) {
        let failures = self
            .chain(ix)
            .map_or(1, |chain| chain.send_failures.saturating_add(1));
        let until = self.pause_until(failures, retry);
        let now = self.now;
        if let Some(chain) = self.chain_mut(ix) {
            chain.send_failures = failures;
            chain.hold_until = until;
            chain.hold_reason = Some(Trouble::new(now, blame, text));
        }
    }
}
