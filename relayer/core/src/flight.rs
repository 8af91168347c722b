//! A submission on its way: pending, in a block, final; replaced, lost or reorganised away.
//!
//! Decides what the fate of a transaction means for its packets. A transaction is over only when it is final or can never
//! be in a block; until then it is looked for. It must never take a block for final that is not.

use crate::asks::Purpose;
use crate::effects::Effects;
use crate::fee;
use crate::look::{Due, due};
use crate::machine::Relayer;
use crate::names::bounded;
use crate::place::{ChainIx, Flight};
use crate::record::{FlightState, Record};
use crate::step::{Fact, Setback};
use alloc::string::ToString;
use alloc::vec::Vec;
use chain::{Ask, Blame, BlockNumber, Fault, Outcome, Place, Skip, SubmissionId, Ticket, TxHash, TxState};
use wire::Seconds;

/// Polls between two looks at a transaction that waits for finality.
const FINALITY_POLLS: u64 = 4;

impl Relayer {
    /// Asks for the fate of transactions, and offers more for those that wait too long.
    pub(crate) fn poll_flights(&mut self, ix: ChainIx, out: &mut Effects) {
        let now = self.now;
        let Some(chain) = self.chain(ix) else {
            return;
        };
        let patience = chain.fee.patience;
        let waits = |flight: &Flight| chain.waits_for_finality(flight);
        let due: Vec<(SubmissionId, Due)> = chain
            .flights
            .iter()
            .filter(|flight| !waits(flight))
            .map(|flight| (flight.record.id, due(flight, now, patience)))
            .collect();
        for (id, due) in due {
            match due {
                Due::Find(ticket, tx) => {
                    if let Some(flight) = self.chain_mut(ix).and_then(|chain| chain.flight(id)) {
                        flight.is_asked = true;
                    }
                    self.ask(ix, Purpose::Find(ix, id), Ask::Find { tx, ticket }, out);
                }
                Due::Resend => self.resend(ix, id, out),
                Due::GiveUp => {
                    let text = "the transaction waits too long: it was sent before a restart, or an earlier nonce is free";
                    self.drop_flight(ix, id, Setback::Lost, text, out);
                }
                Due::Nothing => {}
            }
        }
    }

    /// Sends the same submission again with a better fee, if the cap allows it.
    fn resend(&mut self, ix: ChainIx, id: SubmissionId, out: &mut Effects) {
        let (now, latest) = (
            self.now,
            self.chain(ix)
                .and_then(|chain| chain.head)
                .map(|head| head.latest),
        );
        let Some(chain) = self.chain_mut(ix) else {
            return;
        };
        let (policy, again) = (chain.fee, chain.again(now));
        let (Some(flight), Some(latest)) = (chain.flight(id), latest) else {
            return;
        };
        let is_first = flight.record.txs.is_empty();
        let floor = if is_first {
            flight.record.fee
        } else {
            fee::raised(flight.record.fee)
        };
        flight.resend_at = None;
        flight.sent_at = now;
        match (fee::quote(&policy, &latest, Some(floor)), flight.body.clone()) {
            (Some(fee), Some(submission)) => {
                flight.is_asked = true;
                let ticket = flight.record.ticket.as_ref();
                let place = ticket
                    .and_then(Ticket::replaceable)
                    .map_or(Place::Next, Place::Replace);
                self.ask(
                    ix,
                    Purpose::Send(ix, id),
                    Ask::Send {
                        submission,
                        fee,
                        place,
                    },
                    out,
                );
            }
            (_, None) | (None, _) if is_first => {
                let text = "the pool asks for more than the operator's cap";
                self.drop_flight(ix, id, Setback::Waited, text, out);
                self.hold_for_fee(ix, out);
            }
            (_, None) | (None, _) => flight.find_at = again,
        }
    }

