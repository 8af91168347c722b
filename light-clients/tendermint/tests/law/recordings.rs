//! What other projects recorded from chains of theirs, read into the messages of ibc-go: `WEIGHBRIDGE_VECTORS` names the folder.

use std::path::{Path, PathBuf};
use std::{env, fs};

use alloy_primitives::B256;
use prost::Message;
use serde_json::Value;
use tendermint_client::codec::decode_bootstrap;
use tendermint_client::testing::{Timestamp, ibc, raw};
use tendermint_client::{Config, STORE_DEFAULT, State, TrustLevel, Trusted, Update, start};
use tendermint_proto::v0_38::crypto::{PublicKey, public_key::Sum};
use wire::{Height, Seconds};

/// Headers of a devnet of four validators.
const DEVNET: &str = "union/lib/tendermint-verifier/src/test";

pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    let Some(root) = env::var_os("WEIGHBRIDGE_VECTORS") else {
        eprintln!("skipped {name}: WEIGHBRIDGE_VECTORS is not set");
        return None;
    };
    Some(PathBuf::from(root).join(name))
}

pub(crate) fn update_of_a_devnet() -> Option<PathBuf> {
    folder("solidity-ibc-eureka/packages/tendermint-light-client/fixtures/update_client_happy_path.json")
}

pub(crate) fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

pub(crate) fn config(chain_id: &str) -> Config {
    Config {
        chain_id: chain_id.into(),
        trust_level: TrustLevel::ONE_THIRD,
        trust_period: Seconds(14 * 86_400),
        unbonding_period: Seconds(21 * 86_400),
        clock_drift: Seconds(15),
        capacity: 1_000,
        store: STORE_DEFAULT.to_vec(),
    }
}

/// A recorded proof, and the client that it was made for.
pub(crate) struct Shown {
    pub(crate) trusted: Trusted,
    pub(crate) height: Height,
    pub(crate) key: Vec<u8>,
    pub(crate) proof: Vec<u8>,
    /// What it proves to be stored, if anything.
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) now: Seconds,
}

/// The recorded proofs; none where they are not at hand.
pub(crate) fn every_proof() -> Vec<Shown> {
    let Some(folder) = folder("solidity-ibc-eureka/packages/tendermint-light-client/fixtures") else {
        return Vec::new();
    };
    let names = ["verify_membership_key_0", "verify_non-membership_key_1"];
    names
        .into_iter()
        .map(|name| {
            let file = json(&folder.join(format!("{name}.json")));
            let bytes = |value: &Value| hex::decode(value.as_str().unwrap()).unwrap();
            let message = &file["membership_msg"];
            let height = Height {
                revision_number: 2,
                revision_height: message["height"].as_u64().unwrap(),
            };
            let bootstrap = decode_bootstrap(height, &bytes(&file["consensus_state_hex"])).unwrap();
            let now = bootstrap.time.rounded_down();
            assert_eq!(message["path"][0], "ibc");
            Shown {
                trusted: start(config("simd-2"), &bootstrap, now).unwrap(),
                height,
                key: message["path"][1].as_str().unwrap().as_bytes().to_vec(),
                proof: bytes(&message["proof"]),
                value: Some(bytes(&message["value"])).filter(|value| !value.is_empty()),
                now,
            }
        })
        .collect()
}

/// The recorded headers under whose root something can be proven, as messages; none where they are not at hand.
pub(crate) fn every_header() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    if let Some(folder) = folder(DEVNET) {
        let mut paths: Vec<PathBuf> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        all.extend(paths.iter().map(|path| recorded(&json(path)).encode_to_vec()));
        let file = json(&update_of_a_devnet().unwrap());
        let message = file["update_client_message"]["client_message_hex"].as_str();
        all.push(hex::decode(message.unwrap()).unwrap());
    }
    all
}

/// A state a minute before the header, which names the trusted validators: the recordings leave it out.
pub(crate) fn anchor(update: &Update) -> State {
    let mut time = update.header.time;
    time.seconds -= 60;
    State {
        height: update.trusted_height.revision_height,
        time,
        app_hash: B256::ZERO,
        next_validators_hash: update.trusted_validators.hash(),
        learned_at: Seconds(0),
    }
}

/// A recording as a message. Two of them are in JSON as nodes answer it, the others in a form of their own.
fn recorded(file: &Value) -> ibc::Header {
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
        version: Some(tendermint_client::testing::RawVersion {
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
