//! Third stop, proof, first half: the updates that move the client, judged before they cost gas.
//!
//! Decides where the client would stand after them, and how many fit into one submission. It must never let an update
//! through that the client on chain would refuse.

use crate::cost::update_gas;
use crate::effects::Effects;
use crate::judge::{Delays, Footing, Refusal};
use crate::machine::Relayer;
use crate::names::bounded;
use crate::place::EndIx;
use crate::step::Setback;
use crate::trip::{Need, Trip, TripStep};
use alloc::format;
use alloc::vec::Vec;
use chain::{At, Blame, ClientUpdate, Finalized, TrustedState, UpdatePlan};
use client::Advance;
use wire::Seconds;

/// Bound: updates taken from one answer; a client that trusts a week needs fewer than ten.
const UPDATES_MAX: usize = 256;
/// Bound: an update signed further ahead of the host's clock than this is not waited for (seconds of the host).
const EARLY_MAX: Seconds = Seconds(120);

/// What the light client makes of updates.
pub(crate) struct Judged {
    /// What is trusted after them.
    pub(crate) trusted: TrustedState,
    /// Those that move the client.
    pub(crate) updates: Vec<ClientUpdate>,
    /// No packet travels with them.
    pub(crate) is_alone: bool,
    /// They prove misbehaviour.
    pub(crate) is_misbehaviour: bool,
}

impl Relayer {
    pub(crate) fn on_update(&mut self, ix: EndIx, plan: UpdatePlan, out: &mut Effects) {
        let Some(mut trip) = self.take_trip(ix, TripStep::Update) else {
            return;
        };
        trip.host_now = trip.host_now.max(self.host_time(ix));
        match self.judge_updates(&trip, &plan.updates) {
            Ok(judged) if judged.is_alone => self.travel_alone(ix, trip, judged, out),
            Ok(judged) => self.on_judged(ix, trip, judged, plan.reached, out),
            Err(refusal) => match refusal.ripe.filter(|ripe| is_soon(*ripe, trip.host_now)) {
                Some(ripe) => self.keep_early(ix, trip, plan, ripe, &refusal.text),
                None => {
                    self.put_trip(ix, trip);
                    self.on_refusal(ix, &refusal, out);
                }
            },
        }
    }

    /// Keeps updates that are ahead of the host's clock. To ask for others would not help: they would be signed later
    /// still, and where a chain is final more often than it is asked, never would one be old enough.
    fn keep_early(&mut self, ix: EndIx, mut trip: Trip, plan: UpdatePlan, ripe: Seconds, text: &str) {
        let now = self.now;
        let gap = ripe.saturating_sub(trip.host_now);
        let until = now.saturating_add(gap).saturating_add(self.limits.ask_patience);
        trip.step = TripStep::Early { ripe, until };
        trip.early = Some(plan);
        self.put_trip(ix, trip);
        let Some(end) = self.end_mut(ix) else {
            return;
        };
        end.lane.trouble = Some(bounded(text));
        let host = end.chain;
        if let Some(host) = self.chain_mut(host)
            && host.head_at != Seconds(u64::MAX)
        {
            host.head_at = host.head_at.min(now);
        }
    }

    /// Judges again what the host's clock has caught up with.
    pub(crate) fn poll_early(&mut self, ix: EndIx, out: &mut Effects) {
        let (now, host_time) = (self.now, self.host_time(ix));
        let Some(trip) = self.end_mut(ix).and_then(|end| end.lane.trip()) else {
            return;
        };
        let TripStep::Early { ripe, until } = trip.step else {
            return;
        };
        if ripe <= host_time {
            trip.step = TripStep::Update;
            if let Some(plan) = trip.early.take() {
                self.on_update(ix, plan, out);
            }
        } else if until <= now {
            let text = format!("the update is signed at {ripe}, and the host's clock stays at {host_time}");
            self.wait_lane(ix, &text, out);
        }
    }

    /// The time of the newest block of the lane's own chain.
    fn host_time(&self, ix: EndIx) -> Seconds {
        self.pair(ix)
            .and_then(|(_, _, host, _)| host.head)
            .map_or(Seconds(0), |head| head.latest.timestamp)
    }

