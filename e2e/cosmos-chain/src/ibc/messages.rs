//! The messages of ibc-go that this chain knows, derived by hand: they are few.

#![allow(
    missing_docs,
    reason = "fields have the names and the meaning that they have in ibc-go"
)]

use cosmrs::Any;
use ics23::ProofSpec;
use prost::Message;
use tendermint_client::testing::ibc::Height;
use tendermint_proto::google::protobuf::Duration;

/// `ibc.core.client.v1.MsgCreateClient`.
#[derive(Clone, PartialEq, Message)]
pub struct MsgCreateClient {
    #[prost(message, optional, tag = "1")]
    pub client_state: Option<Any>,
    #[prost(message, optional, tag = "2")]
    pub consensus_state: Option<Any>,
    #[prost(string, tag = "3")]
    pub signer: String,
}

/// `ibc.core.client.v1.MsgCreateClientResponse`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct MsgCreateClientResponse {
    #[prost(string, tag = "1")]
    pub(crate) client_id: String,
}

/// `ibc.core.client.v1.MsgUpdateClient`.
#[derive(Clone, PartialEq, Message)]
pub struct MsgUpdateClient {
    #[prost(string, tag = "1")]
    pub client_id: String,
    #[prost(message, optional, tag = "2")]
    pub client_message: Option<Any>,
    #[prost(string, tag = "3")]
    pub signer: String,
}

/// `ibc.core.client.v2.MsgRegisterCounterparty`.
#[derive(Clone, PartialEq, Message)]
pub struct MsgRegisterCounterparty {
    #[prost(string, tag = "1")]
    pub client_id: String,
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub counterparty_merkle_prefix: Vec<Vec<u8>>,
    #[prost(string, tag = "3")]
    pub counterparty_client_id: String,
    #[prost(string, tag = "4")]
    pub signer: String,
}

/// `ibc.core.client.v2.CounterpartyInfo`.
#[derive(Clone, PartialEq, Message)]
pub struct CounterpartyInfo {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub merkle_prefix: Vec<Vec<u8>>,
    #[prost(string, tag = "2")]
    pub client_id: String,
}

/// `ibc.core.client.v2.Config`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Config {
    /// Empty = anybody.
    #[prost(string, repeated, tag = "1")]
    pub(crate) allowed_relayers: Vec<String>,
}

/// `ibc.core.channel.v2.Payload`.
#[derive(Clone, PartialEq, Message)]
pub struct Payload {
    #[prost(string, tag = "1")]
    pub source_port: String,
    #[prost(string, tag = "2")]
    pub destination_port: String,
    #[prost(string, tag = "3")]
    pub version: String,
    #[prost(string, tag = "4")]
    pub encoding: String,
    #[prost(bytes = "vec", tag = "5")]
    pub value: Vec<u8>,
}

/// `ibc.core.channel.v2.Packet`.
#[derive(Clone, PartialEq, Message)]
pub struct Packet {
    #[prost(uint64, tag = "1")]
    pub sequence: u64,
    #[prost(string, tag = "2")]
    pub source_client: String,
    #[prost(string, tag = "3")]
    pub destination_client: String,
    #[prost(uint64, tag = "4")]
    pub timeout_timestamp: u64,
    #[prost(message, repeated, tag = "5")]
    pub payloads: Vec<Payload>,
}

/// `ibc.core.channel.v2.Acknowledgement`.
#[derive(Clone, PartialEq, Message)]
pub struct Acknowledgement {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub app_acknowledgements: Vec<Vec<u8>>,
}

/// `ibc.core.channel.v2.MsgSendPacket`.
#[derive(Clone, PartialEq, Message)]
pub struct MsgSendPacket {
    #[prost(string, tag = "1")]
    pub source_client: String,
    #[prost(uint64, tag = "2")]
    pub timeout_timestamp: u64,
    #[prost(message, repeated, tag = "3")]
    pub payloads: Vec<Payload>,
    #[prost(string, tag = "4")]
    pub signer: String,
}

/// `ibc.core.channel.v2.MsgSendPacketResponse`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct MsgSendPacketResponse {
    #[prost(uint64, tag = "1")]
    pub(crate) sequence: u64,
}

/// `ibc.core.channel.v2.MsgRecvPacket`.
#[derive(Clone, PartialEq, Message)]
pub struct MsgRecvPacket {
    #[prost(message, optional, tag = "1")]
    pub packet: Option<Packet>,
    #[prost(bytes = "vec", tag = "2")]
    pub proof_commitment: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    pub proof_height: Option<Height>,
    #[prost(string, tag = "4")]
    pub signer: String,
}

/// `ibc.core.channel.v2.MsgTimeout`.
#[derive(Clone, PartialEq, Message)]
pub struct MsgTimeout {
    #[prost(message, optional, tag = "1")]
    pub packet: Option<Packet>,
    #[prost(bytes = "vec", tag = "2")]
    pub proof_unreceived: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    pub proof_height: Option<Height>,
    #[prost(string, tag = "5")]
    pub signer: String,
}

/// `ibc.core.channel.v2.MsgAcknowledgement`.
#[derive(Clone, PartialEq, Message)]
pub struct MsgAcknowledgement {
    #[prost(message, optional, tag = "1")]
    pub packet: Option<Packet>,
    #[prost(message, optional, tag = "2")]
    pub acknowledgement: Option<Acknowledgement>,
    #[prost(bytes = "vec", tag = "3")]
    pub proof_acked: Vec<u8>,
    #[prost(message, optional, tag = "4")]
    pub proof_height: Option<Height>,
    #[prost(string, tag = "5")]
    pub signer: String,
}

/// What became of a message about a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relayed {
    /// Somebody had relayed it: nothing happened.
    Before,
    /// It was relayed.
    Now,
}

/// The responses to such messages have one form.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct RelayedResponse {
    #[prost(uint32, tag = "1")]
    result: u32,
}

impl Relayed {
    /// As a response: `RESPONSE_RESULT_TYPE_NOOP` or `RESPONSE_RESULT_TYPE_SUCCESS`.
    pub(crate) fn response(self) -> RelayedResponse {
        let result = match self {
            Self::Before => 1,
            Self::Now => 2,
        };
        RelayedResponse { result }
    }
}

/// `ibc.lightclients.tendermint.v1.Fraction`.
#[derive(Clone, PartialEq, Message)]
pub struct Fraction {
    #[prost(uint64, tag = "1")]
    pub numerator: u64,
    #[prost(uint64, tag = "2")]
    pub denominator: u64,
}

/// `ibc.lightclients.tendermint.v1.ClientState`.
#[derive(Clone, PartialEq, Message)]
pub struct ClientState {
    #[prost(string, tag = "1")]
    pub chain_id: String,
    #[prost(message, optional, tag = "2")]
    pub trust_level: Option<Fraction>,
    #[prost(message, optional, tag = "3")]
    pub trusting_period: Option<Duration>,
    #[prost(message, optional, tag = "4")]
    pub unbonding_period: Option<Duration>,
    #[prost(message, optional, tag = "5")]
    pub max_clock_drift: Option<Duration>,
    #[prost(message, optional, tag = "6")]
    pub frozen_height: Option<Height>,
    #[prost(message, optional, tag = "7")]
    pub latest_height: Option<Height>,
    #[prost(message, repeated, tag = "8")]
    pub proof_specs: Vec<ProofSpec>,
    #[prost(string, repeated, tag = "9")]
    pub upgrade_path: Vec<String>,
    #[prost(bool, tag = "10")]
    pub allow_update_after_expiry: bool,
    #[prost(bool, tag = "11")]
    pub allow_update_after_misbehaviour: bool,
}
