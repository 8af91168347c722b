//! Packets of IBC v1, which are known by the channels that they travel on: identifiers, timeouts, commitments, keys.
//!
//! It decides what such a packet is and where a chain stores what about it. Between Cosmos chains these packets still carry most
//! of what moves; everything else here is about IBC v2.
//!
//! Spec: ICS-04 and ICS-24 of IBC v1, as ibc-go has them. Keys are text; a commitment binds timeout and data, and nothing
//! else: source, destination and sequence are bound by its key and by the handshake that made the channel.

use crate::ids::{PortId, Sequence, check_id};
use crate::path::{Kind, Path};
use crate::{Height, Reject, Seconds};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use alloy_primitives::B256;
use core::{fmt, str::FromStr};
use sha2::{Digest, Sha256};

/// Shortest channel id.
const CHANNEL_ID_MIN: usize = 8;
/// Longest channel id.
const CHANNEL_ID_MAX: usize = 64;
/// The first field of an end of a channel that is closed, in protobuf.
const CLOSED: [u8; 2] = [0x08, 4];
/// Nanoseconds of a second.
const NANOS: u64 = 1_000_000_000;

/// Identifier of a channel on one chain, for example `channel-7`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(String);

/// One end of a channel. Written `transfer/channel-7`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelEnd {
    /// The application.
    pub port: PortId,
    /// The channel.
    pub channel: ChannelId,
}

/// Whether the packets of a channel must arrive in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordering {
    /// Each for itself.
    Unordered,
    /// One after the other; a timeout closes the channel.
    Ordered,
}

/// From when on the destination refuses a packet: whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout {
    height: Option<Height>,
    nanos: Option<u64>,
}

/// A packet of IBC v1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelPacket {
    /// Its number on the source channel.
    pub sequence: Sequence,
    /// Where it comes from.
    pub source: ChannelEnd,
    /// Where it goes to.
    pub destination: ChannelEnd,
    /// From when on the destination refuses it.
    pub timeout: Timeout,
    /// What it carries.
    pub data: Vec<u8>,
}

