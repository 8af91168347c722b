//! Third stop, proof, of packets that come back: that one was not received, and never will be.
//!
//! Decides what shows that: no receipt, or over an ordered channel which packet comes next; and that its time is up, or its
//! channel closed at the other end. A channel is closed when that is proven, never by an endpoint's word.

use crate::asks::Purpose;
use crate::effects::Effects;
use crate::judge::{ProofAt, Refusal};
use crate::machine::Relayer;
use crate::place::EndIx;
use crate::prove::Shown;
use crate::step::{Fact, Setback};
use crate::trip::{LaneState, Need, NeedKind, Trip, TripStep};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use alloy_primitives::Bytes;
use chain::{Ask, Blame, Proof, Unreceived};
use wire::Seconds;

impl Relayer {
    /// Asks for the proof that the other end of the channel is closed, where a packet of the trip comes back only because of
    /// that. Says whether it did.
    pub(crate) fn ask_close(&mut self, ix: EndIx, out: &mut Effects) -> bool {
        let Some((end, peer, _, _)) = self.pair(ix) else {
            return false;
        };
        let LaneState::Trip(trip) = &end.lane.state else {
            return false;
        };
        let (Some(footing), Some(path)) = (trip.footing, peer.stored()) else {
            return false;
        };
        let is_wanted = trip.closed.is_none() && trip.needs.iter().any(|need| self.needs_close(trip, need));
        let origin = peer.chain;
        let Some(trip) = self
            .end_mut(ix)
            .and_then(|end| end.lane.trip())
            .filter(|_| is_wanted)
        else {
            return false;
        };
        trip.step = TripStep::Close;
        trip.asked = vec![path.clone()];
        let ask = Ask::Prove {
            keys: vec![path],
            at: footing.basis,
        };
        self.ask(origin, Purpose::Prove(ix), ask, out);
        true
    }

    /// The proof that the other end of the channel is closed, or that it is not.
    pub(crate) fn on_close(&mut self, ix: EndIx, proofs: &[Proof], out: &mut Effects) {
        let Some(mut trip) = self.take_trip(ix, TripStep::Close) else {
            return;
        };
        let judged = self.judge_close(&trip, proofs);
        match judged {
            Ok(Some(proof)) => {
                trip.closed = Some(proof);
                self.put_trip(ix, trip);
                self.ask_proofs(ix, out);
            }
            Ok(None) => {
                let (wrong, others): (Vec<Need>, Vec<Need>) = core::mem::take(&mut trip.needs)
                    .into_iter()
                    .partition(|need| self.needs_close(&trip, need));
                trip.needs = others;
                self.put_trip(ix, trip);
                self.put_back(&wrong, Setback::NotYet, out);
                let peer = self.end(ix).map(|end| end.peer);
                let channel = peer.and_then(|peer| self.end_mut(peer)?.lane.channel.as_mut());
                if let Some(channel) = channel {
                    channel.closed = None;
                }
                self.ask_proofs(ix, out);
            }
            Err(refusal) => {
                self.put_trip(ix, trip);
                self.leave_state(ix);
                self.on_refusal(ix, &refusal, out);
            }
        }
    }

    /// The proof, if it shows that the end is closed; none if it shows that it is not.
    fn judge_close(&self, trip: &Trip, proofs: &[Proof]) -> Result<Option<Bytes>, Refusal> {
        let ([proof], [path], Some(trusted)) = (proofs, trip.asked.as_slice(), trip.trusted.as_ref()) else {
            let text = format!("{} proofs for {} keys", proofs.len(), trip.asked.len());
            return Err(Refusal::new(Blame::Peer, text));
        };
        let at = ProofAt {
            height: trip.height,
            path,
            bytes: &proof.nodes,
        };
        let Some(value) = &proof.value else {
            return Err(Refusal::new(Blame::Peer, "the channel is not there"));
        };
        self.judge.member(trusted, at, value, trip.host_now)?;
        Ok(wire::channel::is_closed(value).then(|| proof.nodes.clone()))
    }

    /// Whether only a closed channel brings a packet back from where the trip stands.
    fn needs_close(&self, trip: &Trip, need: &Need) -> bool {
        let time = trip.footing.map_or(Seconds(0), |footing| footing.timestamp);
        let is_early = || {
            let record = self.packet(need.flow, need.sequence);
            record.is_some_and(|record| !record.packet.has_expired(trip.height, time))
        };
        need.kind == NeedKind::Timeout && self.fits(need) && is_early()
    }

    /// What the value under a receipt's key, proven, means for a packet that is said to be received.
    pub(crate) fn judge_receipt(&self, need: &Need, value: Option<&[u8]>) -> Shown {
        let is_ordered = self
            .pair(need.flow)
            .is_some_and(|(_, peer, _, _)| peer.is_ordered());
        let is_received = if is_ordered {
            let next = value.and_then(wire::channel::next_sequence);
            next.is_some_and(|next| next > need.sequence)
        } else {
            value.is_some()
        };
        if is_received {
            Shown::Otherwise(Fact::ReceiptFound)
        } else {
            Shown::EventFalse
        }
    }

    /// What the value under a receipt's key, proven at a height of this `timestamp`, means for a packet that is to come back.
    pub(crate) fn judge_absence(
        &self,
        trip: &Trip,
        need: &Need,
        value: Option<&[u8]>,
        timestamp: Seconds,
    ) -> Result<(Shown, Unreceived), Refusal> {
        let height = trip.height;
        let is_ordered = self
            .pair(need.flow)
            .is_some_and(|(_, peer, _, _)| peer.is_ordered());
        let next = match (is_ordered, value) {
            (false, None) => None,
            (false, Some(_)) => return Ok((Shown::Otherwise(Fact::ReceiptFound), Unreceived::default())),
            (true, value) => {
                let next = value.and_then(wire::channel::next_sequence);
                let text =
                    || format!("an ordered channel that stores {value:?} as the packet that comes next");
                Some(next.ok_or_else(|| Refusal::new(Blame::Peer, text()))?)
            }
        };
        if next.is_some_and(|next| next > need.sequence) {
            return Ok((Shown::Otherwise(Fact::ReceiptFound), Unreceived::default()));
        }
        let record = self.packet(need.flow, need.sequence);
        let has_expired = record.is_some_and(|record| record.packet.has_expired(height, timestamp));
        let closed = trip.closed.clone().filter(|_| !has_expired);
        if !has_expired && closed.is_none() {
            let text = format!("absence is proven at {timestamp} and height {height}, before the timeout");
            return Err(Refusal::new(Blame::Chain, text));
        }
        Ok((Shown::Claim, Unreceived { next, closed }))
    }
}
