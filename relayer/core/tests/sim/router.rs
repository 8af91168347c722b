//! The contracts of a simulated chain: a router with clients, as a value that can be copied and thrown away.

use crate::channel::{Channel, absence, bytes_of};
use crate::judge::{SimJudge, beacon, order, pool};
use crate::serve::spoilt;
use alloy_primitives::{B256, keccak256};
use chain::{AnyPacket, Event, Gas, Message, MessageKind, Skip, Submission, TrustedState};
use client::{Advance, Status};
use ethereum::Slot;
use relayer_core::{Judge, ProofAt};
use std::collections::BTreeMap;
use wire::channel::ChannelEnd;
use wire::{
    Acknowledgement, ClientId, Encoding, End, Height, Packet, Payload, PortId, Seconds, Sequence, Value,
    Version,
};

/// A payload that begins with this byte cannot be received.
pub(crate) const POISON: u8 = b'X';
/// A payload that begins with this byte needs `HUNGER` of gas in a batch.
pub(crate) const HUNGRY: u8 = b'H';
const HUNGER: Gas = Gas(500_000);
/// A payload that begins with this byte has a version that no batch can carry.
pub(crate) const LONG_VERSION: u8 = b'L';
/// A payload that begins with this byte is received, and its application never answers.
pub(crate) const SILENT: u8 = b'S';
/// A payload that begins with this byte is sent with a version that is no text.
pub(crate) const UNREADABLE: u8 = b'U';
/// A payload that begins with this byte is received, and its application answers this many seconds later.
pub(crate) const LATE: u8 = b'T';
const LATE_SECS: u64 = 150;
/// A payload that begins with this byte is received, and the application that sent it refuses the answer.
pub(crate) const REFUSED: u8 = b'R';
const STARVED: &str = "a message starved";

#[derive(Clone, Debug, Default)]
pub(crate) struct Router {
    /// The commitment mapping, by path.
    pub(crate) store: BTreeMap<Vec<u8>, B256>,
    pub(crate) clients: BTreeMap<ClientId, Client>,
    pub(crate) channels: BTreeMap<ChannelEnd, Channel>,
    /// Transactions of the relayer's account that were included.
    pub(crate) nonce: u64,
    /// Packets whose applications answer later, and when.
    pub(crate) unanswered: Vec<(Seconds, AnyPacket)>,
    /// No application refuses an answer any more.
    pub(crate) relents: bool,
    /// How often each packet was executed here.
    pub(crate) executed: BTreeMap<(End, u64), u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) trusted: TrustedState,
    pub(crate) counterparty: Option<ClientId>,
    pub(crate) sent: u64,
}

/// What a submission did.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    pub(crate) events: Vec<Event>,
    pub(crate) skipped: Vec<Skip>,
}

/// The message at this position reverts.
#[derive(Debug, PartialEq)]
pub(crate) struct Reverts(pub(crate) Option<u32>, pub(crate) String);

impl Router {
    pub(crate) fn root(&self) -> B256 {
        let mut bytes = Vec::new();
        for (path, value) in &self.store {
            bytes.extend_from_slice(path);
            bytes.extend_from_slice(value.as_slice());
        }
        keccak256(bytes)
    }

    pub(crate) fn get(&self, path: &wire::Path) -> Option<B256> {
        self.store.get(&path.to_bytes()).copied()
    }

    pub(crate) fn send(&mut self, client: &ClientId, timeout: Seconds, value: &[u8]) -> Event {
        let end = self.clients.get_mut(client).unwrap();
        end.sent += 1;
        let version = if value.first() == Some(&LONG_VERSION) {
            "v".repeat(256)
        } else {
            "ics20-1".into()
        };
        let packet = Packet {
            sequence: Sequence::new(end.sent).unwrap(),
            source_client: client.clone(),
            destination_client: end.counterparty.clone().unwrap(),
            timeout,
            payload: Payload {
                source_port: PortId::new("transfer").unwrap(),
                destination_port: PortId::new("transfer").unwrap(),
                version: Version::new(version).unwrap(),
                encoding: Encoding::new("application/x-solidity-abi").unwrap(),
                value: Value::new(value).unwrap(),
            },
        };
        let path = wire::path::commitment(client, packet.sequence).to_bytes();
        if value.first() == Some(&UNREADABLE) {
            // What is committed is the hash of something that no `Packet` can hold.
            self.store.insert(path, keccak256(b"a version of 0xff"));
            return spoilt(&packet.into());
        }
        self.store.insert(path, wire::commit::packet(&packet));
        Event::Sent(packet.into())
    }

