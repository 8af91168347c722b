//! The shortest form of a leaf: its value.
//!
//! Where presence is proven, the path of the last leaf is what is left of the key, so that it need not be told. Such a
//! leaf is written as one byte that begins no node, and the value. It has to be large enough for its length, and small
//! enough, to be told by one byte, and its path has two nibbles or more: so all that stands before the value is sure.
//!
//! Spec: docs/formats/packed.md.

use super::node::{Nibbles, Node};
use crate::{Reject, rlp};
use alloc::vec::Vec;
use alloy_primitives::keccak256;
use core::ops::RangeInclusive;

/// What stands before a value that tells its leaf.
pub(super) const MARK: u8 = 0x40;

/// What such a leaf may hold behind its header, in bytes, and that header's first byte.
const LEAF: RangeInclusive<usize> = 56..=255;
const LONG_LIST: u8 = 0xf8;
/// First byte of a string of 56 to 255 bytes; shorter ones begin with their length and this.
const LONG_STRING: u8 = 0xb8;
const STRING: u8 = 0x80;
/// The longest value whose length stands in its first byte.
const SHORT_MAX: usize = 55;
/// The shortest path.
const PATH_MIN: usize = 2;

/// The last node of `proof` and its value, if it is a leaf that can be told by that.
///
/// None if it is anything else than nodes of which each holds the hash of the next: several proofs behind each other, as a
/// policy has them, may look like nodes, too.
pub(super) fn last_leaf(proof: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = proof;
    let mut last: &[u8] = &[];
    while !rest.is_empty() {
        let above = last;
        last = rlp::take(&mut rest).ok()?.1;
        let hash = keccak256(last);
        let is_child = above.windows(hash.len()).any(|part| part == hash.as_slice());
        if !above.is_empty() && !is_child {
            return None;
        }
    }
    match (Node::parse(last).ok()?, last.first()) {
        (Node::Leaf { path, value }, Some(&LONG_LIST)) if path.count() >= PATH_MIN => Some((last, value)),
        _ => None,
    }
}

/// The leaf that ends the key of which `ahead` is left, with `value`.
///
/// Errors: [`Reject::RlpNotCanonical`] if it has another size, or another path, than such a leaf has.
pub(super) fn leaf(ahead: Nibbles<'_>, value: &[u8]) -> Result<Vec<u8>, Reject> {
    let wrong = Reject::RlpNotCanonical { first: MARK };
    let byte = |length: usize| u8::try_from(length).map_err(|_| wrong.clone());
    let path = ahead.leaf_path();
    let head = match value.len() {
        short @ ..=SHORT_MAX => Vec::from([STRING.saturating_add(byte(short)?)]),
        long => Vec::from([LONG_STRING, byte(long)?]),
    };
    let items = [&[STRING.saturating_add(byte(path.len())?)], &*path, &head, value].concat();
    if ahead.count() < PATH_MIN || !LEAF.contains(&items.len()) {
        return Err(wrong);
    }
    Ok([&[LONG_LIST, byte(items.len())?], &*items].concat())
}
