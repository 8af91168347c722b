//! Recorded headers and proofs of chains of others, and mutants of them from a fresh seed: the law judges them here, and writes them
//! down with its verdict, so that the contract judges the very same.
//!
//! `WEIGHBRIDGE_VECTORS` names the folder with the recordings, `WEIGHBRIDGE_SEED` chooses the mutants, `WEIGHBRIDGE_MUTANTS` is the folder
//! to write.

use std::path::{Path, PathBuf};
use std::{env, fs};

use alloy_primitives::Bytes;
use dice::Dice;
use merkle::Proven;
use prost::Message;
use serde_json::json;
use tendermint_client::codec::decode_update;
use tendermint_client::testing::ibc;
use tendermint_client::{Update, prove_key};
use wire::Seconds;

use crate::fresh::{keep, seed};
use crate::judge::{self, Verdict};
use crate::recordings::{Shown, anchor, config, every_header, every_proof};
use crate::vectors::format::{UPDATE, Vector};
use crate::vectors::replay;

/// Mutants of one header, and changes in each at most.
const MUTANTS: usize = 20;
const CHANGES_MAX: u64 = 2;
/// Mutants of one proof, and how many of them are written down.
const PROOFS: usize = 2_000;
const WRITTEN: usize = 200;
/// Seconds after a header at which it is judged.
const LATER: u64 = 1;

/// One change to bytes.
fn change(bytes: &mut [u8], dice: &mut Dice) {
    let at = dice.index(bytes.len());
    match dice.below(3) {
        0 => bytes[at] = dice.roll().to_le_bytes()[0],
        1 => {
            let other = dice.index(bytes.len());
            bytes.swap(at, other);
        }
        _ => bytes[at] ^= 1 << dice.below(8),
    }
}

/// Another message that is still one: what is wrong with it only the rules can say.
fn mutant_of(honest: &[u8], dice: &mut Dice) -> Vec<u8> {
    loop {
        let mut mutant = honest.to_vec();
        for _ in 0..=dice.below(CHANGES_MAX) {
            change(&mut mutant, dice);
        }
        if mutant != honest && decode_update(&mutant).is_ok() {
            return mutant;
        }
    }
}

/// A client that trusts the state before a recorded header, and is shown `message`.
fn case(recorded: &Update, message: &[u8]) -> Vector {
    let config = config(&recorded.header.chain_id);
    let anchor = anchor(recorded);
    let began = anchor.time;
    let root = ibc::Root {
        hash: recorded.header.app_hash.clone(),
    };
    let bootstrap = ibc::ConsensusState {
        timestamp: Some(tendermint_client::testing::Timestamp {
            seconds: began.seconds,
            nanos: began.nanos.try_into().unwrap(),
        }),
        root: Some(root),
        next_validators_hash: anchor.next_validators_hash.to_vec(),
    };
    let vector = Vector {
        about: "recorded".into(),
        revision_number: config.revision(),
        revision_height: anchor.height,
        bootstrap: bootstrap.encode_to_vec().into(),
        started_at: began.rounded_down().0 + LATER,
        ..Vector::default()
    };
    let now = Seconds(recorded.header.time.rounded_down().0 + LATER);
    vector.with(config).step(UPDATE, message, now)
}

#[test]
fn fresh_mutants_of_recorded_headers_are_judged() {
    let headers = every_header();
    let folder = env::var_os("WEIGHBRIDGE_MUTANTS").map(|root| PathBuf::from(root).join("tendermint"));
    let seed = seed();
    println!("seed {seed}, {} recorded headers", headers.len());
    let mut dice = Dice::new(seed);
    for (number, honest) in headers.iter().enumerate() {
        let recorded = decode_update(honest).unwrap();
        let whole = replay::filled(&case(&recorded, honest));
        assert_eq!(whole.result, "Update", "{number}: {}", whole.error);
        keep(folder.as_deref(), &format!("recorded-{number:03}"), &whole);
        for count in 0..MUTANTS {
            let mutant = mutant_of(honest, &mut dice);
            let judged = replay::filled(&case(&recorded, &mutant));
            if judged.error.is_empty() {
                // What was signed is what was recorded, and the other verifier believes it, too.
                assert_eq!(decode_update(&mutant).unwrap().header, recorded.header);
                let (config, anchor) = (config(&recorded.header.chain_id), anchor(&recorded));
                let now = Seconds(recorded.header.time.rounded_down().0 + LATER);
                let theirs = judge::theirs(&config, &anchor, &mutant, now);
                assert_eq!(theirs, Verdict::Accepted, "{}", hex::encode(&mutant));
            }
            keep(
                folder.as_deref(),
                &format!("recorded-{number:03}-{count}"),
                &judged,
            );
        }
    }
}

/// What a proof shows under the key that a recording is about, if it is one.
fn shown(recorded: &Shown, proof: &[u8]) -> Option<Option<Vec<u8>>> {
    let Shown {
        trusted,
        height,
        key,
        now,
        ..
    } = recorded;
    let (_, proven) = prove_key(trusted, *height, key, proof, *now).ok()?;
    Some(match proven {
        Proven::Present(value) => Some(value.to_vec()),
        Proven::Absent => None,
    })
}

/// Writes down what the contract is asked, and what the law answers.
fn keep_proof(folder: &Path, name: &str, recorded: &Shown, proof: &[u8]) {
    let state = recorded.trusted.state_at(recorded.height).unwrap();
    let shown = shown(recorded, proof);
    let bytes = |bytes: &[u8]| Bytes::copy_from_slice(bytes);
    let case = json!({
        "root": state.app_hash,
        "store": bytes(&recorded.trusted.config.store),
        "key": bytes(&recorded.key),
        "proof": bytes(proof),
        "holds": shown.is_some(),
        // Empty where nothing is.
        "value": bytes(&shown.flatten().unwrap_or_default()),
    });
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join(format!("{name}.json")), case.to_string()).unwrap();
}

#[test]
fn fresh_mutants_of_recorded_proofs_prove_nothing_else() {
    let folder = env::var_os("WEIGHBRIDGE_MUTANTS").map(|root| PathBuf::from(root).join("ics23"));
    let seed = seed();
    println!("seed {seed}");
    let mut dice = Dice::new(seed);
    for (number, recorded) in every_proof().iter().enumerate() {
        let keep = |name: &str, proof: &[u8]| {
            if let Some(folder) = &folder {
                keep_proof(folder, &format!("recorded-{number}-{name}"), recorded, proof);
            }
        };
        assert_eq!(shown(recorded, &recorded.proof), Some(recorded.value.clone()));
        keep("whole", &recorded.proof);
        for count in 0..PROOFS {
            let mut mutant = recorded.proof.clone();
            change(&mut mutant, &mut dice);
            if let Some(found) = shown(recorded, &mutant) {
                assert_eq!(found, recorded.value, "{}", hex::encode(&mutant));
            }
            if count < WRITTEN {
                keep(&count.to_string(), &mutant);
            }
        }
    }
}
