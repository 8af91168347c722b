//! Channels in protobuf: `ibc.core.channel.v1`, as far as handshakes write or read it.

use crate::ibc::RawHeight;
use crate::ibc::client::{PageRequest, PageResponse};
use prost::Message;

pub(crate) const INIT: &str = "/ibc.core.channel.v1.MsgChannelOpenInit";
pub(crate) const TRY: &str = "/ibc.core.channel.v1.MsgChannelOpenTry";
pub(crate) const ACK: &str = "/ibc.core.channel.v1.MsgChannelOpenAck";
pub(crate) const CONFIRM: &str = "/ibc.core.channel.v1.MsgChannelOpenConfirm";
pub(crate) const CLOSE_INIT: &str = "/ibc.core.channel.v1.MsgChannelCloseInit";
pub(crate) const CLOSE_CONFIRM: &str = "/ibc.core.channel.v1.MsgChannelCloseConfirm";
pub(crate) const OF_CONNECTION_QUERY: &str = "/ibc.core.channel.v1.Query/ConnectionChannels";

pub(crate) const STATE_INIT: i32 = 1;
pub(crate) const STATE_TRYOPEN: i32 = 2;
pub(crate) const STATE_OPEN: i32 = 3;
pub(crate) const STATE_CLOSED: i32 = 4;

pub(crate) const UNORDERED: i32 = 1;
pub(crate) const ORDERED: i32 = 2;

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct Counterparty {
    #[prost(string, tag = "1")]
    pub(crate) port_id: String,
    /// Empty until it is known.
    #[prost(string, tag = "2")]
    pub(crate) channel_id: String,
}

/// What the store has of an end.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct Channel {
    #[prost(int32, tag = "1")]
    pub(crate) state: i32,
    #[prost(int32, tag = "2")]
    pub(crate) ordering: i32,
    #[prost(message, optional, tag = "3")]
    pub(crate) counterparty: Option<Counterparty>,
    #[prost(string, repeated, tag = "4")]
    pub(crate) connection_hops: Vec<String>,
    #[prost(string, tag = "5")]
    pub(crate) version: String,
    /// How often it was upgraded, on chains of ibc-go v8.1 and v9.
    #[prost(uint64, tag = "6")]
    pub(crate) upgrade_sequence: u64,
}

/// An end with its name, as queries tell it.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct IdentifiedChannel {
    #[prost(int32, tag = "1")]
    pub(crate) state: i32,
    #[prost(int32, tag = "2")]
    pub(crate) ordering: i32,
    #[prost(message, optional, tag = "3")]
    pub(crate) counterparty: Option<Counterparty>,
    #[prost(string, repeated, tag = "4")]
    pub(crate) connection_hops: Vec<String>,
    #[prost(string, tag = "5")]
    pub(crate) version: String,
    #[prost(string, tag = "6")]
    pub(crate) port_id: String,
    #[prost(string, tag = "7")]
    pub(crate) channel_id: String,
    #[prost(uint64, tag = "8")]
    pub(crate) upgrade_sequence: u64,
}

impl IdentifiedChannel {
    /// The end without its name, as the store has it.
    pub(crate) fn end(&self) -> Channel {
        Channel {
            state: self.state,
            ordering: self.ordering,
            counterparty: self.counterparty.clone(),
            connection_hops: self.connection_hops.clone(),
            version: self.version.clone(),
            upgrade_sequence: self.upgrade_sequence,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct OfConnection {
    #[prost(string, tag = "1")]
    pub(crate) connection: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) pagination: Option<PageRequest>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct ChannelsAnswer {
    #[prost(message, repeated, tag = "1")]
    pub(crate) channels: Vec<IdentifiedChannel>,
    #[prost(message, optional, tag = "2")]
    pub(crate) pagination: Option<PageResponse>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct MsgInit {
    #[prost(string, tag = "1")]
    pub(crate) port_id: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) channel: Option<Channel>,
    #[prost(string, tag = "3")]
    pub(crate) signer: String,
}

/// Tag 2 is deprecated.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct MsgTry {
    #[prost(string, tag = "1")]
    pub(crate) port_id: String,
    #[prost(message, optional, tag = "3")]
    pub(crate) channel: Option<Channel>,
    #[prost(string, tag = "4")]
    pub(crate) counterparty_version: String,
    #[prost(bytes = "vec", tag = "5")]
    pub(crate) proof_init: Vec<u8>,
    #[prost(message, optional, tag = "6")]
    pub(crate) proof_height: Option<RawHeight>,
    #[prost(string, tag = "7")]
    pub(crate) signer: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct MsgAck {
    #[prost(string, tag = "1")]
    pub(crate) port_id: String,
    #[prost(string, tag = "2")]
    pub(crate) channel_id: String,
    #[prost(string, tag = "3")]
    pub(crate) counterparty_channel_id: String,
    #[prost(string, tag = "4")]
    pub(crate) counterparty_version: String,
    #[prost(bytes = "vec", tag = "5")]
    pub(crate) proof_try: Vec<u8>,
    #[prost(message, optional, tag = "6")]
    pub(crate) proof_height: Option<RawHeight>,
    #[prost(string, tag = "7")]
    pub(crate) signer: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct MsgConfirm {
    #[prost(string, tag = "1")]
    pub(crate) port_id: String,
    #[prost(string, tag = "2")]
    pub(crate) channel_id: String,
    /// That the other end is open, or closed.
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) proof: Vec<u8>,
    #[prost(message, optional, tag = "4")]
    pub(crate) proof_height: Option<RawHeight>,
    #[prost(string, tag = "5")]
    pub(crate) signer: String,
    /// When closing: how often the other end was upgraded. Zero is not written, so that a chain without upgrades never sees it.
    #[prost(uint64, tag = "6")]
    pub(crate) counterparty_upgrade_sequence: u64,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct MsgCloseInit {
    #[prost(string, tag = "1")]
    pub(crate) port_id: String,
    #[prost(string, tag = "2")]
    pub(crate) channel_id: String,
    #[prost(string, tag = "3")]
    pub(crate) signer: String,
}
