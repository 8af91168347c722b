//! Start: from the store's records back to a running machine.
//!
//! Decides what is certain after a crash. A transaction that was written down is looked for; a submission that was about
//! to be sent counts as lost, because sending it again takes the same nonce; whatever was being planned or proven starts
//! again. Nothing is forgotten and nothing is sent here.

use crate::audit::Ended;
use crate::effects::Effects;
use crate::front::Front;
use crate::machine::Relayer;
use crate::passed::Passed;
use crate::place::{ChainIx, EndIx, Flight};
use crate::record::{FlightRecord, FlightState, Record, Restored};
use crate::step::{Carrier, Fact, Setback, Stage};
use crate::trip::LaneState;
use alloc::vec::Vec;
use wire::Sequence;

impl Relayer {
    pub(crate) fn restore(&mut self, restored: Restored, out: &mut Effects) {
        let now = self.now;
        for cursor in restored.cursors {
            if let Some(end) = self.ends.iter_mut().find(|end| end.name == cursor.end) {
                end.scan.next = cursor.next;
                end.scan.unread_from = cursor.unread;
                end.scan.last = cursor.last;
                end.scan.front = cursor.front.map(|front| Front::restored(front, now));
                end.ended = Ended::restored(cursor.ended);
                end.passed = Passed::restored(cursor.passed, now);
            }
        }
        for record in restored.packets {
            let end = self.ends.iter_mut().find(|end| end.name == record.id.source);
            if let Some(end) = end.filter(|_| !record.standing.stage.is_final()) {
                end.insert(record);
            }
        }
        for (id, leg) in restored.parked {
            if let Some(end) = self.ends.iter_mut().find(|end| end.name == id.source) {
                end.parked.insert(id.sequence, leg);
            }
        }
        for record in restored.flights {
            self.restore_flight(record, out);
        }
        for (flow, sequence) in self.unfinished() {
            self.apply(flow, sequence, Fact::PutBack(Setback::Restarted), out);
        }
    }

    fn restore_flight(&mut self, mut record: FlightRecord, out: &mut Effects) {
        let chain = self
            .chains
            .iter()
            .position(|chain| chain.name == record.chain)
            .map(ChainIx);
        let lane = self.ends.iter().position(|end| end.name == record.end).map(EndIx);
        let (Some(chain), Some(lane)) = (chain, lane) else {
            return;
        };
        let is_landed = matches!(record.state, FlightState::Included(_));
        if record.txs.is_empty() || record.state.is_over() {
            record.state = FlightState::Dropped;
            out.save(Record::Flight(record));
            return;
        }
        let (now, id) = (self.now, record.id);
        let flight = Flight {
            is_landed,
            is_told: is_landed,
            ..Flight::new(record, lane, now)
        };
        let mut waits = !is_landed;
        if let Some(chain) = self.chain_mut(chain) {
            waits &= chain.holds_lane(&flight.record);
            chain.flights.push(flight);
        }
        if let Some(end) = self.end_mut(lane).filter(|_| waits) {
            end.lane.state = LaneState::Flying(id);
        }
    }

    /// Packets whose work was in the middle, or whose submission is not on its way.
    fn unfinished(&self) -> Vec<(EndIx, Sequence)> {
        let is_flying = |id| {
            self.chains
                .iter()
                .any(|c| c.flights.iter().any(|f| f.record.id == id))
        };
        let mut unfinished = Vec::new();
        for (at, end) in self.ends.iter().enumerate() {
            for record in end.flow.values() {
                let is_lost = match record.standing.stage {
                    Stage::Planned | Stage::Proving { .. } | Stage::Proven { .. } => true,
                    Stage::Submitted { submission } => !is_flying(submission),
                    // A landed submission that is over is final: its packets wait for events.
                    Stage::Included {
                        by: Carrier::Ours(_) | Carrier::Others,
                    } => false,
                    Stage::Seen | Stage::Acked | Stage::TimedOut | Stage::Refused => false,
                };
                if is_lost {
                    unfinished.push((EndIx(at), record.id.sequence));
                }
            }
        }
        unfinished
    }
}
