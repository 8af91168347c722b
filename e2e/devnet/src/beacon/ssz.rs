//! Merkleization as the SSZ specification has it, as far as headers, bodies and states need it.
//!
//! Written for the simulated chain alone: the law crates have their own, so that the two can be
//! compared. Must never know what a field means.

use alloy_primitives::B256;
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

/// Deepest tree whose empty subtrees are precomputed.
const DEPTH_MAX: usize = 48;

/// SHA-256 of two nodes.
pub(super) fn hash_pair(left: B256, right: B256) -> B256 {
    let mut hasher = Sha256::new();
    hasher.update(left);
    hasher.update(right);
    B256::from(<[u8; 32]>::from(hasher.finalize()))
}

/// SHA-256 of `parts`, one after the other.
pub(super) fn hash(parts: &[&[u8]]) -> B256 {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    B256::from(<[u8; 32]>::from(hasher.finalize()))
}

/// The root of a tree of `depth` levels that holds only zeros.
pub(super) fn zero(depth: usize) -> B256 {
    static ZEROS: OnceLock<Vec<B256>> = OnceLock::new();
    ZEROS.get_or_init(|| {
        let next = |node: &B256| Some(hash_pair(*node, *node));
        std::iter::successors(Some(B256::ZERO), next)
            .take(DEPTH_MAX + 1)
            .collect()
    })[depth]
}

/// The levels of the tree over `leaves`, padded with zeros to `2^depth`; the last level is the root.
fn levels(leaves: &[B256], depth: usize) -> Vec<Vec<B256>> {
    let mut levels = vec![leaves.to_vec()];
    for level in 0..depth {
        let pairs = levels[level].chunks(2);
        let next = pairs.map(|pair| hash_pair(pair[0], pair.get(1).copied().unwrap_or(zero(level))));
        let next: Vec<B256> = next.collect();
        levels.push(next);
    }
    levels
}

/// The root of `leaves` in a tree of `depth` levels.
pub(super) fn merkleize(leaves: &[B256], depth: usize) -> B256 {
    debug_assert!(leaves.len() <= 1usize << depth.min(40));
    levels(leaves, depth)[depth]
        .first()
        .copied()
        .unwrap_or(zero(depth))
}

/// The siblings on the way from leaf `index` to the root, bottom up.
pub(super) fn branch(leaves: &[B256], depth: usize, index: usize) -> Vec<B256> {
    let levels = levels(leaves, depth);
    let sibling = |level: usize| {
        levels[level]
            .get((index >> level) ^ 1)
            .copied()
            .unwrap_or(zero(level))
    };
    (0..depth).map(sibling).collect()
}

/// The root of a list whose elements have the root `elements`.
pub(super) fn mix_in_length(elements: B256, length: usize) -> B256 {
    hash_pair(elements, uint64(length as u64))
}

/// The root of an empty list with room for `2^depth` chunks.
pub(super) fn empty_list(depth: usize) -> B256 {
    mix_in_length(zero(depth), 0)
}

/// The chunk of a `uint64`.
pub(super) fn uint64(value: u64) -> B256 {
    let mut chunk = B256::ZERO;
    chunk[..8].copy_from_slice(&value.to_le_bytes());
    chunk
}

/// `bytes` in chunks of 32, the last one padded with zeros.
pub(super) fn chunks(bytes: &[u8]) -> Vec<B256> {
    bytes
        .chunks(32)
        .map(|part| {
            let mut chunk = B256::ZERO;
            chunk[..part.len()].copy_from_slice(part);
            chunk
        })
        .collect()
}

/// The root of a byte vector.
pub(super) fn bytes(bytes: &[u8]) -> B256 {
    let chunks = chunks(bytes);
    merkleize(&chunks, chunks.len().next_power_of_two().ilog2() as usize)
}

/// The root of a byte list with room for `2^depth` chunks.
pub(super) fn byte_list(bytes: &[u8], depth: usize) -> B256 {
    mix_in_length(merkleize(&chunks(bytes), depth), bytes.len())
}

/// The root of a container.
pub(super) fn container(fields: &[B256]) -> B256 {
    merkleize(fields, fields.len().next_power_of_two().ilog2() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_lead_to_the_root() {
        let leaves: Vec<B256> = (0..13).map(uint64).collect();
        let root = merkleize(&leaves, 4);
        for (index, leaf) in leaves.iter().enumerate() {
            let mut node = *leaf;
            for (level, sibling) in branch(&leaves, 4, index).into_iter().enumerate() {
                let right = index >> level & 1 == 1;
                node = if right {
                    hash_pair(sibling, node)
                } else {
                    hash_pair(node, sibling)
                };
            }
            assert_eq!(node, root);
        }
    }

    #[test]
    fn padding_is_zeros() {
        let mut padded: Vec<B256> = (0..5).map(uint64).collect();
        let short = merkleize(&padded, 6);
        padded.resize(64, B256::ZERO);
        assert_eq!(merkleize(&padded, 6), short);
        assert_eq!(merkleize(&[], 5), zero(5));
    }
}
