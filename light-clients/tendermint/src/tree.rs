//! The Merkle tree over a list of byte strings, as in RFC 6962: leaves and inner nodes have different prefixes, and the
//! left half is the largest power of two below the number of leaves.

use alloc::vec::Vec;

use alloy_primitives::B256;
use sha2::{Digest, Sha256};

/// What stands before a leaf.
const LEAF: [u8; 1] = [0];
/// What stands before two children.
const INNER: [u8; 1] = [1];

/// The root over `leaves`; over none it is the hash of nothing.
pub(crate) fn root<T: AsRef<[u8]>>(leaves: &[T]) -> B256 {
    let hashes: Vec<B256> = leaves.iter().map(|leaf| hash(&[&LEAF, leaf.as_ref()])).collect();
    root_of(&hashes)
}

/// SHA-256 over parts that follow each other.
pub(crate) fn hash(parts: &[&[u8]]) -> B256 {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    B256::new(digest.finalize().into())
}

fn root_of(hashes: &[B256]) -> B256 {
    let half = hashes.len().div_ceil(2).next_power_of_two();
    match hashes {
        [] => hash(&[]),
        [one] => *one,
        _ => match hashes.split_at_checked(half) {
            Some((left, right)) => hash(&[&INNER, root_of(left).as_slice(), root_of(right).as_slice()]),
            // A power of two from half of the length upwards is below the length.
            None => B256::ZERO,
        },
    }
}
