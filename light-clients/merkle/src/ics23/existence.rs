//! An entry is under a root.

use super::{
    Fault, Tree, check_key,
    node::{self, Side},
    read::Existence,
};
use alloc::vec::Vec;
use alloy_primitives::{B256, Bytes};

/// Checks that `key` leads to `proof`'s value under `root`, and returns the value.
pub(super) fn check<'a>(
    tree: Tree,
    root: B256,
    key: &[u8],
    proof: &Existence<'a>,
) -> Result<&'a [u8], Fault> {
    if proof.key != key {
        return Err(Fault::OtherKey {
            expected: Bytes::copy_from_slice(key),
            found: Bytes::copy_from_slice(proof.key),
        });
    }
    check_entry(tree, root, proof)?;
    Ok(proof.value)
}

/// Checks that `proof`'s own key leads to its value under `root`, and returns where the path goes, from the leaf
/// upwards.
pub(super) fn check_entry(tree: Tree, root: B256, proof: &Existence<'_>) -> Result<Vec<Side>, Fault> {
    check_key(proof.key)?;
    if proof.value.is_empty() {
        return Err(Fault::EmptyValue);
    }
    node::check_leaf(tree, &proof.leaf)?;
    let mut sides = Vec::new();
    let mut height = 0;
    for (level, inner) in (1..).zip(&proof.path) {
        sides.push(node::check_inner(tree, inner, level, &mut height)?);
    }
    let mut found = node::hash_leaf(&proof.leaf, proof.key, proof.value);
    for inner in &proof.path {
        found = node::hash_inner(inner, found);
    }
    if found == root {
        Ok(sides)
    } else {
        Err(Fault::OtherRoot {
            expected: root,
            found,
        })
    }
}
