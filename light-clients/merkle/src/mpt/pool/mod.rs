//! One proof for many storage slots: a pool of trie nodes, each of them once, and no hash that can be computed.
//!
//! The nodes stand in the order in which a walk over all keys meets them: a node, then its children from left to
//! right, each at once with everything below it. A child that no key leads to is a hash; a child that some key leads
//! to follows as a node, and its hash is computed instead of given. So the keys alone say which children follow, and a
//! pool has one encoding. It is read from front to back once, consumed exactly, and compared with the root once.
//!
//! For tries of storage only: all keys have 32 bytes, all values are integers of 1 to 32 bytes.
//!
//! | first byte | node | what follows |
//! |---|---|---|
//! | 0 | branch | mask of its children (2 bytes, child `n` is bit `1 << n`); then each child: a node if a key leads there, else its hash |
//! | 1 | branch with embedded children that no key leads to | mask; mask of those; then each child: a node, a hash, or its RLP |
//! | 2 | extension | number of its nibbles (1 byte), the nibbles (two a byte, padded by a zero); then its child: a node if a key leads there, else its hash |
//! | 3 | extension whose child is embedded and that no key follows | the same, with the child's RLP |
//! | 4 | leaf of the only key that leads there | length of its value (1 byte), its value |
//! | 5 | any other leaf | its whole key (32 bytes), length of its value, its value |
//!
//! Spec: Ethereum yellow paper, appendix D, for the nodes themselves; docs/formats/pool.md for these bytes.

mod build;
mod encode;
mod read;

pub use build::build;

use super::{Slot, check_root};
use crate::Reject;
use alloc::vec::Vec;
use alloy_primitives::{B256, keccak256};

/// Nibbles of a key.
const KEY_NIBBLES: usize = 64;

/// Kinds of nodes, as their first byte says.
const BRANCH: u8 = 0;
const BRANCH_WITH_EMBEDDED: u8 = 1;
const EXTENSION: u8 = 2;
const EXTENSION_WITH_EMBEDDED: u8 = 3;
const LEAF: u8 = 4;
const OTHER_LEAF: u8 = 5;

/// What `pool` shows to be stored under `storage_root` in each of `slots`, in their order.
///
/// - `slots`: in the order of their hashes ([`batch_order`]); the same one may come several times.
///
/// Errors: as [`prove`].
pub fn storage(storage_root: B256, slots: &[B256], pool: &[u8]) -> Result<Vec<Slot>, Reject> {
    let keys: Vec<B256> = slots.iter().map(keccak256).collect();
    prove(storage_root, &keys, pool)
}

/// The order in which a pool takes `slots`: indices into them, by the hash of the slot.
#[must_use]
pub fn batch_order(slots: &[B256]) -> Vec<usize> {
    let keyed = slots
        .iter()
        .enumerate()
        .map(|(index, slot)| (keccak256(slot), index));
    let mut order: Vec<(B256, usize)> = keyed.collect();
    order.sort_unstable();
    order.into_iter().map(|(_, index)| index).collect()
}

/// What `pool` shows under `root` for each of `keys`, in their order.
///
/// - `keys`: as the trie uses them, that is already hashed; ascending, and the same one may come several times.
///
/// Errors: [`Reject::EmptyTrie`], [`Reject::NoLeaves`], [`Reject::KeyOrder`], [`Reject::PoolTruncated`],
/// [`Reject::PoolKind`], [`Reject::PoolMask`], [`Reject::PoolPath`], [`Reject::PoolLeaf`], [`Reject::PathLength`],
/// [`Reject::ExtensionChild`], [`Reject::ChildReference`], [`Reject::RlpTruncated`], [`Reject::RlpNotCanonical`],
/// [`Reject::Integer`], [`Reject::ZeroSlot`], [`Reject::TrailingBytes`], [`Reject::PoolRoot`].
pub fn prove(root: B256, keys: &[B256], pool: &[u8]) -> Result<Vec<Slot>, Reject> {
    check_root(root)?;
    check_order(keys)?;
    read::Pool::new(keys, pool).run(root)
}

/// Keys ascend; equal neighbours are allowed.
fn check_order(keys: &[B256]) -> Result<(), Reject> {
    if keys.is_empty() {
        return Err(Reject::NoLeaves);
    }
    match keys
        .iter()
        .zip(keys.iter().skip(1))
        .position(|(key, next)| key > next)
    {
        None => Ok(()),
        Some(at) => Err(Reject::KeyOrder {
            at: at.saturating_add(1),
        }),
    }
}

/// Nibble number `at` of `key`, from its front; 0 beyond its end.
fn nibble(key: &B256, at: usize) -> u8 {
    let byte = key.get(at >> 1).copied().unwrap_or_default();
    if at & 1 == 0 { byte >> 4 } else { byte & 0x0f }
}