impl ChannelId {
    /// Checks and keeps `id`.
    ///
    /// Errors: [`Reject::IdLength`] outside 8 to 64 characters, [`Reject::IdCharacter`].
    pub fn new(id: impl Into<String>) -> Result<Self, Reject> {
        let id = id.into();
        check_id("channel id", &id, CHANNEL_ID_MIN, CHANNEL_ID_MAX)?;
        Ok(Self(id))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Timeout {
    /// A timeout at a height of the destination, at a time of it (Unix nanoseconds), or at both.
    ///
    /// Errors: [`Reject::ZeroTimeout`] when neither is there, or one that is there is zero: no chain sends that.
    pub fn new(height: Option<Height>, nanos: Option<u64>) -> Result<Self, Reject> {
        let is_zero = height == Some(Height::default()) || nanos == Some(0);
        if is_zero || (height.is_none() && nanos.is_none()) {
            return Err(Reject::ZeroTimeout);
        }
        Ok(Self { height, nanos })
    }

    /// The height of the destination from which on the packet is refused.
    pub const fn height(&self) -> Option<Height> {
        self.height
    }

    /// The time of the destination from which on the packet is refused (Unix nanoseconds).
    pub const fn nanos(&self) -> Option<u64> {
        self.nanos
    }

    /// Whether the destination refuses the packet for certain at `height`, in a block of the second `time`, which is
    /// rounded down.
    pub fn has_passed(&self, height: Height, time: Seconds) -> bool {
        let by_height = self.height.is_some_and(|limit| height >= limit);
        // The block's time is at least the whole second.
        let by_time = self
            .nanos
            .is_some_and(|limit| Seconds(limit.div_ceil(NANOS)) <= time);
        by_height || by_time
    }

    /// Whether the destination takes the packet for certain at `height`, in a block of the second `time`, which is rounded
    /// down.
    pub fn is_open(&self, height: Height, time: Seconds) -> bool {
        let by_height = self.height.is_none_or(|limit| height < limit);
        // The block's time is below the next whole second.
        let next = time.saturating_add(Seconds(1));
        let by_time = self
            .nanos
            .is_none_or(|limit| next.0.saturating_mul(NANOS) <= limit);
        by_height && by_time
    }
}

impl ChannelPacket {
    /// What the source chain stores until the packet is settled:
    /// `H(nanoseconds ‖ revision ‖ height ‖ H(data))`, numbers as 8 bytes big-endian, 0 for none.
    pub fn commitment(&self) -> B256 {
        let height = self.timeout.height.unwrap_or_default();
        let mut hasher = Sha256::new();
        hasher.update(self.timeout.nanos.unwrap_or_default().to_be_bytes());
        hasher.update(height.revision_number.to_be_bytes());
        hasher.update(height.revision_height.to_be_bytes());
        hasher.update(Sha256::digest(&self.data));
        B256::new(hasher.finalize().into())
    }
}

/// What the destination chain stores of an acknowledgement: its SHA-256.
pub fn acknowledgement_commitment(ack: &[u8]) -> B256 {
    B256::new(Sha256::digest(ack).into())
}

/// Whether an end of a channel, as its chain stores it, is closed. The state is its first field, and 4 stands for closed.
pub fn is_closed(stored: &[u8]) -> bool {
    stored.starts_with(&CLOSED)
}

/// Which packet comes next, as a chain stores it: 8 bytes big-endian, nothing else.
pub fn next_sequence(stored: &[u8]) -> Option<Sequence> {
    let bytes = stored.try_into().ok()?;
    Sequence::new(u64::from_be_bytes(bytes)).ok()
}

impl ChannelEnd {
    /// Where the chain of the source end stores the commitment of packet `sequence`.
    pub fn commitment_key(&self, sequence: Sequence) -> Vec<u8> {
        self.key("commitments", Some(sequence))
    }

    /// Where the chain of the destination end stores that it received packet `sequence` of an unordered channel; its absence
    /// is what proves a timeout.
    pub fn receipt_key(&self, sequence: Sequence) -> Vec<u8> {
        self.key("receipts", Some(sequence))
    }

    /// Where the chain of the destination end stores the commitment of the acknowledgement.
    pub fn acknowledgement_key(&self, sequence: Sequence) -> Vec<u8> {
        self.key("acks", Some(sequence))
    }

    /// Where the chain of the destination end of an ordered channel stores which packet it takes next, as 8 bytes big-endian:
    /// what proves a timeout there.
    pub fn next_receive_key(&self) -> Vec<u8> {
        self.key("nextSequenceRecv", None)
    }

    /// The path of [`Self::next_receive_key`].
    pub fn next_receive(&self) -> Path {
        Path::of(&self.clone().into(), Kind::NextReceive, Sequence::FIRST)
    }

    /// The path of [`Self::end_key`].
    pub fn stored(&self) -> Path {
        Path::of(&self.clone().into(), Kind::ChannelEnd, Sequence::FIRST)
    }

    /// Where the chain stores the end itself.
    pub fn end_key(&self) -> Vec<u8> {
        self.key("channelEnds", None)
    }

    fn key(&self, kind: &str, sequence: Option<Sequence>) -> Vec<u8> {
        let end = format!("{kind}/ports/{}/channels/{}", self.port, self.channel);
        match sequence {
            Some(sequence) => format!("{end}/sequences/{sequence}").into_bytes(),
            None => end.into_bytes(),
        }
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ChannelEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.port, self.channel)
    }
}

impl FromStr for ChannelEnd {
    type Err = Reject;

    fn from_str(text: &str) -> Result<Self, Reject> {
        // No identifier holds a slash; without one the channel is empty, which is too short.
        let (port, channel) = text.split_once('/').unwrap_or((text, ""));
        Ok(Self {
            port: PortId::new(port)?,
            channel: ChannelId::new(channel)?,
        })
    }
}

#[cfg(test)]
#[path = "channel_tests.rs"]
mod tests;
