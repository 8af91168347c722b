//! Fourth stop, submit, first half: which messages share a submission, and how they are proven.
//!
//! Decides what fits. Where the client proves many paths at once, the messages become a batch under one pool, built from
//! the single proofs that were judged before and judged once more as a whole; elsewhere each keeps its own proof. A packet
//! that no batch can carry travels by single calls. It must never let a pool through that the client would refuse.

use crate::choose::soon;
use crate::config::BatchPolicy;
use crate::cost::{update_bytes, update_gas};
use crate::effects::Effects;
use crate::judge::{PoolPart, Refusal};
use crate::machine::Relayer;
use crate::packet::PacketRecord;
use crate::place::{ChainIx, EndIx};
use crate::step::{Setback, Stage};
use crate::trip::{Need, NeedKind, Trip};
use alloc::vec::Vec;
use chain::{ClientUpdate, Gas, Message, MessageKind, Submission, SubmissionId, TrustedState, UpdateClient};
use wire::batch::message_length;
use wire::{Height, Path, Seconds};

/// Bytes of a message beside its payload, proof and acknowledgement when it has a call of its own; of a batch beside its
/// messages and its pool.
const MESSAGE_OVERHEAD: usize = 900;
const BATCH_OVERHEAD: usize = 1_500;
/// What a batch declares for each byte of a value or an acknowledgement: it is copied, hashed and logged.
const GAS_PER_BYTE: u64 = 40;
/// What the router needs for the longest answer, 32,768 bytes: 262,144 for the log, the rest for memory and hashes
/// (`test_t48_longest_answer_after_burnt_gas_harms_nobody` of the contracts holds it).
const LONGEST_ANSWER_GAS: u64 = 330_000;
/// A message that had too little gas is given twice as much each time it fails, so often at most.
const DOUBLINGS_MAX: u32 = 3;

/// What the messages of a trip were proven against.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(crate) trusted: TrustedState,
    pub(crate) height: Height,
    pub(crate) now: Seconds,
}

/// A message that has a place in the submission.
struct Aboard {
    message: Message,
    need: Need,
}

impl Relayer {
    /// Fills a submission within gas and bytes; what has no room or comes too late is put back. None when its pool is
    /// refused, which ends the trip.
    pub(crate) fn fill(
        &mut self,
        ix: ChainIx,
        lane: EndIx,
        id: SubmissionId,
        mut trip: Trip,
        out: &mut Effects,
    ) -> Option<(Submission, Vec<Need>)> {
        let needs = core::mem::take(&mut trip.needs);
        let (aboard, is_batch) = self.choose_aboard(ix, &trip, needs, out);
        let mut submission = Submission {
            id,
            updates: Vec::new(),
            messages: Vec::new(),
            pool: None,
        };
        let mut sent = Vec::new();
        for Aboard { message, need } in aboard {
            submission.messages.push(message);
            sent.push(need);
        }
        if is_batch && let Err(refusal) = self.fill_pool(ix, &trip, &mut submission, &mut sent, out) {
            self.put_back(&sent, Setback::FalseAnswer, out);
            self.on_refusal(lane, &refusal, out);
            return None;
        }
        if let (Some(client), true) = (trip.client, trip.is_refresh || !submission.messages.is_empty()) {
            let updates = trip.updates.into_iter().map(|update| UpdateClient {
                client: client.clone(),
                update,
            });
            submission.updates = updates.collect();
        }
        Some((submission, sent))
    }

    /// Takes messages while there is room, all for a batch or all for calls of their own, as the first one demands.
    fn choose_aboard(
        &mut self,
        ix: ChainIx,
        trip: &Trip,
        needs: Vec<Need>,
        out: &mut Effects,
    ) -> (Vec<Aboard>, bool) {
        let Some((batch, head)) = self.chain(ix).map(|chain| (chain.batch, chain.head)) else {
            return (Vec::new(), false);
        };
        let (height, time) = head.map_or_else(Default::default, |head| soon(&head, self.limits.recv_margin));
        let mut room = Room::beside(&trip.updates, &batch);
        let (mut aboard, mut is_batch) = (Vec::<Aboard>::new(), false);
        for need in needs {
            let Some(message) = self
                .message(&need, trip.height, &batch)
                .filter(|_| self.fits(&need))
            else {
                continue;
            };
            if need.kind == NeedKind::Recv && !message.packet.is_open(height, time) {
                self.put_back(&[need], Setback::TooLate, out);
                continue;
            }
            if !self.is_in_turn(&need, aboard.iter().map(|aboard| &aboard.need)) {
                self.put_back(&[need], Setback::OutOfOrder, out);
                continue;
            }
            let length = batch_length(&message).filter(|_| trip.takes_batches);
            if aboard.is_empty() {
                is_batch = length.is_some();
            }
            let (gas, bytes) = match length {
                Some(length) => (pooled_gas(need.kind, &batch), length),
                None => (single_gas(need.kind, &batch), single_length(&message)),
            };
            // A message that is too large for any batch travels alone, so that the chain can say what is wrong with it.
            let fits = is_batch == length.is_some() && room.take(gas, bytes);
            if !fits && !aboard.is_empty() {
                self.put_back(&[need], Setback::NoRoom, out);
                continue;
            }
            aboard.push(Aboard { message, need });
        }
        (aboard, is_batch)
    }

