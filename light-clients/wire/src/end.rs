//! One end of what packets travel over: a client for IBC v2, a channel for IBC v1.
//!
//! It decides under which names packets are counted and stored, and nothing about what they carry.

use crate::Reject;
use crate::channel::ChannelEnd;
use crate::ids::{ClientId, Sequence};
use crate::path::{Kind, Path};
use core::{fmt, str::FromStr};

/// One end. Written `client-0`, or `transfer/channel-7`; no client id holds a slash, so neither is taken for the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// Of IBC v2: the client that follows the other chain.
    Client(ClientId),
    /// Of IBC v1.
    Channel(ChannelEnd),
}

impl End {
    /// The client, of an end of IBC v2.
    pub const fn client(&self) -> Option<&ClientId> {
        match self {
            Self::Client(client) => Some(client),
            Self::Channel(_) => None,
        }
    }

    /// Where the chain of the source end stores the commitment of packet `sequence`.
    pub fn commitment(&self, sequence: Sequence) -> Path {
        Path::of(self, Kind::Commitment, sequence)
    }

    /// Where the chain of the destination end stores the receipt; its absence is what proves a timeout.
    pub fn receipt(&self, sequence: Sequence) -> Path {
        Path::of(self, Kind::Receipt, sequence)
    }

    /// Where the chain of the destination end stores the commitment of the acknowledgement.
    pub fn acknowledgement(&self, sequence: Sequence) -> Path {
        Path::of(self, Kind::Acknowledgement, sequence)
    }
}

impl From<ClientId> for End {
    fn from(client: ClientId) -> Self {
        Self::Client(client)
    }
}

impl From<ChannelEnd> for End {
    fn from(channel: ChannelEnd) -> Self {
        Self::Channel(channel)
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(client) => client.fmt(f),
            Self::Channel(channel) => channel.fmt(f),
        }
    }
}

impl FromStr for End {
    type Err = Reject;

    fn from_str(text: &str) -> Result<Self, Reject> {
        if text.contains('/') {
            text.parse().map(Self::Channel)
        } else {
            text.parse().map(Self::Client)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn an_end_is_written_in_one_way_and_read_as_what_it_is() {
        for text in ["client-0", "07-tendermint-3", "transfer/channel-7"] {
            let end: End = text.parse().unwrap();
            assert_eq!(end.to_string(), text);
            assert_eq!(end.client().is_none(), text.contains('/'));
        }
        for bad in ["", "client", "transfer/", "/channel-7", "transfer/channel-7/1"] {
            assert!(bad.parse::<End>().is_err(), "{bad}");
        }
    }

    #[test]
    fn each_version_has_its_own_keys() {
        let (client, channel): (End, End) =
            ("client-0".parse().unwrap(), "transfer/channel-7".parse().unwrap());
        let at = Sequence::new(5).unwrap();
        assert_eq!(
            client.commitment(at).to_bytes(),
            b"client-0\x01\0\0\0\0\0\0\0\x05"
        );
        let keys = [
            channel.commitment(at),
            channel.receipt(at),
            channel.acknowledgement(at),
        ];
        let kinds = ["commitments", "receipts", "acks"];
        for (key, kind) in keys.iter().zip(kinds) {
            let text = alloc::format!("{kind}/ports/transfer/channels/channel-7/sequences/5");
            assert_eq!(key.to_bytes(), text.as_bytes());
            assert!(
                Path::parse(&key.to_bytes()).is_err(),
                "only keys of IBC v2 are read"
            );
        }
    }
}
