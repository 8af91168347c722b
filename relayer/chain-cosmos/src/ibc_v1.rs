//! Packets of IBC v1 in protobuf: `ibc.core.channel.v1`, as far as it is written here.
//!
//! Field numbers: ibc-go v10's own descriptors.

use crate::ibc::RawHeight;
use prost::Message;
use wire::channel::ChannelPacket;

pub(crate) const RECV: &str = "/ibc.core.channel.v1.MsgRecvPacket";
pub(crate) const ACK: &str = "/ibc.core.channel.v1.MsgAcknowledgement";
pub(crate) const TIMEOUT: &str = "/ibc.core.channel.v1.MsgTimeout";
pub(crate) const TIMEOUT_ON_CLOSE: &str = "/ibc.core.channel.v1.MsgTimeoutOnClose";

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct RawPacket {
    #[prost(uint64, tag = "1")]
    pub(crate) sequence: u64,
    #[prost(string, tag = "2")]
    pub(crate) source_port: String,
    #[prost(string, tag = "3")]
    pub(crate) source_channel: String,
    #[prost(string, tag = "4")]
    pub(crate) destination_port: String,
    #[prost(string, tag = "5")]
    pub(crate) destination_channel: String,
    #[prost(bytes = "vec", tag = "6")]
    pub(crate) data: Vec<u8>,
    /// 0-0 = none; it is never left out.
    #[prost(message, optional, tag = "7")]
    pub(crate) timeout_height: Option<RawHeight>,
    /// Unix nanoseconds; 0 = none.
    #[prost(uint64, tag = "8")]
    pub(crate) timeout_timestamp: u64,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct MsgRecvPacket {
    #[prost(message, optional, tag = "1")]
    pub(crate) packet: Option<RawPacket>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) proof_commitment: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    pub(crate) proof_height: Option<RawHeight>,
    #[prost(string, tag = "4")]
    pub(crate) signer: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct MsgAcknowledgement {
    #[prost(message, optional, tag = "1")]
    pub(crate) packet: Option<RawPacket>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) acknowledgement: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) proof_acked: Vec<u8>,
    #[prost(message, optional, tag = "4")]
    pub(crate) proof_height: Option<RawHeight>,
    #[prost(string, tag = "5")]
    pub(crate) signer: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct MsgTimeout {
    #[prost(message, optional, tag = "1")]
    pub(crate) packet: Option<RawPacket>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) proof_unreceived: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    pub(crate) proof_height: Option<RawHeight>,
    /// Looked at on ordered channels only; 0 is refused everywhere.
    #[prost(uint64, tag = "4")]
    pub(crate) next_sequence_recv: u64,
    #[prost(string, tag = "5")]
    pub(crate) signer: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct MsgTimeoutOnClose {
    #[prost(message, optional, tag = "1")]
    pub(crate) packet: Option<RawPacket>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) proof_unreceived: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) proof_close: Vec<u8>,
    #[prost(message, optional, tag = "4")]
    pub(crate) proof_height: Option<RawHeight>,
    /// As of a timeout.
    #[prost(uint64, tag = "5")]
    pub(crate) next_sequence_recv: u64,
    #[prost(string, tag = "6")]
    pub(crate) signer: String,
}

impl From<&ChannelPacket> for RawPacket {
    fn from(packet: &ChannelPacket) -> Self {
        Self {
            sequence: packet.sequence.get(),
            source_port: packet.source.port.to_string(),
            source_channel: packet.source.channel.to_string(),
            destination_port: packet.destination.port.to_string(),
            destination_channel: packet.destination.channel.to_string(),
            data: packet.data.clone(),
            timeout_height: Some(packet.timeout.height().unwrap_or_default().into()),
            timeout_timestamp: packet.timeout.nanos().unwrap_or_default(),
        }
    }
}
