//! One node of a tree: its one form, and on which side of it the child stands.
//!
//! What a node of an IAVL tree hashes is height, size and version as signed varints, then for a leaf the key and the
//! hash of the value, for an inner node both children, each with its length before it. In the simple tree it is one
//! byte that tells leaf from inner node, then the same without lengths of children. A leaf's height is 0 and an inner
//! node's is not, so no leaf can pass for an inner node, nor the reverse.

use super::{
    Fault, Tree,
    read::{Inner, Leaf},
};
use crate::varint;
use alloc::vec::Vec;
use alloy_primitives::B256;
use sha2::{Digest, Sha256};

/// SHA-256, as ICS-23 numbers hash functions.
const SHA256: u64 = 1;
/// The key itself and not its hash, as ICS-23 numbers hash functions.
const NO_HASH: u64 = 0;
/// Lengths as varints, as ICS-23 numbers them.
const VAR_PROTO: u64 = 1;
/// What a leaf of either tree starts with: in an IAVL tree the height.
const LEAF: u8 = 0;
/// The size of a leaf of an IAVL tree.
const LEAF_SIZE: u64 = 1;
/// What an inner node of the simple tree starts with.
const SIMPLE_INNER: u8 = 1;
/// Most bytes of height, size and version of an inner node.
const NUMBERS_MAX: usize = 11;
/// The length of a hash, as it stands before each child in an IAVL tree.
const HASH_LENGTH: u8 = 32;
/// Bytes of a hash.
const HASH: usize = 32;

/// Where a child stands below its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// Checks that a leaf has the one form of its tree.
pub(super) fn check_leaf(tree: Tree, leaf: &Leaf<'_>) -> Result<(), Fault> {
    for (field, found, expected) in [
        ("hash", leaf.hash, SHA256),
        ("prehash_key", leaf.prehash_key, NO_HASH),
        ("prehash_value", leaf.prehash_value, SHA256),
        ("length", leaf.length, VAR_PROTO),
    ] {
        if found != expected {
            return Err(Fault::LeafForm {
                field,
                expected,
                found,
            });
        }
    }
    let is_formed = match tree {
        Tree::Simple => leaf.prefix == [LEAF],
        Tree::Iavl => {
            let mut rest = leaf.prefix;
            let numbers = take_numbers(&mut rest);
            matches!(numbers, Some([height, LEAF_SIZE, _]) if height == u64::from(LEAF)) && rest.is_empty()
        }
    };
    if is_formed {
        Ok(())
    } else {
        Err(Fault::LeafPrefix {
            length: leaf.prefix.len(),
            first: leaf.prefix.first().copied().unwrap_or_default(),
        })
    }
}

/// Checks that an inner node has the one form of its tree, and says where its child stands.
///
/// - `level`: its distance from the leaf, from 1.
/// - `below`: height of the node below, and left as that of this one; only an IAVL tree has heights.
pub(super) fn check_inner(
    tree: Tree,
    inner: &Inner<'_>,
    level: usize,
    below: &mut u64,
) -> Result<Side, Fault> {
    if inner.hash != SHA256 {
        return Err(Fault::InnerHash {
            level,
            expected: SHA256,
            found: inner.hash,
        });
    }
    if inner.prefix.first() == Some(&LEAF) {
        return Err(Fault::InnerIsLeaf { level });
    }
    let side = match tree {
        Tree::Simple => simple_side(inner),
        Tree::Iavl => iavl_side(inner, take_head(inner.prefix, level, below)?),
    };
    side.ok_or(Fault::MalformedInner {
        level,
        prefix: inner.prefix.len(),
        suffix: inner.suffix.len(),
    })
}

fn simple_side(inner: &Inner<'_>) -> Option<Side> {
    match (inner.prefix.split_first()?, inner.suffix.len()) {
        ((&SIMPLE_INNER, []), HASH) => Some(Side::Left),
        ((&SIMPLE_INNER, sibling), 0) if sibling.len() == HASH => Some(Side::Right),
        _ => None,
    }
}

/// Takes height, size and version off the front of an inner node's prefix and returns what is left of it.
fn take_head<'a>(prefix: &'a [u8], level: usize, below: &mut u64) -> Result<&'a [u8], Fault> {
    let mut rest = prefix;
    let numbers = take_numbers(&mut rest);
    let length = prefix.len().saturating_sub(rest.len());
    match numbers {
        Some([height, ..]) if length <= NUMBERS_MAX => {
            if height <= *below {
                return Err(Fault::InnerHeight {
                    level,
                    below: *below,
                    found: height,
                });
            }
            *below = height;
            Ok(rest)
        }
        _ => Err(Fault::InnerNumbers {
            level,
            length,
            max: NUMBERS_MAX,
        }),
    }
}

/// `rest`: the prefix behind height, size and version.
fn iavl_side(inner: &Inner<'_>, rest: &[u8]) -> Option<Side> {
    let is_sibling =
        |bytes: &[u8]| bytes.len() == HASH.saturating_add(1) && bytes.first() == Some(&HASH_LENGTH);
    match rest.split_last()? {
        (&HASH_LENGTH, []) if is_sibling(inner.suffix) => Some(Side::Left),
        (&HASH_LENGTH, sibling) if is_sibling(sibling) && inner.suffix.is_empty() => Some(Side::Right),
        _ => None,
    }
}

/// Takes height, size and version: signed varints, written as twice their value; a negative one would be odd.
fn take_numbers(bytes: &mut &[u8]) -> Option<[u64; 3]> {
    let mut numbers = [0; 3];
    for number in &mut numbers {
        *number = varint::take(bytes).filter(|written| written & 1 == 0)? >> 1;
    }
    Some(numbers)
}

/// The hash of a leaf. Its key has at most [`super::KEY_MAX`] bytes.
pub(super) fn hash_leaf(leaf: &Leaf<'_>, key: &[u8], value: &[u8]) -> B256 {
    hash_entry(leaf.prefix, key, sha256(&[value]))
}

/// The hash of a leaf that starts with `prefix` and whose value has this hash.
pub(super) fn hash_entry(prefix: &[u8], key: &[u8], value: B256) -> B256 {
    let mut length = Vec::new();
    varint::put_length(&mut length, key.len());
    sha256(&[prefix, &length, key, &[HASH_LENGTH], value.as_slice()])
}

/// The hash of the parent of `child`.
pub(super) fn hash_inner(inner: &Inner<'_>, child: B256) -> B256 {
    sha256(&[inner.prefix, child.as_slice(), inner.suffix])
}

pub(super) fn sha256(parts: &[&[u8]]) -> B256 {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    B256::new(hasher.finalize().into())
}
