//! Third stop, proof, first half: the updates that move the client, judged before they cost gas.
//!
//! Decides where the client would stand after them, and how many fit into one submission. It must never let an update
//! through that the client on chain would refuse.

use crate::effects::Effects;
use crate::judge::{Refusal, Stand};
use crate::machine::Relayer;
use crate::place::EndIx;
use crate::step::Setback;
use crate::trip::{Need, Trip, TripStep};
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use chain::{Blame, ClientUpdate, Finalized, Retry, TrustedState, UpdatePlan};
use client::Advance;

/// Bound: updates taken from one answer; a client that trusts a week needs fewer than ten.
const UPDATES_MAX: usize = 256;

impl Relayer {
    pub(crate) fn on_update(&mut self, ix: EndIx, plan: UpdatePlan, out: &mut Effects) {
        let Some(mut trip) = self.take_trip(ix, TripStep::Update) else {
            return;
        };
        let judged = self.judge_updates(&trip, plan.updates);
        let (trusted, mut updates) = match judged {
            Ok(judged) => judged,
            Err(refusal) => {
                self.put_trip(ix, trip);
                self.on_refusal(ix, &refusal, out);
                return;
            }
        };
        let Some(stand) = self.judge.stand(&trusted, trip.host_now) else {
            self.put_trip(ix, trip);
            self.fail_lane(
                ix,
                Setback::NoAnswer,
                Retry::NextHead,
                "the update has no time",
                out,
            );
            return;
        };
        if let Some(end) = self.end_mut(ix) {
            end.lane.must_update = false;
        }
        self.learn_reached(ix, stand.newest, plan.reached);
        let room = self.updates_room(ix);
        if updates.len() > room && trip.has_messages() || updates.len() > room.saturating_mul(2) {
            updates.truncate(room.max(1));
            let needs = core::mem::take(&mut trip.needs);
            self.put_back(&needs, Setback::CatchUp, out);
            trip.is_refresh = true;
        }
        trip.height = stand.newest;
        trip.trusted = Some(trusted);
        trip.updates = updates;
        let late: Vec<Need> = trip
            .needs
            .iter()
            .filter(|need| !self.is_shown(ix, &stand, need))
            .cloned()
            .collect();
        trip.needs.retain(|need| self.is_shown(ix, &stand, need));
        self.put_back(&late, Setback::CatchUp, out);
        // What the client was taught goes out even if no packet can use it yet: the next plan starts from there. Without
        // this a client that lags further behind than one plan reaches would never catch up.
        trip.is_refresh |= trip.needs.is_empty();
        self.put_trip(ix, trip);
        self.ask_proofs(ix, out);
    }

    /// Applies the updates one after another to what the client trusts; keeps those that moved it.
    fn judge_updates(
        &self,
        trip: &Trip,
        updates: Vec<ClientUpdate>,
    ) -> Result<(TrustedState, Vec<ClientUpdate>), Refusal> {
        let peer = |text: &str| Refusal {
            text: text.to_string(),
            blame: Blame::Peer,
        };
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
        let mut kept = Vec::new();
        for update in updates {
            match self.judge.advance(&trusted, &update, trip.host_now)? {
                Advance::Updated(next) => {
                    trusted = next;
                    kept.push(update);
                }
                Advance::NoOp => {}
                Advance::Misbehaviour(_) => {
                    let text = "a valid update contradicts what the client trusts: evidence of misbehaviour, look at \
                                both chains";
                    return Err(Refusal {
                        text: text.to_string(),
                        blame: Blame::Chain,
                    });
                }
            }
        }
        Ok((trusted, kept))
    }

    /// How many updates fit into half of a submission.
    fn updates_room(&self, ix: EndIx) -> usize {
        let batch = self
            .end(ix)
            .and_then(|end| self.chain(end.chain))
            .map(|chain| chain.batch);
        let room = batch.and_then(|batch| batch.gas_max.0.div_ceil(2).checked_div(batch.gas_update.0.max(1)));
        usize::try_from(room.unwrap_or(1)).unwrap_or(1).max(1)
    }

    /// Remembers which block the judged height holds, if that is the height the endpoint spoke of.
    fn learn_reached(&mut self, ix: EndIx, newest: wire::Height, reached: Finalized) {
        let Some(origin) = self
            .end(ix)
            .and_then(|end| self.end(end.peer))
            .map(|peer| peer.chain)
        else {
            return;
        };
        if let Some(origin) = self.chain_mut(origin).filter(|_| reached.height == newest) {
            origin.coverage.learn(reached);
        }
    }

    fn is_shown(&self, ix: EndIx, stand: &Stand, need: &Need) -> bool {
        self.pair(ix)
            .and_then(|(_, _, _, origin)| self.is_covered(origin, stand, need))
            .unwrap_or(false)
    }
}
