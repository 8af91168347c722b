//! Nothing is under a key: the entries on both sides of it are neighbours, or the first or last of the tree.
//!
//! Both neighbours are proven under the same root before their paths are compared, so nodes that differ at the same
//! place can only be the two children of one node.

use super::{
    Fault, Tree, existence,
    node::Side,
    read::{Absence, Existence, Inner},
};
use alloc::vec::Vec;
use alloy_primitives::{B256, Bytes};

/// A proven neighbour: the steps of its path, from the leaf upwards.
type Path<'p, 'a> = Vec<(&'p Inner<'a>, Side)>;

/// Checks that `proof` shows nothing under `key`.
pub(super) fn check(tree: Tree, root: B256, key: &[u8], proof: &Absence<'_>) -> Result<(), Fault> {
    if proof.key != key {
        return Err(Fault::OtherKey {
            expected: Bytes::copy_from_slice(key),
            found: Bytes::copy_from_slice(proof.key),
        });
    }
    let left = proof
        .left
        .as_ref()
        .map(|left| check_left(tree, root, key, left))
        .transpose()?;
    let right = proof
        .right
        .as_ref()
        .map(|right| check_right(tree, root, key, right))
        .transpose()?;
    match (left, right) {
        (None, None) => Err(Fault::NoNeighbours),
        (Some(left), None) => check_edge(&left, Side::Right),
        (None, Some(right)) => check_edge(&right, Side::Left),
        (Some(left), Some(right)) => check_neighbours(&left, &right),
    }
}

fn check_left<'p, 'a>(
    tree: Tree,
    root: B256,
    key: &[u8],
    left: &'p Existence<'a>,
) -> Result<Path<'p, 'a>, Fault> {
    let sides = existence::check_entry(tree, root, left)?;
    if left.key >= key {
        return Err(Fault::LeftNotBefore {
            left: Bytes::copy_from_slice(left.key),
            key: Bytes::copy_from_slice(key),
        });
    }
    Ok(left.path.iter().zip(sides).collect())
}

fn check_right<'p, 'a>(
    tree: Tree,
    root: B256,
    key: &[u8],
    right: &'p Existence<'a>,
) -> Result<Path<'p, 'a>, Fault> {
    let sides = existence::check_entry(tree, root, right)?;
    if right.key <= key {
        return Err(Fault::RightNotAfter {
            right: Bytes::copy_from_slice(right.key),
            key: Bytes::copy_from_slice(key),
        });
    }
    Ok(right.path.iter().zip(sides).collect())
}

/// Checks that `path` is the outermost of its tree on `side`.
fn check_edge(path: &[(&Inner<'_>, Side)], side: Side) -> Result<(), Fault> {
    match ((1..).zip(path).find(|(_, (_, found))| *found != side), side) {
        (None, _) => Ok(()),
        (Some((level, _)), Side::Left) => Err(Fault::NotFirst { level }),
        (Some((level, _)), Side::Right) => Err(Fault::NotLast { level }),
    }
}

/// Checks that no entry lies between the paths: they part at one node, and from there the left one keeps to the
/// right and the right one to the left.
fn check_neighbours(left: &[(&Inner<'_>, Side)], right: &[(&Inner<'_>, Side)]) -> Result<(), Fault> {
    let (mut below_left, mut below_right) = (left, right);
    // Bound: each round takes a step off both paths.
    let parted = loop {
        match (below_left.split_last(), below_right.split_last()) {
            (Some((of_left, left)), Some((of_right, right))) => {
                (below_left, below_right) = (left, right);
                if !is_same(of_left.0, of_right.0) {
                    break (of_left.1, of_right.1) == (Side::Left, Side::Right);
                }
            }
            _ => break false,
        }
    };
    let keeps_to = |path: &[(&Inner<'_>, Side)], side| path.iter().all(|(_, found)| *found == side);
    if parted && keeps_to(below_left, Side::Right) && keeps_to(below_right, Side::Left) {
        Ok(())
    } else {
        Err(Fault::NotNeighbours {
            left: below_left.len(),
            right: below_right.len(),
        })
    }
}

fn is_same(one: &Inner<'_>, other: &Inner<'_>) -> bool {
    (one.prefix, one.suffix) == (other.prefix, other.suffix)
}
