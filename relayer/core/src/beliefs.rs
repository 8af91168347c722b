//! Third stop, proof, without packets: what a client was made to believe, beside what the chain that it follows has.
//!
//! Anybody may tell a client something, and validators who break their word can tell it what never was. So its states are
//! read now and then and shown to the chain that it follows, also those of a client that is not relayed over because it does
//! not fit. What that chain answers is judged by the law before it travels, alone, like any errand: an endpoint that lies
//! causes a doubt that is told, and no submission.
//!
//! Nothing of this has to be on disk: after a restart the client itself still says what it believes.

use crate::asks::Purpose;
use crate::effects::{Effects, Note};
use crate::lane::unusable;
use crate::machine::Relayer;
use crate::names::bounded;
use crate::place::EndIx;
use crate::trip::{LaneState, Trip, TripStep};
use chain::{Ask, ClientView, Fault, Notices};
use client::Status;
use wire::Seconds;

/// After how long what is left is looked at, or who did not answer is asked again.
const AGAIN: Seconds = Seconds(10);

impl Relayer {
    /// Looks at what the client of an idle lane believes, if it is time; says whether it does.
    pub(crate) fn poll_beliefs(&mut self, ix: EndIx, out: &mut Effects) -> bool {
        let (now, every) = (self.now, self.limits.client_every);
        let Some((end, _, host, origin)) = self.pair(ix) else {
            return false;
        };
        let is_known = host.head.is_some() && origin.head.is_some();
        let is_idle = matches!(end.lane.state, LaneState::Idle);
        if !is_known || !is_idle || end.lane.beliefs_at > now {
            return false;
        }
        let (chain, id) = (end.chain, end.name.id.clone());
        let Some(end) = self.end_mut(ix) else {
            return false;
        };
        end.lane.beliefs_at = now.saturating_add(every);
        let mut trip = Trip::new(alloc::vec::Vec::new());
        trip.step = TripStep::Believed;
        end.lane.state = LaneState::Trip(trip);
        self.ask(chain, Purpose::Believed(ix), Ask::Believed { end: id }, out);
        true
    }

    /// Shows the chain that the client follows what the client believes. Who believes attestors is told what they say beside packets:
    /// they are not asked here, where packets would wait for one who is silent.
    pub(crate) fn on_believed(&mut self, ix: EndIx, view: ClientView, is_whole: bool, out: &mut Effects) {
        let Some(mut trip) = self.take_trip(ix, TripStep::Believed) else {
            return;
        };
        if !is_whole {
            self.look_again_soon(ix);
        }
        let stand = self.judge.stand(&view.trusted, view.now);
        let Some((origin, peer)) = self.pair(ix).map(|(_, peer, _, _)| (peer.chain, &peer.name.id)) else {
            return;
        };
        if stand.is_none_or(|stand| stand.status != Status::Active) {
            // Also where the pair is unfit, and nobody else comes to see it.
            if let Some(text) = unusable(stand, &view, peer) {
                self.stop_lane(ix, &text, out);
            }
            return;
        }
        let now = view.now;
        let Some(trusted) = view.trusted.clone().without_attestors() else {
            return;
        };
        trip.step = TripStep::Compared;
        trip.host_now = view.now;
        trip.takes_batches = view.takes_batches;
        trip.client = Some(view.client);
        trip.trusted = Some(view.trusted);
        self.put_trip(ix, trip);
        self.ask(origin, Purpose::Compared(ix), Ask::Notices { trusted, now }, out);
    }

    /// What cannot be so is told, and the client is shown what its law takes.
    pub(crate) fn on_compared(&mut self, ix: EndIx, notices: Notices, out: &mut Effects) {
        let mut trip = self.take_trip(ix, TripStep::Compared);
        if trip.is_none() {
            return;
        }
        if notices.has_more {
            self.look_again_soon(ix);
        }
        self.tell_doubts(ix, &notices, out);
        for step in &notices.steps {
            trip = trip.and_then(|trip| self.run_errand(ix, trip, step, out));
        }
    }

    /// Somebody did not answer: it is tried again soon, and packets go on.
    pub(crate) fn on_beliefs_failed(&mut self, ix: EndIx, step: TripStep, why: &Fault, out: &mut Effects) {
        if self.take_trip(ix, step).is_none() {
            return;
        }
        self.look_again_soon(ix);
        let chains = self.pair(ix).map(|(end, peer, _, _)| (end.chain, peer.chain));
        if let Some((host, origin)) = chains {
            let asked = if step == TripStep::Compared { origin } else { host };
            self.blame_fault(asked, why, out);
        }
    }

    fn look_again_soon(&mut self, ix: EndIx) {
        let soon = self.now.saturating_add(AGAIN.min(self.limits.client_every));
        if let Some(end) = self.end_mut(ix) {
            end.lane.beliefs_at = soon;
        }
    }

    /// Tells what is doubted when it is something else than before.
    fn tell_doubts(&mut self, ix: EndIx, notices: &Notices, out: &mut Effects) {
        let text = (!notices.doubts.is_empty()).then(|| bounded(&notices.doubts.join("; ")));
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        // That a part of the states is good says nothing about the others.
        let says_nothing = text.is_none() && notices.has_more;
        if end.lane.doubted == text || says_nothing {
            return;
        }
        end.lane.doubted.clone_from(&text);
        if let Some(text) = text {
            let end = end.name.clone();
            out.note(Note::Doubted { end, text });
        }
    }
}
