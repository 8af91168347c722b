//! The simple tree of CometBFT over named values, as the SDK keeps the roots of its stores.
//!
//! It splits at the largest power of two below its size (RFC 6962), and hashes leaves and inner nodes with a byte
//! before them that tells which is which.

use std::collections::BTreeMap;

use ics23::commitment_proof::Proof;
use ics23::{CommitmentProof, ExistenceProof, HashOp, InnerOp, NonExistenceProof};

use crate::{Hash, iavl::leaf_op, put_bytes, sha256};

/// Values by name.
pub type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

/// What a leaf's hash starts with.
const LEAF: u8 = 0;
/// What an inner node's hash starts with.
const INNER: u8 = 1;

/// The root; the hash of nothing if there are no entries.
#[must_use]
pub fn root(entries: &Entries) -> Hash {
    root_of(&leaves(entries))
}

/// Proves what is under `name`, or that nothing is; none if there are no entries.
#[must_use]
pub fn prove(entries: &Entries, name: &[u8]) -> Option<CommitmentProof> {
    if entries.is_empty() {
        return None;
    }
    let rank = entries.keys().filter(|key| key.as_slice() < name).count();
    let proof = if entries.contains_key(name) {
        Proof::Exist(exists(entries, rank)?)
    } else {
        Proof::Nonexist(NonExistenceProof {
            key: name.to_vec(),
            left: rank.checked_sub(1).and_then(|before| exists(entries, before)),
            right: exists(entries, rank),
        })
    };
    Some(CommitmentProof { proof: Some(proof) })
}

fn exists(entries: &Entries, rank: usize) -> Option<ExistenceProof> {
    let (key, value) = entries.iter().nth(rank)?;
    let mut path = Vec::new();
    put_path(&leaves(entries), rank, &mut path);
    Some(ExistenceProof {
        key: key.clone(),
        value: value.clone(),
        leaf: Some(leaf_op(vec![LEAF])),
        path,
    })
}

fn leaves(entries: &Entries) -> Vec<Hash> {
    let leaf = |(name, value): (&Vec<u8>, &Vec<u8>)| {
        let mut bytes = vec![LEAF];
        put_bytes(&mut bytes, name);
        put_bytes(&mut bytes, &sha256(&[value]));
        sha256(&[&bytes])
    };
    entries.iter().map(leaf).collect()
}

fn root_of(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha256(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            sha256(&[&[INNER], &root_of(left), &root_of(right)])
        }
    }
}

/// Writes the steps from the leaf with this number upwards.
fn put_path(leaves: &[Hash], rank: usize, path: &mut Vec<InnerOp>) {
    if leaves.len() < 2 {
        return;
    }
    let at = split(leaves.len());
    let (left, right) = leaves.split_at(at);
    let (prefix, suffix) = if rank < at {
        put_path(left, rank, path);
        (vec![INNER], root_of(right).to_vec())
    } else {
        put_path(right, rank - at, path);
        ([&[INNER], root_of(left).as_slice()].concat(), Vec::new())
    };
    path.push(InnerOp {
        hash: HashOp::Sha256.into(),
        prefix,
        suffix,
    });
}

/// The largest power of two below `count`.
const fn split(count: usize) -> usize {
    count.next_power_of_two() / 2
}
