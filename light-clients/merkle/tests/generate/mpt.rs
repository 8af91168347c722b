//! Trie vectors that are accepted, and the pieces the rejected ones are made of.

use super::{harness::Files, hex, object};
use crate::support::{Entries, Tape, proof_by_alloy, rlp_writer as rlp};
use alloy_primitives::{Address, B256, U256, keccak256};
use serde_json::{Value, json};

/// What a proof is about.
#[derive(Clone)]
pub(crate) struct Question {
    pub(crate) kind: &'static str,
    pub(crate) key: B256,
    pub(crate) preimage: Vec<u8>,
}

/// An account before it is encoded.
pub(crate) struct Fields {
    pub(crate) nonce: u64,
    pub(crate) balance: U256,
    pub(crate) storage_root: B256,
    pub(crate) code_hash: B256,
}

impl Question {
    pub(crate) fn trie(key: B256) -> Self {
        Self {
            kind: "trie",
            key,
            preimage: Vec::new(),
        }
    }

    pub(crate) fn storage(slot: B256) -> Self {
        Self {
            kind: "storage",
            key: keccak256(slot),
            preimage: slot.to_vec(),
        }
    }

    pub(crate) fn account(address: Address) -> Self {
        Self {
            kind: "account",
            key: keccak256(address),
            preimage: address.to_vec(),
        }
    }
}