    fn message(&self, need: &Need, height: Height, batch: &BatchPolicy) -> Option<Message> {
        let is_proven = |record: &&PacketRecord| matches!(record.standing.stage, Stage::Proven { .. });
        let record = self.packet(need.flow, need.sequence).filter(is_proven)?;
        let kind = match need.kind {
            NeedKind::Recv => MessageKind::Recv,
            NeedKind::Ack => MessageKind::Ack(record.acknowledgement.as_ref()?.0.clone()),
            NeedKind::Timeout => MessageKind::Timeout(need.unreceived.clone()),
            NeedKind::Confirm | NeedKind::Receipt => return None,
        };
        Some(Message {
            kind,
            packet: (*record.packet).clone(),
            proof: need.proof.clone()?,
            height,
            gas: declared(record, need.kind, batch),
        })
    }

    /// Gives the messages their pool and its order; the last ones are put back until all of it fits into the bytes.
    fn fill_pool(
        &mut self,
        ix: ChainIx,
        trip: &Trip,
        submission: &mut Submission,
        sent: &mut Vec<Need>,
        out: &mut Effects,
    ) -> Result<(), Refusal> {
        let Some(ground) = trip.ground() else {
            return Ok(());
        };
        let bytes_max = self.chain(ix).map_or(0, |chain| chain.batch.bytes_max);
        let beside = trip
            .updates
            .iter()
            .map(update_bytes)
            .fold(BATCH_OVERHEAD, usize::saturating_add);
        loop {
            let count = submission.messages.len();
            self.pool(&ground, submission, sent)?;
            let bodies = submission.messages.iter().filter_map(batch_length);
            let pool = submission.pool.as_ref().map_or(0, |pool| pool.len());
            if bodies.fold(beside.saturating_add(pool), usize::saturating_add) <= bytes_max || count < 2 {
                return Ok(());
            }
            let keep = count.saturating_sub(count.div_ceil(8));
            submission.messages.truncate(keep);
            let late = sent.split_off(keep.min(sent.len()));
            self.put_back(&late, Setback::NoRoom, out);
        }
    }

    /// Builds the pool of a submission's messages, judges it, and puts them into its order, `along` with them.
    pub(crate) fn pool<T>(
        &self,
        ground: &Ground,
        submission: &mut Submission,
        along: &mut Vec<T>,
    ) -> Result<(), Refusal> {
        let paths: Vec<(Path, Option<alloy_primitives::B256>)> =
            submission.messages.iter().map(shown_by).collect();
        let parts: Vec<PoolPart<'_>> = paths
            .iter()
            .zip(&submission.messages)
            .map(|((path, value), message)| PoolPart {
                path,
                value: *value,
                proof: &message.proof,
            })
            .collect();
        let pooled = self
            .judge
            .pool(&ground.trusted, ground.height, &parts, ground.now)?;
        submission.messages = reordered(core::mem::take(&mut submission.messages), &pooled.order);
        *along = reordered(core::mem::take(along), &pooled.order);
        submission.pool = Some(pooled.bytes);
        Ok(())
    }
}

/// The path that a message is about, and what has to be stored there.
fn shown_by(message: &Message) -> (Path, Option<alloy_primitives::B256>) {
    let packet = &message.packet;
    match &message.kind {
        MessageKind::Recv => (
            packet.source().commitment(packet.sequence()),
            Some(packet.commitment()),
        ),
        MessageKind::Ack(ack) => (
            packet.destination().acknowledgement(packet.sequence()),
            Some(packet.answer_commitment(ack)),
        ),
        MessageKind::Timeout(_) => (packet.destination().receipt(packet.sequence()), None),
    }
}

fn reordered<T>(items: Vec<T>, order: &[usize]) -> Vec<T> {
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    let take = |at: &usize| items.get_mut(*at).and_then(Option::take);
    order.iter().filter_map(take).collect()
}

/// What the router's own work on a packet may use: more for long values, for answers whose length only the application
/// knows, and more after each failure.
fn declared(record: &PacketRecord, kind: NeedKind, batch: &BatchPolicy) -> Gas {
    let weight = u64::try_from(record.value_bytes()).unwrap_or(u64::MAX);
    let once = batch
        .gas_declared
        .0
        .saturating_add(weight.saturating_mul(GAS_PER_BYTE))
        .saturating_add(answer_gas(record, kind));
    let doublings = record.attempts.min(DOUBLINGS_MAX);
    Gas(once
        .saturating_mul(1u64.checked_shl(doublings).unwrap_or(1))
        .min(batch.gas_max.0))
}

