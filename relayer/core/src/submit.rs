//! Fourth stop, submit: proven packets become one submission, one in flight on each chain.
//!
//! Decides what goes into a submission, what it may cost, and what a refusal means. The submission's record and the
//! stages of its packets are saved before it is sent. It must never send while an earlier submission to the chain is not
//! in a block, and never let one message that reverts keep the others back.

use crate::asks::Purpose;
use crate::config::BatchPolicy;
use crate::effects::{Effects, Note};
use crate::fee;
use crate::machine::Relayer;
use crate::names::EndName;
use crate::place::{ChainIx, EndIx, Flight};
use crate::record::{FlightRecord, FlightState, Record};
use crate::step::{Fact, Setback};
use crate::trip::{LaneState, Need, NeedKind, Trip, TripStep};
use alloc::vec::Vec;
use chain::{
    Ask, ChainName, ClientUpdate, Fee, Message, MessageKind, Nonce, Place, Submission, SubmissionId, TxHash,
    UpdateClient,
};
use wire::{Seconds, Sequence};

/// Bytes of a message beside its payload, proof and acknowledgement; of an update beside its lists.
const MESSAGE_OVERHEAD: usize = 900;
const UPDATE_OVERHEAD: usize = 2_000;

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
        let (submission, sent) = self.build(ix, lane, id, trip, out);
        if submission.messages.is_empty() && submission.updates.is_empty() {
            self.rest(lane);
        } else {
            self.launch(ix, lane, submission, &sent, fee, out);
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

    /// Fills a submission within gas and bytes; what has no room or comes too late is put back.
    fn build(
        &mut self,
        ix: ChainIx,
        lane: EndIx,
        id: SubmissionId,
        trip: Trip,
        out: &mut Effects,
    ) -> (Submission, Vec<Need>) {
        let empty = Submission {
            id,
            updates: Vec::new(),
            messages: Vec::new(),
        };
        let Some((batch, head)) = self.chain(ix).map(|chain| (chain.batch, chain.head)) else {
            return (empty, Vec::new());
        };
        let Some(client) = self.end(lane).map(|end| end.name.client.clone()) else {
            return (empty, Vec::new());
        };
        let mut room = Room::beside(&trip.updates, &batch);
        let host_time = head.map_or(Seconds(0), |head| head.latest.timestamp);
        let soon = host_time.saturating_add(self.limits.recv_margin);
        let (mut messages, mut sent) = (Vec::new(), Vec::new());
        for need in trip.needs {
            let Some((message, cost)) = self.message(&need, trip.height, &batch) else {
                continue;
            };
            if need.kind == NeedKind::Recv && soon >= message.packet.timeout {
                self.put_back(&[need], Setback::TooLate, out);
                continue;
            }
            // A message that is too large for any batch travels alone, so that the chain can say what is wrong with it.
            if !room.take(cost, message_bytes(&message)) && !messages.is_empty() {
                self.put_back(&[need], Setback::NoRoom, out);
                continue;
            }
            messages.push(message);
            sent.push(need);
        }
        let is_wanted = trip.is_refresh || !messages.is_empty();
        let updates = trip.updates.into_iter().filter(|_| is_wanted);
        let updates = updates
            .map(|update| UpdateClient {
                client: client.clone(),
                update,
            })
            .collect();
        (
            Submission {
                id,
                updates,
                messages,
            },
            sent,
        )
    }

    fn message(&self, need: &Need, height: wire::Height, batch: &BatchPolicy) -> Option<(Message, u64)> {
        let record = self.packet(need.flow, need.sequence)?;
        let (kind, gas) = match need.kind {
            NeedKind::Recv => (MessageKind::Recv, batch.gas_recv),
            NeedKind::Ack => (
                MessageKind::Ack(record.acknowledgement.as_ref()?.0.clone()),
                batch.gas_ack,
            ),
            NeedKind::Timeout => (MessageKind::Timeout, batch.gas_timeout),
            NeedKind::Confirm => return None,
        };
        let proof = need.proof.clone()?;
        Some((
            Message {
                kind,
                packet: (*record.packet).clone(),
                proof,
                height,
            },
            gas.0,
        ))
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
            nonce: None,
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
            self.apply(need.flow, need.sequence, Fact::Handed { submission: id }, out);
        }
        out.save(Record::Flight(record.clone()));
        out.note(Note::Submitted {
            submission: id,
            chain,
            messages: u32::try_from(submission.messages.len()).unwrap_or(u32::MAX),
            updates: record.updates,
        });
        let flight = Flight {
            body: Some(submission.clone()),
            is_asked: true,
            ..Flight::new(record, lane, now)
        };
        if let Some(end) = self.end_mut(lane) {
            end.lane.state = LaneState::Flying(id);
        }
        if let Some(chain) = self.chain_mut(ix) {
            chain.hold_reason = None;
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
        nonce: Nonce,
        fee: Fee,
        out: &mut Effects,
    ) {
        let (now, poll) = (self.now, self.chain(ix).map_or(Seconds(1), |chain| chain.poll));
        let Some(flight) = self.chain_mut(ix).and_then(|chain| chain.flight(id)) else {
            return;
        };
        flight.is_asked = false;
        flight.sent_at = now;
        flight.find_at = now.saturating_add(poll);
        flight.resend_at = None;
        flight.looking_back = 0;
        flight.unknown_since = None;
        if flight.record.txs.last() != Some(&tx) {
            flight.record.txs.push(tx);
        }
        flight.record.nonce = Some(nonce);
        flight.record.fee = fee;
        flight.record.state = FlightState::Pending;
        out.save(Record::Flight(flight.record.clone()));
        for (flow, sequence) in self.aboard(id) {
            self.apply(flow, sequence, Fact::Sent { tx }, out);
        }
        if let Some(chain) = self.chain_mut(ix) {
            chain.send_failures = 0;
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

/// What is left of a submission's gas and bytes.
struct Room {
    gas: u64,
    bytes: usize,
}

impl Room {
    fn beside(updates: &[ClientUpdate], batch: &BatchPolicy) -> Self {
        let count = u64::try_from(updates.len()).unwrap_or(u64::MAX);
        let bytes = updates.iter().map(update_bytes).fold(0, usize::saturating_add);
        Self {
            gas: batch
                .gas_max
                .0
                .saturating_sub(count.saturating_mul(batch.gas_update.0)),
            bytes: batch.bytes_max.saturating_sub(bytes),
        }
    }

    /// Takes room for one message; false if there is not enough, and then none is taken.
    fn take(&mut self, gas: u64, bytes: usize) -> bool {
        let (Some(gas), Some(bytes)) = (self.gas.checked_sub(gas), self.bytes.checked_sub(bytes)) else {
            return false;
        };
        (self.gas, self.bytes) = (gas, bytes);
        true
    }
}

fn message_bytes(message: &Message) -> usize {
    let ack = match &message.kind {
        MessageKind::Ack(ack) => ack.as_bytes().len(),
        MessageKind::Recv | MessageKind::Timeout => 0,
    };
    let value = message.packet.payload.value.as_bytes().len();
    [message.proof.len(), ack, value]
        .into_iter()
        .fold(MESSAGE_OVERHEAD, usize::saturating_add)
}

fn update_bytes(update: &ClientUpdate) -> usize {
    let ClientUpdate::Ethereum(update) = update;
    let keys = update.absentees.keys.len().saturating_mul(96);
    let siblings = update.absentees.siblings.len().saturating_mul(32);
    [keys, siblings, update.account_proof.len()]
        .into_iter()
        .fold(UPDATE_OVERHEAD, usize::saturating_add)
}
