//! The three node kinds of the trie and what writing and removing do to them.
//!
//! Keeps the trie canonical: no extension over a leaf or an extension, no branch with one child.

use super::Leaf;
use alloy_primitives::{B256, keccak256};
use alloy_trie::{
    Nibbles, TrieMask,
    nodes::{BranchNodeRef, ExtensionNodeRef, LeafNodeRef, RlpNode},
};
use std::sync::{Arc, OnceLock};

/// Children of a branch by nibble.
pub(super) type Children<V> = [Option<Arc<Node<V>>>; 16];

/// A node and, once asked for, its reference as its parent writes it.
#[derive(Clone, Debug)]
pub(super) struct Node<V> {
    pub(super) kind: Kind<V>,
    reference: OnceLock<RlpNode>,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(super) enum Kind<V> {
    /// The rest of a key, and its value.
    Leaf { key: Nibbles, value: V },
    /// Nibbles that all keys below share; `child` is always a branch.
    Extension { key: Nibbles, child: Arc<Node<V>> },
    /// At least two children. Keys have one length, so a branch holds no value.
    Branch { children: Children<V> },
}

impl<V> Node<V> {
    fn of(kind: Kind<V>) -> Arc<Self> {
        Arc::new(Self {
            kind,
            reference: OnceLock::new(),
        })
    }

    pub(super) fn leaf(key: Nibbles, value: V) -> Arc<Self> {
        Self::of(Kind::Leaf { key, value })
    }

    /// `child` under `key`, which may be empty.
    fn extension(key: Nibbles, child: Arc<Self>) -> Arc<Self> {
        if key.is_empty() {
            child
        } else {
            Self::of(Kind::Extension { key, child })
        }
    }
}

impl<V: Leaf> Node<V> {
    /// The value at `path` below this node.
    pub(super) fn find(&self, mut path: Nibbles) -> Option<&V> {
        let mut node = self;
        loop {
            match &node.kind {
                Kind::Leaf { key, value } => return (*key == path).then_some(value),
                Kind::Extension { key, child } => {
                    if !path.starts_with(key) {
                        return None;
                    }
                    path = path.slice(key.len()..);
                    node = child;
                }
                Kind::Branch { children } => {
                    node = children[path.first()? as usize].as_ref()?;
                    path = path.slice(1..);
                }
            }
        }
    }

    /// This node as its parent writes it: its encoding below 32 bytes, else its hash.
    pub(super) fn reference(&self) -> &RlpNode {
        self.reference.get_or_init(|| RlpNode::from_rlp(&self.encode()))
    }

    /// The hash of this node's encoding, whatever its length: what a root is.
    pub(super) fn hash(&self) -> B256 {
        self.reference()
            .as_hash()
            .unwrap_or_else(|| keccak256(self.encode()))
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match &self.kind {
            Kind::Leaf { key, value } => {
                LeafNodeRef::new(key, &value.encoded()).rlp(&mut out);
            }
            Kind::Extension { key, child } => {
                ExtensionNodeRef::new(key, child.reference()).rlp(&mut out);
            }
            Kind::Branch { children } => {
                let mut mask = TrieMask::default();
                let mut stack = Vec::with_capacity(16);
                for (nibble, child) in (0u8..).zip(children) {
                    if let Some(child) = child {
                        mask.set_bit(nibble);
                        stack.push(child.reference().clone());
                    }
                }
                BranchNodeRef::new(&stack, mask).rlp(&mut out);
            }
        }
        out
    }
}

/// Writes `value` at `path` below `slot`.
pub(super) fn put<V: Leaf>(slot: &mut Arc<Node<V>>, path: Nibbles, value: V) {
    let shared = match &slot.kind {
        Kind::Leaf { key, .. } | Kind::Extension { key, .. } => key.common_prefix_length(&path),
        Kind::Branch { .. } => 0,
    };
    let fits = match &slot.kind {
        Kind::Leaf { key, .. } => *key == path,
        Kind::Extension { key, .. } => shared == key.len(),
        Kind::Branch { .. } => true,
    };
    if !fits {
        *slot = split(slot, path, shared, value);
        return;
    }
    let node = Arc::make_mut(slot);
    node.reference.take();
    match &mut node.kind {
        Kind::Leaf { value: held, .. } => *held = value,
        Kind::Extension { key, child } => put(child, path.slice(key.len()..), value),
        Kind::Branch { children } => {
            let child = &mut children[path.get_unchecked(0) as usize];
            let rest = path.slice(1..);
            match child {
                Some(child) => put(child, rest, value),
                None => *child = Some(Node::leaf(rest, value)),
            }
        }
    }
}

/// A branch in place of a leaf or extension whose key parts from `path` after `shared` nibbles.
fn split<V: Leaf>(node: &Node<V>, path: Nibbles, shared: usize, value: V) -> Arc<Node<V>> {
    let mut children: Children<V> = Default::default();
    let (nibble, old) = match &node.kind {
        Kind::Leaf { key, value } => (
            key.get_unchecked(shared),
            Node::leaf(key.slice(shared + 1..), value.clone()),
        ),
        Kind::Extension { key, child } => (
            key.get_unchecked(shared),
            Node::extension(key.slice(shared + 1..), child.clone()),
        ),
        Kind::Branch { .. } => unreachable!("a branch has no key to part from"),
    };
    children[nibble as usize] = Some(old);
    children[path.get_unchecked(shared) as usize] = Some(Node::leaf(path.slice(shared + 1..), value));
    Node::extension(path.slice(..shared), Node::of(Kind::Branch { children }))
}

/// Removes the value at `path`, which must be there, and returns what remains.
pub(super) fn take<V: Leaf>(mut slot: Arc<Node<V>>, path: Nibbles) -> Option<Arc<Node<V>>> {
    let node = Arc::make_mut(&mut slot);
    node.reference.take();
    match &mut node.kind {
        Kind::Leaf { .. } => None,
        Kind::Extension { key, child } => {
            let rest = take(child.clone(), path.slice(key.len()..))?;
            Some(lengthen(*key, rest))
        }
        Kind::Branch { children } => {
            let child = &mut children[path.get_unchecked(0) as usize];
            *child = child.take().and_then(|child| take(child, path.slice(1..)));
            let mut left = (0u8..)
                .zip(children.iter())
                .filter_map(|(i, c)| Some((i, c.as_ref()?)));
            match (left.next(), left.next()) {
                (Some((nibble, only)), None) => Some(lengthen(Nibbles::from_nibbles([nibble]), only.clone())),
                _ => Some(slot),
            }
        }
    }
}

/// `node` with `prefix` before its key; a branch gets an extension.
fn lengthen<V: Leaf>(prefix: Nibbles, node: Arc<Node<V>>) -> Arc<Node<V>> {
    match &node.kind {
        Kind::Leaf { key, value } => Node::leaf(prefix.join(key), value.clone()),
        Kind::Extension { key, child } => Node::extension(prefix.join(key), child.clone()),
        Kind::Branch { .. } => Node::extension(prefix, node),
    }
}
