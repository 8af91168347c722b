//! An IAVL tree: the entries of one store, in order of their keys, balanced, with the version that wrote each node.
//!
//! Roots, shapes and proofs are those of `cosmos/iavl` v1.

use std::sync::Arc;

use ics23::commitment_proof::Proof;
use ics23::{CommitmentProof, ExistenceProof, HashOp, InnerOp, LeafOp, LengthOp, NonExistenceProof};

use crate::node::{Content, Node, Removal};
use crate::{Hash, put_varint, sha256};

/// A store's entries at one version. A clone is a snapshot and shares its nodes.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    root: Option<Arc<Node>>,
    version: u64,
}

impl Tree {
    /// The last version that was saved; 0 before the first.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// Number of entries.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.root.as_ref().map_or(0, |root| root.size)
    }

    /// The root as it would be saved now; the hash of nothing for an empty tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.root.as_ref().map_or_else(|| sha256(&[]), |root| root.hash)
    }

    /// Writes an entry.
    pub fn set(&mut self, key: &[u8], value: &[u8]) {
        let version = self.version + 1;
        self.root = Some(match &self.root {
            None => Node::leaf(key, value, version),
            Some(root) => root.set(key, value, version),
        });
    }

    /// Takes an entry out; false if there is none.
    pub fn remove(&mut self, key: &[u8]) -> bool {
        let Some(root) = &self.root else { return false };
        self.root = match root.remove(key, self.version + 1) {
            Removal::Nothing => return false,
            Removal::All => None,
            Removal::Rest(rest, _) => Some(rest),
        };
        true
    }

    /// Ends a version and returns its root. What is written from now on belongs to the next one.
    pub fn save(&mut self) -> Hash {
        self.version += 1;
        self.root()
    }

    /// The value under `key`.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<&[u8]> {
        let mut node = self.root.as_ref()?;
        loop {
            match &node.content {
                Content::Value(value) => return (node.key == key).then_some(value),
                Content::Children(left, right) => node = if key < node.key.as_slice() { left } else { right },
            }
        }
    }

    /// The entries in order.
    #[must_use]
    pub fn entries(&self) -> Vec<(&[u8], &[u8])> {
        let mut found = Vec::new();
        let mut waiting: Vec<&Node> = self.root.iter().map(AsRef::as_ref).collect();
        while let Some(node) = waiting.pop() {
            match &node.content {
                Content::Value(value) => found.push((node.key.as_slice(), value.as_slice())),
                Content::Children(left, right) => waiting.extend([right.as_ref(), left.as_ref()]),
            }
        }
        found
    }

    /// Proves what is under `key`, or that nothing is; none for an empty tree, which proves nothing.
    #[must_use]
    pub fn prove(&self, key: &[u8]) -> Option<CommitmentProof> {
        let root = self.root.as_ref()?;
        let proof = if self.get(key).is_some() {
            Proof::Exist(exists(root, rank(root, key)))
        } else {
            let rank = rank(root, key);
            Proof::Nonexist(NonExistenceProof {
                key: key.to_vec(),
                left: rank.checked_sub(1).map(|before| exists(root, before)),
                right: (rank < root.size).then(|| exists(root, rank)),
            })
        };
        Some(CommitmentProof { proof: Some(proof) })
    }
}

/// How many keys are smaller.
fn rank(root: &Node, key: &[u8]) -> u64 {
    let (mut node, mut before) = (root, 0);
    loop {
        match &node.content {
            Content::Value(_) => return before + u64::from(node.key.as_slice() < key),
            Content::Children(left, _) if key < node.key.as_slice() => node = left,
            Content::Children(left, right) => {
                before += left.size;
                node = right;
            }
        }
    }
}

/// The path from the root to the leaf with this number.
fn exists(root: &Node, rank: u64) -> ExistenceProof {
    let (mut node, mut rank, mut path) = (root, rank, Vec::new());
    loop {
        match &node.content {
            Content::Value(value) => {
                path.reverse();
                return ExistenceProof {
                    key: node.key.clone(),
                    value: value.clone(),
                    leaf: Some(leaf_op(node.numbers())),
                    path,
                };
            }
            Content::Children(left, right) if rank < left.size => {
                path.push(inner_op(node.numbers(), &[], &with_length(&right.hash)));
                node = left;
            }
            Content::Children(left, right) => {
                path.push(inner_op(node.numbers(), &with_length(&left.hash), &[]));
                rank -= left.size;
                node = right;
            }
        }
    }
}

/// How both kinds of trees hash a leaf.
pub(crate) fn leaf_op(prefix: Vec<u8>) -> LeafOp {
    LeafOp {
        hash: HashOp::Sha256.into(),
        prehash_key: HashOp::NoHash.into(),
        prehash_value: HashOp::Sha256.into(),
        length: LengthOp::VarProto.into(),
        prefix,
    }
}

fn inner_op(mut prefix: Vec<u8>, left: &[u8], right: &[u8]) -> InnerOp {
    prefix.extend_from_slice(left);
    put_varint(&mut prefix, 32);
    InnerOp {
        hash: HashOp::Sha256.into(),
        prefix,
        suffix: right.to_vec(),
    }
}

fn with_length(hash: &Hash) -> Vec<u8> {
    let mut bytes = Vec::new();
    crate::put_bytes(&mut bytes, hash);
    bytes
}
