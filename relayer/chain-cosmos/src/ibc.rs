//! Messages of ibc-go in protobuf, as far as they are written or read here.
//!
//! Field numbers: facts "IBC v2 on the wire" and ibc-go v10's own descriptors. No crate has those of IBC v2.

use cosmrs::Any;
use prost::Message;
use tendermint_proto::google::protobuf::{Duration, Timestamp};
use wire::{Acknowledgement, Height, Packet};

/// `google.protobuf.Any` around a message.
pub(crate) fn any(type_url: &str, message: &impl Message) -> Any {
    Any {
        type_url: type_url.to_owned(),
        value: message.encode_to_vec(),
    }
}

/// `ibc.core.client.v1.Height`.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub(crate) struct RawHeight {
    #[prost(uint64, tag = "1")]
    pub(crate) revision_number: u64,
    #[prost(uint64, tag = "2")]
    pub(crate) revision_height: u64,
}

impl From<Height> for RawHeight {
    fn from(height: Height) -> Self {
        Self {
            revision_number: height.revision_number,
            revision_height: height.revision_height,
        }
    }
}

impl From<RawHeight> for Height {
    fn from(height: RawHeight) -> Self {
        Self {
            revision_number: height.revision_number,
            revision_height: height.revision_height,
        }
    }
}

/// `ibc.core.commitment.v1.MerkleProof`, with the proofs in it left as they were encoded.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct MerkleProof {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub(crate) proofs: Vec<Vec<u8>>,
}

/// Messages of 07-tendermint.
pub(crate) mod tendermint {
    use super::{Any, Duration, Message, RawHeight, Timestamp};
    use tendermint_proto::v0_38::types as raw;

    pub(crate) const CLIENT_STATE: &str = "/ibc.lightclients.tendermint.v1.ClientState";
    pub(crate) const CONSENSUS_STATE: &str = "/ibc.lightclients.tendermint.v1.ConsensusState";
    pub(crate) const HEADER: &str = "/ibc.lightclients.tendermint.v1.Header";
    pub(crate) const MISBEHAVIOUR: &str = "/ibc.lightclients.tendermint.v1.Misbehaviour";

    #[derive(Clone, Copy, PartialEq, Eq, Message)]
    pub(crate) struct Fraction {
        #[prost(uint64, tag = "1")]
        pub(crate) numerator: u64,
        #[prost(uint64, tag = "2")]
        pub(crate) denominator: u64,
    }

