//! Connections in protobuf: `ibc.core.connection.v1`, as far as it is written or read here.
//!
//! Up to v8 ibc-go wants a proof of the client that the other chain has of it, and of a state that this client believes; from v10
//! on those fields stand there without being read. They are always written: a relayer cannot tell from outside which of the two
//! it talks to, and what they cost is paid twice in the life of a connection.

use crate::ibc::RawHeight;
use cosmrs::Any;
use prost::Message;

pub(crate) const INIT: &str = "/ibc.core.connection.v1.MsgConnectionOpenInit";
pub(crate) const TRY: &str = "/ibc.core.connection.v1.MsgConnectionOpenTry";
pub(crate) const ACK: &str = "/ibc.core.connection.v1.MsgConnectionOpenAck";
pub(crate) const CONFIRM: &str = "/ibc.core.connection.v1.MsgConnectionOpenConfirm";

pub(crate) const STATE_INIT: i32 = 1;
pub(crate) const STATE_TRYOPEN: i32 = 2;
pub(crate) const STATE_OPEN: i32 = 3;

/// What channels over the connection may be.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct Version {
    #[prost(string, tag = "1")]
    pub(crate) identifier: String,
    #[prost(string, repeated, tag = "2")]
    pub(crate) features: Vec<String>,
}

/// `ibc.core.commitment.v1.MerklePrefix`.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct Prefix {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) key_prefix: Vec<u8>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct Counterparty {
    #[prost(string, tag = "1")]
    pub(crate) client_id: String,
    /// Empty until it is known.
    #[prost(string, tag = "2")]
    pub(crate) connection_id: String,
    #[prost(message, optional, tag = "3")]
    pub(crate) prefix: Option<Prefix>,
}

/// What the store has under [`end_key`].
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct ConnectionEnd {
    #[prost(string, tag = "1")]
    pub(crate) client_id: String,
    #[prost(message, repeated, tag = "2")]
    pub(crate) versions: Vec<Version>,
    #[prost(int32, tag = "3")]
    pub(crate) state: i32,
    #[prost(message, optional, tag = "4")]
    pub(crate) counterparty: Option<Counterparty>,
    /// In nanoseconds.
    #[prost(uint64, tag = "5")]
    pub(crate) delay_period: u64,
}

/// What the store has under [`paths_key`].
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct ClientPaths {
    #[prost(string, repeated, tag = "1")]
    pub(crate) paths: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct MsgInit {
    #[prost(string, tag = "1")]
    pub(crate) client_id: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) counterparty: Option<Counterparty>,
    #[prost(message, optional, tag = "3")]
    pub(crate) version: Option<Version>,
    #[prost(uint64, tag = "4")]
    pub(crate) delay_period: u64,
    #[prost(string, tag = "5")]
    pub(crate) signer: String,
}

/// Tag 2 is deprecated; tag 13 is for chains that do not know their own past.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct MsgTry {
    #[prost(string, tag = "1")]
    pub(crate) client_id: String,
    #[prost(message, optional, tag = "3")]
    pub(crate) client_state: Option<Any>,
    #[prost(message, optional, tag = "4")]
    pub(crate) counterparty: Option<Counterparty>,
    #[prost(uint64, tag = "5")]
    pub(crate) delay_period: u64,
    #[prost(message, repeated, tag = "6")]
    pub(crate) counterparty_versions: Vec<Version>,
    #[prost(message, optional, tag = "7")]
    pub(crate) proof_height: Option<RawHeight>,
    #[prost(bytes = "vec", tag = "8")]
    pub(crate) proof_init: Vec<u8>,
    #[prost(bytes = "vec", tag = "9")]
    pub(crate) proof_client: Vec<u8>,
    #[prost(bytes = "vec", tag = "10")]
    pub(crate) proof_consensus: Vec<u8>,
    #[prost(message, optional, tag = "11")]
    pub(crate) consensus_height: Option<RawHeight>,
    #[prost(string, tag = "12")]
    pub(crate) signer: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct MsgAck {
    #[prost(string, tag = "1")]
    pub(crate) connection_id: String,
    #[prost(string, tag = "2")]
    pub(crate) counterparty_connection_id: String,
    #[prost(message, optional, tag = "3")]
    pub(crate) version: Option<Version>,
    #[prost(message, optional, tag = "4")]
    pub(crate) client_state: Option<Any>,
    #[prost(message, optional, tag = "5")]
    pub(crate) proof_height: Option<RawHeight>,
    #[prost(bytes = "vec", tag = "6")]
    pub(crate) proof_try: Vec<u8>,
    #[prost(bytes = "vec", tag = "7")]
    pub(crate) proof_client: Vec<u8>,
    #[prost(bytes = "vec", tag = "8")]
    pub(crate) proof_consensus: Vec<u8>,
    #[prost(message, optional, tag = "9")]
    pub(crate) consensus_height: Option<RawHeight>,
    #[prost(string, tag = "10")]
    pub(crate) signer: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct MsgConfirm {
    #[prost(string, tag = "1")]
    pub(crate) connection_id: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) proof_ack: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    pub(crate) proof_height: Option<RawHeight>,
    #[prost(string, tag = "4")]
    pub(crate) signer: String,
}

/// Where a chain stores an end.
pub(crate) fn end_key(connection: &str) -> Vec<u8> {
    format!("connections/{connection}").into_bytes()
}

/// Where a chain stores which connections a client has.
pub(crate) fn paths_key(client: &str) -> Vec<u8> {
    format!("clients/{client}/connections").into_bytes()
}

/// Where a chain stores a client.
pub(crate) fn client_key(client: &str) -> Vec<u8> {
    format!("clients/{client}/clientState").into_bytes()
}

/// Where a chain stores what a client believes of `height`.
pub(crate) fn consensus_key(client: &str, height: RawHeight) -> Vec<u8> {
    let RawHeight {
        revision_number,
        revision_height,
    } = height;
    format!("clients/{client}/consensusStates/{revision_number}-{revision_height}").into_bytes()
}
