//! What the tests of this crate share: reproducible random bytes, RLP writing, tries built by alloy-trie.

#![allow(dead_code, reason = "each test binary uses its part")]

pub(crate) mod ics23;
pub(crate) mod reference_trie;
pub(crate) mod rlp_writer;

use alloy_primitives::{B256, keccak256};
use alloy_trie::{HashBuilder, Nibbles, proof::ProofRetainer};
use std::collections::BTreeMap;

/// Reproducible bytes: Keccak-256 of a seed and a counter.
pub(crate) struct Tape {
    seed: B256,
    count: u64,
}

impl Tape {
    pub(crate) fn new(seed: &str) -> Self {
        Self {
            seed: keccak256(seed),
            count: 0,
        }
    }

    pub(crate) fn word(&mut self) -> B256 {
        self.count += 1;
        keccak256([self.seed.as_slice(), &self.count.to_be_bytes()].concat())
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        let [a, b, c, d, ..] = self.word().0;
        u64::from(u32::from_be_bytes([a, b, c, d])) % limit
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while bytes.len() < length {
            bytes.extend_from_slice(self.word().as_slice());
        }
        bytes.truncate(length);
        bytes
    }
}

/// Entries of a trie whose keys have 32 bytes.
pub(crate) type Entries = BTreeMap<B256, Vec<u8>>;

/// Root and proof nodes for `key`, root first, as alloy-trie makes them. It also lists nodes that are embedded in
/// their parents; these are left out, because a proof holds them already.
pub(crate) fn prove_by_alloy(entries: &Entries, key: B256) -> (B256, Vec<Vec<u8>>) {
    let target = Nibbles::unpack(key);
    let mut builder = HashBuilder::default().with_proof_retainer(ProofRetainer::new(vec![target]));
    for (key, value) in entries {
        builder.add_leaf(Nibbles::unpack(key), value);
    }
    let root = builder.root();
    let nodes = builder.take_proof_nodes().matching_nodes_sorted(&target);
    let nodes = nodes.into_iter().map(|(_, node)| node.to_vec());
    (
        root,
        nodes
            .enumerate()
            .filter(|(depth, node)| *depth == 0 || node.len() >= 32)
            .map(|(_, node)| node)
            .collect(),
    )
}

/// As [`prove_by_alloy`], concatenated.
pub(crate) fn proof_by_alloy(entries: &Entries, key: B256) -> (B256, Vec<u8>) {
    let (root, nodes) = prove_by_alloy(entries, key);
    (root, nodes.concat())
}

/// Integers by key.
pub(crate) type Slots = BTreeMap<B256, Vec<u8>>;

/// The root, and the pool folded from one proof a key.
pub(crate) fn pooled(slots: &Slots, keys: &[B256]) -> (B256, Vec<u8>) {
    let entries: Entries = slots
        .iter()
        .map(|(key, value)| (*key, rlp_writer::string(value)))
        .collect();
    let proofs: Vec<(B256, Vec<u8>)> = keys
        .iter()
        .map(|key| {
            let (root, nodes) = prove_by_alloy(&entries, *key);
            (root, nodes.concat())
        })
        .collect();
    let root = proofs[0].0;
    let pool = merkle::mpt::pool::build(root, keys, proofs.iter().map(|(_, proof)| &proof[..])).unwrap();
    (root, pool)
}

/// So many random cases; a failure is printed with its input and not written into the source tree.
pub(crate) fn cases(cases: u32) -> proptest::test_runner::Config {
    proptest::test_runner::Config {
        cases,
        failure_persistence: None,
        ..Default::default()
    }
}
