//! The prover's side: single proofs of many slots, folded into one pool.
//!
//! It decides nothing. What it is given need not be true: a pool from false proofs is refused by whoever reads it.

use super::super::node::{Child, Children, Nibbles, Node};
use super::{
    BRANCH, BRANCH_WITH_EMBEDDED, EXTENSION, EXTENSION_WITH_EMBEDDED, KEY_NIBBLES, LEAF, OTHER_LEAF,
    check_order, nibble,
};
use crate::{Reject, rlp, rlp::Item};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use alloy_primitives::{B256, keccak256};

/// The pool that shows what a trie holds under each of `keys`.
///
/// - `keys`: as [`super::prove`] takes them.
/// - `proofs`: for each key its own proof, in the form that [`super::super::prove`] takes; any order, and more than
///   these do no harm.
///
/// Errors: [`Reject::NoLeaves`], [`Reject::KeyOrder`], [`Reject::MissingNode`], and those of reading RLP and nodes.
pub fn build<'a>(
    root: B256,
    keys: &[B256],
    proofs: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<u8>, Reject> {
    check_order(keys)?;
    let mut nodes = BTreeMap::new();
    for proof in proofs {
        let mut rest = proof;
        while !rest.is_empty() {
            let (_, encoding) = rlp::take(&mut rest)?;
            nodes.insert(keccak256(encoding), encoding);
        }
    }
    let mut writer = Writer {
        nodes,
        pool: Vec::new(),
    };
    writer.put(Child::Hash(root), keys, 0)?;
    Ok(writer.pool)
}

struct Writer<'a> {
    nodes: BTreeMap<B256, &'a [u8]>,
    pool: Vec<u8>,
}

impl<'a> Writer<'a> {
    /// Writes the node that `child` refers to, for the `keys` that lead there behind `depth` nibbles.
    ///
    /// Bound: each step down goes at least one of 64 nibbles further.
    fn put(&mut self, child: Child<'a>, keys: &[B256], depth: usize) -> Result<(), Reject> {
        if depth > KEY_NIBBLES {
            return Err(Reject::PathLength {
                found: depth,
                expected: KEY_NIBBLES,
            });
        }
        let encoding = self.find(child)?;
        match Node::parse(encoding)? {
            Node::Branch { children, .. } => self.put_branch(&children, keys, depth),
            Node::Extension { path, child } => self.put_extension(path, child, keys, depth),
            Node::Leaf { path, value } => self.put_leaf(path, value, keys, depth),
        }
    }

    fn find(&self, child: Child<'a>) -> Result<&'a [u8], Reject> {
        match child {
            Child::Embedded(encoding) => Ok(encoding),
            Child::Empty => Err(Reject::ChildReference { length: 0 }),
            Child::Hash(expected) => self.nodes.get(&expected).copied().ok_or(Reject::MissingNode {
                expected,
                nodes: self.nodes.len(),
            }),
        }
    }

    fn put_branch(&mut self, children: &Children<'a>, keys: &[B256], depth: usize) -> Result<(), Reject> {
        let leads = |child: u8| keys.iter().any(|key| nibble(key, depth) == child);
        let (mut mask, mut embedded) = (0u16, 0u16);
        for (at, child) in (0..16u8).zip(children) {
            let bit = 1u16 << at;
            match child {
                Child::Empty => {}
                Child::Embedded(_) if !leads(at) => (mask, embedded) = (mask | bit, embedded | bit),
                Child::Embedded(_) | Child::Hash(_) => mask |= bit,
            }
        }
        self.pool.push(if embedded == 0 {
            BRANCH
        } else {
            BRANCH_WITH_EMBEDDED
        });
        self.pool.extend(mask.to_be_bytes());
        if embedded != 0 {
            self.pool.extend(embedded.to_be_bytes());
        }
        for (at, child) in (0..16u8).zip(children) {
            let below: Vec<B256> = keys
                .iter()
                .filter(|key| nibble(key, depth) == at)
                .copied()
                .collect();
            match child {
                Child::Empty => {}
                child if !below.is_empty() => self.put(*child, &below, depth.saturating_add(1))?,
                Child::Embedded(encoding) => self.pool.extend_from_slice(encoding),
                Child::Hash(hash) => self.pool.extend_from_slice(hash.as_slice()),
            }
        }
        Ok(())
    }

    fn put_extension(
        &mut self,
        mut path: Nibbles<'a>,
        child: Child<'a>,
        keys: &[B256],
        depth: usize,
    ) -> Result<(), Reject> {
        let nibbles: Vec<u8> = core::iter::from_fn(|| path.next()).collect();
        let below = depth.saturating_add(nibbles.len());
        let leads = |key: &&B256| {
            (depth..below)
                .zip(&nibbles)
                .all(|(at, wanted)| nibble(key, at) == *wanted)
        };
        let keys: Vec<B256> = keys.iter().filter(leads).copied().collect();
        let is_embedded = keys.is_empty() && matches!(child, Child::Embedded(_));
        self.pool.push(if is_embedded {
            EXTENSION_WITH_EMBEDDED
        } else {
            EXTENSION
        });
        self.pool.push(u8::try_from(nibbles.len()).unwrap_or(u8::MAX));
        self.pool.extend(nibbles.chunks(2).map(|pair| match pair {
            [high, low] => (high << 4) | low,
            [high] => high << 4,
            _ => 0,
        }));
        match child {
            child if !keys.is_empty() => self.put(child, &keys, below),
            Child::Hash(hash) => {
                self.pool.extend(hash);
                Ok(())
            }
            Child::Embedded(encoding) => {
                self.pool.extend(encoding);
                Ok(())
            }
            Child::Empty => Err(Reject::ChildReference { length: 0 }),
        }
    }

    fn put_leaf(
        &mut self,
        mut path: Nibbles<'a>,
        value: &'a [u8],
        keys: &[B256],
        depth: usize,
    ) -> Result<(), Reject> {
        let own = leaf_key(keys, depth, core::iter::from_fn(|| path.next()));
        if keys.iter().all(|key| *key == own) {
            self.pool.push(LEAF);
        } else {
            self.pool.push(OTHER_LEAF);
            self.pool.extend(own);
        }
        let mut rest = value;
        let (Item::String(content), _) = rlp::take(&mut rest)? else {
            return Err(Reject::RlpKind {
                what: "a storage slot",
            });
        };
        self.pool.push(u8::try_from(content.len()).unwrap_or(u8::MAX));
        self.pool.extend(content);
        Ok(())
    }
}

/// The key of a leaf: what all `keys` share up to `depth`, and the leaf's own path.
fn leaf_key(keys: &[B256], depth: usize, path: impl Iterator<Item = u8>) -> B256 {
    let shared = keys.first().copied().unwrap_or_default();
    let mut nibbles = (0..depth).map(|at| nibble(&shared, at)).chain(path);
    let mut key = B256::ZERO;
    for byte in &mut key.0 {
        *byte = (nibbles.next().unwrap_or_default() << 4) | nibbles.next().unwrap_or_default();
    }
    key
}
