//! RLP of the nodes that a pool leaves hashes out of: here it is written, nowhere else in this crate.
//!
//! What is written is canonical by construction, so a pool cannot smuggle in another form of a node.

use super::super::node::HASHED_MIN;
use super::{KEY_NIBBLES, nibble};
use alloc::vec::Vec;
use alloy_primitives::{B256, keccak256};

/// Longest content whose length fits into the first byte.
const SHORT_MAX: usize = 55;

/// A reference to the node with this encoding, as its parent holds it: its hash as a string, or itself.
pub(super) fn put_reference(out: &mut Vec<u8>, encoding: &[u8]) {
    if encoding.len() < HASHED_MIN {
        out.extend_from_slice(encoding);
    } else {
        put_string(out, keccak256(encoding).as_slice());
    }
}

/// A string of at most 55 bytes: nothing longer stands in a node of a storage trie.
pub(super) fn put_string(out: &mut Vec<u8>, content: &[u8]) {
    match content {
        [byte] if *byte < 0x80 => {}
        _ => out.push(0x80u8.saturating_add(u8::try_from(content.len()).unwrap_or(u8::MAX))),
    }
    out.extend_from_slice(content);
}

/// The list whose items' encodings are `items`.
pub(super) fn list(items: &[u8]) -> Vec<u8> {
    let length = items.len();
    let mut out = Vec::with_capacity(length.saturating_add(3));
    if length <= SHORT_MAX {
        out.push(0xc0u8.saturating_add(u8::try_from(length).unwrap_or(u8::MAX)));
    } else {
        let digits: Vec<u8> = length
            .to_be_bytes()
            .into_iter()
            .skip_while(|digit| *digit == 0)
            .collect();
        out.push(0xf7u8.saturating_add(u8::try_from(digits.len()).unwrap_or(u8::MAX)));
        out.extend(digits);
    }
    out.extend_from_slice(items);
    out
}

/// The leaf that ends the path of `key` from nibble `depth` on, with the integer `value`.
pub(super) fn leaf(key: &B256, depth: usize, value: &[u8]) -> Vec<u8> {
    let mut items = Vec::new();
    put_string(
        &mut items,
        &compact(2, (depth..KEY_NIBBLES).map(|at| nibble(key, at))),
    );
    let mut integer = Vec::new();
    put_string(&mut integer, value);
    put_string(&mut items, &integer);
    list(&items)
}

/// The extension along `path` to the child that is referred to by `reference`.
pub(super) fn extension(path: &[u8], reference: &[u8]) -> Vec<u8> {
    let mut items = Vec::new();
    put_string(&mut items, &compact(0, path.iter().copied()));
    items.extend_from_slice(reference);
    list(&items)
}

/// Nibbles in the compact form: `flag` (0 extension, 2 leaf) plus whether their number is odd, then the nibbles.
fn compact(flag: u8, nibbles: impl ExactSizeIterator<Item = u8>) -> Vec<u8> {
    let odd = nibbles.len() & 1 == 1;
    let mut out = Vec::with_capacity(nibbles.len().div_ceil(2).saturating_add(1));
    let mut half = odd.then_some(flag | 1);
    if !odd {
        out.push(flag << 4);
    }
    for nibble in nibbles {
        half = match half {
            Some(high) => {
                out.push((high << 4) | nibble);
                None
            }
            None => Some(nibble),
        };
    }
    out
}
