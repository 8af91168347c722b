//! The messages of ibc-go's 07-tendermint, derived by hand: they are few.

use alloc::string::String;
use alloc::vec::Vec;

use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::types as raw;

/// `ibc.core.client.v1.Height`.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct Height {
    /// Counts restarts of the chain.
    #[prost(uint64, tag = "1")]
    pub revision_number: u64,
    /// Height within the revision.
    #[prost(uint64, tag = "2")]
    pub revision_height: u64,
}

/// `ibc.lightclients.tendermint.v1.Header`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Header {
    /// The header and the votes for it.
    #[prost(message, optional, tag = "1")]
    pub signed_header: Option<raw::SignedHeader>,
    /// Those who signed it.
    #[prost(message, optional, tag = "2")]
    pub validator_set: Option<raw::ValidatorSet>,
    /// The trusted state that it builds on.
    #[prost(message, optional, tag = "3")]
    pub trusted_height: Option<Height>,
    /// Those who sign the block after that.
    #[prost(message, optional, tag = "4")]
    pub trusted_validators: Option<raw::ValidatorSet>,
}

/// `ibc.lightclients.tendermint.v1.Misbehaviour`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Misbehaviour {
    /// Left empty: the envelope says which client.
    #[prost(string, tag = "1")]
    pub client_id: String,
    /// The one header.
    #[prost(message, optional, tag = "2")]
    pub header_1: Option<Header>,
    /// The other.
    #[prost(message, optional, tag = "3")]
    pub header_2: Option<Header>,
}

/// `ibc.core.commitment.v1.MerkleRoot`.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Root {
    /// The root.
    #[prost(bytes = "vec", tag = "1")]
    pub hash: Vec<u8>,
}

/// `ibc.lightclients.tendermint.v1.ConsensusState`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ConsensusState {
    /// Its time.
    #[prost(message, optional, tag = "1")]
    pub timestamp: Option<Timestamp>,
    /// Root of the application's state.
    #[prost(message, optional, tag = "2")]
    pub root: Option<Root>,
    /// Hash of the set that signs the next block.
    #[prost(bytes = "vec", tag = "3")]
    pub next_validators_hash: Vec<u8>,
}