    /// Receives a packet whose proof was checked; nothing happens the second time.
    pub(crate) fn receive(&mut self, packet: &AnyPacket, now: Seconds) -> Result<Option<Event>, String> {
        if self.is_received(packet)? {
            return Ok(None);
        }
        self.write_receipt(packet);
        let name = (packet.destination(), packet.sequence().get());
        *self.executed.entry(name).or_default() += 1;
        Ok(match packet.data().first() {
            Some(&SILENT) => None,
            Some(&LATE) => {
                self.unanswered.push((Seconds(now.0 + LATE_SECS), packet.clone()));
                None
            }
            _ => Some(self.acknowledge(packet)),
        })
    }

    /// What applications that answer later say at `now`.
    pub(crate) fn late_answers(&mut self, now: Seconds) -> Vec<Event> {
        let (due, left) = std::mem::take(&mut self.unanswered)
            .into_iter()
            .partition(|(at, _)| *at <= now);
        self.unanswered = left;
        let due: Vec<(Seconds, AnyPacket)> = due;
        due.iter().map(|(_, packet)| self.acknowledge(packet)).collect()
    }

    fn acknowledge(&mut self, packet: &AnyPacket) -> Event {
        let acknowledgement = answer(packet);
        let ack = packet.destination().acknowledgement(packet.sequence()).to_bytes();
        self.store.insert(ack, packet.answer_commitment(&acknowledgement));
        Event::Acknowledged {
            packet: packet.clone(),
            acknowledgement,
        }
    }

    /// Runs a submission as one transaction: all or nothing, except for the messages of a batch. `unlucky` is a message
    /// of a batch that fails whatever it says.
    pub(crate) fn execute(
        &mut self,
        submission: &Submission,
        now: Seconds,
        unlucky: Option<usize>,
    ) -> Result<Ran, Reverts> {
        let mut next = self.clone();
        let mut ran = Ran::default();
        for update in &submission.updates {
            let client = next.clients.get_mut(&update.client).unwrap();
            match SimJudge.advance(&client.trusted, &update.update, now) {
                Ok(Advance::Updated(trusted)) => client.trusted = trusted,
                Ok(Advance::NoOp) => {}
                Ok(Advance::Misbehaviour(_)) => return Err(Reverts(None, "misbehaviour".into())),
                Err(refusal) => return Err(Reverts(None, refusal.text)),
            }
        }
        if let Some(pool) = &submission.pool {
            next.check_pool(&submission.messages, pool, now)?;
        }
        let is_batch = submission.pool.is_some();
        for (at, message) in submission.messages.iter().enumerate() {
            let position = u32::try_from(at).unwrap();
            let result = if !is_batch {
                next.check_single(message, now)
                    .and_then(|()| next.message(message, now))
            } else if unlucky == Some(at) {
                Err("out of luck".into())
            } else {
                next.message(message, now)
            };
            match result {
                Ok(event) => ran.events.extend(event),
                Err(text) if is_batch && text != STARVED => ran.skipped.push(Skip {
                    message: position,
                    text,
                }),
                Err(text) => return Err(Reverts(Some(position), text)),
            }
        }
        *self = next;
        Ok(ran)
    }

    /// The client that judges a message, and the time of the state it is judged by.
    pub(crate) fn judging(&self, message: &Message) -> Result<&TrustedState, String> {
        let here = match message.kind {
            MessageKind::Recv => message.packet.destination(),
            MessageKind::Ack(_) | MessageKind::Timeout(_) => message.packet.source(),
        };
        let client = match &here {
            End::Client(client) => client,
            End::Channel(end) => &self.channels.get(end).ok_or("no such channel")?.client,
        };
        Ok(&self.clients.get(client).ok_or("no such client")?.trusted)
    }

