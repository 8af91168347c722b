//! How a lane stops, pauses and goes on: what all stops of a trip share.

use crate::effects::Effects;
use crate::judge::Stand;
use crate::machine::Relayer;
use crate::names::bounded;
use crate::packet::Trouble;
use crate::pause::pause;
use crate::place::{ChainIx, EndIx};
use crate::step::{Fact, Setback, Stage, Standing};
use crate::trip::{LaneState, Need, NeedKind, Trip, TripStep};
use alloc::format;
use alloc::string::{String, ToString};
use chain::{Blame, ClientView, Fault, Retry};
use client::Status;
use wire::Sequence;

impl Relayer {
    /// Lets the lane of `end` look for work again.
    pub(crate) fn touch(&mut self, end: EndIx) {
        if let Some(end) = self.end_mut(end) {
            end.lane.is_dirty = true;
        }
    }

    pub(crate) fn on_host_failed(&mut self, ix: EndIx, why: &Fault, out: &mut Effects) {
        if let Some(chain) = self.end(ix).map(|end| end.chain) {
            self.blame_fault(chain, why, out);
        }
        self.fail_lane_by(ix, why, out);
    }

    pub(crate) fn fail_malformed(&mut self, ix: EndIx, text: &str, out: &mut Effects) {
        let endpoint = self
            .end(ix)
            .map(|end| end.name.chain.to_string())
            .unwrap_or_default();
        let why = Fault::Malformed {
            endpoint,
            text: bounded(text),
            until: self.now,
        };
        self.on_host_failed(ix, &why, out);
    }

    /// Ends the trip because a chain could not answer; waiting for a chain is no failure.
    pub(crate) fn fail_lane_by(&mut self, ix: EndIx, why: &Fault, out: &mut Effects) {
        match why {
            Fault::NotYet(_) | Fault::Pruned { .. } => self.wait_lane(ix, &why.to_string(), out),
            Fault::Unreachable { .. }
            | Fault::Busy { .. }
            | Fault::Malformed { .. }
            | Fault::WrongChain { .. }
            | Fault::NoClient { .. }
            | Fault::Unfit { .. }
            | Fault::TooLarge { .. }
            | Fault::WouldRevert(_)
            | Fault::Underpriced { .. }
            | Fault::TooDear { .. }
            | Fault::NonceTaken { .. }
            | Fault::Funds { .. }
            | Fault::Account { .. }
            | Fault::Signer { .. }
            | Fault::Refused { .. } => {
                self.fail_lane(ix, Setback::NoAnswer, why.retry(), &why.to_string(), out);
            }
        }
    }

    /// Ends the trip because a chain has not got that far: the lane looks again soon.
    pub(crate) fn wait_lane(&mut self, ix: EndIx, text: &str, out: &mut Effects) {
        let failures = self.end(ix).map_or(0, |end| end.lane.failures);
        self.fail_lane(ix, Setback::NotYet, Retry::NextHead, text, out);
        if let Some(end) = self.end_mut(ix) {
            end.lane.failures = failures;
        }
        self.rest_until_head(ix);
    }

    /// Ends the trip without a submission: what was planned is put back, and the lane pauses.
    pub(crate) fn fail_lane(
        &mut self,
        ix: EndIx,
        setback: Setback,
        retry: Retry,
        text: &str,
        out: &mut Effects,
    ) {
        let failures = self.end(ix).map_or(1, |end| end.lane.failures.saturating_add(1));
        let until = self.pause_until(failures, retry);
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        let needs = end
            .lane
            .trip()
            .map(|trip| core::mem::take(&mut trip.needs))
            .unwrap_or_default();
        end.lane.state = LaneState::Idle;
        end.lane.failures = failures;
        end.lane.retry_at = until;
        end.lane.rests_for_head = false;
        end.lane.trouble = Some(bounded(text));
        self.put_back(&needs, setback, out);
    }

    /// Puts messages back to `Seen`, without a pause of their own.
    pub(crate) fn put_back(&mut self, needs: &[Need], setback: Setback, out: &mut Effects) {
        for need in needs.iter().filter(|need| need.kind.is_message()) {
            self.apply_to(need, Fact::PutBack(setback), out);
        }
    }

    /// Lets a fact take effect that a trip found out for a need; nothing if the packet needs something else by now.
    pub(crate) fn apply_to(&mut self, need: &Need, fact: Fact, out: &mut Effects) -> bool {
        self.fits(need) && self.apply(need.flow, need.sequence, fact, out)
    }