/// An application that answers shortly in a rehearsal and at length on the chain must not make the router run out of gas: a
/// whole batch would be lost with it. Transfers are ours and answer shortly.
fn answer_gas(record: &PacketRecord, kind: NeedKind) -> u64 {
    let is_ours = record.packet.destination_port().as_str() == wire::ics20::PORT;
    match kind {
        NeedKind::Recv if !is_ours => LONGEST_ANSWER_GAS,
        NeedKind::Recv | NeedKind::Ack | NeedKind::Timeout | NeedKind::Confirm | NeedKind::Receipt => 0,
    }
}

fn pooled_gas(kind: NeedKind, batch: &BatchPolicy) -> u64 {
    match kind {
        NeedKind::Recv => batch.gas_pooled_recv.0,
        NeedKind::Ack => batch.gas_pooled_ack.0,
        NeedKind::Timeout => batch.gas_pooled_timeout.0,
        NeedKind::Confirm | NeedKind::Receipt => 0,
    }
}

fn single_gas(kind: NeedKind, batch: &BatchPolicy) -> u64 {
    match kind {
        NeedKind::Recv => batch.gas_recv.0,
        NeedKind::Ack => batch.gas_ack.0,
        NeedKind::Timeout => batch.gas_timeout.0,
        NeedKind::Confirm | NeedKind::Receipt => 0,
    }
}

/// Bytes of a message within a batch, beside the pool; none if no batch can carry it.
fn batch_length(message: &Message) -> Option<usize> {
    let ack = match &message.kind {
        MessageKind::Ack(ack) => Some(ack),
        MessageKind::Recv | MessageKind::Timeout(_) => None,
    };
    message_length(&message.packet.v2()?.payload, ack).ok()
}

/// Bytes of a message with a call of its own.
fn single_length(message: &Message) -> usize {
    let beside = match &message.kind {
        MessageKind::Ack(ack) => ack.as_bytes().len(),
        MessageKind::Timeout(unreceived) => unreceived.closed.as_ref().map_or(0, |proof| proof.len()),
        MessageKind::Recv => 0,
    };
    [message.proof.len(), beside, message.packet.weight()]
        .into_iter()
        .fold(MESSAGE_OVERHEAD, usize::saturating_add)
}

/// What is left of a submission's gas and bytes.
struct Room {
    gas: u64,
    bytes: usize,
}

impl Room {
    fn beside(updates: &[ClientUpdate], batch: &BatchPolicy) -> Self {
        let gas = updates.iter().map(|update| update_gas(update, batch));
        let bytes = updates.iter().map(update_bytes).fold(0, usize::saturating_add);
        Self {
            gas: batch.gas_max.0.saturating_sub(gas.fold(0, u64::saturating_add)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{EndName, PacketId};
    use alloy_primitives::B256;
    use chain::{BlockNumber, TxHash};
    use wire::{ClientId, Encoding, Packet, Payload, PortId, Seconds, Sequence, Value, Version};

    fn record(port: &str) -> PacketRecord {
        let client = ClientId::new("client-0").unwrap();
        let id = PacketId {
            source: EndName {
                chain: chain::ChainName("north".into()),
                id: client.clone().into(),
            },
            sequence: Sequence::FIRST,
        };
        let packet = Packet {
            sequence: Sequence::FIRST,
            source_client: client.clone(),
            destination_client: client,
            timeout: Seconds(9),
            payload: Payload {
                source_port: PortId::new(port).unwrap(),
                destination_port: PortId::new(port).unwrap(),
                version: Version::new("1").unwrap(),
                encoding: Encoding::new("none").unwrap(),
                value: Value::new([1; 10]).unwrap(),
            },
        };
        PacketRecord::seen(id, packet, BlockNumber(1), TxHash(B256::ZERO), Seconds(1))
    }

    #[test]
    fn a_receive_has_room_for_the_longest_answer_unless_the_application_is_ours() {
        let batch = BatchPolicy::default();
        let gas = |port: &str, kind| declared(&record(port), kind, &batch).0;
        let own = batch.gas_declared.0 + 10 * GAS_PER_BYTE;
        assert_eq!(gas("elsewhere", NeedKind::Recv), own + LONGEST_ANSWER_GAS);
        assert_eq!(gas(wire::ics20::PORT, NeedKind::Recv), own);
        assert_eq!(gas("elsewhere", NeedKind::Ack), own);
        let mut failed = record(wire::ics20::PORT);
        failed.attempts = 40;
        assert_eq!(declared(&failed, NeedKind::Recv, &batch).0, own << DOUBLINGS_MAX);
    }
}
