//! What other projects recorded from chains of theirs, where it is at hand: `WEIGHBRIDGE_VECTORS` names the folder.

use std::path::{Path, PathBuf};
use std::{env, fs};

use alloy_primitives::B256;
use client::Advance;
use merkle::Proven;
use prost::Message;
use serde_json::Value;
use tendermint_client::codec::{decode_bootstrap, decode_update, encode_update};
use tendermint_client::testing::{Timestamp, ibc, raw};
use tendermint_client::{
    Config, Purpose, Reject, STORE_DEFAULT, State, TrustLevel, Update, prove_key, start, verify_header,
    verify_update,
};
use tendermint_proto::v0_38::crypto::{PublicKey, public_key::Sum};
use wire::{Height, Seconds};

use crate::judge::{self, Verdict};

fn folder(name: &str) -> Option<PathBuf> {
    let Some(root) = env::var_os("WEIGHBRIDGE_VECTORS") else {
        eprintln!("skipped {name}: WEIGHBRIDGE_VECTORS is not set");
        return None;
    };
    Some(PathBuf::from(root).join(name))
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn config(chain_id: &str) -> Config {
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

#[test]
fn an_update_that_a_devnet_of_another_project_made() {
    let name = "solidity-ibc-eureka/packages/tendermint-light-client/fixtures/update_client_happy_path.json";
    let Some(path) = folder(name) else { return };
    let file = json(&path);
    let bytes = |value: &Value| hex::decode(value.as_str().unwrap()).unwrap();
    let message = &file["update_client_message"];
    let shown = bytes(&message["client_message_hex"]);
    let update = decode_update(&shown).unwrap();
    let config = config(&update.header.chain_id);
    let height = Height {
        revision_number: config.revision(),
        revision_height: message["trusted_height"].as_u64().unwrap(),
    };
    assert_eq!(update.trusted_height, height);
    let bootstrap = decode_bootstrap(height, &bytes(&file["consensus_state_hex"])).unwrap();
    let began = bootstrap.time.rounded_down();
    let trusted = start(config.clone(), &bootstrap, began).unwrap();
    let now = Seconds(update.header.time.rounded_down().0 + 2);
    let Ok(Advance::Updated(after)) = verify_update(&trusted, &update, now) else {
        panic!(
            "a recorded update is news: {:?}",
            verify_update(&trusted, &update, now)
        );
    };
    assert_eq!(Some(after.newest().height), message["new_height"].as_u64());
    // ibc-go's bytes: strict reading takes them, and writing gives them back but for priorities and totals.
    let again = decode_update(&encode_update(&update)).unwrap();
    assert_eq!(again, update);
    for at in 0..shown.len() {
        let mut mutant = shown.clone();
        mutant[at] ^= 1 << (at % 8);
        let Ok(mutant) = decode_update(&mutant) else {
            continue;
        };
        let verdict = verify_update(&trusted, &mutant, now);
        assert!(
            verdict.is_err() || verdict == Ok(Advance::Updated(after.clone())),
            "byte {at}"
        );
    }
}

#[test]
fn proofs_that_a_devnet_of_another_project_gave() {
    for (name, is_there) in [
        ("verify_membership_key_0", true),
        ("verify_non-membership_key_1", false),
    ] {
        let fixtures = "solidity-ibc-eureka/packages/tendermint-light-client/fixtures";
        let Some(folder) = folder(fixtures) else { return };
        let file = json(&folder.join(format!("{name}.json")));
        let bytes = |value: &Value| hex::decode(value.as_str().unwrap()).unwrap();
        let message = &file["membership_msg"];
        let config = config("simd-2");
        let height = Height {
            revision_number: 2,
            revision_height: message["height"].as_u64().unwrap(),
        };
        let bootstrap = decode_bootstrap(height, &bytes(&file["consensus_state_hex"])).unwrap();
        let now = bootstrap.time.rounded_down();
        let trusted = start(config, &bootstrap, now).unwrap();
        assert_eq!(message["path"][0], "ibc");
        let key = message["path"][1].as_str().unwrap().as_bytes();
        let proof = bytes(&message["proof"]);
        let (time, proven) = prove_key(&trusted, height, key, &proof, now).unwrap();
        assert_eq!(time, now);
        let value = message["value"].as_str().map(|value| hex::decode(value).unwrap());
        match proven {
            Proven::Present(found) => assert!(is_there && value.as_deref() == Some(found)),
            Proven::Absent => assert!(!is_there),
        }
        assert!(prove_key(&trusted, height, b"clients/07-tendermint-9", &proof, now).is_err());
    }
}

#[test]
fn recorded_headers_of_a_devnet_and_mutants_of_them() {
    let Some(folder) = folder("union/lib/tendermint-verifier/src/test") else {
        return;
    };
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let message = recorded(&json(&entry.unwrap().path()));
        let bytes = message.encode_to_vec();
        let update = decode_update(&bytes).unwrap();
        let config = config(&update.header.chain_id);
        assert_eq!(config.revision(), update.trusted_height.revision_number);
        let anchor = anchor(&update);
        let now = Seconds(update.header.time.rounded_down().0 + 1);
        assert_eq!(judge::ours(&config, &anchor, &bytes, now), Verdict::Accepted);
        assert_eq!(judge::theirs(&config, &anchor, &bytes, now), Verdict::Accepted);
        for at in (count % 7..bytes.len()).step_by(7) {
            let mut mutant = bytes.clone();
            mutant[at] ^= 1 << (at % 8);
            if judge::ours(&config, &anchor, &mutant, now) == Verdict::Accepted {
                assert_eq!(judge::theirs(&config, &anchor, &mutant, now), Verdict::Accepted);
                assert_eq!(decode_update(&mutant).unwrap().header, update.header);
            }
        }
        count += 1;
    }
    assert_eq!(count, 59);
}

/// A state a minute before the header, which names the trusted validators: the recordings leave it out.
fn anchor(update: &Update) -> State {
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

#[test]
fn commits_that_nodes_answered() {
    for name in ["kvstore_fixtures/v0_37", "kvstore_fixtures/v0_38"] {
        let Some(folder) = folder("tendermint-rs/rpc/tests") else {
            return;
        };
        let incoming = folder.join(name).join("incoming");
        let commit = json(&incoming.join("commit_at_height_10.json"));
        let signed: raw::SignedHeader =
            serde_json::from_value(commit["result"]["signed_header"].clone()).unwrap();
        let genesis = json(&incoming.join("genesis.json"));
        let validators = genesis["result"]["genesis"]["validators"].clone();
        let set: raw::ValidatorSet =
            serde_json::from_value(serde_json::json!({ "validators": validators, "proposer": null }))
                .unwrap();
        let message = ibc::Header {
            signed_header: Some(signed),
            validator_set: Some(set.clone()),
            trusted_height: Some(ibc::Height {
                revision_number: 0,
                revision_height: 8,
            }),
            trusted_validators: Some(set),
        };
        let update = decode_update(&message.encode_to_vec()).unwrap();
        let config = config(&update.header.chain_id);
        let now = Seconds(update.header.time.rounded_down().0 + 1);
        verify_header(&config, &anchor(&update), &update, now, Purpose::Advance).unwrap();
        // Their application keeps no root that anything could be proven against.
        let height = update.trusted_height;
        let anchor = anchor(&update);
        let trusted = tendermint_client::Trusted::from_parts(config, anchor, [], false).unwrap();
        assert!(trusted.state_at(height).is_ok());
        let length = 8;
        assert_eq!(
            verify_update(&trusted, &update, now),
            Err(Reject::BadAppHash { length })
        );
    }
}

#[test]
fn keys_of_bls_are_refused_by_name() {
    let Some(path) = folder("union/lib/cometbft-rpc/testdata/validators/bartio-6760022.json") else {
        return;
    };
    let file = json(&path);
    let one = &file["result"]["validators"][0];
    assert_eq!(one["pub_key"]["type"], "cometbft/PubKeyBls12_381");
    // A validator with the key as CometBFT writes it: field 3 of the key.
    let key = [vec![0x1a, 48], vec![7; 48]].concat();
    let validator = [
        vec![0x0a, 20],
        hex::decode(one["address"].as_str().unwrap()).unwrap(),
        vec![0x12, 50],
        key,
        vec![0x18, 1],
    ]
    .concat();
    let set = [vec![0x0a, u8::try_from(validator.len()).unwrap()], validator].concat();
    let world = crate::fixture::world();
    let mut message = world.show(&world.block_at(110), 100);
    message.validator_set = None;
    message.trusted_height = None;
    message.trusted_validators = None;
    let bytes = [
        message.encode_to_vec(),
        vec![0x12, u8::try_from(set.len()).unwrap()],
        set,
    ]
    .concat();
    assert_eq!(decode_update(&bytes), Err(Reject::KeyKind { kind: "bls12_381" }));
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