    /// Whether the packet still is on the leg that the need is for, and in no submission: that one is on its way may be known
    /// only when its packets are on another trip.
    pub(crate) fn fits(&self, need: &Need) -> bool {
        let is_free = |stage: Stage| match need.kind {
            NeedKind::Confirm => true,
            NeedKind::Receipt => matches!(stage, Stage::Included { .. }),
            NeedKind::Recv | NeedKind::Ack | NeedKind::Timeout => !matches!(stage, Stage::Submitted { .. }),
        };
        self.packet(need.flow, need.sequence).is_some_and(|record| {
            let Standing { leg, stage } = record.standing;
            need.kind.is_of(leg) && is_free(stage)
        })
    }

    /// Lets one packet pause, longer each time, and remembers why.
    pub(crate) fn penalize(&mut self, flow: EndIx, sequence: Sequence, blame: Blame, text: &str) {
        let attempts = self
            .packet(flow, sequence)
            .map_or(1, |record| record.attempts.saturating_add(1));
        let now = self.now;
        let until = now.saturating_add(pause(&self.limits, attempts));
        if let Some(record) = self.packet_mut(flow, sequence) {
            record.attempts = attempts;
            record.not_before = until;
            record.trouble = Some(Trouble::new(now, blame, text));
        }
    }

    pub(crate) fn take_trip(&mut self, ix: EndIx, step: TripStep) -> Option<Trip> {
        let lane = &mut self.end_mut(ix)?.lane;
        lane.trip_at(step)?;
        match core::mem::replace(&mut lane.state, LaneState::Idle) {
            LaneState::Trip(trip) => Some(trip),
            LaneState::Idle | LaneState::Flying(_) => None,
        }
    }

    pub(crate) fn put_trip(&mut self, ix: EndIx, trip: Trip) {
        if let Some(end) = self.end_mut(ix) {
            end.lane.state = LaneState::Trip(trip);
        }
    }

    /// The trip is over and nothing went wrong.
    pub(crate) fn rest(&mut self, ix: EndIx) {
        if let Some(end) = self.end_mut(ix) {
            end.lane.state = LaneState::Idle;
            end.lane.failures = 0;
            end.lane.trouble = None;
            end.lane.is_dirty = true;
        }
    }

    /// Nothing can be done before one of the chains has got further: the lane looks again with the next head, and in any
    /// case soon.
    pub(crate) fn rest_until_head(&mut self, ix: EndIx) {
        let until = self.now.saturating_add(self.limits.pause_min);
        if let Some(end) = self.end_mut(ix) {
            end.lane.state = LaneState::Idle;
            end.lane.retry_at = until;
            end.lane.rests_for_head = true;
        }
    }

    /// A chain got further: lanes that rested for that, to it or from it, look again.
    pub(crate) fn wake_resting(&mut self, chain: ChainIx) {
        let now = self.now;
        for at in (0..self.ends.len()).map(EndIx) {
            let is_of_chain = self
                .pair(at)
                .is_some_and(|(end, peer, _, _)| end.chain == chain || peer.chain == chain);
            let Some(end) = self.end_mut(at).filter(|_| is_of_chain) else {
                continue;
            };
            if core::mem::take(&mut end.lane.rests_for_head) {
                end.lane.retry_at = end.lane.retry_at.min(now);
            }
        }
    }
}

/// Why the client cannot be used, and what helps; none if it can.
pub(crate) fn unusable(stand: Option<Stand>, view: &ClientView, peer: &wire::End) -> Option<String> {
    let Some(stand) = stand else {
        return Some("the client's newest height has no time: check the client's configuration".to_string());
    };
    match stand.status {
        Status::Frozen => {
            return Some("the client is frozen: misbehaviour was proven, governance has to act".to_string());
        }
        Status::Expired => {
            let until = stand.timestamp.saturating_add(stand.trust_period);
            return Some(format!(
                "the client has expired at {until}: governance has to migrate it"
            ));
        }
        Status::Active => {}
    }
    match &view.counterparty {
        Some(counterparty) if counterparty == peer => None,
        Some(counterparty) => Some(format!(
            "the client is paired with {counterparty}, the path says {peer}"
        )),
        None => Some("the client is not paired yet: register its counterparty".to_string()),
    }
}