    /// What the light client made of the updates decides who travels on.
    fn on_judged(
        &mut self,
        ix: EndIx,
        mut trip: Trip,
        judged: Judged,
        reached: Finalized,
        out: &mut Effects,
    ) {
        let Judged {
            trusted, mut updates, ..
        } = judged;
        let to_come = self.judge.footing(&trusted, trip.host_now, Delays::Pass);
        let footing = self.judge.footing(&trusted, trip.host_now, Delays::Count);
        if let Some(end) = self.end_mut(ix) {
            end.lane.must_update = false;
        }
        self.learn_reached(ix, to_come, reached);
        let (half, whole) = self.updates_room(ix, &updates);
        if updates.len() > half && trip.has_messages() || updates.len() > whole {
            // One that takes more than half of a submission travels alone; how it becomes cheaper the adapter knows.
            updates.truncate(half.max(1));
            let needs = core::mem::take(&mut trip.needs);
            self.put_back(&needs, Setback::CatchUp, out);
            trip.is_refresh = true;
        }
        trip.stand_on(footing);
        trip.trusted = Some(trusted);
        trip.updates = updates;
        let late: Vec<Need> = trip
            .needs
            .iter()
            .filter(|need| !self.is_shown(ix, footing, need))
            .cloned()
            .collect();
        trip.needs.retain(|need| self.is_shown(ix, footing, need));
        self.put_back(&late, Setback::CatchUp, out);
        // What the client was taught goes out even if no packet can use it yet: the next plan starts from there. Without
        // this a client that lags further behind than one plan reaches would never catch up.
        trip.is_refresh |= trip.needs.is_empty();
        self.put_trip(ix, trip);
        self.ask_proofs(ix, out);
    }

    /// Applies the updates one after another to what the client trusts; keeps those that moved it. An errand among them
    /// goes first. Nothing follows what proves misbehaviour.
    pub(crate) fn judge_updates(&self, trip: &Trip, updates: &[ClientUpdate]) -> Result<Judged, Refusal> {
        let peer = |text: &str| Refusal::new(Blame::Peer, text);
        let mut trusted = trip
            .trusted
            .clone()
            .ok_or_else(|| peer("the client was not read"))?;
        if updates.len() > UPDATES_MAX {
            let text = format!(
                "{} updates in one answer, at most {UPDATES_MAX} are taken",
                updates.len()
            );
            return Err(peer(&text));
        }
        let errand = updates.iter().find(|update| update.is_errand());
        let updates = errand.map_or(updates, core::slice::from_ref);
        let mut is_misbehaviour = false;
        let mut kept = Vec::new();
        for update in updates {
            let next = match self.judge.advance(&trusted, update, trip.host_now)? {
                Advance::NoOp => continue,
                Advance::Updated(next) => next,
                Advance::Misbehaviour(next) => {
                    is_misbehaviour = true;
                    next
                }
            };
            trusted = next;
            kept.push(update.clone());
            if is_misbehaviour {
                break;
            }
        }
        Ok(Judged {
            trusted,
            updates: kept,
            is_alone: errand.is_some() || is_misbehaviour,
            is_misbehaviour,
        })
    }

    /// How many of `updates` fit into half of a submission, and how many into a whole one, of which there is always room for one.
    fn updates_room(&self, ix: EndIx, updates: &[ClientUpdate]) -> (usize, usize) {
        let batch = self
            .end(ix)
            .and_then(|end| self.chain(end.chain))
            .map(|chain| chain.batch);
        let Some(batch) = batch else {
            return (1, 1);
        };
        let fit = |most: u64| {
            let gas = updates.iter().scan(0_u64, |sum, update| {
                *sum = sum.saturating_add(update_gas(update, &batch));
                Some(*sum)
            });
            gas.take_while(|sum| *sum <= most).count()
        };
        (fit(batch.gas_max.0.div_ceil(2)), fit(batch.gas_max.0).max(1))
    }

    /// Remembers which block a judged slot holds, if that is the slot the endpoint spoke of.
    fn learn_reached(&mut self, ix: EndIx, judged: Option<Footing>, reached: Finalized) {
        let slot = At::Slot(reached.height.revision_height);
        let is_judged = judged.is_some_and(|footing| footing.basis.states().any(|at| at == slot));
        let Some(origin) = self
            .end(ix)
            .and_then(|end| self.end(end.peer))
            .map(|peer| peer.chain)
        else {
            return;
        };
        if let Some(origin) = self.chain_mut(origin).filter(|_| is_judged) {
            origin.coverage.learn(reached);
        }
    }

    fn is_shown(&self, ix: EndIx, footing: Option<Footing>, need: &Need) -> bool {
        self.pair(ix)
            .and_then(|(_, _, _, origin)| self.is_covered(origin, footing, need))
            .unwrap_or(false)
    }
}

fn is_soon(ripe: Seconds, host_now: Seconds) -> bool {
    ripe <= host_now.saturating_add(EARLY_MAX)
}
