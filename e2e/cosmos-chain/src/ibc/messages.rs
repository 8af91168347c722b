//! The messages of ibc-go that this chain knows, derived by hand: they are few.

use cosmrs::Any;
use ics23::ProofSpec;
use prost::Message;
use tendermint_client::testing::ibc::Height;
use tendermint_proto::google::protobuf::Duration;

/// `ibc.core.client.v1.MsgCreateClient`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct MsgCreateClient {
    #[prost(message, optional, tag = "1")]
    pub(crate) client_state: Option<Any>,
    #[prost(message, optional, tag = "2")]
    pub(crate) consensus_state: Option<Any>,
    #[prost(string, tag = "3")]
    pub(crate) signer: String,
}

/// `ibc.core.client.v1.MsgCreateClientResponse`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct MsgCreateClientResponse {
    #[prost(string, tag = "1")]
    pub(crate) client_id: String,
}

/// `ibc.core.client.v1.MsgUpdateClient`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct MsgUpdateClient {
    #[prost(string, tag = "1")]
    pub(crate) client_id: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) client_message: Option<Any>,
    #[prost(string, tag = "3")]
    pub(crate) signer: String,
}

/// `ibc.core.client.v2.MsgRegisterCounterparty`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct MsgRegisterCounterparty {
    #[prost(string, tag = "1")]
    pub(crate) client_id: String,
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(crate) counterparty_merkle_prefix: Vec<Vec<u8>>,
    #[prost(string, tag = "3")]
    pub(crate) counterparty_client_id: String,
    #[prost(string, tag = "4")]
    pub(crate) signer: String,
}

/// `ibc.core.client.v2.CounterpartyInfo`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct CounterpartyInfo {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub(crate) merkle_prefix: Vec<Vec<u8>>,
    #[prost(string, tag = "2")]
    pub(crate) client_id: String,
}

/// `ibc.core.channel.v2.Payload`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Payload {
    #[prost(string, tag = "1")]
    pub(crate) source_port: String,
    #[prost(string, tag = "2")]
    pub(crate) destination_port: String,
    #[prost(string, tag = "3")]
    pub(crate) version: String,
    #[prost(string, tag = "4")]
    pub(crate) encoding: String,
    #[prost(bytes = "vec", tag = "5")]
    pub(crate) value: Vec<u8>,
}

/// `ibc.core.channel.v2.Packet`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Packet {
    #[prost(uint64, tag = "1")]
    pub(crate) sequence: u64,
    #[prost(string, tag = "2")]
    pub(crate) source_client: String,
    #[prost(string, tag = "3")]
    pub(crate) destination_client: String,
    #[prost(uint64, tag = "4")]
    pub(crate) timeout_timestamp: u64,
    #[prost(message, repeated, tag = "5")]
    pub(crate) payloads: Vec<Payload>,
}

/// `ibc.core.channel.v2.Acknowledgement`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Acknowledgement {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub(crate) app_acknowledgements: Vec<Vec<u8>>,
}

/// `ibc.core.channel.v2.MsgSendPacket`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct MsgSendPacket {
    #[prost(string, tag = "1")]
    pub(crate) source_client: String,
    #[prost(uint64, tag = "2")]
    pub(crate) timeout_timestamp: u64,
    #[prost(message, repeated, tag = "3")]
    pub(crate) payloads: Vec<Payload>,
    #[prost(string, tag = "4")]
    pub(crate) signer: String,
}

/// `ibc.core.channel.v2.MsgSendPacketResponse`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct MsgSendPacketResponse {
    #[prost(uint64, tag = "1")]
    pub(crate) sequence: u64,
}

/// `ibc.core.channel.v2.MsgRecvPacket`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct MsgRecvPacket {
    #[prost(message, optional, tag = "1")]
    pub(crate) packet: Option<Packet>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) proof_commitment: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    pub(crate) proof_height: Option<Height>,
    #[prost(string, tag = "4")]
    pub(crate) signer: String,
}

/// `ibc.core.channel.v2.MsgTimeout`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct MsgTimeout {
    #[prost(message, optional, tag = "1")]
    pub(crate) packet: Option<Packet>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) proof_unreceived: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    pub(crate) proof_height: Option<Height>,
    #[prost(string, tag = "5")]
    pub(crate) signer: String,
}

/// `ibc.core.channel.v2.MsgAcknowledgement`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct MsgAcknowledgement {
    #[prost(message, optional, tag = "1")]
    pub(crate) packet: Option<Packet>,
    #[prost(message, optional, tag = "2")]
    pub(crate) acknowledgement: Option<Acknowledgement>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) proof_acked: Vec<u8>,
    #[prost(message, optional, tag = "4")]
    pub(crate) proof_height: Option<Height>,
    #[prost(string, tag = "5")]
    pub(crate) signer: String,
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
pub(crate) struct Fraction {
    #[prost(uint64, tag = "1")]
    pub(crate) numerator: u64,
    #[prost(uint64, tag = "2")]
    pub(crate) denominator: u64,
}

/// `ibc.lightclients.tendermint.v1.ClientState`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ClientState {
    #[prost(string, tag = "1")]
    pub(crate) chain_id: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) trust_level: Option<Fraction>,
    #[prost(message, optional, tag = "3")]
    pub(crate) trusting_period: Option<Duration>,
    #[prost(message, optional, tag = "4")]
    pub(crate) unbonding_period: Option<Duration>,
    #[prost(message, optional, tag = "5")]
    pub(crate) max_clock_drift: Option<Duration>,
    #[prost(message, optional, tag = "6")]
    pub(crate) frozen_height: Option<Height>,
    #[prost(message, optional, tag = "7")]
    pub(crate) latest_height: Option<Height>,
    #[prost(message, repeated, tag = "8")]
    pub(crate) proof_specs: Vec<ProofSpec>,
    #[prost(string, repeated, tag = "9")]
    pub(crate) upgrade_path: Vec<String>,
    #[prost(bool, tag = "10")]
    pub(crate) allow_update_after_expiry: bool,
    #[prost(bool, tag = "11")]
    pub(crate) allow_update_after_misbehaviour: bool,
}
