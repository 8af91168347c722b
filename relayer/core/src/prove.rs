//! Third stop, proof: updates and proofs are fetched, and judged by the same light client that runs on chain.
//!
//! Decides whether an answer may cost gas. A false answer is told with the blame and asked for again later; it never
//! stops the machine and never becomes a message (invariant I7). What a proof shows against an event is believed: a
//! receipt that is there, an acknowledgement that is another, a commitment that is still there.

use crate::asks::Purpose;
use crate::effects::Effects;
use crate::judge::{ProofAt, Refusal};
use crate::machine::Relayer;
use crate::place::EndIx;
use crate::reread::Doubt;
use crate::step::{Fact, Setback};
use crate::trip::{LaneState, Need, NeedKind, Trip, TripStep};
use alloc::format;
use alloc::vec::Vec;
use alloy_primitives::B256;
use chain::{Ask, Blame, Fault, Proof, Retry, TrustedState, Unreceived};
use wire::Path;

/// What a proof showed.
pub(crate) enum Shown {
    /// What the message claims; `proof` goes into it.
    Claim,
    /// Something else, proven.
    Otherwise(Fact),
    /// Proven otherwise, and the event that claimed it was false or is out of date.
    EventFalse,
}

impl Relayer {
    /// Asks for the next proofs of the trip; when all are there, the trip is ready.
    pub(crate) fn ask_proofs(&mut self, ix: EndIx, out: &mut Effects) {
        if self.ask_close(ix, out) {
            return;
        }
        let Some((_, peer, _, _)) = self.pair(ix) else {
            return;
        };
        let (origin, keys_max) = (peer.chain, self.limits.prove_keys);
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        let LaneState::Trip(trip) = &mut end.lane.state else {
            return;
        };
        let (height, footing) = (trip.height, trip.footing);
        let next: Vec<Need> = trip
            .needs
            .iter()
            .skip(trip.proven)
            .take(keys_max)
            .cloned()
            .collect();
        if next.is_empty() {
            self.finish_trip(ix);
            return;
        }
        trip.step = TripStep::Prove;
        let keys: Vec<Path> = next.iter().filter_map(|need| self.proof_path(ix, need)).collect();
        for need in next.iter().filter(|need| need.kind.is_message()) {
            self.apply_to(need, Fact::ProofAsked { height }, out);
        }
        if let Some(trip) = self.end_mut(ix).and_then(|end| end.lane.trip()) {
            trip.asked = keys.clone();
        }
        // Without states to stand on nothing was chosen, and no proof is wanted.
        if let Some(footing) = footing {
            let at = footing.basis;
            self.ask(origin, Purpose::Prove(ix), Ask::Prove { keys, at }, out);
        }
    }

    /// The key on the other chain that a need is about.
    fn proof_path(&self, ix: EndIx, need: &Need) -> Option<Path> {
        let peer = self.pair(ix)?.1;
        let end = &peer.name.id;
        Some(match need.kind {
            NeedKind::Recv | NeedKind::Confirm => end.commitment(need.sequence),
            NeedKind::Ack => end.acknowledgement(need.sequence),
            NeedKind::Timeout | NeedKind::Receipt => peer.receipt(need.sequence),
        })
    }

    pub(crate) fn on_proofs(&mut self, ix: EndIx, proofs: Vec<Proof>, out: &mut Effects) {
        let Some(mut trip) = self.take_trip(ix, TripStep::Prove) else {
            self.on_close(ix, &proofs, out);
            return;
        };
        let asked = core::mem::take(&mut trip.asked);
        if proofs.len() != asked.len() {
            let text = format!("{} proofs for {} keys", proofs.len(), asked.len());
            self.put_trip(ix, trip);
            self.on_refusal(ix, &Refusal::new(Blame::Peer, text), out);
            return;
        }
        let start = trip.proven;
        let mut refused = None;
        for (offset, (proof, path)) in proofs.iter().zip(&asked).enumerate() {
            let at = start.saturating_add(offset);
            let Some(need) = trip.needs.get(at).cloned() else {
                continue;
            };
            let Some(trusted) = trip.trusted.as_ref() else {
                continue;
            };
            match self.judge_proof(trusted, &trip, &need, path, proof) {
                Ok((shown, unreceived)) => {
                    if self.on_shown(ix, &need, shown, out)
                        && let Some(need) = trip.needs.get_mut(at)
                    {
                        need.proof = Some(proof.nodes.clone());
                        need.unreceived = unreceived;
                    }
                }
                Err(refusal) => {
                    self.set_aside(ix, &need, &refusal, out);
                    refused = Some(refusal);
                }
            }
        }
        trip.proven = start.saturating_add(proofs.len());
        let nothing_holds = trip.needs.iter().all(|need| need.proof.is_none());
        self.put_trip(ix, trip);
        if refused.is_some() {
            self.leave_state(ix);
        }
        match refused {
            // Not one good proof: the endpoint is to be left alone for a while, not only these packets.
            Some(refusal) if nothing_holds => self.on_refusal(ix, &refusal, out),
            Some(_) | None => self.ask_proofs(ix, out),
        }
    }

