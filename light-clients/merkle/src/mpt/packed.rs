//! The shorter form of a proof: its upper nodes without what can be computed.
//!
//! In a large trie nearly all nodes of a proof are branches with sixteen hashes, of which one is the hash of the node
//! below. A packed proof begins with their number (one byte, 1 to 63, which begins no node), then has for each of them,
//! from the root down, the fifteen hashes of the children that the key does not lead to, and then the other nodes as
//! they are. The node below the packed ones must not be such a branch itself. A last leaf may be told by its value.
//!
//! Spec: docs/formats/packed.md.

use super::{Keys, Proven, node::Nibbles, value, walk::Walk};
use crate::{Reject, rlp};
use alloc::{borrow::Cow, vec::Vec};
use alloy_primitives::{B256, keccak256};

/// A branch with sixteen hashes: its first bytes, and its length.
const HEADER: [u8; 3] = [0xf9, 0x02, 0x11];
const BRANCH: usize = 532;
/// First byte of a hash in a node; the empty value of a branch.
const HASH: u8 = 0xa0;
const EMPTY: u8 = 0x80;
/// Most nodes that lie above the last of a key's.
const NODES_MAX: u8 = 63;
/// The hashes of a branch, and those of them that are packed, in bytes.
const HASH_BYTES: usize = 32;
const PACKED: usize = 480;

/// The packed form of `proof`; `proof` itself where nothing is to be packed.
///
/// A node is packed only if the next one is a child of it. A leaf stays as it is: it may be another key's.
#[must_use]
pub fn pack(proof: &[u8]) -> Cow<'_, [u8]> {
    let mut rest = proof;
    let mut hashes = Vec::new();
    let mut count = 0u8;
    while count < NODES_MAX
        && let Some((node, below)) = rest.split_at_checked(BRANCH)
        && let Some(others) = others(node, below)
    {
        hashes.extend(others);
        count = count.saturating_add(1);
        rest = below;
    }
    if count == 0 {
        return Cow::Borrowed(proof);
    }
    Cow::Owned([&[count], hashes.as_slice(), rest].concat())
}

/// As [`pack`], for a proof that shows its key to be there, so that its leaf is that key's: only the value is left of it.
#[must_use]
pub fn pack_present(proof: &[u8]) -> Cow<'_, [u8]> {
    let packed = pack(proof);
    // Packing leaves the last node as it is.
    match value::last_leaf(proof).and_then(|(leaf, value)| Some((packed.strip_suffix(leaf)?, value))) {
        Some((above, value)) => Cow::Owned([above, &[value::MARK], value].concat()),
        None => packed,
    }
}

/// As [`super::prove`], for a proof that may be packed; the root is neither zero nor that of the empty trie.
pub(super) fn prove<'p>(root: B256, key: &B256, proof: &'p [u8]) -> Result<Proven<'p>, Reject> {
    match proof.split_first() {
        Some((count, packed)) if (1..=NODES_MAX).contains(count) => {
            open(root, key, usize::from(*count), packed)
        }
        _ => Walk::new(key.as_slice(), Keys::Hashed, proof).run(root),
    }
}

/// Finds the hash of the packed nodes, and walks on below them.
fn open<'p>(root: B256, key: &B256, count: usize, packed: &'p [u8]) -> Result<Proven<'p>, Reject> {
    let size = count.saturating_mul(PACKED);
    let (hashes, tail) = packed.split_at_checked(size).ok_or(Reject::RlpTruncated {
        needed: size.try_into().unwrap_or(u64::MAX),
        left: packed.len(),
    })?;
    if tail.starts_with(&HEADER) {
        return Err(Reject::RlpNotCanonical { first: HEADER[0] });
    }
    let mut path = Nibbles::of(key.as_slice());
    let nibbles: Vec<u8> = core::iter::from_fn(|| path.next()).take(count).collect();
    let below = match tail.split_first() {
        Some((&value::MARK, value)) => keccak256(value::leaf(path, value)?),
        _ => keccak256(rlp::take(&mut &*tail)?.1),
    };
    let levels = hashes.chunks_exact(PACKED).zip(nibbles.iter());
    let found = levels.rev().fold(below, |below, (others, nibble)| {
        keccak256(branch(others, usize::from(*nibble), below))
    });
    if found != root {
        return Err(Reject::NodeHash {
            node: 0,
            expected: root,
            found,
        });
    }
    Walk::below(path, count, tail).run(below)
}

/// The branch whose child number `nibble` is `below`, and which has `others` in the other places.
fn branch(others: &[u8], nibble: usize, below: B256) -> Vec<u8> {
    let (before, behind) = others
        .split_at_checked(nibble.saturating_mul(HASH_BYTES))
        .unwrap_or_default();
    let hashes = before
        .chunks_exact(HASH_BYTES)
        .chain([below.as_slice()])
        .chain(behind.chunks_exact(HASH_BYTES));
    let mut node = HEADER.to_vec();
    for hash in hashes {
        node.push(HASH);
        node.extend_from_slice(hash);
    }
    node.push(EMPTY);
    node
}

/// The hashes of a branch with sixteen but for that of the node which `below` begins with; none if there is no such
/// branch, node or child.
fn others(node: &[u8], mut below: &[u8]) -> Option<Vec<u8>> {
    let items = node.strip_prefix(&HEADER)?.strip_suffix(&[EMPTY])?;
    let children = items.chunks(HASH_BYTES.saturating_add(1));
    let hashes: Option<Vec<&[u8]>> = children.map(|child| child.strip_prefix(&[HASH])).collect();
    let mut hashes = hashes?;
    let hash = keccak256(rlp::take(&mut below).ok()?.1);
    let place = hashes.iter().position(|child| *child == hash.as_slice())?;
    hashes.remove(place);
    Some(hashes.concat())
}