    pub(crate) fn on_found(&mut self, ix: ChainIx, id: SubmissionId, state: TxState, out: &mut Effects) {
        let now = self.now;
        let Some(chain) = self.chain_mut(ix) else {
            return;
        };
        let again = chain.again(now);
        let Some(flight) = chain.flight(id) else {
            return;
        };
        flight.is_asked = false;
        flight.find_at = again;
        let Some(tx) = flight.tx_looked_for() else {
            return;
        };
        match state {
            TxState::Pending => {
                flight.looking_back = 0;
                flight.unknown_since = None;
                self.unland(ix, id, tx, out);
            }
            TxState::Included(outcome) => self.on_included(ix, id, tx, outcome, out),
            TxState::Final(outcome) => {
                self.on_included(ix, id, tx, outcome.clone(), out);
                self.finish(ix, id, outcome, out);
            }
            TxState::Replaced | TxState::Overtaken | TxState::Expired | TxState::Unknown => {
                self.on_missing(ix, id, &state, tx, out);
            }
        }
    }

    /// The transaction is in a block.
    fn on_included(
        &mut self,
        ix: ChainIx,
        id: SubmissionId,
        tx: TxHash,
        outcome: Outcome,
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
        flight.looking_back = 0;
        flight.unknown_since = None;
        let rest = again.saturating_sub(now).0.saturating_mul(FINALITY_POLLS);
        flight.find_at = now.saturating_add(Seconds(rest));
        let state = FlightState::Included(outcome.clone());
        if flight.is_landed && flight.record.state == state {
            return;
        }
        let is_new = !flight.is_landed;
        let verdict = |state: &FlightState| {
            let outcome = state.outcome();
            outcome.map(|outcome| (outcome.reverted.clone(), outcome.skipped.clone()))
        };
        let ends_otherwise = verdict(&flight.record.state) != verdict(&state);
        flight.is_landed = true;
        flight.record.state = state;
        // The transaction that landed is the one that is looked for from now on.
        flight.record.txs.retain(|known| *known != tx);
        flight.record.txs.push(tx);
        out.save(Record::Flight(flight.record.clone()));
        if let Some(note) = flight.tell_landed(name, &outcome) {
            out.note(note);
        }
        if !is_new {
            // A reorganisation brought it into another block, where it may have ended otherwise.
            match &outcome.reverted {
                _ if !ends_otherwise => {}
                Some(revert) => self.on_revert(ix, id, revert, out),
                None => self.on_skipped(ix, id, &outcome.skipped, out),
            }
            return;
        }
        if let Some(revert) = &outcome.reverted {
            self.on_revert(ix, id, revert, out);
            return;
        }
        self.on_skipped(ix, id, &outcome.skipped, out);
        self.on_success(ix, id, tx, outcome.block, out);
    }

    /// The router skipped some messages of a batch: their packets go again, later each time.
    fn on_skipped(&mut self, ix: ChainIx, id: SubmissionId, skipped: &[Skip], out: &mut Effects) {
        for skip in skipped {
            let flight = self.chain_mut(ix).and_then(|chain| chain.flight(id));
            let packet = flight.and_then(|flight| {
                let at = usize::try_from(skip.message).ok()?;
                flight.record.packets.get(at).cloned()
            });
            let Some((flow, sequence)) = packet.and_then(|packet| self.live(&packet)) else {
                continue;
            };
            let is_aboard = self
                .packet(flow, sequence)
                .is_some_and(|record| record.submission() == Some(id));
            if is_aboard {
                let reason = bounded(&skip.text);
                self.penalize(flow, sequence, Blame::Chain, &reason);
                self.apply(flow, sequence, Fact::Skipped { reason }, out);
            }
        }
    }

    /// The submission did what it was to do: its packets are on chain, and its lane is free.
    fn on_success(
        &mut self,
        ix: ChainIx,
        id: SubmissionId,
        tx: TxHash,
        block: BlockNumber,
        out: &mut Effects,
    ) {
        let now = self.now;
        let Some(flight) = self.chain_mut(ix).and_then(|chain| chain.flight(id)) else {
            return;
        };
        let (lane, is_update_only) = (flight.lane, flight.record.packets.is_empty());
        for (flow, sequence) in self.aboard(id) {
            if let Some(record) = self.packet_mut(flow, sequence) {
                record.attempts = 0;
            }
            self.apply(flow, sequence, Fact::Landed { tx, block }, out);
        }
        self.free_lane(lane, id);
        if let Some(end) = self.end_mut(lane) {
            end.lane.failures = 0;
            end.lane.trouble = None;
            end.lane.messages_cap = end.lane.messages_cap.saturating_mul(2);
            if is_update_only {
                end.lane.client_read_at = None;
                end.lane.errand_at = None;
                end.lane.noticed_at = None;
                end.lane.beliefs_at = now;
            }
        }
    }

