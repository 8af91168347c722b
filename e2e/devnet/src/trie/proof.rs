//! Proofs out of a trie, produced by alloy-trie.
//!
//! The walk only feeds `HashBuilder`: leaves and whole subtrees beside the wanted paths, the
//! builder folds them into a root of its own and keeps the nodes on the paths. A root that differs
//! from the trie's is an error, never an answer.

use super::{Leaf, Trie, node::Kind, node::Node};
use alloy_primitives::{B256, Bytes};
use alloy_trie::{HashBuilder, Nibbles, proof::ProofRetainer};

/// The trie and alloy-trie's builder disagree about a root: a bug in [`super`].
#[derive(Debug, thiserror::Error)]
#[error("the trie says its root is {ours}, alloy-trie rebuilt {built}: refusing to serve a proof")]
pub(crate) struct ProofError {
    ours: B256,
    built: B256,
}

/// Encoded nodes shorter than this stand inside their parent and are no proof node of their own.
const SHORTEST_HASHED: usize = 32;

impl<V: Leaf> Trie<V> {
    /// For each key the encoded nodes from the root to where the key is, or would be.
    ///
    /// Of an empty trie the proof is empty, as geth has it.
    pub(crate) fn prove(&self, keys: &[B256]) -> Result<Vec<Vec<Bytes>>, ProofError> {
        let Some(root) = &self.root else {
            return Ok(vec![Vec::new(); keys.len()]);
        };
        let targets: Vec<Nibbles> = keys.iter().map(Nibbles::unpack).collect();
        let mut builder = HashBuilder::default().with_proof_retainer(ProofRetainer::new(targets.clone()));
        feed(root, Nibbles::default(), &targets, &mut builder);
        let (ours, built) = (root.hash(), builder.root());
        if ours != built {
            return Err(ProofError { ours, built });
        }
        let nodes = builder.take_proof_nodes();
        Ok(targets
            .iter()
            .map(|target| {
                nodes
                    .matching_nodes_sorted(target)
                    .into_iter()
                    .filter(|(path, node)| path.is_empty() || node.len() >= SHORTEST_HASHED)
                    .map(|(_, node)| node)
                    .collect()
            })
            .collect())
    }
}

/// Feeds everything below `node` to `builder`: in full along the targets, as hashes beside them.
fn feed<V: Leaf>(node: &Node<V>, path: Nibbles, targets: &[Nibbles], builder: &mut HashBuilder) {
    match &node.kind {
        Kind::Leaf { key, value } => builder.add_leaf(path.join(key), &value.encoded()),
        // The builder makes the extension itself, out of the gap between the keys.
        Kind::Extension { key, child } => feed(child, path.join(key), targets, builder),
        Kind::Branch { children } => {
            let wanted = targets.iter().any(|target| target.starts_with(&path));
            match node.reference().as_hash() {
                Some(hash) if !wanted => builder.add_branch(path, hash, false),
                _ => {
                    for (nibble, child) in (0u8..).zip(children) {
                        if let Some(child) = child {
                            let mut below = path;
                            below.push(nibble);
                            feed(child, below, targets, builder);
                        }
                    }
                }
            }
        }
    }
}