impl Fields {
    pub(crate) fn of(tape: &mut Tape) -> Self {
        Self {
            nonce: tape.below(1000),
            balance: U256::from(tape.below(u64::MAX)),
            storage_root: tape.word(),
            code_hash: tape.word(),
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        rlp::list(&[
            rlp::string(&U256::from(self.nonce).to_be_bytes_trimmed_vec()),
            rlp::string(&self.balance.to_be_bytes_trimmed_vec()),
            rlp::string(self.storage_root.as_slice()),
            rlp::string(self.code_hash.as_slice()),
        ])
    }
}

/// All files of the folder.
pub(crate) fn files() -> Files {
    let mut files = Files::new();
    add_shapes(&mut files);
    add_random_tries(&mut files);
    add_storage(&mut files);
    add_accounts(&mut files);
    super::mpt_packed::add(&mut files);
    super::mpt_reject::add(&mut files);
    files
}

/// Adds an accepted proof of `value` (empty: absent), whose meaning is `word`.
fn accept(files: &mut Files, name: &str, about: &str, question: &Question, trie: &Entries, word: B256) {
    let (root, proof) = proof_by_alloy(trie, question.key);
    accept_proof(files, name, about, question, trie, word, root, &proof);
}

/// The same with a proof of its own.
#[allow(clippy::too_many_arguments, reason = "the parts of a file")]
pub(crate) fn accept_proof(
    files: &mut Files,
    name: &str,
    about: &str,
    question: &Question,
    trie: &Entries,
    word: B256,
    root: B256,
    proof: &[u8],
) {
    let value = trie.get(&question.key).cloned().unwrap_or_default();
    let file = object([
        ("about", json!(about)),
        ("kind", json!(question.kind)),
        ("root", hex(root.as_slice())),
        ("key", hex(question.key.as_slice())),
        ("preimage", hex(&question.preimage)),
        ("proof", hex(proof)),
        ("present", json!(!value.is_empty())),
        ("value", hex(&value)),
        ("word", hex(word.as_slice())),
    ]);
    assert!(
        files.insert(format!("accept/{name}.json"), file).is_none(),
        "two vectors named {name}"
    );
}

fn accept_trie(files: &mut Files, name: &str, about: &str, key: B256, trie: &Entries) {
    accept(files, name, about, &Question::trie(key), trie, B256::ZERO);
}

/// `base` with its last nibbles replaced.
pub(crate) fn with_tail(base: B256, tail: &[u8]) -> B256 {
    let mut nibbles = rlp::nibbles(base.as_slice());
    let from = nibbles.len() - tail.len();
    nibbles[from..].copy_from_slice(tail);
    B256::from_slice(
        &nibbles
            .chunks(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect::<Vec<_>>(),
    )
}

/// Small tries, one for each shape of node.
fn add_shapes(files: &mut Files) {
    let mut tape = Tape::new("mpt shapes");
    let key = tape.word();
    add_leaves(files, key, &mut tape);
    add_forks(files, key, &mut tape);
    add_embedded(files, key, &mut tape);
}

/// Adds a file for each of `asked`: name, what is special, and the key's last nibbles.
fn accept_tails(files: &mut Files, trie: &Entries, key: B256, asked: &[(&str, &str, &[u8])]) {
    for (name, about, tail) in asked {
        accept_trie(files, name, about, with_tail(key, tail), trie);
    }
}

fn add_leaves(files: &mut Files, key: B256, tape: &mut Tape) {
    let one = Entries::from([(key, tape.bytes(33))]);
    let other = tape.word();
    let last = [(key[31] & 15) ^ 1];
    let asked: [(&str, &str, &[u8]); 3] = [
        ("leaf_present", "the trie is one leaf", &[]),
        (
            "leaf_last_nibble",
            "the one leaf differs in the last nibble",
            &last,
        ),
        (
            "leaf_other_key",
            "the one leaf is of another key",
            &rlp::nibbles(other.as_slice()),
        ),
    ];
    accept_tails(files, &one, key, &asked);
    for length in [1, 2, 55, 56, 120, 255] {
        let long = Entries::from([(key, tape.bytes(length)), (tape.word(), tape.bytes(3))]);
        let about = "values of the lengths where RLP changes its form";
        accept_trie(files, &format!("value_of_{length:03}"), about, key, &long);
    }
}

fn add_forks(files: &mut Files, key: B256, tape: &mut Tape) {
    let ends = [with_tail(key, &[1; 40]), with_tail(key, &[2; 40])];
    let fork = Entries::from(ends.map(|end| (end, tape.bytes(20))));
    let differs = [&[1][..], &[7; 39]].concat();
    let asked: [(&str, &str, &[u8]); 4] = [
        ("extension_present", "a long extension, then a branch", &[1; 40]),
        (
            "extension_leaves",
            "the key leaves inside the extension",
            &rlp::nibbles(tape.word().as_slice()),
        ),
        (
            "branch_empty_child",
            "the branch has no child for the key",
            &[3; 40],
        ),
        (
            "leaf_below_branch_differs",
            "the leaf below the branch is of another key",
            &differs,
        ),
    ];
    accept_tails(files, &fork, key, &asked);
    let deep = Entries::from([0, 1, 2, 15].map(|last| (with_tail(key, &[last]), tape.bytes(32))));
    let asked: [(&str, &str, &[u8]); 2] = [
        (
            "last_nibble_present",
            "a branch at the last nibble, with leaves of empty path",
            &[15],
        ),
        (
            "last_nibble_absent",
            "a branch at the last nibble without a child",
            &[7],
        ),
    ];
    accept_tails(files, &deep, key, &asked);
}

fn add_embedded(files: &mut Files, key: B256, tape: &mut Tape) {
    let ends = [[0, 0], [0, 1], [1, 0], [2, 0]];
    let tiny = Entries::from(ends.map(|tail| (with_tail(key, &tail), vec![7 + tail[1]])));
    let asked: [(&str, &str, &[u8]); 4] = [
        (
            "embedded_branch_present",
            "a leaf in a branch in a branch: one node of the proof",
            &[0, 1],
        ),
        (
            "embedded_branch_absent",
            "no child in the embedded branch",
            &[0, 9],
        ),
        ("embedded_leaf_present", "a leaf embedded in a branch", &[2, 0]),
        (
            "embedded_leaf_differs",
            "the embedded leaf is of another key",
            &[2, 1],
        ),
    ];
    accept_tails(files, &tiny, key, &asked);
    let fork = Entries::from([
        (with_tail(key, &[1, 5, 5, 5, 0]), vec![1]),
        (with_tail(key, &[1, 5, 5, 5, 1]), vec![2]),
        (with_tail(key, &[2, 0, 0, 0, 0]), tape.bytes(40)),
    ]);
    let asked: [(&str, &str, &[u8]); 2] = [
        (
            "embedded_extension_present",
            "an extension embedded in a branch",
            &[1, 5, 5, 5, 1],
        ),
        (
            "embedded_extension_leaves",
            "the key leaves inside the embedded extension",
            &[1, 5, 6, 5, 1],
        ),
    ];
    accept_tails(files, &fork, key, &asked);
}

/// Random tries of several sizes: a key that is there and one that is not.
fn add_random_tries(files: &mut Files) {
    let mut tape = Tape::new("mpt random");
    for size in [2, 3, 5, 16, 17, 64, 300, 2000] {
        let mut trie = Entries::new();
        for _ in 0..size {
            let length = usize::try_from(1 + tape.below(40)).unwrap();
            trie.insert(tape.word(), tape.bytes(length));
        }
        let index = usize::try_from(tape.below(size)).unwrap();
        let present = *trie.keys().nth(index).unwrap();
        accept_trie(
            files,
            &format!("random_{size:04}_present"),
            "random keys and values",
            present,
            &trie,
        );
        accept_trie(
            files,
            &format!("random_{size:04}_absent"),
            "random keys and values",
            tape.word(),
            &trie,
        );
    }
}

/// A storage trie of 200 slots, some of whose values start with zero bytes.
fn add_storage(files: &mut Files) {
    let mut tape = Tape::new("mpt storage");
    let mut trie = Entries::new();
    let mut words = vec![
        ("full", B256::repeat_byte(0xa5)),
        ("leading_zero", tape.word()),
        ("one", B256::with_last_byte(1)),
    ];
    words.extend([
        ("below_128", B256::with_last_byte(0x7f)),
        ("from_128", B256::with_last_byte(0x80)),
        ("largest", B256::repeat_byte(0xff)),
    ]);
    words[1].1.0[0] = 0;
    words[1].1.0[1] = 0x12;
    let slots = words.iter().map(|_| tape.word()).collect::<Vec<_>>();
    let filler = (0..200).map(|_| (tape.word(), tape.word())).collect::<Vec<_>>();
    for (slot, word) in slots
        .iter()
        .copied()
        .zip(words.iter().map(|(_, word)| *word))
        .chain(filler)
    {
        trie.insert(
            keccak256(slot),
            rlp::string(&U256::from_be_bytes(word.0).to_be_bytes_trimmed_vec()),
        );
    }
    for (slot, (name, word)) in slots.iter().zip(&words) {
        accept(
            files,
            &format!("slot_{name}"),
            "a storage slot among 200",
            &Question::storage(*slot),
            &trie,
            *word,
        );
    }
    accept(
        files,
        "slot_absent",
        "a slot that was never written",
        &Question::storage(tape.word()),
        &trie,
        B256::ZERO,
    );
    let only = Entries::from([(keccak256(slots[0]), vec![9])]);
    accept(
        files,
        "slot_only",
        "the only slot of an account",
        &Question::storage(slots[0]),
        &only,
        B256::with_last_byte(9),
    );
}

/// A state trie of 300 accounts.
fn add_accounts(files: &mut Files) {
    let mut tape = Tape::new("mpt accounts");
    let empty = merkle::mpt::EMPTY_ROOT;
    let mut accounts = vec![
        ("contract", Fields::of(&mut tape)),
        ("largest", Fields::of(&mut tape)),
        ("untouched", Fields::of(&mut tape)),
    ];
    accounts[1].1.nonce = u64::MAX;
    accounts[1].1.balance = U256::MAX;
    accounts[2].1 = Fields {
        nonce: 0,
        balance: U256::ZERO,
        storage_root: empty,
        code_hash: keccak256([]),
    };
    let addresses = accounts
        .iter()
        .map(|_| Address::from_slice(&tape.bytes(20)))
        .collect::<Vec<_>>();
    let mut trie = Entries::new();
    for (address, (_, fields)) in addresses.iter().zip(&accounts) {
        trie.insert(keccak256(address), fields.encode());
    }
    for _ in 0..300 {
        trie.insert(keccak256(tape.bytes(20)), Fields::of(&mut tape).encode());
    }
    for (address, (name, fields)) in addresses.iter().zip(&accounts) {
        accept(
            files,
            &format!("account_{name}"),
            "an account among 300",
            &Question::account(*address),
            &trie,
            fields.storage_root,
        );
    }
}

/// A file without a result, for `reject`.
pub(crate) fn rejected(about: &str, question: &Question, root: B256, proof: &[u8]) -> Value {
    object([
        ("about", json!(about)),
        ("kind", json!(question.kind)),
        ("root", hex(root.as_slice())),
        ("key", hex(question.key.as_slice())),
        ("preimage", hex(&question.preimage)),
        ("proof", hex(proof)),
    ])
}
