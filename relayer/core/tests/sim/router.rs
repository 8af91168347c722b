//! The contracts of a simulated chain: a router with clients, as a value that can be copied and thrown away.

use crate::judge::SimJudge;
use alloy_primitives::{B256, keccak256};
use chain::{Event, Message, MessageKind, Submission, TrustedState};
use client::Advance;
use relayer_core::{Judge, ProofAt};
use std::collections::BTreeMap;
use wire::{Acknowledgement, ClientId, Encoding, Packet, Payload, PortId, Seconds, Sequence, Value, Version};

/// A payload that begins with this byte cannot be received.
pub(crate) const POISON: u8 = b'X';

#[derive(Clone, Debug, Default)]
pub(crate) struct Router {
    /// The commitment mapping, by path.
    pub(crate) store: BTreeMap<Vec<u8>, B256>,
    pub(crate) clients: BTreeMap<ClientId, Client>,
    /// Transactions of the relayer's account that were included.
    pub(crate) nonce: u64,
    /// How often each packet was executed here.
    pub(crate) executed: BTreeMap<(ClientId, u64), u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) trusted: TrustedState,
    pub(crate) counterparty: Option<ClientId>,
    pub(crate) sent: u64,
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
        let packet = Packet {
            sequence: Sequence::new(end.sent).unwrap(),
            source_client: client.clone(),
            destination_client: end.counterparty.clone().unwrap(),
            timeout,
            payload: Payload {
                source_port: PortId::new("transfer").unwrap(),
                destination_port: PortId::new("transfer").unwrap(),
                version: Version::new("ics20-1").unwrap(),
                encoding: Encoding::new("application/x-solidity-abi").unwrap(),
                value: Value::new(value).unwrap(),
            },
        };
        let path = wire::path::commitment(client, packet.sequence);
        self.store.insert(path.to_bytes(), wire::commit::packet(&packet));
        Event::Sent(packet)
    }

    /// Receives a packet whose proof was checked; nothing happens the second time.
    pub(crate) fn receive(&mut self, packet: &Packet) -> Option<Event> {
        let (client, sequence) = (&packet.destination_client, packet.sequence);
        let receipt = wire::path::receipt(client, sequence).to_bytes();
        if self.store.contains_key(&receipt) {
            return None;
        }
        let acknowledgement = answer(packet);
        self.store.insert(receipt, wire::commit::receipt(packet));
        let ack = wire::path::acknowledgement(client, sequence).to_bytes();
        self.store
            .insert(ack, wire::commit::acknowledgement(acknowledgement.as_bytes()));
        *self.executed.entry((client.clone(), sequence.get())).or_default() += 1;
        Some(Event::Acknowledged {
            packet: packet.clone(),
            acknowledgement,
        })
    }

    /// Runs a submission as one transaction: all or nothing.
    pub(crate) fn execute(&mut self, submission: &Submission, now: Seconds) -> Result<Vec<Event>, Reverts> {
        let mut next = self.clone();
        let mut events = Vec::new();
        for update in &submission.updates {
            let client = next.clients.get_mut(&update.client).unwrap();
            match SimJudge.advance(&client.trusted, &update.update, now) {
                Ok(Advance::Updated(trusted)) => client.trusted = trusted,
                Ok(Advance::NoOp) => {}
                Ok(Advance::Misbehaviour(_)) => return Err(Reverts(None, "misbehaviour".into())),
                Err(refusal) => return Err(Reverts(None, refusal.text)),
            }
        }
        for (at, message) in submission.messages.iter().enumerate() {
            let at = u32::try_from(at).unwrap();
            let event = next
                .message(message, now)
                .map_err(|text| Reverts(Some(at), text))?;
            events.extend(event);
        }
        *self = next;
        Ok(events)
    }

    fn message(&mut self, message: &Message, now: Seconds) -> Result<Option<Event>, String> {
        let packet = &message.packet;
        let here = match message.kind {
            MessageKind::Recv => &packet.destination_client,
            MessageKind::Ack(_) | MessageKind::Timeout => &packet.source_client,
        };
        let trusted = self.clients.get(here).ok_or("no such client")?.trusted.clone();
        let check = |path: wire::Path, value: Option<B256>| {
            let at = ProofAt {
                height: message.height,
                path: &path,
                bytes: &message.proof,
            };
            match value {
                Some(value) => SimJudge.member(&trusted, at, value.as_slice(), now),
                None => SimJudge.absent(&trusted, at, now),
            }
            .map_err(|refusal| refusal.text)
        };
        let commitment = wire::path::commitment(&packet.source_client, packet.sequence);
        match &message.kind {
            MessageKind::Recv => {
                if now >= packet.timeout {
                    return Err("timed out".into());
                }
                check(commitment, Some(wire::commit::packet(packet)))?;
                if packet.payload.value.as_bytes().first() == Some(&POISON) {
                    return Err("poison".into());
                }
                Ok(self.receive(packet))
            }
            MessageKind::Ack(acknowledgement) => {
                let path = wire::path::acknowledgement(&packet.destination_client, packet.sequence);
                check(
                    path,
                    Some(wire::commit::acknowledgement(acknowledgement.as_bytes())),
                )?;
                Ok(self.settle(packet)?.then(|| Event::AckReturned {
                    source_client: packet.source_client.clone(),
                    sequence: packet.sequence,
                    acknowledgement: acknowledgement.clone(),
                }))
            }
            MessageKind::Timeout => {
                let path = wire::path::receipt(&packet.destination_client, packet.sequence);
                if check(path, None)? < packet.timeout {
                    return Err("not timed out".into());
                }
                Ok(self.settle(packet)?.then(|| Event::TimedOut {
                    source_client: packet.source_client.clone(),
                    sequence: packet.sequence,
                }))
            }
        }
    }
}

impl Router {
    /// Deletes the packet's commitment; false if it is gone already.
    fn settle(&mut self, packet: &Packet) -> Result<bool, String> {
        let path = wire::path::commitment(&packet.source_client, packet.sequence).to_bytes();
        match self.store.get(&path) {
            None => Ok(false),
            Some(committed) if *committed != wire::commit::packet(packet) => Err("another packet".into()),
            Some(_) => Ok(self.store.remove(&path).is_some()),
        }
    }
}

/// What every application here answers: the packet's own sequence, so that answers differ.
pub(crate) fn answer(packet: &Packet) -> Acknowledgement {
    Acknowledgement::new(format!("ok {}", packet.sequence)).unwrap()
}