    /// The transaction is final: nothing more can happen to it.
    fn finish(&mut self, ix: ChainIx, id: SubmissionId, outcome: Outcome, out: &mut Effects) {
        let Some(chain) = self.chain_mut(ix) else {
            return;
        };
        let Some(at) = chain.flights.iter().position(|flight| flight.record.id == id) else {
            return;
        };
        let mut flight = chain.flights.remove(at);
        flight.record.state = FlightState::Final(outcome);
        out.save(Record::Flight(flight.record));
    }

    /// A transaction that was in a block is in none any more.
    fn unland(&mut self, ix: ChainIx, id: SubmissionId, tx: TxHash, out: &mut Effects) {
        let now = self.now;
        let Some(flight) = self
            .chain_mut(ix)
            .and_then(|chain| chain.flight(id))
            .filter(|flight| flight.is_landed)
        else {
            return;
        };
        flight.is_landed = false;
        flight.waits_since = now;
        flight.record.state = FlightState::Pending;
        out.save(Record::Flight(flight.record.clone()));
        for (flow, sequence) in self.aboard(id) {
            self.apply(flow, sequence, Fact::Vanished { tx }, out);
        }
    }

    /// The node has not got this transaction. An older one of the same submission may have landed instead; if none has,
    /// and it is dead or nothing turns up for long enough, the submission is over.
    fn on_missing(&mut self, ix: ChainIx, id: SubmissionId, state: &TxState, tx: TxHash, out: &mut Effects) {
        self.unland(ix, id, tx, out);
        let (now, lost_after) = (self.now, self.limits.lost_after);
        let Some(flight) = self.chain_mut(ix).and_then(|chain| chain.flight(id)) else {
            return;
        };
        let unknown_since = *flight.unknown_since.get_or_insert(now);
        flight.looking_back = flight.looking_back.saturating_add(1);
        if flight.looking_back < flight.record.txs.len() {
            flight.find_at = now;
            return;
        }
        flight.looking_back = 0;
        let is_place_used = matches!(state, TxState::Replaced | TxState::Overtaken);
        let is_dead = is_place_used || *state == TxState::Expired;
        if !is_dead && unknown_since.saturating_add(lost_after) > now {
            return;
        }
        let ticket = flight.record.ticket.clone();
        let (blame, text) = match state {
            TxState::Replaced => (
                Blame::Operator,
                "another transaction took the nonce: another process may use this key",
            ),
            TxState::Overtaken => (
                Blame::Chain,
                "a later transaction of our own took its place: a node had lost this one",
            ),
            TxState::Expired => (Blame::Chain, "the transaction was in no block in time"),
            _ => (Blame::Chain, "no node knows the transaction any more"),
        };
        self.blame(ix, blame, text, out);
        self.drop_flight(ix, id, Setback::Lost, text, out);
        if let Some(ticket) = ticket.filter(|_| !is_place_used) {
            self.drop_blocked(ix, &ticket, out);
        }
    }

    /// Transactions behind the free place cannot land before one in it does: their packets go again.
    fn drop_blocked(&mut self, ix: ChainIx, free: &Ticket, out: &mut Effects) {
        let Some(chain) = self.chain(ix) else {
            return;
        };
        let waits = |flight: &Flight| {
            let ticket = flight.record.ticket.as_ref();
            ticket.is_some_and(|ticket| ticket.waits_for(free))
        };
        let blocked: Vec<SubmissionId> = chain
            .flights
            .iter()
            .filter(|flight| !flight.is_landed && waits(flight))
            .map(|flight| flight.record.id)
            .collect();
        for id in blocked {
            self.drop_flight(ix, id, Setback::Lost, "an earlier nonce is free again", out);
        }
    }

    pub(crate) fn on_find_failed(&mut self, ix: ChainIx, id: SubmissionId, why: &Fault, out: &mut Effects) {
        let until = self.pause_until(1, why.retry());
        if let Some(flight) = self.chain_mut(ix).and_then(|chain| chain.flight(id)) {
            flight.is_asked = false;
            flight.find_at = until;
        }
        self.blame(ix, why.blame(), &why.to_string(), out);
    }
}
