//! Paths: where a chain stores what it says about a packet, and where that lies in an EVM router's storage.
//!
//! A path of IBC v2 is `client id ‖ kind ‖ sequence as 8 bytes big-endian`. No character of a client id is a kind byte and
//! the rest has a fixed length, so no two (client, kind, sequence) share a path. One of IBC v1 is text with slashes, which
//! no client id has.

use crate::{ClientId, End, Reject, Sequence};
use alloc::vec::Vec;
use alloy_primitives::{B256, keccak256};
use core::fmt;

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The packet's commitment, under the source end.
    Commitment,
    /// The packet's receipt, under the destination end.
    Receipt,
    /// The acknowledgement's commitment, under the destination end.
    Acknowledgement,
    /// Which packet an end of an ordered channel takes next.
    NextReceive,
    /// An end of a channel itself.
    ChannelEnd,
}

/// A path of the provable store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    end: End,
    kind: Kind,
    sequence: Sequence,
}

/// Length of kind and sequence at the end of a path.
const TAIL: usize = 9;

/// Where the source chain stores the commitment of the packet `sequence` of its client `source_client`.
pub fn commitment(source_client: &ClientId, sequence: Sequence) -> Path {
    Path {
        end: source_client.clone().into(),
        kind: Kind::Commitment,
        sequence,
    }
}

/// Where the destination chain stores the receipt; its absence is what proves a timeout.
pub fn receipt(destination_client: &ClientId, sequence: Sequence) -> Path {
    Path {
        end: destination_client.clone().into(),
        kind: Kind::Receipt,
        sequence,
    }
}

/// Where the destination chain stores the commitment of the acknowledgement.
pub fn acknowledgement(destination_client: &ClientId, sequence: Sequence) -> Path {
    Path {
        end: destination_client.clone().into(),
        kind: Kind::Acknowledgement,
        sequence,
    }
}

impl Kind {
    /// The byte between client id and sequence; none of what only channels have.
    pub const fn byte(self) -> Option<u8> {
        match self {
            Self::Commitment => Some(1),
            Self::Receipt => Some(2),
            Self::Acknowledgement => Some(3),
            Self::NextReceive | Self::ChannelEnd => None,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Commitment, Self::Receipt, Self::Acknowledgement]
            .into_iter()
            .find(|kind| kind.byte() == Some(byte))
    }
}

impl Path {
    pub(crate) fn of(end: &End, kind: Kind, sequence: Sequence) -> Self {
        Self {
            end: end.clone(),
            kind,
            sequence,
        }
    }

    /// Reads a path of IBC v2 from its bytes.
    ///
    /// Errors: [`Reject::PathShape`], [`Reject::ZeroSequence`], and those of [`ClientId::new`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Reject> {
        let short = Reject::PathShape {
            length: bytes.len(),
            kind: 0,
        };
        let at = bytes.len().checked_sub(TAIL).ok_or_else(|| short.clone())?;
        let (client, tail) = bytes.split_at_checked(at).ok_or_else(|| short.clone())?;
        let (byte, sequence) = tail.split_first().ok_or_else(|| short.clone())?;
        let misshapen = Reject::PathShape {
            length: bytes.len(),
            kind: *byte,
        };
        let kind = Kind::from_byte(*byte).ok_or_else(|| misshapen.clone())?;
        let client = core::str::from_utf8(client).map_err(|_| misshapen.clone())?;
        let sequence = sequence.try_into().map_err(|_| misshapen)?;
        Ok(Self {
            end: ClientId::new(client)?.into(),
            kind,
            sequence: Sequence::new(u64::from_be_bytes(sequence))?,
        })
    }

    /// The raw bytes: `client id ‖ kind ‖ sequence`, or the text of IBC v1.
    pub fn to_bytes(&self) -> Vec<u8> {
        let client = match &self.end {
            End::Client(client) => client,
            End::Channel(channel) => {
                return match self.kind {
                    Kind::Commitment => channel.commitment_key(self.sequence),
                    Kind::Receipt => channel.receipt_key(self.sequence),
                    Kind::Acknowledgement => channel.acknowledgement_key(self.sequence),
                    Kind::NextReceive => channel.next_receive_key(),
                    Kind::ChannelEnd => channel.end_key(),
                };
            }
        };
        let mut bytes = client.as_bytes().to_vec();
        bytes.extend(self.kind.byte());
        bytes.extend_from_slice(&self.sequence.get().to_be_bytes());
        bytes
    }

    /// Keccak-256 of the raw bytes: the key in a Solidity router's mapping of commitments.
    pub fn evm_key(&self) -> B256 {
        keccak256(self.to_bytes())
    }

    /// The storage slot of the entry in a Solidity router whose mapping of commitments lies at `base`
    /// ([`crate::COMMITMENTS_SLOT`] for every router that keeps the published layout):
    /// `keccak256(evm_key ‖ base)`.
    pub fn evm_slot(&self, base: B256) -> B256 {
        let mut preimage = self.evm_key().to_vec();
        preimage.extend_from_slice(base.as_slice());
        keccak256(preimage)
    }

    /// The end under which it is stored.
    pub fn end(&self) -> &End {
        &self.end
    }

    /// What it leads to.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Which packet it is about; the first one, where it is about the whole channel.
    pub fn sequence(&self) -> Sequence {
        self.sequence
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Commitment => "commitment",
            Kind::Receipt => "receipt",
            Kind::Acknowledgement => "acknowledgement",
            Kind::NextReceive => return write!(f, "{}/next receive", self.end),
            Kind::ChannelEnd => return write!(f, "{}", self.end),
        };
        write!(f, "{}/{kind}/{}", self.end, self.sequence)
    }
}
