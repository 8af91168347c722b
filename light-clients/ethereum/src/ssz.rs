//! Hash tree roots: the few shapes of SSZ that a light client meets.
//!
//! Everything here builds roots from parts that are already parsed; nothing here reads bytes from
//! outside. Consensus specification: "SimpleSerialize (SSZ)", Merkleization.

use alloc::vec::Vec;

use alloy_primitives::B256;
pub use merkle::ssz::{chunk_u64, hash_pair};

/// Bytes as chunks, the last one filled up with zeros; no bytes give no chunk.
#[must_use]
pub fn chunks(bytes: &[u8]) -> Vec<B256> {
    bytes.chunks(32).map(B256::right_padding_from).collect()
}

/// The root of a tree of depth `depth` over `leaves`, filled up with zeros; leaves beyond its width
/// count for nothing. Unlike merkle's own this never fails: the callers' depths are constants.
#[must_use]
pub fn merkleize(leaves: &[B256], depth: u32) -> B256 {
    let mut zero = B256::ZERO;
    let mut level = leaves.to_vec();
    for _ in 0..depth {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => hash_pair(*left, *right),
                [left] => hash_pair(*left, zero),
                _ => zero,
            })
            .collect();
        zero = hash_pair(zero, zero);
    }
    level.first().copied().unwrap_or(zero)
}

/// The root of a byte string whose type holds at most `2^depth` chunks.
#[must_use]
pub fn bytes_root(bytes: &[u8], depth: u32) -> B256 {
    merkleize(&chunks(bytes), depth)
}

/// The root of a compressed key: 48 bytes in two chunks.
#[must_use]
pub fn key_root(compressed: &[u8; 48]) -> B256 {
    bytes_root(compressed, 1)
}

/// A list's root: the root of its elements and their number.
#[must_use]
pub fn with_length(root: B256, length: u64) -> B256 {
    hash_pair(root, chunk_u64(length))
}
