//! Third stop, proof, beside the packets: what a client that believes attestors needs although no packet waits for it.
//!
//! Decides when such an errand goes. A set whose delay is over takes over at once, because the old one signs nothing more;
//! what attestors have to tell (a rotation that they signed, a contradiction among them) is asked for now and then. An errand travels
//! alone and before the packets, because afterwards others are believed. It must never keep packets back that could go
//! without it: one that is refused is told and dropped.

use crate::asks::Purpose;
use crate::effects::Effects;
use crate::machine::Relayer;
use crate::place::EndIx;
use crate::step::Setback;
use crate::trip::{Trip, TripStep};
use crate::update::Judged;
use alloc::boxed::Box;
use chain::{Ask, Blame, ClientUpdate, Fault, Notices, TrustedState};
use client::Status;
use wire::Seconds;

/// The step that a client waits for whatever its packets do: its next set of attestors is to take over.
pub fn due_errand(trusted: &TrustedState, now: Seconds) -> Option<ClientUpdate> {
    match trusted {
        TrustedState::Ethereum(_) | TrustedState::Tendermint(_) => None,
        TrustedState::Attestors(trusted) => {
            let is_due = trusted.pending.as_ref().is_some_and(|next| next.due <= now);
            let is_usable = attestor::status(trusted, now) == Status::Active;
            (is_due && is_usable).then_some(ClientUpdate::CompleteRotation)
        }
        TrustedState::Policy(state) => {
            let mut leaves = (0_u8..).zip(&state.leaves);
            leaves.find_map(|(leaf, trusted)| {
                let update = Box::new(due_errand(trusted.as_ref()?, now)?);
                Some(ClientUpdate::Leaf { leaf, update })
            })
        }
    }
}

impl Relayer {
    /// Looks for an errand of a client that was just read. Gives the trip back when there is none to be run or asked for.
    ///
    /// One that failed is not tried again for a while, so that packets which can go without it do.
    pub(crate) fn seek_errand(&mut self, ix: EndIx, mut trip: Trip, out: &mut Effects) -> Option<Trip> {
        let (now, host_now, every) = (self.now, trip.host_now, self.limits.client_every);
        let is_time = |last: Option<Seconds>| last.is_none_or(|at| at.saturating_add(every) <= now);
        let trusted = trip.trusted.clone().filter(TrustedState::believes_attestors);
        let origin = self.pair(ix).map(|(_, peer, _, _)| peer.chain);
        let (Some(trusted), Some(origin), Some(end)) = (trusted, origin, self.end_mut(ix)) else {
            return Some(trip);
        };
        if is_time(end.lane.errand_at)
            && let Some(errand) = due_errand(&trusted, host_now)
        {
            end.lane.errand_at = Some(now);
            return self.run_errand(ix, trip, &errand, out);
        }
        if !is_time(end.lane.noticed_at) {
            return Some(trip);
        }
        end.lane.noticed_at = Some(now);
        trip.step = TripStep::Notices;
        self.put_trip(ix, trip);
        let now = host_now;
        self.ask(origin, Purpose::Notices(ix), Ask::Notices { trusted, now }, out);
        None
    }

    /// The first notice that the client would take is run; without one the trip goes on.
    pub(crate) fn on_notices(&mut self, ix: EndIx, notices: &Notices, out: &mut Effects) {
        let mut trip = self.take_trip(ix, TripStep::Notices);
        for notice in &notices.steps {
            trip = trip.and_then(|trip| self.run_errand(ix, trip, notice, out));
        }
        if let Some(trip) = trip {
            self.plan_trip(ix, trip, out);
        }
    }

    pub(crate) fn on_notices_failed(&mut self, ix: EndIx, why: &Fault, out: &mut Effects) {
        if let Some(origin) = self.pair(ix).map(|(_, peer, _, _)| peer.chain) {
            self.blame_fault(origin, why, out);
        }
        self.on_notices(ix, &Notices::default(), out);
    }

    /// Sends a step alone if the client would take it; gives the trip back if not.
    pub(crate) fn run_errand(
        &mut self,
        ix: EndIx,
        trip: Trip,
        step: &ClientUpdate,
        out: &mut Effects,
    ) -> Option<Trip> {
        match self.judge_updates(&trip, core::slice::from_ref(step)) {
            Ok(judged) if judged.updates.is_empty() => Some(trip),
            Ok(judged) => {
                self.travel_alone(ix, trip, judged, out);
                None
            }
            Err(refusal) => {
                if let Some(host) = self.end(ix).map(|end| end.chain) {
                    self.blame(host, refusal.blame, &refusal.text, out);
                }
                Some(trip)
            }
        }
    }

    /// These steps go, and the packets after them.
    pub(crate) fn travel_alone(&mut self, ix: EndIx, mut trip: Trip, judged: Judged, out: &mut Effects) {
        if judged.is_misbehaviour
            && let Some(origin) = self.pair(ix).map(|(_, peer, _, _)| peer.chain)
        {
            self.blame(origin, Blame::Chain, MISBEHAVIOUR, out);
        }
        let needs = core::mem::take(&mut trip.needs);
        self.put_back(&needs, Setback::CatchUp, out);
        trip.is_refresh = true;
        trip.trusted = Some(judged.trusted);
        trip.updates = judged.updates;
        trip.early = None;
        trip.step = TripStep::Ready { since: self.now };
        self.put_trip(ix, trip);
    }
}

const MISBEHAVIOUR: &str =
    "what those who are believed signed contradicts itself: the client is told, look at both chains";
