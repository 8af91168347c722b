//! How CometBFT writes its types in JSON: numbers of 64 bits as text, hashes in upper-case hexadecimal digits, bytes in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tendermint::{PublicKey, Time};
use tendermint_client::testing::{Member, Timestamp, raw};

use crate::app::TxResult;
use crate::app::context::Event;

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Bytes from base64; none if it is none.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A hash or an address.
pub(super) fn upper(bytes: &[u8]) -> String {
    hex::encode_upper(bytes)
}

/// Bytes; null for none.
pub(super) fn optional(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        Value::Null
    } else {
        base64(bytes).into()
    }
}

pub(super) fn time(time: Option<Timestamp>) -> String {
    let time = time.unwrap_or_default();
    let nanos = u32::try_from(time.nanos).unwrap_or(0);
    if time.seconds == -62_135_596_800 {
        return "0001-01-01T00:00:00Z".to_owned();
    }
    Time::from_unix_timestamp(time.seconds, nanos).map_or_else(|_| String::new(), |time| time.to_rfc3339())
}

pub(super) fn block_id(id: &raw::BlockId) -> Value {
    let parts = id.part_set_header.clone().unwrap_or_default();
    json!({
        "hash": upper(&id.hash),
        "parts": {"total": parts.total, "hash": upper(&parts.hash)},
    })
}

pub(super) fn header(header: &raw::Header) -> Value {
    let version = header.version.unwrap_or_default();
    let mut written = json!({"block": version.block.to_string()});
    if version.app > 0 {
        written["app"] = version.app.to_string().into();
    }
    json!({
        "version": written,
        "chain_id": header.chain_id,
        "height": header.height.to_string(),
        "time": time(header.time),
        "last_block_id": block_id(&header.last_block_id.clone().unwrap_or_default()),
        "last_commit_hash": upper(&header.last_commit_hash),
        "data_hash": upper(&header.data_hash),
        "validators_hash": upper(&header.validators_hash),
        "next_validators_hash": upper(&header.next_validators_hash),
        "consensus_hash": upper(&header.consensus_hash),
        "app_hash": upper(&header.app_hash),
        "last_results_hash": upper(&header.last_results_hash),
        "evidence_hash": upper(&header.evidence_hash),
        "proposer_address": upper(&header.proposer_address),
    })
}

pub(super) fn commit(commit: &raw::Commit) -> Value {
    let vote = |vote: &raw::CommitSig| {
        json!({
            "block_id_flag": vote.block_id_flag,
            "validator_address": upper(&vote.validator_address),
            "timestamp": time(vote.timestamp),
            "signature": optional(&vote.signature),
        })
    };
    json!({
        "height": commit.height.to_string(),
        "round": commit.round,
        "block_id": block_id(&commit.block_id.clone().unwrap_or_default()),
        "signatures": commit.signatures.iter().map(vote).collect::<Vec<_>>(),
    })
}

pub(super) fn public_key(key: &PublicKey) -> Value {
    let kind = match key {
        PublicKey::Secp256k1(_) => "tendermint/PubKeySecp256k1",
        _ => "tendermint/PubKeyEd25519",
    };
    json!({"type": kind, "value": base64(&key.to_bytes())})
}

pub(super) fn validator(member: &Member) -> Value {
    json!({
        "address": upper(&member.secret.address()),
        "pub_key": public_key(&member.secret.public()),
        "voting_power": member.power.to_string(),
        "proposer_priority": "0",
    })
}

fn event(event: &Event) -> Value {
    let attribute = |(name, value): &(std::borrow::Cow<'static, str>, String)| json!({"key": name, "value": value, "index": true});
    json!({
        "type": event.kind,
        "attributes": event.attributes.iter().map(attribute).collect::<Vec<_>>(),
    })
}

pub(super) fn result(result: &TxResult) -> Value {
    json!({
        "code": result.code,
        "data": optional(&result.data),
        "log": result.log,
        "info": "",
        "gas_wanted": result.gas_wanted.to_string(),
        "gas_used": result.gas_used.to_string(),
        "events": result.events.iter().map(event).collect::<Vec<_>>(),
        "codespace": result.codespace,
    })
}