    /// What a proof shows about a need. The endpoint says what is stored; the light client says whether that is true.
    fn judge_proof(
        &self,
        trusted: &TrustedState,
        trip: &Trip,
        need: &Need,
        path: &Path,
        proof: &Proof,
    ) -> Result<(Shown, Unreceived), Refusal> {
        let (height, now) = (trip.height, trip.host_now);
        let at = ProofAt {
            height,
            path,
            bytes: &proof.nodes,
        };
        let timestamp = match &proof.value {
            Some(value) => self.judge.member(trusted, at, value, now)?,
            None => self.judge.absent(trusted, at, now)?,
        };
        let record = self.packet(need.flow, need.sequence);
        let is = |wanted: Option<B256>| match (&proof.value, wanted) {
            (Some(value), Some(wanted)) => value[..] == wanted[..],
            (None, _) | (_, None) => false,
        };
        let commitment = record.map(|record| record.packet.commitment());
        let answer = record.and_then(|record| {
            let (answer, _) = record.acknowledgement.as_ref()?;
            Some(record.packet.answer_commitment(answer))
        });
        let shown = match (need.kind, &proof.value) {
            (NeedKind::Recv, _) if is(commitment) => Shown::Claim,
            (NeedKind::Recv, _) => Shown::EventFalse,
            (NeedKind::Ack, _) if is(answer) => Shown::Claim,
            (NeedKind::Ack, _) => Shown::EventFalse,
            (NeedKind::Confirm, None) => Shown::Otherwise(Fact::SettlementHolds),
            (NeedKind::Confirm, Some(_)) => Shown::EventFalse,
            (NeedKind::Receipt, value) => self.judge_receipt(need, value.as_ref().map(|value| &value[..])),
            (NeedKind::Timeout, value) => {
                let value = value.as_ref().map(|value| &value[..]);
                return self.judge_absence(trip, need, value, timestamp);
            }
        };
        Ok((shown, Unreceived::default()))
    }

    /// A proof is false: its packet pauses, the others go on.
    fn set_aside(&mut self, ix: EndIx, need: &Need, refusal: &Refusal, out: &mut Effects) {
        if self.fits(need) {
            self.penalize(need.flow, need.sequence, refusal.blame, &refusal.text);
        }
        self.put_back(core::slice::from_ref(need), Setback::FalseAnswer, out);
        if let Some(origin) = self.pair(ix).map(|(_, peer, _, _)| peer.chain) {
            self.blame(origin, refusal.blame, &refusal.text, out);
        }
    }

    /// A false proof of a state that the client had before this trip: nobody here has judged its header now, so that who shows the
    /// proof may be at one with himself, and go on for ever. With the next trip the client is moved, to a header that is judged.
    pub(crate) fn leave_state(&mut self, ix: EndIx) {
        let is_delayed = self.is_delayed(ix);
        let Some(lane) = self.end_mut(ix).map(|end| &mut end.lane) else {
            return;
        };
        if let LaneState::Trip(trip) = &lane.state
            && trip.updates.is_empty()
            && !is_delayed
        {
            lane.must_update = true;
        }
    }

    /// Lets what was shown take effect; returns whether the need becomes a message.
    fn on_shown(&mut self, ix: EndIx, need: &Need, shown: Shown, out: &mut Effects) -> bool {
        if let (NeedKind::Receipt, Some(end)) = (need.kind, self.end_mut(need.flow)) {
            end.recheck.forget_said(need.sequence);
        }
        match shown {
            _ if !self.fits(need) => false,
            Shown::Claim => self.apply(need.flow, need.sequence, Fact::ProofHolds, out),
            Shown::Otherwise(fact) => {
                self.apply(need.flow, need.sequence, fact, out);
                if need.kind == NeedKind::Receipt {
                    self.park(need.flow, need.sequence, out);
                }
                false
            }
            Shown::EventFalse => {
                self.on_event_false(ix, need, out);
                false
            }
        }
    }

