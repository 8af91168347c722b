//! What `cosmos/iavl` and the SDK's multistore themselves made of a history: the same roots and app hashes after every
//! version, the same proofs byte for byte.

use cosmos_store::{Stores, iavl::Tree};
use prost::Message;
use serde_json::Value;
use sha2::{Digest, Sha256};

const VERSIONS: u64 = 40;

fn hash(seed: &str, number: u64) -> [u8; 32] {
    Sha256::digest([seed.as_bytes(), &number.to_be_bytes()].concat()).into()
}

fn word(seed: &str, number: u64) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = hash(seed, number);
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// Keys are few and of different lengths, so that updates and removals hit.
fn key(number: u64) -> Vec<u8> {
    let hash = hash("key", number);
    hash[..1 + usize::from(hash[31]) % 7].to_vec()
}

/// The tree after each version.
fn history() -> Vec<Tree> {
    let mut tree = Tree::default();
    let mut number = 0;
    let mut versions = Vec::new();
    for version in 1..=VERSIONS {
        for _ in 0..word("count", version) % 30 {
            number += 1;
            let key = key(word("which", number) % 150);
            if word("what", number).is_multiple_of(3) && version > 3 {
                tree.remove(&key);
            } else {
                tree.set(&key, &[b"value".as_slice(), &number.to_be_bytes()].concat());
            }
        }
        tree.save();
        versions.push(tree.clone());
    }
    versions
}

fn recorded(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn texts(list: &Value) -> Vec<&str> {
    let texts = list.as_array().unwrap().iter();
    texts.map(|text| text.as_str().unwrap()).collect()
}

#[test]
fn roots_are_those_of_cosmos_iavl() {
    let found: Vec<String> = history().iter().map(|tree| hex::encode(tree.root())).collect();
    let recorded = recorded(include_str!("recorded/iavl.json"));
    assert_eq!(found, texts(&recorded["roots"]));
}

#[test]
fn proofs_are_those_of_cosmos_iavl() {
    let versions = history();
    let recorded = recorded(include_str!("recorded/iavl.json"));
    let queries = recorded["queries"].as_array().unwrap();
    assert_eq!(queries.len(), 32);
    for query in queries {
        let version = usize::try_from(query["version"].as_u64().unwrap()).unwrap();
        let key = hex::decode(query["key"].as_str().unwrap()).unwrap();
        let proof = versions[version - 1].prove(&key).unwrap();
        assert_eq!(
            hex::encode(proof.encode_to_vec()),
            query["proof"].as_str().unwrap()
        );
    }
}

const NAMES: [&str; 5] = ["acc", "bank", "empty", "gov", "ibc"];

/// One version: entries are written and taken out again in all stores but the empty one.
fn write_version(stores: &mut Stores, version: usize) {
    for (number, name) in NAMES.into_iter().enumerate().filter(|(_, name)| *name != "empty") {
        let store = stores.get_mut(name).unwrap();
        let key = |number: usize| format!("{name}/{}", number % 20).into_bytes();
        for entry in 0..3 + number {
            store.set(
                &key(version * 5 + entry * 7),
                format!("value {version} {entry}").as_bytes(),
            );
        }
        if version > 2 {
            store.remove(&key(version * 3));
        }
    }
}

#[test]
fn app_hashes_and_chains_of_proofs_are_those_of_the_sdk() {
    let recorded = recorded(include_str!("recorded/stores.json"));
    let mut stores = Stores::new(NAMES);
    let mut app_hashes = Vec::new();
    for version in 0..6 {
        write_version(&mut stores, version);
        app_hashes.push(hex::encode(stores.commit()));
    }
    assert_eq!(app_hashes, texts(&recorded["app_hashes"]));
    let queries = recorded["queries"].as_array().unwrap();
    assert_eq!(queries.len(), 21);
    for query in queries {
        let key = hex::decode(query["key"].as_str().unwrap()).unwrap();
        let found = stores.prove(query["store"].as_str().unwrap(), &key).unwrap();
        let found: Vec<String> = found
            .proofs
            .iter()
            .map(|proof| hex::encode(proof.encode_to_vec()))
            .collect();
        assert_eq!(found, texts(&query["proofs"]));
    }
}
