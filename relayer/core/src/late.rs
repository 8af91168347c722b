//! Fourth stop, submit, when the word about a send comes late.
//!
//! An adapter ends what it has begun, however long that takes, and until it says how it ended the transaction may land.
//! Decides how long its packets wait for that word, and what becomes of a word that comes after they have gone on: the
//! transaction is looked for like any other. It must never send a packet again that is known to be on its way.

use crate::asks::Purpose;
use crate::effects::Effects;
use crate::machine::Relayer;
use crate::names::PacketId;
use crate::place::{ChainIx, EndIx, Flight};
use crate::record::{FlightRecord, Record};
use crate::step::{Fact, Leg, Stage};
use alloc::vec::Vec;
use chain::{Answer, Fee, MessageKind, Reply, SubmissionId, Ticket, TxHash};
use wire::Seconds;

/// The first transaction of a submission is waited for so many times as long as another ask: nobody knows its hash, and
/// where it is not replaced at its nonce, its packets would be paid for twice.
const SEND_PATIENCE: u64 = 4;
/// Bound: submissions to one chain that were given up and are still heard of; the oldest gives way.
const UNHEARD_MAX: usize = 16;

/// A submission that was given up although it may have been sent.
#[derive(Debug)]
pub(crate) struct Unheard {
    record: FlightRecord,
    lane: EndIx,
    /// On which legs it carries its packets, in their order.
    legs: Vec<Leg>,
}

impl Relayer {
    /// How long the reply to an ask is waited for.
    pub(crate) fn patience(&self, purpose: &Purpose) -> Seconds {
        let patience = self.limits.ask_patience;
        if self.first_send(purpose).is_some() {
            Seconds(patience.0.saturating_mul(SEND_PATIENCE))
        } else {
            patience
        }
    }

    /// The submission of which this ask sends the first transaction.
    fn first_send(&self, purpose: &Purpose) -> Option<&Flight> {
        let Purpose::Send(chain, id) = purpose else {
            return None;
        };
        let mut flights = self.chain(*chain)?.flights.iter();
        flights.find(|flight| flight.record.id == *id && flight.record.txs.is_empty())
    }

    /// Remembers a submission that is about to be given up because its send is not heard of.
    pub(crate) fn remember_unheard(&mut self, purpose: &Purpose) {
        let (Purpose::Send(ix, _), Some(flight)) = (purpose, self.first_send(purpose)) else {
            return;
        };
        let messages = flight.body.iter().flat_map(|body| &body.messages);
        let unheard = Unheard {
            record: flight.record.clone(),
            lane: flight.lane,
            legs: messages.map(|message| leg_of(&message.kind)).collect(),
        };
        if let Some(chain) = self.chain_mut(*ix) {
            chain.unheard.truncate(UNHEARD_MAX.saturating_sub(1));
            chain.unheard.insert(0, unheard);
        }
    }

    /// A reply that came after its ask was given up: nothing, unless it tells of a transaction that has left.
    pub(crate) fn on_late(&mut self, ix: ChainIx, reply: Reply, out: &mut Effects) {
        let Ok((ask, answer)) = reply else {
            return;
        };
        let (Some(id), Answer::Send { tx, ticket, fee, .. }) = (self.asks.close_late(ask, ix), answer) else {
            return;
        };
        let Some(chain) = self.chain_mut(ix) else {
            return;
        };
        if let Some(flight) = chain.flight(id) {
            if !flight.record.txs.contains(&tx) {
                flight.record.txs.push(tx);
                out.save(Record::Flight(flight.record.clone()));
            }
        } else if let Some(at) = chain.unheard.iter().position(|unheard| unheard.record.id == id) {
            let unheard = chain.unheard.remove(at);
            self.take_up(ix, unheard, (tx, ticket, fee), out);
        }
    }

    /// The submission is on its way after all, and with it those of its packets that are not carried otherwise by now.
    fn take_up(
        &mut self,
        ix: ChainIx,
        unheard: Unheard,
        (tx, ticket, fee): (TxHash, Ticket, Fee),
        out: &mut Effects,
    ) {
        let (now, submission) = (self.now, unheard.record.id);
        let packets = unheard.record.packets.clone();
        if let Some(chain) = self.chain_mut(ix) {
            let flight = Flight::new(unheard.record, unheard.lane, now);
            chain.flights.push(flight);
        }
        for (packet, leg) in packets.iter().zip(unheard.legs) {
            self.board_again(packet, leg, submission, out);
        }
        self.on_sent(ix, submission, tx, ticket, fee, out);
    }

    fn board_again(&mut self, packet: &PacketId, leg: Leg, submission: SubmissionId, out: &mut Effects) {
        let Some((flow, sequence)) = self.live(packet) else {
            return;
        };
        let is_free = self.packet(flow, sequence).is_some_and(|record| {
            let stage = record.standing.stage;
            record.standing.leg == leg && !matches!(stage, Stage::Submitted { .. } | Stage::Included { .. })
        });
        if is_free {
            self.apply(flow, sequence, Fact::Handed { submission }, out);
        }
    }
}

fn leg_of(kind: &MessageKind) -> Leg {
    match kind {
        MessageKind::Recv => Leg::Deliver,
        MessageKind::Ack(_) => Leg::Acknowledge,
        MessageKind::Timeout(_) => Leg::TimeOut,
    }
}
