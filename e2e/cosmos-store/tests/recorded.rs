//! What `cosmos/iavl` itself made of one history: the same roots after every version, the same proofs byte for byte.

use cosmos_store::iavl::Tree;
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

fn recorded() -> Value {
    serde_json::from_str(include_str!("recorded/iavl.json")).unwrap()
}

#[test]
fn roots_are_those_of_cosmos_iavl() {
    let found: Vec<String> = history().iter().map(|tree| hex::encode(tree.root())).collect();
    let recorded = recorded();
    let expected: Vec<&str> = recorded["roots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|root| root.as_str().unwrap())
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn proofs_are_those_of_cosmos_iavl() {
    let versions = history();
    let recorded = recorded();
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
