//! A packet of either version of IBC: what machine, store and adapters ask of one without caring which.

use alloy_primitives::B256;
use wire::channel::{self, ChannelPacket};
use wire::{Acknowledgement, End, Height, Packet, PortId, Seconds, Sequence};

/// Nanoseconds of a second.
const NANOS: u64 = 1_000_000_000;

/// A packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnyPacket {
    /// Of IBC v2, between two clients.
    Client(Packet),
    /// Of IBC v1, between two channels.
    Channel(ChannelPacket),
}

impl AnyPacket {
    /// The packet, if it is of IBC v2.
    pub const fn v2(&self) -> Option<&Packet> {
        match self {
            Self::Client(packet) => Some(packet),
            Self::Channel(_) => None,
        }
    }

    /// Its number at the source end.
    pub const fn sequence(&self) -> Sequence {
        match self {
            Self::Client(packet) => packet.sequence,
            Self::Channel(packet) => packet.sequence,
        }
    }

    /// The end that it was sent from.
    pub fn source(&self) -> End {
        match self {
            Self::Client(packet) => packet.source_client.clone().into(),
            Self::Channel(packet) => packet.source.clone().into(),
        }
    }

    /// The end that it goes to.
    pub fn destination(&self) -> End {
        match self {
            Self::Client(packet) => packet.destination_client.clone().into(),
            Self::Channel(packet) => packet.destination.clone().into(),
        }
    }

    /// The application that sent it.
    pub const fn source_port(&self) -> &PortId {
        match self {
            Self::Client(packet) => &packet.payload.source_port,
            Self::Channel(packet) => &packet.source.port,
        }
    }

    /// The application that it is for.
    pub const fn destination_port(&self) -> &PortId {
        match self {
            Self::Client(packet) => &packet.payload.destination_port,
            Self::Channel(packet) => &packet.destination.port,
        }
    }

    /// What its application wrote.
    pub fn data(&self) -> &[u8] {
        match self {
            Self::Client(packet) => packet.payload.value.as_bytes(),
            Self::Channel(packet) => &packet.data,
        }
    }

    /// How many bytes the sender chose in all.
    pub fn weight(&self) -> usize {
        let texts = match self {
            Self::Client(packet) => {
                let payload = &packet.payload;
                let (version, encoding) = (payload.version.as_str(), payload.encoding.as_str());
                version.len().saturating_add(encoding.len())
            }
            Self::Channel(_) => 0,
        };
        self.data().len().saturating_add(texts)
    }

    /// What the source chain stores until the packet is settled.
    pub fn commitment(&self) -> B256 {
        match self {
            Self::Client(packet) => wire::commit::packet(packet),
            Self::Channel(packet) => packet.commitment(),
        }
    }

    /// What the destination chain stores of `acknowledgement`, the answer to this packet.
    pub fn answer_commitment(&self, acknowledgement: &Acknowledgement) -> B256 {
        match self {
            Self::Client(_) => wire::commit::acknowledgement(acknowledgement.as_bytes()),
            Self::Channel(_) => channel::acknowledgement_commitment(acknowledgement.as_bytes()),
        }
    }

    /// Whether a state of the destination at `height` and `time` (its own clock, Unix seconds, rounded down) is one of after the
    /// timeout, for certain.
    pub fn has_expired(&self, height: Height, time: Seconds) -> bool {
        match self {
            Self::Client(packet) => packet.timeout <= time,
            Self::Channel(packet) => packet.timeout.has_passed(height, time),
        }
    }

    /// Whether the destination takes it for certain in a block of `height` and `time` (Unix seconds, rounded down).
    pub fn is_open(&self, height: Height, time: Seconds) -> bool {
        match self {
            Self::Client(packet) => time < packet.timeout,
            Self::Channel(packet) => packet.timeout.is_open(height, time),
        }
    }

    /// From when on the destination refuses it by its clock (Unix seconds, rounded up); none if it only looks at heights.
    pub fn timeout(&self) -> Option<Seconds> {
        match self {
            Self::Client(packet) => Some(packet.timeout),
            Self::Channel(packet) => packet.timeout.nanos().map(|nanos| Seconds(nanos.div_ceil(NANOS))),
        }
    }

    /// From which height on the destination refuses it; none if it only looks at the clock.
    pub const fn timeout_height(&self) -> Option<Height> {
        match self {
            Self::Client(_) => None,
            Self::Channel(packet) => packet.timeout.height(),
        }
    }
}

impl From<Packet> for AnyPacket {
    fn from(packet: Packet) -> Self {
        Self::Client(packet)
    }
}

impl From<ChannelPacket> for AnyPacket {
    fn from(packet: ChannelPacket) -> Self {
        Self::Channel(packet)
    }
}
