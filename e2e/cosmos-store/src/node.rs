//! Nodes of an IAVL tree, and how they are turned to keep it balanced.
//!
//! A node is never changed: what changes is built anew from the leaf up, and gets the version that is being written.
//! That is why old versions cost nothing but the nodes that they do not share.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::{Hash, put_bytes, put_varint, sha256};

/// A node with all that is below it.
#[derive(Debug)]
pub(crate) struct Node {
    /// A leaf's own key; for an inner node the smallest key on its right.
    pub(crate) key: Vec<u8>,
    /// The version that wrote it.
    pub(crate) version: u64,
    /// 0 for a leaf.
    pub(crate) height: u8,
    /// Leaves below.
    pub(crate) size: u64,
    pub(crate) hash: Hash,
    pub(crate) content: Content,
}

/// What a node holds.
#[derive(Debug)]
pub(crate) enum Content {
    Value(Vec<u8>),
    Children(Arc<Node>, Arc<Node>),
}

/// What a removal left.
pub(crate) enum Removal {
    /// The key is not there.
    Nothing,
    /// Everything is gone.
    All,
    /// This is left; its smallest key, if that is another one now.
    Rest(Arc<Node>, Option<Vec<u8>>),
}

impl Node {
    pub(crate) fn leaf(key: &[u8], value: &[u8], version: u64) -> Arc<Self> {
        let mut bytes = numbers(0, 1, version);
        put_bytes(&mut bytes, key);
        put_bytes(&mut bytes, &sha256(&[value]));
        Arc::new(Self {
            key: key.to_vec(),
            version,
            height: 0,
            size: 1,
            hash: sha256(&[&bytes]),
            content: Content::Value(value.to_vec()),
        })
    }

    /// An inner node, as balanced as its children are.
    fn inner(key: Vec<u8>, left: Arc<Self>, right: Arc<Self>, version: u64) -> Arc<Self> {
        let height = 1 + left.height.max(right.height);
        let size = left.size + right.size;
        let mut bytes = numbers(height, size, version);
        put_bytes(&mut bytes, &left.hash);
        put_bytes(&mut bytes, &right.hash);
        Arc::new(Self {
            key,
            version,
            height,
            size,
            hash: sha256(&[&bytes]),
            content: Content::Children(left, right),
        })
    }

    /// Height, size and version as they stand before everything else that is hashed.
    pub(crate) fn numbers(&self) -> Vec<u8> {
        numbers(self.height, self.size, self.version)
    }

    pub(crate) fn set(self: &Arc<Self>, key: &[u8], value: &[u8], version: u64) -> Arc<Self> {
        match &self.content {
            Content::Value(_) => {
                let leaf = Self::leaf(key, value, version);
                match key.cmp(&self.key) {
                    Ordering::Equal => leaf,
                    Ordering::Less => Self::inner(self.key.clone(), leaf, Arc::clone(self), version),
                    Ordering::Greater => Self::inner(key.to_vec(), Arc::clone(self), leaf, version),
                }
            }
            Content::Children(left, right) if key < self.key.as_slice() => balanced(
                self.key.clone(),
                left.set(key, value, version),
                Arc::clone(right),
                version,
            ),
            Content::Children(left, right) => balanced(
                self.key.clone(),
                Arc::clone(left),
                right.set(key, value, version),
                version,
            ),
        }
    }

    pub(crate) fn remove(self: &Arc<Self>, key: &[u8], version: u64) -> Removal {
        match &self.content {
            Content::Value(_) if key == self.key => Removal::All,
            Content::Value(_) => Removal::Nothing,
            Content::Children(left, right) if key < self.key.as_slice() => match left.remove(key, version) {
                Removal::Nothing => Removal::Nothing,
                Removal::All => Removal::Rest(Arc::clone(right), Some(self.key.clone())),
                Removal::Rest(rest, smallest) => {
                    let node = balanced(self.key.clone(), rest, Arc::clone(right), version);
                    Removal::Rest(node, smallest)
                }
            },
            Content::Children(left, right) => match right.remove(key, version) {
                Removal::Nothing => Removal::Nothing,
                Removal::All => Removal::Rest(Arc::clone(left), None),
                Removal::Rest(rest, smallest) => {
                    let key = smallest.unwrap_or_else(|| self.key.clone());
                    Removal::Rest(balanced(key, Arc::clone(left), rest, version), None)
                }
            },
        }
    }

    fn children(&self) -> Option<(&Arc<Self>, &Arc<Self>)> {
        match &self.content {
            Content::Value(_) => None,
            Content::Children(left, right) => Some((left, right)),
        }
    }

    /// How much higher the left side is than the right one.
    fn slant(&self) -> i16 {
        self.children().map_or(0, |(left, right)| {
            i16::from(left.height) - i16::from(right.height)
        })
    }
}

fn numbers(height: u8, size: u64, version: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Signed varints: twice the number.
    for number in [u64::from(height), size, version] {
        put_varint(&mut bytes, 2 * number);
    }
    bytes
}

/// An inner node with these children, turned when one side is higher by two.
fn balanced(key: Vec<u8>, left: Arc<Node>, right: Arc<Node>, version: u64) -> Arc<Node> {
    match i16::from(left.height) - i16::from(right.height) {
        2.. => {
            let left = if left.slant() < 0 {
                turn_left(&left, version)
            } else {
                left
            };
            let (outer, inner) = left.children().expect("the higher side is no leaf");
            let right = Node::inner(key, Arc::clone(inner), right, version);
            Node::inner(left.key.clone(), Arc::clone(outer), right, version)
        }
        ..=-2 => {
            let right = if right.slant() > 0 {
                turn_right(&right, version)
            } else {
                right
            };
            let (inner, outer) = right.children().expect("the higher side is no leaf");
            let left = Node::inner(key, left, Arc::clone(inner), version);
            Node::inner(right.key.clone(), left, Arc::clone(outer), version)
        }
        _ => Node::inner(key, left, right, version),
    }
}

/// Lifts the right child.
fn turn_left(node: &Node, version: u64) -> Arc<Node> {
    let (left, right) = node.children().expect("a node that leans right has children");
    let (inner, outer) = right.children().expect("the higher side is no leaf");
    let left = Node::inner(node.key.clone(), Arc::clone(left), Arc::clone(inner), version);
    Node::inner(right.key.clone(), left, Arc::clone(outer), version)
}

/// Lifts the left child.
fn turn_right(node: &Node, version: u64) -> Arc<Node> {
    let (left, right) = node.children().expect("a node that leans left has children");
    let (outer, inner) = left.children().expect("the higher side is no leaf");
    let right = Node::inner(node.key.clone(), Arc::clone(inner), Arc::clone(right), version);
    Node::inner(left.key.clone(), Arc::clone(outer), right, version)
}
