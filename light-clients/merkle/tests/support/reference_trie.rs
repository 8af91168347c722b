//! A plain trie for keys of any length, built from its definition: slow, short, and checked against official roots.

use super::rlp_writer as rlp;
use alloy_primitives::{B256, keccak256};
use std::collections::BTreeMap;

/// Entries by key, in nibbles.
#[derive(Default)]
pub(crate) struct ReferenceTrie {
    entries: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl ReferenceTrie {
    pub(crate) fn insert(&mut self, key: &[u8], value: &[u8]) {
        self.entries.insert(rlp::nibbles(key), value.to_vec());
    }

    pub(crate) fn remove(&mut self, key: &[u8]) {
        self.entries.remove(&rlp::nibbles(key));
    }

    pub(crate) fn root(&self) -> B256 {
        match self.entries.is_empty() {
            true => keccak256([0x80]),
            false => keccak256(self.node(&[], &mut Vec::new())),
        }
    }

    /// The proof for `key`: the root and every node that its parent refers to by hash, as far as the key leads.
    pub(crate) fn prove(&self, key: &[u8]) -> Vec<u8> {
        let mut depths = Vec::new();
        self.node(&[], &mut depths);
        let key = rlp::nibbles(key);
        depths.sort();
        let on_the_way = depths
            .into_iter()
            .filter(|(path, node)| key.starts_with(path) && (path.is_empty() || node.len() >= 32));
        on_the_way.flat_map(|(_, node)| node).collect()
    }

    /// The node at `path`, which some entry's key starts with; it and all below are added to `nodes`.
    fn node(&self, path: &[u8], nodes: &mut Vec<(Vec<u8>, Vec<u8>)>) -> Vec<u8> {
        let below = self
            .entries
            .iter()
            .filter(|(key, _)| key.starts_with(path))
            .collect::<Vec<_>>();
        let (first, last) = (below[0].0, below[below.len() - 1].0);
        let shared = first
            .iter()
            .zip(last)
            .take_while(|(left, right)| left == right)
            .count();
        let node = if below.len() == 1 {
            rlp::leaf(&first[path.len()..], below[0].1)
        } else if shared > path.len() {
            rlp::extension(
                &first[path.len()..shared],
                rlp::reference(&self.node(&first[..shared], nodes)),
            )
        } else {
            let child = |nibble: u8| [path, &[nibble]].concat();
            let used = (0..16).filter(|nibble| below.iter().any(|(key, _)| key.starts_with(&child(*nibble))));
            let children = used.map(|nibble| (nibble, rlp::reference(&self.node(&child(nibble), nodes))));
            let value = self.entries.get(path).cloned().unwrap_or_default();
            rlp::branch(&children.collect::<Vec<_>>(), &value)
        };
        nodes.push((path.to_vec(), node.clone()));
        node
    }
}
