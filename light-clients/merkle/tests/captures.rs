//! Official and recorded data, read through `WEIGHBRIDGE_VECTORS`: the trie and RLP tests of Ethereum, proofs of
//! mainnet, Sepolia and a devnet. Without the variable each test says that it skipped.

mod support;

use alloy_primitives::{Address, B256, U256, U512, hex, keccak256};
use merkle::{
    Reject,
    mpt::{EMPTY_ROOT, Proven, Slot, account, prove, prove_variable, storage},
    rlp,
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};
use support::reference_trie::ReferenceTrie;

/// The folder of recorded data, if there is one.
fn recorded(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("WEIGHBRIDGE_VECTORS");
    if root.is_none() {
        println!("skipped: WEIGHBRIDGE_VECTORS is not set, {folder} was not read");
    }
    root.map(|root| PathBuf::from(root).join(folder))
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("read {}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("read {}: {error}", path.display()))
}

/// Hexadecimal with or without prefix.
fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().expect("bytes are text")).expect("hexadecimal")
}

fn number(value: &Value) -> U256 {
    value
        .as_str()
        .expect("numbers are text")
        .parse()
        .expect("a number")
}

fn nodes(value: &Value) -> Vec<u8> {
    value
        .as_array()
        .expect("nodes are a list")
        .iter()
        .flat_map(bytes)
        .collect()
}

/// A key or value of the trie tests: hexadecimal when it starts with 0x, else text.
fn loose(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("keys and values are text");
    if text.starts_with("0x") {
        hex::decode(text).expect("hexadecimal")
    } else {
        text.as_bytes().to_vec()
    }
}

/// The operations of one trie test: insert, or remove when there is no value.
fn operations(test: &Value) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
    let pair = |key: Vec<u8>, value: &Value| (key, (!value.is_null()).then(|| loose(value)));
    match &test["in"] {
        Value::Array(pairs) => pairs.iter().map(|both| pair(loose(&both[0]), &both[1])).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| pair(loose(&Value::from(key.as_str())), value))
            .collect(),
        other => panic!("unknown form of operations: {other}"),
    }
}

/// Builds the trie of `test`, compares its root, and proves every key that ever was in it and some that were not.
fn replay(name: &str, test: &Value, secure: bool) -> usize {
    let operations = operations(test);
    let place = |key: &[u8]| {
        if secure {
            keccak256(key).to_vec()
        } else {
            key.to_vec()
        }
    };
    let mut trie = ReferenceTrie::default();
    let mut expected = std::collections::BTreeMap::new();
    for (key, value) in &operations {
        match value {
            Some(value) => trie.insert(&place(key), value),
            None => trie.remove(&place(key)),
        }
        expected.insert(key.clone(), value.clone());
    }
    let root = trie.root();
    assert_eq!(root.to_vec(), bytes(&test["root"]), "{name}");
    if root == EMPTY_ROOT {
        assert_eq!(
            prove_variable(root, b"key", &[0x80]),
            Err(Reject::EmptyTrie { root }),
            "{name}"
        );
        return 1;
    }
    for foreign in [&b"x"[..], b"do", b"doggy", &[]] {
        expected.entry(foreign.to_vec()).or_insert(None);
    }
    for (key, value) in &expected {
        let place = place(key);
        let proof = trie.prove(&place);
        let proven = value.as_deref().map_or(Proven::Absent, Proven::Present);
        assert_eq!(prove_variable(root, &place, &proof), Ok(proven), "{name}");
        if secure {
            assert_eq!(
                prove(root, B256::from_slice(&place), &proof),
                Ok(proven),
                "{name}"
            );
        }
    }
    expected.len()
}

#[test]
fn ethereum_tries() {
    let Some(folder) = recorded("ethereum-tests/TrieTests") else {
        return;
    };
    let files = [
        ("trietest", false),
        ("trieanyorder", false),
        ("trietest_secureTrie", true),
        ("trieanyorder_secureTrie", true),
        ("hex_encoded_securetrie_test", true),
    ];
    let mut proofs = 0usize;
    for (file, secure) in files {
        let tests = read(&folder.join(format!("{file}.json")));
        for (name, test) in tests.as_object().expect("tests have names") {
            proofs += replay(&format!("{file}/{name}"), test, secure);
        }
    }
    assert!(proofs > 100, "only {proofs} proofs");
    println!("{proofs} proofs agreed");
}

/// Reads an item and everything in it.
fn read_fully(input: &mut &[u8]) -> Result<Value, Reject> {
    match rlp::take(input)?.0 {
        rlp::Item::String(content) => Ok(Value::from(hex::encode(content))),
        rlp::Item::List(mut items) => {
            let mut list = Vec::new();
            while !items.is_empty() {
                list.push(read_fully(&mut items)?);
            }
            Ok(Value::from(list))
        }
    }
}

/// The form that `read_fully` gives, of what the RLP tests say was encoded: text, number, `#` and a large number.
fn encoded(value: &Value) -> Value {
    let integer = |number: U512| Value::from(hex::encode(number.to_be_bytes_trimmed_vec()));
    match value {
        Value::String(text) => match text.strip_prefix('#') {
            Some(digits) => integer(U512::from_str_radix(digits, 10).expect("a decimal number")),
            None => Value::from(hex::encode(text)),
        },
        Value::Number(small) => integer(U512::from(small.as_u64().expect("a positive number"))),
        Value::Array(items) => Value::from(items.iter().map(encoded).collect::<Vec<_>>()),
        other => panic!("unknown form: {other}"),
    }
}

