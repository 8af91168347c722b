//! Second stop, plan: which packets travel together, at which height they are proven, and whether the client moves.
//!
//! Decides who goes: half of a batch by urgency, half the newest, and of what is old no more than a few submissions at once, so that a
//! backlog of thousands neither stalls live packets nor is stalled by them. It must never plan what somebody else has done (`done`), what can no longer arrive in time,
//! or anything with a client that is frozen, expired or not paired.

use crate::asks::Purpose;
use crate::choose::{CONFIRM_PATIENCE, Takes, select};
use crate::config::BatchPolicy;
use crate::effects::{Effects, Note};
use crate::judge::{Delays, Footing};
use crate::lane::unusable;
use crate::machine::Relayer;
use crate::names::bounded;
use crate::place::{ChainState, End, EndIx, Flight};
use crate::step::{Setback, Stage};
use crate::trip::{LaneState, Need, NeedKind, Trip, TripStep};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use chain::{AsOf, Ask, ClientView, Retry};
use wire::{Path, Seconds};

/// A proof that waited this long for its submission is fetched again.
const READY_MAX: Seconds = Seconds(300);

impl Relayer {
    /// Starts a trip when there is enough to carry, when something waited long enough, or when the client is due.
    pub(crate) fn poll_lane(&mut self, ix: EndIx, out: &mut Effects) {
        let (now, limits) = (self.now, self.limits);
        self.drop_stale_trip(ix, out);
        self.poll_early(ix, out);
        if self.poll_beliefs(ix, out) {
            return;
        }
        let Some((end, _, host, origin)) = self.pair(ix) else {
            return;
        };
        let lane = &end.lane;
        let is_time = lane.is_dirty || lane.looked_at < now;
        // Where several submissions may fly, the lane is idle meanwhile: more packets gather until there is a place.
        let has_place = !host.takes_several() || !host.is_busy();
        let is_idle = matches!(lane.state, LaneState::Idle) && has_place;
        if !is_idle || lane.retry_at > now || !is_time {
            return;
        }
        let (Some(host_head), Some(origin_head), batch) = (host.head, origin.head, host.batch) else {
            return;
        };
        let every = lane.stand.map_or(limits.client_every, |stand| {
            limits
                .client_every
                .min(Seconds(stand.trust_period.0.checked_div(12).unwrap_or(0)))
        });
        let is_client_due = lane
            .client_read_at
            .is_none_or(|at| at.saturating_add(every) <= now);
        let cap = cap(&batch, lane.takes_batches).min(lane.messages_cap);
        let mut waiting = self.candidates(ix, &host_head, &origin_head);
        if self.is_at_work(ix) {
            waiting.retain(|need| need.kind.is_message() || need.has_waited(CONFIRM_PATIENCE, now));
        }
        let Takes {
            needs: waiting,
            left_since,
        } = self.hold_old_back(ix, cap, waiting);
        let is_full = waiting.len() >= cap;
        let is_aged = has_aged(&waiting, left_since, now.saturating_sub(batch.age));
        let is_ordered = end.is_ordered();
        let host = self.end(ix).map(|end| (end.chain, end.name.id.clone()));
        let (Some(end), Some((chain, id))) = (self.end_mut(ix), host) else {
            return;
        };
        end.lane.is_dirty = false;
        end.lane.looked_at = now;
        if is_full || is_aged || is_client_due {
            let needs = select(waiting, is_ordered, end.lane.confirms_next, cap, now);
            end.lane.confirms_next = needs.first().is_some_and(|need| need.kind.is_message());
            // Confirmations spend nobody's turn.
            if needs.iter().any(|need| need.kind.is_message()) {
                end.lane.old_next = left_since.is_some();
            }
            end.lane.state = LaneState::Trip(Trip::new(needs));
            self.ask(chain, Purpose::Client(ix), Ask::Client { end: id }, out);
        }
    }

    /// Whether messages between both ends are on their way, so that proofs for nobody but the relayer should not be asked for
    /// beside them: on chains that take several submissions a node answers one question after the other.
    fn is_at_work(&self, ix: EndIx) -> bool {
        let Some((end, peer, host, origin)) = self.pair(ix).filter(|(.., origin)| origin.takes_several())
        else {
            return false;
        };
        let is_ours = |flight: &Flight| flight.lane == ix || flight.lane == end.peer;
        let mut flights = host.flights.iter().chain(&origin.flights);
        !matches!(peer.lane.state, LaneState::Idle)
            || flights.any(|flight| !flight.is_landed && is_ours(flight))
    }

