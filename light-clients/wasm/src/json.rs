//! The JSON that 08-wasm of ibc-go writes and reads, as `contract_api.go` and the virtual machine have it.
//!
//! Go leaves out numbers that are zero and writes empty bytes as `null`; both are read as what they mean. Fields that are not
//! known are passed over: what the host adds later is no business of a contract that is older.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use alloy_primitives::{B256, keccak256};
use serde::de::{DeserializeOwned, Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};
use wire::{Height, Seconds, base64};

use crate::reject::Reject;

/// Nanoseconds of a second: the host counts in those.
const NANOS: u64 = 1_000_000_000;

/// Bytes, in base64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(from)?.unwrap_or_default();
        let bytes = base64::decode(text.as_bytes());
        bytes.map(Self).ok_or_else(|| D::Error::custom("no base64"))
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        let digits = base64::encode(&self.0);
        into.serialize_str(core::str::from_utf8(&digits).unwrap_or_default())
    }
}

/// A height.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub(crate) struct JsonHeight {
    #[serde(default)]
    pub(crate) revision_number: u64,
    #[serde(default)]
    pub(crate) revision_height: u64,
}

impl JsonHeight {
    pub(crate) fn to_law(self) -> Height {
        Height {
            revision_number: self.revision_number,
            revision_height: self.revision_height,
        }
    }
}

/// When and for whom the host calls.
pub(crate) struct Env {
    /// The block's time.
    pub(crate) now: Seconds,
    /// Keccak-256 of the host chain's id.
    pub(crate) chain: B256,
    /// Keccak-256 of the client's id.
    pub(crate) client: B256,
}

#[derive(Deserialize)]
struct JsonEnv {
    block: JsonBlock,
    contract: JsonContract,
}

#[derive(Deserialize)]
struct JsonBlock {
    /// Nanoseconds, as text.
    time: String,
    chain_id: String,
}

#[derive(Deserialize)]
struct JsonContract {
    address: String,
}

impl Env {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Reject> {
        let env: JsonEnv = parse("the environment", bytes)?;
        let nanos: u64 = env.block.time.parse().map_err(|_| Reject::Json {
            what: "the environment",
            fault: "the block's time is no number".into(),
        })?;
        Ok(Self {
            now: Seconds(nanos.checked_div(NANOS).unwrap_or_default()),
            chain: keccak256(env.block.chain_id),
            client: keccak256(env.contract.address),
        })
    }
}

/// What a client is created with.
#[derive(Deserialize)]
pub(crate) struct Instantiate {
    pub(crate) client_state: Bytes,
    pub(crate) consensus_state: Bytes,
    pub(crate) checksum: Bytes,
}

/// A message that changes something or proves something.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sudo {
    UpdateState(ClientMessage),
    UpdateStateOnMisbehaviour(ClientMessage),
    VerifyUpgradeAndUpdateState(Upgrade),
    VerifyMembership(Membership),
    VerifyNonMembership(Membership),
    MigrateClientStore(Nothing),
}

/// A question.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Query {
    Status(Nothing),
    TimestampAtHeight(AtHeight),
    VerifyClientMessage(ClientMessage),
    CheckForMisbehaviour(ClientMessage),
}

#[derive(Deserialize)]
pub(crate) struct ClientMessage {
    pub(crate) client_message: Bytes,
}

/// Refused whatever is in it.
#[derive(Deserialize)]
pub(crate) struct Upgrade {}

#[derive(Deserialize)]
pub(crate) struct Nothing {}

#[derive(Deserialize)]
pub(crate) struct AtHeight {
    pub(crate) height: JsonHeight,
}

/// A proof of presence, or, without a value, of absence.
#[derive(Deserialize)]
pub(crate) struct Membership {
    pub(crate) height: JsonHeight,
    #[serde(default)]
    pub(crate) delay_time_period: u64,
    #[serde(default)]
    pub(crate) delay_block_period: u64,
    #[serde(default)]
    pub(crate) proof: Bytes,
    pub(crate) merkle_path: MerklePath,
    #[serde(default)]
    pub(crate) value: Bytes,
}

#[derive(Deserialize)]
pub(crate) struct MerklePath {
    #[serde(default)]
    pub(crate) key_path: Vec<Bytes>,
}

/// What governance says when it moves the client to this code.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Migrate {
    #[serde(default)]
    pub(crate) guardians: Option<JsonSet>,
    #[serde(default)]
    pub(crate) lift_halt: bool,
    #[serde(default)]
    pub(crate) forks: Vec<JsonFork>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JsonSet {
    pub(crate) small: u8,
    pub(crate) large: u8,
    /// Addresses in hexadecimal, ascending.
    pub(crate) members: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JsonFork {
    pub(crate) epoch: u64,
    /// Four bytes in hexadecimal.
    pub(crate) version: String,
    pub(crate) layout: u8,
}

/// Reads a message of the host.
pub(crate) fn parse<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, Reject> {
    serde_json_wasm::from_slice(bytes).map_err(|fault| Reject::Json {
        what,
        fault: fault.to_string(),
    })
}

/// An answer, which goes as JSON inside the JSON of the virtual machine.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    Status { status: &'static str },
    Timestamp { timestamp: u64 },
    Misbehaviour { found_misbehaviour: bool },
    Heights { heights: Vec<JsonHeight> },
    Nothing {},
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome<T> {
    Ok(T),
    Error(String),
}

#[derive(Serialize)]
struct Response {
    // The host refuses a client that sends messages or events.
    messages: [u8; 0],
    attributes: [u8; 0],
    events: [u8; 0],
    data: Bytes,
}

/// What a call answers.
pub(crate) fn call_outcome(outcome: Result<Answer, Reject>) -> Vec<u8> {
    write(outcome.map(|answer| Response {
        messages: [],
        attributes: [],
        events: [],
        data: answer.to_bytes(),
    }))
}

/// What a question answers.
pub(crate) fn query_outcome(outcome: Result<Answer, Reject>) -> Vec<u8> {
    write(outcome.map(|answer| answer.to_bytes()))
}

fn write<T: Serialize>(outcome: Result<T, Reject>) -> Vec<u8> {
    let outcome = match outcome {
        Ok(value) => Outcome::Ok(value),
        // The name first, for programs; the rest is for readers.
        Err(reject) => Outcome::Error(format!("{}: {reject}", reject.rule())),
    };
    // Only maps with keys that are no text have no JSON.
    serde_json_wasm::to_vec(&outcome).unwrap_or_default()
}

impl Answer {
    fn to_bytes(&self) -> Bytes {
        Bytes(serde_json_wasm::to_vec(self).unwrap_or_default())
    }
}