#[test]
fn ethereum_rlp() {
    let Some(folder) = recorded("ethereum-tests/RLPTests") else {
        return;
    };
    let valid = read(&folder.join("rlptest.json"));
    for (name, test) in valid.as_object().expect("tests have names") {
        let bytes = bytes(&test["out"]);
        let mut rest = bytes.as_slice();
        assert_eq!(read_fully(&mut rest), Ok(encoded(&test["in"])), "{name}");
        assert!(rest.is_empty(), "{name}");
    }
    let invalid = read(&folder.join("invalidRLPTest.json"));
    for (name, test) in invalid.as_object().expect("tests have names") {
        let bytes = bytes(&test["out"]);
        let mut rest = bytes.as_slice();
        let verdict = read_fully(&mut rest);
        assert!(
            verdict.is_err() || !rest.is_empty(),
            "{name} was read as {verdict:?}"
        );
    }
}

/// Judges an answer of `eth_getProof`; returns how many slots it had.
fn judge_capture(name: &str, capture: &Value, state_root: B256) -> usize {
    let address = Address::from_slice(&bytes(&capture["address"]));
    let proof = nodes(&capture["accountProof"]);
    if number(&capture["codeHash"]).is_zero() {
        // The contract was not yet deployed: geth answers with zeros, and the proof is one of absence.
        assert_eq!(
            account(state_root, address, &proof),
            Err(Reject::AccountAbsent),
            "{name}"
        );
        return 0;
    }
    let found = account(state_root, address, &proof).unwrap_or_else(|reject| panic!("{name}: {reject}"));
    assert_eq!(
        found.storage_root.to_vec(),
        bytes(&capture["storageHash"]),
        "{name}"
    );
    assert_eq!(found.code_hash.to_vec(), bytes(&capture["codeHash"]), "{name}");
    assert_eq!(found.balance, number(&capture["balance"]), "{name}");
    assert_eq!(U256::from(found.nonce), number(&capture["nonce"]), "{name}");
    refuses_mutants(&proof, |mutant| account(state_root, address, mutant).is_err());
    // T-28: the proof of this account is none of another.
    assert!(
        account(state_root, Address::repeat_byte(1), &proof).is_err(),
        "{name}"
    );
    let slots = capture["storageProof"].as_array().expect("slots are a list");
    for slot in slots {
        let place = B256::from(number(&slot["key"]));
        let proof = nodes(&slot["proof"]);
        let value = B256::from(number(&slot["value"]));
        let expected = if value.is_zero() {
            Slot::Absent
        } else {
            Slot::Present(value)
        };
        assert_eq!(storage(found.storage_root, place, &proof), Ok(expected), "{name}");
        refuses_mutants(&proof, |mutant| {
            storage(found.storage_root, place, mutant).is_err()
        });
        assert!(storage(keccak256(name), place, &proof).is_err(), "{name}");
    }
    slots.len()
}

/// Changes single bytes all over `proof`, cuts and lengthens it.
fn refuses_mutants(proof: &[u8], refuses: impl Fn(&[u8]) -> bool) {
    for at in (0..proof.len()).step_by(23) {
        let mut mutant = proof.to_vec();
        mutant[at] ^= 1 << (at % 8);
        assert!(refuses(&mutant), "byte {at}");
        assert!(refuses(&proof[..at]), "cut at {at}");
    }
    assert!(refuses(&[proof, &[0]].concat()));
}

#[test]
fn mainnet_proofs() {
    let Some(folder) = recorded("helios/tests/testdata/rpc") else {
        return;
    };
    let state_root = B256::from_slice(&bytes(&read(&folder.join("block.json"))["stateRoot"]));
    assert_eq!(
        judge_capture("deposit contract", &read(&folder.join("proof.json")), state_root),
        1
    );
    let miner = read(&folder.join("block_miner_proof.json"));
    assert_eq!(judge_capture("miner", &miner, state_root), 0);
    assert_eq!(bytes(&miner["storageHash"]), EMPTY_ROOT.to_vec());
}

#[test]
fn sepolia_proofs() {
    let Some(folder) = recorded("union/lib/evm-storage-verifier/src/test") else {
        return;
    };
    for file in [
        "valid_storage_proof_sepolia.json",
        "valid_absence_proof_sepolia.json",
    ] {
        let capture = read(&folder.join(file));
        // No header was recorded with them: the first node defines the state root.
        let state_root = keccak256(bytes(&capture["accountProof"][0]));
        assert_eq!(judge_capture(file, &capture, state_root), 1);
    }
}

#[test]
fn devnet_proofs() {
    let Some(folder) = recorded("ethereum-devnet") else {
        return;
    };
    let (mut captures, mut slots) = (0usize, 0usize);
    for network in ["electra_2s_64v", "deneb_to_electra_3s_64v"] {
        let folder = folder.join(network);
        for entry in fs::read_dir(&folder).expect("read the capture's folder") {
            let name = entry
                .expect("read an entry")
                .file_name()
                .to_string_lossy()
                .into_owned();
            let Some(slot) = name.strip_prefix("proof_") else {
                continue;
            };
            let block = read(&folder.join(format!("execblock_{slot}")));
            let state_root = B256::from_slice(&bytes(&block["stateRoot"]));
            slots += judge_capture(&name, &read(&folder.join(&name)), state_root);
            captures += 1;
        }
    }
    assert!(
        captures > 20 && slots > captures,
        "only {captures} captures with {slots} slots"
    );
    println!("{captures} accounts and {slots} slots agreed");
}