    /// The one proof of a batch holds, in its order.
    fn check_pool(&self, messages: &[Message], bytes: &[u8], now: Seconds) -> Result<(), Reverts> {
        let reverts = |text: &str| Reverts(None, text.into());
        let first = messages.first().ok_or_else(|| reverts("a pool for nothing"))?;
        let trusted = self.judging(first).map_err(|text| reverts(&text))?;
        if SimJudge.stand(trusted, now).map(|stand| stand.status) != Some(Status::Active) {
            return Err(reverts("the client is of no use"));
        }
        let trusted = beacon(trusted);
        let state = trusted.state_at(Slot(first.height.revision_height));
        let root = state.ok_or_else(|| reverts("unknown height"))?.storage_root;
        let shown: Vec<_> = messages.iter().map(shown_by).collect();
        let paths: Vec<&wire::Path> = shown.iter().map(|(path, _)| path).collect();
        if !order(&paths).is_sorted() || bytes != pool(root, &shown) {
            return Err(reverts("the pool does not hold"));
        }
        assert!(messages.iter().all(|message| message.height == first.height));
        Ok(())
    }

    fn check_single(&self, message: &Message, now: Seconds) -> Result<(), String> {
        let (path, value) = shown_by(message);
        let at = ProofAt {
            height: message.height,
            path: &path,
            bytes: &message.proof,
        };
        let trusted = self.judging(message)?;
        let checked = match value {
            Some(value) => SimJudge.member(trusted, at, &bytes_of(&path, value), now),
            None => SimJudge.absent(trusted, at, now),
        };
        checked.map(drop).map_err(|refusal| refusal.text)
    }

    /// What a message does once it is proven.
    fn message(&mut self, message: &Message, now: Seconds) -> Result<Option<Event>, String> {
        let packet = &message.packet;
        let (source, sequence) = (packet.source(), packet.sequence());
        match &message.kind {
            MessageKind::Recv => {
                if !packet.is_open(Height::of(0), now) {
                    return Err("timed out".into());
                }
                match packet.data().first() {
                    Some(&POISON) => return Err("poison".into()),
                    Some(&HUNGRY) if message.gas < HUNGER && packet.v2().is_some() => {
                        return Err(STARVED.into());
                    }
                    _ => {}
                }
                self.receive(packet, now)
            }
            MessageKind::Ack(_) if !self.relents && packet.data().first() == Some(&REFUSED) => {
                Err("refused".into())
            }
            MessageKind::Ack(_) => {
                if !self.settle(packet)? {
                    return Ok(None);
                }
                self.take_ack(packet)?;
                Ok(Some(Event::AckReturned { source, sequence }))
            }
            MessageKind::Timeout(unreceived) => {
                self.check_timeout(message, unreceived, now)?;
                if unreceived.next.is_some_and(|next| next > sequence) {
                    return Err("it was received".into());
                }
                if !self.settle(packet)? {
                    return Ok(None);
                }
                self.after_timeout(packet);
                Ok(Some(Event::TimedOut { source, sequence }))
            }
        }
    }
}

/// What the other chain has to store for a message, and where.
fn shown_by(message: &Message) -> (wire::Path, Option<B256>) {
    let packet = &message.packet;
    let sequence = packet.sequence();
    match &message.kind {
        MessageKind::Recv => (packet.source().commitment(sequence), Some(packet.commitment())),
        MessageKind::Ack(ack) => (
            packet.destination().acknowledgement(sequence),
            Some(packet.answer_commitment(ack)),
        ),
        MessageKind::Timeout(unreceived) => absence(packet, unreceived),
    }
}

impl Router {
    /// Deletes the packet's commitment; false if it is gone already.
    fn settle(&mut self, packet: &AnyPacket) -> Result<bool, String> {
        let path = packet.source().commitment(packet.sequence()).to_bytes();
        match self.store.get(&path) {
            None => Ok(false),
            Some(committed) if *committed != packet.commitment() => Err("another packet".into()),
            Some(_) => Ok(self.store.remove(&path).is_some()),
        }
    }
}

/// What every application here answers: the packet's own sequence, so that answers differ.
pub(crate) fn answer(packet: &AnyPacket) -> Acknowledgement {
    Acknowledgement::new(format!("ok {}", packet.sequence())).unwrap()
}