    /// Tags 10 and 11 (`allow_update_after_…`) are deprecated and have no effect.
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
        pub(crate) frozen_height: Option<RawHeight>,
        #[prost(message, optional, tag = "7")]
        pub(crate) latest_height: Option<RawHeight>,
        #[prost(message, repeated, tag = "8")]
        pub(crate) proof_specs: Vec<ics23::ProofSpec>,
        #[prost(string, repeated, tag = "9")]
        pub(crate) upgrade_path: Vec<String>,
    }

    #[derive(Clone, PartialEq, Eq, Message)]
    pub(crate) struct Root {
        #[prost(bytes = "vec", tag = "1")]
        pub(crate) hash: Vec<u8>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(crate) struct ConsensusState {
        #[prost(message, optional, tag = "1")]
        pub(crate) timestamp: Option<Timestamp>,
        #[prost(message, optional, tag = "2")]
        pub(crate) root: Option<Root>,
        #[prost(bytes = "vec", tag = "3")]
        pub(crate) next_validators_hash: Vec<u8>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(crate) struct Header {
        #[prost(message, optional, tag = "1")]
        pub(crate) signed_header: Option<raw::SignedHeader>,
        #[prost(message, optional, tag = "2")]
        pub(crate) validator_set: Option<raw::ValidatorSet>,
        #[prost(message, optional, tag = "3")]
        pub(crate) trusted_height: Option<RawHeight>,
        #[prost(message, optional, tag = "4")]
        pub(crate) trusted_validators: Option<raw::ValidatorSet>,
    }

    /// The message in `any`, if it is of the kind `type_url`.
    pub(crate) fn read<M: Message + Default>(any: &Any, type_url: &str) -> Result<M, String> {
        if any.type_url != type_url {
            return Err(format!("it is a {}, not a {type_url}", any.type_url));
        }
        M::decode(any.value.as_slice()).map_err(|error| format!("{type_url} cannot be read: {error}"))
    }
}

/// Clients: `ibc.core.client.v1` and `.v2`.
pub(crate) mod client {
    use super::{Any, Message, RawHeight};

    pub(crate) const CREATE: &str = "/ibc.core.client.v1.MsgCreateClient";
    pub(crate) const UPDATE: &str = "/ibc.core.client.v1.MsgUpdateClient";
    pub(crate) const REGISTER: &str = "/ibc.core.client.v2.MsgRegisterCounterparty";
    pub(crate) const STATE_QUERY: &str = "/ibc.core.client.v1.Query/ClientState";
    pub(crate) const CONSENSUS_QUERY: &str = "/ibc.core.client.v1.Query/ConsensusState";
    pub(crate) const HEIGHTS_QUERY: &str = "/ibc.core.client.v1.Query/ConsensusStateHeights";
    pub(crate) const COUNTERPARTY_QUERY: &str = "/ibc.core.client.v2.Query/CounterpartyInfo";
    pub(crate) const CONFIG_QUERY: &str = "/ibc.core.client.v2.Query/Config";

    #[derive(Clone, PartialEq, Message)]
    pub(crate) struct MsgCreateClient {
        #[prost(message, optional, tag = "1")]
        pub(crate) client_state: Option<Any>,
        #[prost(message, optional, tag = "2")]
        pub(crate) consensus_state: Option<Any>,
        #[prost(string, tag = "3")]
        pub(crate) signer: String,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(crate) struct MsgUpdateClient {
        #[prost(string, tag = "1")]
        pub(crate) client_id: String,
        #[prost(message, optional, tag = "2")]
        pub(crate) client_message: Option<Any>,
        #[prost(string, tag = "3")]
        pub(crate) signer: String,
    }

    #[derive(Clone, PartialEq, Eq, Message)]
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

    /// The request of all queries that name a client and nothing else.
    #[derive(Clone, PartialEq, Eq, Message)]
    pub(crate) struct OfClient {
        #[prost(string, tag = "1")]
        pub(crate) client_id: String,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(crate) struct ClientStateAnswer {
        #[prost(message, optional, tag = "1")]
        pub(crate) client_state: Option<Any>,
    }

    #[derive(Clone, PartialEq, Eq, Message)]
    pub(crate) struct ConsensusStateRequest {
        #[prost(string, tag = "1")]
        pub(crate) client_id: String,
        #[prost(uint64, tag = "2")]
        pub(crate) revision_number: u64,
        #[prost(uint64, tag = "3")]
        pub(crate) revision_height: u64,
    }

    #[derive(Clone, PartialEq, Message)]
    pub(crate) struct ConsensusStateAnswer {
        #[prost(message, optional, tag = "1")]
        pub(crate) consensus_state: Option<Any>,
    }

    /// `cosmos.base.query.v1beta1.PageRequest`.
    #[derive(Clone, PartialEq, Eq, Message)]
    pub(crate) struct PageRequest {
        #[prost(bytes = "vec", tag = "1")]
        pub(crate) key: Vec<u8>,
        #[prost(uint64, tag = "3")]
        pub(crate) limit: u64,
    }

    /// `cosmos.base.query.v1beta1.PageResponse`.
    #[derive(Clone, PartialEq, Eq, Message)]
    pub(crate) struct PageResponse {
        #[prost(bytes = "vec", tag = "1")]
        pub(crate) next_key: Vec<u8>,
    }

    #[derive(Clone, PartialEq, Eq, Message)]
    pub(crate) struct HeightsRequest {
        #[prost(string, tag = "1")]
        pub(crate) client_id: String,
        #[prost(message, optional, tag = "2")]
        pub(crate) pagination: Option<PageRequest>,
    }

    #[derive(Clone, PartialEq, Eq, Message)]
    pub(crate) struct HeightsAnswer {
        #[prost(message, repeated, tag = "1")]
        pub(crate) heights: Vec<RawHeight>,
        #[prost(message, optional, tag = "2")]
        pub(crate) pagination: Option<PageResponse>,
    }

    #[derive(Clone, PartialEq, Eq, Message)]
    pub(crate) struct Counterparty {
        #[prost(bytes = "vec", repeated, tag = "1")]
        pub(crate) merkle_prefix: Vec<Vec<u8>>,
        #[prost(string, tag = "2")]
        pub(crate) client_id: String,
    }

    #[derive(Clone, PartialEq, Eq, Message)]
    pub(crate) struct CounterpartyAnswer {
        #[prost(message, optional, tag = "1")]
        pub(crate) counterparty_info: Option<Counterparty>,
    }

    #[derive(Clone, PartialEq, Eq, Message)]
    pub(crate) struct Config {
        #[prost(string, repeated, tag = "1")]
        pub(crate) allowed_relayers: Vec<String>,
    }

    #[derive(Clone, PartialEq, Eq, Message)]
    pub(crate) struct ConfigAnswer {
        #[prost(message, optional, tag = "1")]
        pub(crate) config: Option<Config>,
    }
}

/// Packets: `ibc.core.channel.v2`.
pub(crate) mod channel {
    use super::{Acknowledgement, Message, Packet, RawHeight};

    pub(crate) const RECV: &str = "/ibc.core.channel.v2.MsgRecvPacket";
    pub(crate) const ACK: &str = "/ibc.core.channel.v2.MsgAcknowledgement";
    pub(crate) const TIMEOUT: &str = "/ibc.core.channel.v2.MsgTimeout";

    #[derive(Clone, PartialEq, Eq, Message)]
    pub(crate) struct RawPacket {
        #[prost(uint64, tag = "1")]
        pub(crate) sequence: u64,
        #[prost(string, tag = "2")]
        pub(crate) source_client: String,
        #[prost(string, tag = "3")]
        pub(crate) destination_client: String,
        #[prost(uint64, tag = "4")]
        pub(crate) timeout_timestamp: u64,
        #[prost(message, repeated, tag = "5")]
        pub(crate) payloads: Vec<RawPayload>,
    }

    #[derive(Clone, PartialEq, Eq, Message)]
    pub(crate) struct RawPayload {
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

    #[derive(Clone, PartialEq, Eq, Message)]
    pub(crate) struct RawAcknowledgement {
        #[prost(bytes = "vec", repeated, tag = "1")]
        pub(crate) app_acknowledgements: Vec<Vec<u8>>,
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
        #[prost(message, optional, tag = "2")]
        pub(crate) acknowledgement: Option<RawAcknowledgement>,
        #[prost(bytes = "vec", tag = "3")]
        pub(crate) proof_acked: Vec<u8>,
        #[prost(message, optional, tag = "4")]
        pub(crate) proof_height: Option<RawHeight>,
        #[prost(string, tag = "5")]
        pub(crate) signer: String,
    }

    /// The signer has tag 5; there is no tag 4.
    #[derive(Clone, PartialEq, Eq, Message)]
    pub(crate) struct MsgTimeout {
        #[prost(message, optional, tag = "1")]
        pub(crate) packet: Option<RawPacket>,
        #[prost(bytes = "vec", tag = "2")]
        pub(crate) proof_unreceived: Vec<u8>,
        #[prost(message, optional, tag = "3")]
        pub(crate) proof_height: Option<RawHeight>,
        #[prost(string, tag = "5")]
        pub(crate) signer: String,
    }

    impl From<&Packet> for RawPacket {
        fn from(packet: &Packet) -> Self {
            let payload = &packet.payload;
            Self {
                sequence: packet.sequence.get(),
                source_client: packet.source_client.to_string(),
                destination_client: packet.destination_client.to_string(),
                timeout_timestamp: packet.timeout.0,
                payloads: vec![RawPayload {
                    source_port: payload.source_port.to_string(),
                    destination_port: payload.destination_port.to_string(),
                    version: payload.version.as_str().to_owned(),
                    encoding: payload.encoding.as_str().to_owned(),
                    value: payload.value.as_bytes().to_vec(),
                }],
            }
        }
    }

    impl From<&Acknowledgement> for RawAcknowledgement {
        fn from(acknowledgement: &Acknowledgement) -> Self {
            Self {
                app_acknowledgements: vec![acknowledgement.as_bytes().to_vec()],
            }
        }
    }
}