    pub(crate) fn on_client(&mut self, ix: EndIx, view: ClientView, out: &mut Effects) {
        let (now, stand) = (self.now, self.judge.stand(&view.trusted, view.now));
        let Some((end, peer, _, _)) = self.pair(ix) else {
            return;
        };
        let name = end.name.clone();
        if let Some(text) = unusable(stand, &view, &peer.name.id) {
            self.stop_lane(ix, &text, out);
            return;
        }
        let Some(mut trip) = self.take_trip(ix, TripStep::Client) else {
            return;
        };
        let Some(stand) = stand else {
            return;
        };
        let due = stand
            .timestamp
            .saturating_add(Seconds(stand.trust_period.0.checked_div(4).unwrap_or(0)));
        trip.is_refresh = due <= view.now;
        trip.host_now = view.now;
        trip.takes_batches = view.takes_batches;
        trip.stand_on(self.judge.footing(&view.trusted, view.now, Delays::Count));
        trip.client = Some(view.client);
        trip.trusted = Some(view.trusted);
        if let Some(end) = self.end_mut(ix) {
            end.lane.stand = Some(stand);
            end.lane.client_read_at = Some(now);
            end.lane.takes_batches = trip.takes_batches;
            end.lane.channel = view.channel;
            if end.lane.stopped.take().is_some() {
                out.note(Note::Resumed { end: name });
            }
        }
        if let Some(trip) = self.seek_errand(ix, trip, out) {
            self.plan_trip(ix, trip, out);
        }
    }

    /// Asks what others have done already, where something is to be done at all.
    pub(crate) fn plan_trip(&mut self, ix: EndIx, mut trip: Trip, out: &mut Effects) {
        let Some(chain) = self.end(ix).map(|end| end.chain) else {
            return;
        };
        trip.needs.retain(|need| self.is_waiting(need));
        let waiting = self.set_ripening_aside(ix, &mut trip);
        if trip.needs.is_empty() && !trip.is_refresh {
            self.rest_with(ix, waiting);
            return;
        }
        let is_ordered = self.end(ix).is_some_and(End::is_ordered);
        // Whose turn it is over an ordered channel, only its chain says.
        let knows_all = !is_ordered && self.knows_all_done(ix);
        for need in &mut trip.needs {
            let is_disproven = !is_ordered && self.is_disproven(need);
            need.is_looked_for = !(is_disproven || (knows_all && self.is_fresh(need)));
        }
        let end = self.end(ix);
        let keys: Vec<Path> = trip
            .needs
            .iter()
            .filter(|need| need.is_looked_for)
            .filter_map(|need| end?.done_path(need))
            .collect();
        trip.asked = keys.clone();
        trip.step = TripStep::Lookup;
        self.put_trip(ix, trip);
        if keys.is_empty() {
            self.on_lookup(ix, &[], out);
        } else {
            let ask = Ask::Lookup {
                keys,
                as_of: AsOf::Latest,
            };
            self.ask(chain, Purpose::Lookup(ix), ask, out);
        }
    }

    /// Decides at which height the trip is proven, and asks for the updates that lead there.
    pub(crate) fn plan_update(&mut self, ix: EndIx, mut trip: Trip, out: &mut Effects) {
        let Some((end, peer, _, origin)) = self.pair(ix) else {
            return;
        };
        let (Some(head), origin_ix) = (origin.finalized(), peer.chain) else {
            return;
        };
        let (must_update, footing) = (end.lane.must_update, trip.footing);
        let is_covered =
            |need: &Need| !must_update && self.is_covered(origin, footing, need).unwrap_or(false);
        let all_covered = trip.needs.iter().all(is_covered);
        if all_covered && !trip.is_refresh {
            self.put_trip(ix, trip);
            self.ask_proofs(ix, out);
            return;
        }
        let trusted = trip.trusted.clone();
        let is_newest = self
            .footing_to_come(&trip)
            .is_some_and(|footing| !footing.basis.is_behind(&head));
        if is_newest {
            let late: Vec<Need> = trip
                .needs
                .iter()
                .filter(|need| !is_covered(need))
                .cloned()
                .collect();
            trip.needs.retain(is_covered);
            trip.is_refresh = false;
            let is_empty = trip.needs.is_empty();
            self.put_back(&late, Setback::NotYet, out);
            self.put_trip(ix, trip);
            if is_empty {
                self.rest_until_head(ix);
            } else {
                self.ask_proofs(ix, out);
            }
            return;
        }
        trip.step = TripStep::Update;
        self.put_trip(ix, trip);
        if let Some(trusted) = trusted {
            let ask = Ask::Update {
                trusted,
                to: head.height,
            };
            self.ask(origin_ix, Purpose::Update(ix), ask, out);
        }
    }

    /// The trip is over; where something only waits for a delay, it is looked at again when there is a new head.
    fn rest_with(&mut self, ix: EndIx, waiting: Option<String>) {
        match waiting {
            Some(_) => self.rest_until_head(ix),
            None => self.rest(ix),
        }
        if let Some(end) = self.end_mut(ix) {
            end.lane.trouble = waiting;
        }
    }

