//! Recorded headers in JSON, as messages.

use serde_json::Value;
use tendermint_client::testing::{RawVersion, Timestamp, ibc, raw};
use tendermint_proto::v0_38::crypto::{PublicKey, public_key::Sum};

/// A recording as a message. Two of them are in JSON as nodes answer it, the others in a form of their own.
pub(crate) fn recorded(file: &Value) -> ibc::Header {
    let signed = &file["signed_header"];
    let height = file["trusted_height"].as_str().unwrap();
    let (revision, height) = height.split_once('-').unwrap();
    let signed_header = if signed["commit"]["block_id"]["parts"].is_object() {
        serde_json::from_value(signed.clone()).unwrap()
    } else {
        raw::SignedHeader {
            header: Some(header(&signed["header"])),
            commit: Some(commit(&signed["commit"])),
        }
    };
    ibc::Header {
        signed_header: Some(signed_header),
        validator_set: Some(set(&file["validator_set"])),
        trusted_height: Some(ibc::Height {
            revision_number: revision.parse().unwrap(),
            revision_height: height.parse().unwrap(),
        }),
        trusted_validators: Some(set(&file["trusted_validators"])),
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap_or_default();
    hex::decode(text.trim_start_matches("0x")).unwrap()
}

fn number(value: &Value) -> i64 {
    let read = value.as_i64();
    read.unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

fn time(value: &Value) -> Option<Timestamp> {
    Some(serde_json::from_value(value.clone()).unwrap())
}

fn block_id(value: &Value) -> Option<raw::BlockId> {
    let parts = &value["part_set_header"];
    Some(raw::BlockId {
        hash: bytes(&value["hash"]),
        part_set_header: Some(raw::PartSetHeader {
            total: u32::try_from(number(&parts["total"])).unwrap(),
            hash: bytes(&parts["hash"]),
        }),
    })
}

fn header(value: &Value) -> raw::Header {
    raw::Header {
        version: Some(RawVersion {
            block: number(&value["version"]["block"]).try_into().unwrap(),
            app: number(&value["version"]["app"]).try_into().unwrap(),
        }),
        chain_id: value["chain_id"].as_str().unwrap().into(),
        height: number(&value["height"]),
        time: time(&value["time"]),
        last_block_id: block_id(&value["last_block_id"]),
        last_commit_hash: bytes(&value["last_commit_hash"]),
        data_hash: bytes(&value["data_hash"]),
        validators_hash: bytes(&value["validators_hash"]),
        next_validators_hash: bytes(&value["next_validators_hash"]),
        consensus_hash: bytes(&value["consensus_hash"]),
        app_hash: bytes(&value["app_hash"]),
        last_results_hash: bytes(&value["last_results_hash"]),
        evidence_hash: bytes(&value["evidence_hash"]),
        proposer_address: bytes(&value["proposer_address"]),
    }
}

fn commit(value: &Value) -> raw::Commit {
    let vote = |vote: &Value| {
        let said = &vote["@value"];
        let flag = match vote["@type"].as_str().unwrap() {
            "commit" => 2,
            "nil" => 3,
            _ => 1,
        };
        raw::CommitSig {
            block_id_flag: flag,
            validator_address: bytes(&said["validator_address"]),
            timestamp: if flag == 1 {
                Some(Timestamp {
                    seconds: -62_135_596_800,
                    nanos: 0,
                })
            } else {
                time(&said["timestamp"])
            },
            signature: bytes(&said["signature"]),
        }
    };
    raw::Commit {
        height: number(&value["height"]),
        round: i32::try_from(number(&value["round"])).unwrap(),
        block_id: block_id(&value["block_id"]),
        signatures: value["signatures"].as_array().unwrap().iter().map(vote).collect(),
    }
}

fn set(value: &Value) -> raw::ValidatorSet {
    if value["proposer"]["pub_key"]["type"].is_string() {
        let mut answered = value.clone();
        answered["total_voting_power"] = "0".into();
        return serde_json::from_value(answered).unwrap();
    }
    let validator = |value: &Value| raw::Validator {
        address: bytes(&value["address"]),
        pub_key: Some(PublicKey {
            sum: Some(Sum::Ed25519(bytes(&value["pub_key"]["@value"]))),
        }),
        voting_power: number(&value["voting_power"]),
        proposer_priority: number(&value["proposer_priority"]),
    };
    raw::ValidatorSet {
        validators: value["validators"]
            .as_array()
            .unwrap()
            .iter()
            .map(validator)
            .collect(),
        proposer: Some(validator(&value["proposer"])),
        total_voting_power: 0,
    }
}
