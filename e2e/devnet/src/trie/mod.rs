//! A Merkle Patricia trie whose versions share what did not change.
//!
//! Cloning a trie is one reference count, writing copies the nodes on one path, and every node
//! remembers its own reference (its hash, or its encoding when that is shorter), so the root of a
//! block costs only the paths that the block touched, and the trie of every earlier block stays
//! readable for proofs. The encoding of a node is always alloy-trie's; [`proof`] goes further and
//! lets alloy-trie's `HashBuilder` rebuild the root and hand out the proof, so that nothing that is
//! served rests on this file alone.
//!
//! Must never know what a value means: accounts and slots are [`crate::state`]'s business.

mod node;
mod proof;

pub(crate) use proof::ProofError;

use alloy_primitives::B256;
use alloy_trie::{EMPTY_ROOT_HASH, Nibbles};
use node::Node;
use std::sync::Arc;

/// What a leaf of the trie holds.
pub(crate) trait Leaf: Clone {
    /// The bytes of this value as they stand in the leaf (RLP, for every trie of Ethereum).
    fn encoded(&self) -> Vec<u8>;
}

/// One version of a trie with 32-byte keys.
#[derive(Debug)]
pub(crate) struct Trie<V> {
    root: Option<Arc<Node<V>>>,
}

impl<V> Clone for Trie<V> {
    fn clone(&self) -> Self {
        Self {
            root: self.root.clone(),
        }
    }
}

impl<V> Default for Trie<V> {
    fn default() -> Self {
        Self { root: None }
    }
}

impl<V: Leaf> Trie<V> {
    /// The root hash; hashes whatever changed since it was last asked for.
    pub(crate) fn root(&self) -> B256 {
        self.root.as_ref().map_or(EMPTY_ROOT_HASH, |node| node.hash())
    }

    /// The value under `key`.
    pub(crate) fn get(&self, key: &B256) -> Option<&V> {
        self.root.as_ref()?.find(Nibbles::unpack(key))
    }

    /// Writes `value` under `key`, replacing what was there.
    pub(crate) fn insert(&mut self, key: &B256, value: V) {
        let path = Nibbles::unpack(key);
        match &mut self.root {
            Some(node) => node::put(node, path, value),
            None => self.root = Some(Node::leaf(path, value)),
        }
    }

    /// Removes what is under `key`; an absent key changes nothing.
    pub(crate) fn remove(&mut self, key: &B256) {
        if self.get(key).is_none() {
            return;
        }
        if let Some(node) = self.root.take() {
            self.root = node::take(node, Nibbles::unpack(key));
        }
    }
}

#[cfg(test)]
mod tests;
