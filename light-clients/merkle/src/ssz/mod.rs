//! SSZ trees: roots, single branches and multiproofs over SHA-256.
//!
//! A branch is bound to its generalized index, a multiproof to its depth and indices: neither can be read as a
//! proof for another position or another size of tree.
//!
//! Spec: consensus specification, `ssz/merkle-proofs.md`.

mod multiproof;

pub use multiproof::{Leaf, check_multiproof, multiproof_root, multiproof_siblings, sibling_count};

use crate::Reject;
use alloc::vec::Vec;
use alloy_primitives::B256;
use sha2::{Digest, Sha256};

/// Deepest tree that these functions handle. The deepest in use is that of a beacon state's validators (40).
pub const DEPTH_MAX: u32 = 40;

/// SHA-256 of two nodes: their parent.
pub fn hash_pair(left: B256, right: B256) -> B256 {
    let mut hasher = Sha256::new();
    hasher.update(left);
    hasher.update(right);
    B256::new(hasher.finalize().into())
}

/// The chunk of a 64-bit integer: little-endian, zeros after it.
pub fn chunk_u64(value: u64) -> B256 {
    B256::right_padding_from(&value.to_le_bytes())
}

/// Root of the tree of `depth` whose first leaves are `chunks` and whose other leaves are zero.
///
/// Errors: [`Reject::TooDeep`], [`Reject::TooManyChunks`].
pub fn merkleize(chunks: &[B256], depth: u32) -> Result<B256, Reject> {
    let size = tree_size(depth)?;
    let count = chunks.len();
    if u64::try_from(count).map_or(true, |count| count > size) {
        return Err(Reject::TooManyChunks { count, depth });
    }
    let mut level = chunks.to_vec();
    let mut zero = B256::ZERO;
    for _ in 0..depth {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => hash_pair(*left, *right),
                [left] => hash_pair(*left, zero),
                _ => zero,
            })
            .collect::<Vec<_>>();
        zero = hash_pair(zero, zero);
    }
    Ok(level.first().copied().unwrap_or(zero))
}

/// The root to which `branch` leads from `leaf` at generalized index `index`.
///
/// - `branch`: siblings from the leaf upwards, exactly as many as the index is deep.
///
/// Errors: [`Reject::ZeroGeneralizedIndex`], [`Reject::BranchLength`].
pub fn branch_root(leaf: B256, index: u64, branch: &[B256]) -> Result<B256, Reject> {
    let depth = index.checked_ilog2().ok_or(Reject::ZeroGeneralizedIndex)?;
    let found = branch.len();
    if u32::try_from(found) != Ok(depth) {
        let expected = usize::try_from(depth).unwrap_or(usize::MAX);
        return Err(Reject::BranchLength {
            index,
            expected,
            found,
        });
    }
    let (root, _) = branch.iter().fold((leaf, index), |(node, index), sibling| {
        let parent = if index & 1 == 1 {
            hash_pair(*sibling, node)
        } else {
            hash_pair(node, *sibling)
        };
        (parent, index >> 1)
    });
    Ok(root)
}

/// Checks that `branch` leads from `leaf` at generalized index `index` to the trusted `root`.
///
/// Errors: [`Reject::BranchRoot`], and those of [`branch_root`].
pub fn check_branch(leaf: B256, index: u64, branch: &[B256], root: B256) -> Result<(), Reject> {
    let found = branch_root(leaf, index, branch)?;
    if found != root {
        return Err(Reject::BranchRoot {
            expected: root,
            found,
        });
    }
    Ok(())
}

/// Number of leaves of a tree of `depth`.
pub(crate) fn tree_size(depth: u32) -> Result<u64, Reject> {
    match 1u64.checked_shl(depth) {
        Some(size) if depth <= DEPTH_MAX => Ok(size),
        _ => Err(Reject::TooDeep {
            depth,
            max: DEPTH_MAX,
        }),
    }
}
