//! Fourth stop, submit: proven packets become submissions, one in flight on each chain or as many as it takes.
//!
//! Decides when a submission leaves and what it may cost; what is in it, `fill` decides. The submission's record and the
//! stages of its packets are saved before it is sent. It must never send while as many
//! earlier submissions as the chain takes are in no block, and never let one message that reverts keep the others back.

use crate::asks::Purpose;
use crate::effects::{Effects, Note};
use crate::fee;
use crate::machine::Relayer;
use crate::names::EndName;
use crate::place::{ChainIx, EndIx, Flight};
use crate::record::{FlightRecord, FlightState, Record};
use crate::step::Fact;
use crate::trip::{LaneState, Need, Trip, TripStep};
use alloc::vec::Vec;
use chain::{Ask, ChainName, Fee, Place, Submission, SubmissionId, Ticket, TxHash};
use wire::Sequence;

impl Relayer {
    /// Sends the next submission if the chain's place in flight is free and somebody is ready.
    pub(crate) fn poll_send(&mut self, ix: ChainIx, out: &mut Effects) {
        let (now, unfinal_max) = (self.now, self.limits.unfinal_max);
        let Some(chain) = self.chain(ix) else {
            return;
        };
        if chain.is_busy() || chain.hold_until > now || chain.flights.len() >= unfinal_max {
            return;
        }
        let (Some(head), Some(lane)) = (chain.head, self.next_ready(ix)) else {
            return;
        };
        let Some(fee) = fee::quote(&chain.fee, &head.latest, None) else {
            self.hold_for_fee(ix, out);
            return;
        };
        let Some(trip) = self.take_ready(lane) else {
            return;
        };
        if let Some(chain) = self.chain_mut(ix) {
            chain.served = Some(lane);
        }
        let id = SubmissionId(self.next_submission);
        let ground = trip.ground();
        let Some((submission, sent)) = self.fill(ix, lane, id, trip, out) else {
            return;
        };
        if submission.messages.is_empty() && submission.updates.is_empty() {
            self.rest(lane);
        } else {
            self.launch(ix, lane, submission, &sent, fee, out);
            if let Some(flight) = self.chain_mut(ix).and_then(|chain| chain.flight(id)) {
                flight.ground = ground;
            }
            // Where several may fly, the next one is proven while a node takes this one.
            self.poll_lane(lane, out);
        }
    }

    /// The lane whose turn it is: the first ready one after the one served last.
    fn next_ready(&self, ix: ChainIx) -> Option<EndIx> {
        let served = self.chain(ix)?.served;
        let ready = || {
            let ends = self.ends.iter().enumerate();
            ends.filter(|(_, end)| end.chain == ix && end.lane.is_ready())
                .map(|(at, _)| EndIx(at))
        };
        ready()
            .find(|lane| Some(*lane) > served)
            .or_else(|| ready().next())
    }

    fn take_ready(&mut self, lane: EndIx) -> Option<Trip> {
        let state = &mut self.end_mut(lane)?.lane.state;
        match state {
            LaneState::Trip(Trip {
                step: TripStep::Ready { .. },
                ..
            }) => {}
            LaneState::Trip(_) | LaneState::Idle | LaneState::Flying(_) => return None,
        }
        match core::mem::replace(state, LaneState::Idle) {
            LaneState::Trip(trip) => Some(trip),
            LaneState::Idle | LaneState::Flying(_) => None,
        }
    }

    fn flight_record(
        &self,
        submission: &Submission,
        chain: ChainName,
        end: EndName,
        sent: &[Need],
        fee: Fee,
    ) -> FlightRecord {
        let packets = sent
            .iter()
            .filter_map(|need| self.packet(need.flow, need.sequence));
        FlightRecord {
            id: submission.id,
            chain,
            end,
            packets: packets.map(|record| record.id.clone()).collect(),
            updates: u32::try_from(submission.updates.len()).unwrap_or(u32::MAX),
            made: self.now,
            state: FlightState::Sending,
            ticket: None,
            txs: Vec::new(),
            fee,
        }
    }

    /// Writes the submission down and sends it.
    fn launch(
        &mut self,
        ix: ChainIx,
        lane: EndIx,
        submission: Submission,
        sent: &[Need],
        fee: Fee,
        out: &mut Effects,
    ) {
        let (now, id) = (self.now, submission.id);
        let (Some(chain), Some(end)) = (self.chain(ix).map(|chain| chain.name.clone()), self.end(lane))
        else {
            return;
        };
        let record = self.flight_record(&submission, chain.clone(), end.name.clone(), sent, fee);
        self.next_submission = self.next_submission.saturating_add(1);
        for need in sent {
            self.apply_to(need, Fact::Handed { submission: id }, out);
        }
        out.save(Record::Flight(record.clone()));
        out.note(Note::Filled {
            submission: id,
            chain,
        });
        let flight = Flight {
            body: Some(submission.clone()),
            is_asked: true,
            ..Flight::new(record, lane, now)
        };
        let waits = self
            .chain(ix)
            .is_none_or(|chain| chain.holds_lane(&flight.record));
        if let Some(end) = self.end_mut(lane) {
            end.lane.state = if waits {
                LaneState::Flying(id)
            } else {
                LaneState::Idle
            };
        }
        if let Some(chain) = self.chain_mut(ix) {
            chain.flights.push(flight);
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
    }

    pub(crate) fn on_sent(
        &mut self,
        ix: ChainIx,
        id: SubmissionId,
        tx: TxHash,
        ticket: Ticket,
        fee: Fee,
        out: &mut Effects,
    ) {
        let now = self.now;
        let Some(chain) = self.chain_mut(ix) else {
            return;
        };
        let (again, name) = (chain.again(now), chain.name.clone());
        let Some(flight) = chain.flight(id) else {
            return;
        };
        if flight.record.txs.is_empty() {
            out.note(Note::Submitted {
                submission: id,
                chain: name,
                messages: u32::try_from(flight.record.packets.len()).unwrap_or(u32::MAX),
                updates: flight.record.updates,
            });
        }
        flight.is_asked = false;
        flight.sent_at = now;
        flight.find_at = again;
        flight.resend_at = None;
        flight.looking_back = 0;
        flight.unknown_since = None;
        if flight.record.txs.last() != Some(&tx) {
            flight.record.txs.push(tx);
        }
        if ticket.expires() {
            // It is never sent again as it is: when it is dead, its packets go into another one.
            flight.body = None;
        }
        flight.record.ticket = Some(ticket);
        flight.record.fee = fee;
        flight.record.state = FlightState::Pending;
        out.save(Record::Flight(flight.record.clone()));
        for (flow, sequence) in self.aboard(id) {
            self.apply(flow, sequence, Fact::Sent { tx }, out);
        }
        if let Some(chain) = self.chain_mut(ix) {
            chain.send_failures = 0;
            chain.hold_reason = None;
        }
    }

    /// The packets that stand on this submission, submitted or included.
    pub(crate) fn aboard(&self, id: SubmissionId) -> Vec<(EndIx, Sequence)> {
        let ends = self.ends.iter().enumerate();
        ends.flat_map(|(at, end)| {
            let records = end
                .flow
                .values()
                .filter(move |record| record.submission() == Some(id));
            records.map(move |record| (EndIx(at), record.id.sequence))
        })
        .collect()
    }
}
