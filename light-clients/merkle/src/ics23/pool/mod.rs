//! One proof for many keys of a store: a pool of nodes, each of them once, and no hash that can be computed.
//!
//! The nodes stand from left to right and each behind its children, so that they are read with a stack: an entry is put
//! on it, an inner node takes its children off and is put there instead. A child that no entry of the pool lies below is
//! given as its hash. Entries that are asked for have no key: it is the next one asked for. What is below which node is
//! said once, and so are the neighbours of what is absent, however many keys lie between them.
//!
//! | high half of the first byte | node | what follows its numbers |
//! |---|---|---|
//! | 0 | the entry under the next key, its value 32 bytes that are not all zero | the value |
//! | 1 | the same with any other value | length of the value (2 bytes), the value |
//! | 2 | an entry beside an absent key | length of its key (2 bytes), the key, SHA-256 of its value |
//! | 3 | none: nothing is under the next key | |
//! | 4 | inner node, both children before it | |
//! | 5 | inner node, the left child before it | hash of the right child |
//! | 6 | inner node, the right child before it | hash of the left child |
//!
//! Spec: docs/formats/store-pool.md, which says why there is one pool for a set of keys.

mod build;
mod fault;
mod read;
mod walk;

pub use build::build;
pub use fault::PoolFault;

use super::KEY_MAX;
use super::node::sha256;
use crate::{Proven, Reject};
use alloc::vec::Vec;
use alloy_primitives::B256;
use read::Bytes;

/// Longest pool, in bytes.
pub const POOL_MAX: usize = 1 << 20;
/// Most nodes between a store and the app hash: a simple tree of 65,536 stores.
const STORE_STEPS_MAX: u8 = 16;

/// Kinds of nodes, as the high half of their first byte says.
const ENTRY: u8 = 0;
const ENTRY_OTHERWISE: u8 = 1;
const NEIGHBOUR: u8 = 2;
const NOTHING: u8 = 3;
const JOINED: u8 = 4;
const LEFT: u8 = 5;
const RIGHT: u8 = 6;

/// What `pool` shows under each of `keys` in `store`, in their order.
///
/// - `keys`: ascending ([`batch_order`]); the same one may come several times.
/// - `pool`: consumed exactly.
///
/// Errors: [`Reject::StorePool`]. One bad byte refuses all.
pub fn prove<'a, K: AsRef<[u8]>>(
    app_hash: B256,
    store: &[u8],
    keys: &[K],
    pool: &'a [u8],
) -> Result<Vec<Proven<'a>>, Reject> {
    let asked = distinct(keys)?;
    if app_hash.is_zero() {
        return Err(PoolFault::ZeroAppHash.into());
    }
    let (length, max) = (pool.len(), POOL_MAX);
    if length > max {
        return Err(PoolFault::LongPool { length, max }.into());
    }
    let mut bytes = Bytes::of(pool);
    let way = read::store_way(&mut bytes)?;
    let (root, answers) = walk::walk(&asked, bytes)?;
    let found = way.climb(read::store_leaf(store, root));
    if found != app_hash {
        let expected = app_hash;
        return Err(PoolFault::OtherAppHash { expected, found }.into());
    }
    Ok(spread(keys, &answers))
}

/// The order in which a pool takes `keys`: indices into them.
#[must_use]
pub fn batch_order<K: AsRef<[u8]>>(keys: &[K]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by_key(|index| keys.get(*index).map(AsRef::as_ref));
    order
}

/// The keys asked for, each once.
fn distinct<K: AsRef<[u8]>>(keys: &[K]) -> Result<Vec<&[u8]>, PoolFault> {
    let mut asked: Vec<&[u8]> = Vec::new();
    for (at, key) in keys.iter().map(AsRef::as_ref).enumerate() {
        let (length, max) = (key.len(), KEY_MAX);
        if length == 0 || length > max {
            return Err(PoolFault::KeyLength { at, length, max });
        }
        match asked.last() {
            Some(before) if key < *before => return Err(PoolFault::AskedOrder { at }),
            Some(before) if key == *before => {}
            _ => asked.push(key),
        }
    }
    if asked.is_empty() {
        Err(PoolFault::NoKeys)
    } else {
        Ok(asked)
    }
}

/// One answer for each key: `answers` has one for each that differs from the one before it.
fn spread<'a, K: AsRef<[u8]>>(keys: &[K], answers: &[Proven<'a>]) -> Vec<Proven<'a>> {
    let mut rest = answers.iter();
    let mut before: Option<(&[u8], &Proven<'a>)> = None;
    let mut all = Vec::new();
    for key in keys.iter().map(AsRef::as_ref) {
        let answer = match before {
            Some((known, answer)) if known == key => Some(answer),
            _ => rest.next(),
        };
        before = answer.map(|answer| (key, answer));
        all.extend(answer.cloned());
    }
    all
}