    /// What the trip's client will stand on when its delays have passed.
    fn footing_to_come(&self, trip: &Trip) -> Option<Footing> {
        let trusted = trip.trusted.as_ref()?;
        self.judge.footing(trusted, trip.host_now, Delays::Pass)
    }

    /// Whether the client has learned newer states than it may use yet.
    pub(crate) fn is_delayed(&self, ix: EndIx) -> bool {
        match self.end(ix).map(|end| &end.lane.state) {
            Some(LaneState::Trip(trip)) => trip.footing != self.footing_to_come(trip),
            Some(LaneState::Idle | LaneState::Flying(_)) | None => false,
        }
    }

    /// Takes out of the trip what only has to wait for a delay to pass, so that nobody pays for another update meanwhile.
    /// Says so if there was any.
    fn set_ripening_aside(&self, ix: EndIx, trip: &mut Trip) -> Option<String> {
        let (_, _, _, origin) = self.pair(ix)?;
        let (now, to_come) = (trip.footing, self.footing_to_come(trip));
        let before = trip.needs.len();
        trip.needs.retain(|need| {
            let shown = |footing| self.is_covered(origin, footing, need).unwrap_or(false);
            shown(now) || !shown(to_come)
        });
        let aside = before.saturating_sub(trip.needs.len());
        (aside > 0).then(|| format!("{aside} packets wait for the delay that the client's policy demands"))
    }

    /// Whether what the client stands on shows what the need is about; none when the packet is gone.
    pub(crate) fn is_covered(
        &self,
        origin: &ChainState,
        footing: Option<Footing>,
        need: &Need,
    ) -> Option<bool> {
        let record = self.packet(need.flow, need.sequence)?;
        let Some(footing) = footing else {
            return Some(false);
        };
        let block = match need.kind {
            NeedKind::Timeout => {
                if record.packet.has_expired(footing.height, footing.timestamp) {
                    return Some(true);
                }
                // Only that the channel was closed can show it.
                self.pair(need.flow).and_then(|(_, peer, _, _)| peer.closed())?
            }
            NeedKind::Recv => record.sent,
            NeedKind::Ack => record.acknowledgement.as_ref()?.1,
            NeedKind::Confirm => record.settled?,
            NeedKind::Receipt => self.end(need.flow)?.recheck.said_at(need.sequence)?,
        };
        Some(footing.basis.states().all(|at| origin.coverage.covers(at, block)))
    }

    fn is_waiting(&self, need: &Need) -> bool {
        let is_at = |stage: Stage| match need.kind {
            NeedKind::Confirm | NeedKind::Receipt => matches!(stage, Stage::Included { .. }),
            NeedKind::Recv | NeedKind::Ack | NeedKind::Timeout => stage == Stage::Seen,
        };
        let record = self.packet(need.flow, need.sequence);
        self.fits(need) && record.is_some_and(|record| is_at(record.standing.stage))
    }

    fn drop_stale_trip(&mut self, ix: EndIx, out: &mut Effects) {
        let now = self.now;
        let Some(LaneState::Trip(trip)) = self.end(ix).map(|end| &end.lane.state) else {
            return;
        };
        if let TripStep::Ready { since } = trip.step
            && since.saturating_add(READY_MAX) <= now
        {
            let needs = trip.needs.clone();
            self.put_back(&needs, Setback::Waited, out);
            self.rest(ix);
        }
    }

    /// The client cannot be used: its lane stops, and looks again after a while.
    pub(crate) fn stop_lane(&mut self, ix: EndIx, text: &str, out: &mut Effects) {
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        if end.lane.stopped.as_deref() != Some(text) {
            out.note(Note::Stopped {
                end: end.name.clone(),
                text: bounded(text),
            });
        }
        end.lane.stopped = Some(bounded(text));
        self.fail_lane(ix, Setback::ClientStopped, Retry::NextHead, text, out);
    }
}

/// Whether something waits since `then`. What stays here would have gone by now: what goes instead of it does not wait longer.
fn has_aged(waiting: &[Need], left_since: Option<Seconds>, then: Seconds) -> bool {
    let begun = waiting.iter().map(|need| need.since).chain(left_since);
    begun.min().is_some_and(|since| since <= then)
}

/// How many messages are worth waiting for: as many as the gas suffices for beside an update.
fn cap(batch: &BatchPolicy, takes_batches: bool) -> usize {
    let each = if takes_batches {
        batch.gas_pooled_recv
    } else {
        batch.gas_recv
    };
    let beside = batch.gas_max.0.saturating_sub(batch.gas_update.0);
    let gas = beside.checked_div(each.0.max(1)).unwrap_or(1);
    usize::try_from(u64::from(batch.messages_max).min(gas).max(1)).unwrap_or(1)
}