    /// An event is contradicted by proven state: the events are read again, and the packet waits for what they show then.
    fn on_event_false(&mut self, ix: EndIx, need: &Need, out: &mut Effects) {
        let Some((origin, peer)) = self.pair(ix).map(|(end, peer, _, _)| (peer.chain, end.peer)) else {
            return;
        };
        let text = match need.kind {
            NeedKind::Recv => "the packet is not committed on its source as its event says",
            NeedKind::Ack => "the committed acknowledgement is not the announced one",
            NeedKind::Timeout | NeedKind::Confirm => "the announced settlement did not happen",
            NeedKind::Receipt => "a packet was said to be received, and is proven not to be",
        };
        match need.kind {
            NeedKind::Recv => {
                self.penalize(need.flow, need.sequence, Blame::Peer, text);
                self.put_back(core::slice::from_ref(need), Setback::FalseAnswer, out);
                // The first time, the source may have settled it a moment ago, and the event is still to be read.
                if self
                    .packet(need.flow, need.sequence)
                    .is_none_or(|record| record.attempts < 2)
                {
                    return;
                }
            }
            NeedKind::Ack => {
                self.apply(need.flow, need.sequence, Fact::AckRefuted, out);
            }
            NeedKind::Receipt => {
                let refuted = Fact::PutBack(Setback::FalseAnswer);
                self.apply(need.flow, need.sequence, refuted, out);
                self.blame(origin, Blame::Peer, text, out);
                return;
            }
            NeedKind::Timeout | NeedKind::Confirm => {
                self.apply(need.flow, need.sequence, Fact::SettlementRefuted, out);
                let record = self.packet(need.flow, need.sequence);
                if let Some(block) = record
                    .and_then(|record| record.acknowledgement.as_ref())
                    .map(|ack| ack.1)
                {
                    self.apply(need.flow, need.sequence, Fact::AckWritten { block }, out);
                }
            }
        }
        self.blame(origin, Blame::Peer, text, out);
        self.rewind(peer, Doubt::Packet(need.flow, need.sequence), text, out);
    }

    /// The light client refused what an endpoint answered.
    pub(crate) fn on_refusal(&mut self, ix: EndIx, refusal: &Refusal, out: &mut Effects) {
        let origin = self.pair(ix).map(|(_, peer, _, _)| peer.chain);
        if let (Some(origin), true) = (origin, refusal.blame != Blame::Chain) {
            self.blame(origin, refusal.blame, &refusal.text, out);
        }
        match refusal.blame {
            Blame::Chain => self.wait_lane(ix, &refusal.text, out),
            Blame::Operator => self.fail_lane(ix, Setback::NoAnswer, Retry::NextHead, &refusal.text, out),
            Blame::Peer | Blame::Us => {
                self.fail_lane(ix, Setback::FalseAnswer, Retry::NextHead, &refusal.text, out);
            }
        }
    }

    pub(crate) fn on_origin_failed(&mut self, ix: EndIx, why: &Fault, out: &mut Effects) {
        if let Some(chain) = self.pair(ix).map(|(_, peer, _, _)| peer.chain) {
            self.blame_fault(chain, why, out);
        }
        let is_delayed = self.is_delayed(ix);
        if let (Fault::Pruned { .. }, false, Some(end)) = (why, is_delayed, self.end_mut(ix)) {
            end.lane.must_update = true;
        }
        self.fail_lane_by(ix, why, out);
    }

    /// All proofs are judged: what holds waits for its place in a submission.
    fn finish_trip(&mut self, ix: EndIx) {
        let now = self.now;
        let Some(trip) = self.end_mut(ix).and_then(|end| end.lane.trip()) else {
            return;
        };
        trip.needs.retain(|need| need.proof.is_some());
        let has_updates = trip.is_refresh && !trip.updates.is_empty();
        if trip.needs.is_empty() && !has_updates {
            self.rest(ix);
        } else {
            trip.step = TripStep::Ready { since: now };
        }
    }
}
