//! One proof for several leaves of a tree of fixed depth.
//!
//! The leaves come in strictly increasing order of index. Going up level by level, and in each level from left to
//! right, every node whose sibling is not itself known takes the next sibling from the list. So the indices alone
//! say how many siblings there are, and there is one list for them. Solidity reads the same order
//! (docs/formats/beacon.md, absentees of a sync committee).

use super::{hash_pair, tree_size};
use crate::Reject;
use alloc::vec::Vec;
use alloy_primitives::B256;

/// A leaf and where it stands, counted from 0 at the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Position among the leaves.
    pub index: u64,
    /// Root of what stands there.
    pub node: B256,
}

/// The root to which `siblings` lead from `leaves` in a tree of `depth`.
///
/// Errors: [`Reject::TooDeep`], [`Reject::NoLeaves`], [`Reject::LeafOrder`], [`Reject::LeafIndex`],
/// [`Reject::SiblingCount`].
pub fn multiproof_root(depth: u32, leaves: &[Leaf], siblings: &[B256]) -> Result<B256, Reject> {
    let indices = leaves.iter().map(|leaf| leaf.index).collect::<Vec<_>>();
    let (expected, found) = (sibling_count(depth, &indices)?, siblings.len());
    let mismatch = Reject::SiblingCount { expected, found };
    if found != expected {
        return Err(mismatch);
    }
    let mut siblings = siblings.iter().copied();
    let mut level = leaves.to_vec();
    for _ in 0..depth {
        level = level_above(&level, || siblings.next()).ok_or_else(|| mismatch.clone())?;
    }
    level.first().map(|root| root.node).ok_or(Reject::NoLeaves)
}

/// Checks that `siblings` lead from `leaves` in a tree of `depth` to the trusted `root`.
///
/// Errors: [`Reject::BranchRoot`], and those of [`multiproof_root`].
pub fn check_multiproof(depth: u32, leaves: &[Leaf], siblings: &[B256], root: B256) -> Result<(), Reject> {
    let found = multiproof_root(depth, leaves, siblings)?;
    if found != root {
        return Err(Reject::BranchRoot {
            expected: root,
            found,
        });
    }
    Ok(())
}

/// Number of siblings that a multiproof of the leaves at `indices` has in a tree of `depth`.
///
/// Errors: [`Reject::TooDeep`], [`Reject::NoLeaves`], [`Reject::LeafOrder`], [`Reject::LeafIndex`].
pub fn sibling_count(depth: u32, indices: &[u64]) -> Result<usize, Reject> {
    check_indices(depth, indices)?;
    let mut level = indices.to_vec();
    let mut count = 0usize;
    for _ in 0..depth {
        let known = level.len();
        level.iter_mut().for_each(|index| *index >>= 1);
        level.dedup();
        // Each parent has two children; those that are not known come from the list.
        count = count.saturating_add(level.len().saturating_mul(2).saturating_sub(known));
    }
    Ok(count)
}

/// The siblings with which `multiproof_root` opens `indices` in the tree of `depth` whose first leaves are
/// `nodes` and whose other leaves are zero: the prover's side.
///
/// Errors: [`Reject::TooManyChunks`], and those of [`sibling_count`].
pub fn multiproof_siblings(depth: u32, nodes: &[B256], indices: &[u64]) -> Result<Vec<B256>, Reject> {
    check_indices(depth, indices)?;
    super::merkleize(nodes, depth)?;
    let mut siblings = Vec::new();
    let mut known = indices.to_vec();
    let mut level = nodes.to_vec();
    let mut zero = B256::ZERO;
    for _ in 0..depth {
        let node_at = |index: u64| -> B256 {
            usize::try_from(index)
                .ok()
                .and_then(|index| level.get(index))
                .copied()
                .unwrap_or(zero)
        };
        siblings.extend(
            known
                .iter()
                .filter(|index| known.binary_search(&(**index ^ 1)).is_err())
                .map(|index| node_at(index ^ 1)),
        );
        level = level
            .chunks(2)
            .map(|pair| {
                hash_pair(
                    pair.first().copied().unwrap_or(zero),
                    pair.get(1).copied().unwrap_or(zero),
                )
            })
            .collect();
        zero = hash_pair(zero, zero);
        known.iter_mut().for_each(|index| *index >>= 1);
        known.dedup();
    }
    Ok(siblings)
}

/// The parents of `level`, where `sibling` answers for each known node whose sibling is not known.
fn level_above(level: &[Leaf], mut sibling: impl FnMut() -> Option<B256>) -> Option<Vec<Leaf>> {
    let mut parents = Vec::with_capacity(level.len());
    let mut rest = level.iter().peekable();
    while let Some(Leaf { index, node }) = rest.next().copied() {
        let known = rest.next_if(|next| next.index == index ^ 1);
        let other = match known {
            Some(next) => next.node,
            None => sibling()?,
        };
        let node = if index & 1 == 1 {
            hash_pair(other, node)
        } else {
            hash_pair(node, other)
        };
        parents.push(Leaf {
            index: index >> 1,
            node,
        });
    }
    Some(parents)
}

fn check_indices(depth: u32, indices: &[u64]) -> Result<(), Reject> {
    let size = tree_size(depth)?;
    if indices.is_empty() {
        return Err(Reject::NoLeaves);
    }
    let mut previous = None;
    for index in indices.iter().copied() {
        if let Some(previous) = previous.filter(|previous| *previous >= index) {
            return Err(Reject::LeafOrder { previous, index });
        }
        if index >= size {
            return Err(Reject::LeafIndex { index, size });
        }
        previous = Some(index);
    }
    Ok(())
}
