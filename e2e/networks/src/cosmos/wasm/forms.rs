//! Messages of ibc-go and 08-wasm in protobuf, as their definitions number the fields.

use chain_cosmos::Any;
use prost::Message;
use sha2::{Digest, Sha256};

/// A message with its name.
pub(super) trait Named: Message + Sized {
    const URL: &'static str;

    /// As transactions and stores carry it.
    fn any(&self) -> Any {
        Any {
            type_url: Self::URL.to_owned(),
            value: self.encode_to_vec(),
        }
    }
}

macro_rules! named {
    ($($form:ty = $url:literal;)*) => {
        $(impl Named for $form {
            const URL: &'static str = $url;
        })*
    };
}

named! {
    StoreCode = "/ibc.lightclients.wasm.v1.MsgStoreCode";
    MigrateContract = "/ibc.lightclients.wasm.v1.MsgMigrateContract";
    ClientState = "/ibc.lightclients.wasm.v1.ClientState";
    ConsensusState = "/ibc.lightclients.wasm.v1.ConsensusState";
    ClientMessage = "/ibc.lightclients.wasm.v1.ClientMessage";
    CreateClient = "/ibc.core.client.v1.MsgCreateClient";
    UpdateClient = "/ibc.core.client.v1.MsgUpdateClient";
    RecoverClient = "/ibc.core.client.v1.MsgRecoverClient";
}

/// The checksum by which the chain knows code.
pub(super) fn sha256(code: &[u8]) -> Vec<u8> {
    Sha256::digest(code).to_vec()
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct StoreCode {
    #[prost(string, tag = "1")]
    pub(super) signer: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) code: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct MigrateContract {
    #[prost(string, tag = "1")]
    pub(super) signer: String,
    #[prost(string, tag = "2")]
    pub(super) client_id: String,
    #[prost(bytes = "vec", tag = "3")]
    pub(super) checksum: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    pub(super) message: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Height {
    #[prost(uint64, tag = "1")]
    pub(super) revision_number: u64,
    #[prost(uint64, tag = "2")]
    pub(super) revision_height: u64,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ClientState {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) data: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) checksum: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    pub(super) latest_height: Option<Height>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ConsensusState {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) data: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ClientMessage {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) data: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct CreateClient {
    #[prost(message, optional, tag = "1")]
    pub(super) client_state: Option<Any>,
    #[prost(message, optional, tag = "2")]
    pub(super) consensus_state: Option<Any>,
    #[prost(string, tag = "3")]
    pub(super) signer: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct UpdateClient {
    #[prost(string, tag = "1")]
    pub(super) client_id: String,
    #[prost(message, optional, tag = "2")]
    pub(super) client_message: Option<Any>,
    #[prost(string, tag = "3")]
    pub(super) signer: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct RecoverClient {
    #[prost(string, tag = "1")]
    pub(super) subject: String,
    #[prost(string, tag = "2")]
    pub(super) substitute: String,
    #[prost(string, tag = "3")]
    pub(super) signer: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ChecksumsRequest {}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ChecksumsResponse {
    #[prost(string, repeated, tag = "1")]
    pub(super) checksums: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ClientStatusRequest {
    #[prost(string, tag = "1")]
    pub(super) client_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ClientStatusResponse {
    #[prost(string, tag = "1")]
    pub(super) status: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct MerklePath {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub(super) key_path: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct VerifyMembershipRequest {
    #[prost(string, tag = "1")]
    pub(super) client_id: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) proof: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    pub(super) proof_height: Option<Height>,
    #[prost(bytes = "vec", tag = "5")]
    pub(super) value: Vec<u8>,
    #[prost(message, optional, tag = "8")]
    pub(super) merkle_path: Option<MerklePath>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct VerifyMembershipResponse {
    #[prost(bool, tag = "1")]
    pub(super) success: bool,
}
