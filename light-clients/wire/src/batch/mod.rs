//! The packed bytes of one batch: updates of a client and messages about its packets, under one pool.
//!
//! It says what the router reads, field by field, and writes the shortest form of it. It never judges a message: which
//! packet it is, the commitment decides, so two encodings of one packet are no danger. Beyond what the router's reader
//! refuses, decoding here refuses what no packet may hold, because nothing else could be meant.
//!
//! Spec: docs/formats/batch.md.

mod read;
mod value;
mod write;

pub use write::message_length;

use crate::{
    Acknowledgement, ClientId, Height, Packet, Path, Payload, Reject, Seconds, Sequence, commit, path,
};
use alloc::vec::Vec;
use alloy_primitives::B256;

/// First byte of every batch.
pub const VERSION: u8 = 1;

/// How a value is written.
mod form {
    /// Its bytes.
    pub(super) const RAW: u8 = 0;
    /// The parts of an ICS-20 transfer, from which the router rebuilds its ABI encoding.
    pub(super) const TRANSFER: u8 = 1;
}

/// What a router does in one transaction, for one of its clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The client on the chain of the router: destination of received packets, source of all others.
    pub client: ClientId,
    /// What the client learns first, in this order.
    pub updates: Vec<Vec<u8>>,
    /// The height at which the pool holds.
    pub height: Height,
    /// In the order of the pool: by the hashed storage slot of their paths.
    pub messages: Vec<Message>,
    /// One proof for all messages; empty when there are none.
    pub pool: Vec<u8>,
}

/// What a router is told about one packet. The ids of its clients are not in it: one is the batch's, the other one is
/// what the router has paired with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What happened to it.
    pub action: Action,
    /// Gas that the router keeps for this message: with less the whole batch is refused.
    pub gas: u32,
    /// Number of the packet on its source client.
    pub sequence: Sequence,
    /// Unix time from which its destination refuses it.
    pub timeout: Seconds,
    /// What it carries.
    pub payload: Payload,
}

/// What happened to a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It was sent: receive it.
    Receive,
    /// It was received, and answered like this.
    Acknowledge(Acknowledgement),
    /// It was not received in time.
    TimeOut,
}

impl Batch {
    /// Reads `bytes` as the router does.
    ///
    /// Errors: [`Reject::BatchVersion`], [`Reject::BatchTruncated`], [`Reject::BatchKind`], [`Reject::BatchTemplate`],
    /// [`Reject::BatchForm`], [`Reject::BatchAmount`], [`Reject::BatchLeftOver`], and those of the fields'
    /// constructors.
    pub fn decode(bytes: &[u8]) -> Result<Self, Reject> {
        read::batch(bytes)
    }

    /// Writes the batch: equal templates once, transfers in parts.
    ///
    /// Errors: [`Reject::BatchFull`] when there are more of something than can be counted, [`Reject::TooLong`] when
    /// something is longer than its length can say, [`Reject::BatchLeftOver`] for a pool without messages.
    pub fn encode(&self) -> Result<Vec<u8>, Reject> {
        write::batch(self)
    }
}

impl Message {
    /// The packet, when `client` is the batch's client and `counterparty` what the router has paired with it.
    pub fn packet(&self, client: &ClientId, counterparty: &ClientId) -> Packet {
        let (source, destination) = match self.action {
            Action::Receive => (counterparty, client),
            Action::Acknowledge(_) | Action::TimeOut => (client, counterparty),
        };
        Packet {
            sequence: self.sequence,
            source_client: source.clone(),
            destination_client: destination.clone(),
            timeout: self.timeout,
            payload: self.payload.clone(),
        }
    }

    /// Where the other chain stores what the pool has to show.
    pub fn path(&self, counterparty: &ClientId) -> Path {
        match self.action {
            Action::Receive => path::commitment(counterparty, self.sequence),
            Action::Acknowledge(_) => path::acknowledgement(counterparty, self.sequence),
            Action::TimeOut => path::receipt(counterparty, self.sequence),
        }
    }

    /// What must be stored there; none = nothing.
    pub fn expected(&self, client: &ClientId, counterparty: &ClientId) -> Option<B256> {
        match &self.action {
            Action::Receive => Some(commit::packet(&self.packet(client, counterparty))),
            Action::Acknowledge(ack) => Some(commit::acknowledgement(ack.as_bytes())),
            Action::TimeOut => None,
        }
    }
}

impl Action {
    /// The byte that says it.
    pub const fn byte(&self) -> u8 {
        match self {
            Self::Receive => 1,
            Self::Acknowledge(_) => 2,
            Self::TimeOut => 3,
        }
    }
}
