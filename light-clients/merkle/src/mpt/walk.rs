//! The walk along a key: which node comes next, and where it ends.

use super::{
    KEY_MAX, Proven,
    node::{Child, Children, HASHED_MIN, Nibbles, Node},
    value,
};
use crate::{Reject, rlp};
use alloy_primitives::{B256, keccak256};

/// Where all keys of a trie with hashed keys end, in nibbles from the root.
const HASHED_KEY_NIBBLES: usize = 2 * KEY_MAX;

/// What is known about the lengths of a trie's keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// All have 32 bytes.
    Hashed,
    /// Any lengths.
    Variable,
}

/// Where a walk stands.
pub(super) struct Walk<'k, 'p> {
    /// What is left of the key.
    key: Nibbles<'k>,
    /// What is known about the keys.
    keys: Keys,
    /// Nibbles of the key that lie behind.
    depth: usize,
    /// Whether the last node was an extension.
    below_extension: bool,
    /// The bytes of the proof that are not consumed.
    rest: &'p [u8],
    /// Number of nodes consumed.
    read: usize,
}

/// Where a node leads.
enum Step<'p> {
    Down(Child<'p>),
    End(Proven<'p>),
}

impl<'k, 'p> Walk<'k, 'p> {
    pub(super) fn new(key: &'k [u8], keys: Keys, proof: &'p [u8]) -> Self {
        Self {
            key: Nibbles::of(key),
            keys,
            depth: 0,
            below_extension: false,
            rest: proof,
            read: 0,
        }
    }

    /// A walk in a trie with hashed keys that begins below `depth` nodes, where `key` is what is left of the key.
    pub(super) fn below(key: Nibbles<'k>, depth: usize, proof: &'p [u8]) -> Self {
        Self {
            key,
            keys: Keys::Hashed,
            depth,
            below_extension: false,
            rest: proof,
            read: depth,
        }
    }

    /// Walks from `root` to where the key is decided, which must be where the proof ends.
    pub(super) fn run(mut self, root: B256) -> Result<Proven<'p>, Reject> {
        let mut step = self.enter(root)?;
        let proven = loop {
            // Bound: a step down consumes at least one nibble of the key, so there are at most 65 rounds.
            step = match step {
                Step::Down(Child::Hash(hash)) => self.enter(hash)?,
                Step::Down(Child::Embedded(inner)) => self.step(inner)?,
                Step::Down(Child::Empty) => break Proven::Absent,
                Step::End(proven) => break proven,
            };
        };
        rlp::check_end("the proof", self.rest)?;
        Ok(proven)
    }

    /// Goes into the next node of the proof, if it hashes to `expected`.
    fn enter(&mut self, expected: B256) -> Result<Step<'p>, Reject> {
        match self.rest.split_first() {
            Some((&value::MARK, value)) if self.keys == Keys::Hashed => self.end_with(value, expected),
            _ => {
                let node = self.take_node(expected)?;
                self.step(node)
            }
        }
    }

    /// Ends in the key's own leaf, of which there is only the value.
    fn end_with(&mut self, value: &'p [u8], expected: B256) -> Result<Step<'p>, Reject> {
        self.rest = &[];
        let found = keccak256(value::leaf(self.key, value)?);
        if found != expected {
            return Err(Reject::NodeHash {
                node: self.read,
                expected,
                found,
            });
        }
        if self.below_extension {
            return Err(Reject::ExtensionChild { node: self.read });
        }
        Ok(Step::End(Proven::Present(value)))
    }

    /// The encoding of the next node of the proof, if it hashes to `expected`.
    fn take_node(&mut self, expected: B256) -> Result<&'p [u8], Reject> {
        let node = self.read;
        if self.rest.is_empty() {
            return Err(Reject::MissingNode {
                expected,
                nodes: node,
            });
        }
        let (_, encoding) = rlp::take(&mut self.rest)?;
        let found = keccak256(encoding);
        if found != expected {
            return Err(Reject::NodeHash {
                node,
                expected,
                found,
            });
        }
        let length = encoding.len();
        // Only the root is hashed whatever its size.
        if node > 0 && length < HASHED_MIN {
            return Err(Reject::ShortNode { node, length });
        }
        self.read = node.saturating_add(1);
        Ok(encoding)
    }

    fn step(&mut self, encoding: &'p [u8]) -> Result<Step<'p>, Reject> {
        let node = Node::parse(encoding)?;
        if self.below_extension && !matches!(node, Node::Branch { .. }) {
            return Err(Reject::ExtensionChild { node: self.read });
        }
        self.below_extension = matches!(node, Node::Extension { .. });
        match node {
            Node::Branch { children, value } => self.step_branch(&children, value),
            Node::Extension { path, child } => self.step_extension(path, child),
            Node::Leaf { path, value } => self.step_leaf(path, value),
        }
    }

    fn step_branch(&mut self, children: &Children<'p>, value: &'p [u8]) -> Result<Step<'p>, Reject> {
        if self.keys == Keys::Hashed && !value.is_empty() {
            return Err(Reject::BranchValue { length: value.len() });
        }
        let next = self.key.peek().map(usize::from);
        match (next.and_then(|next| children.get(next)), self.keys) {
            (Some(child), _) => {
                self.key.next();
                self.depth = self.depth.saturating_add(1);
                Ok(Step::Down(*child))
            }
            (None, Keys::Hashed) => Err(Reject::PathLength {
                found: self.depth.saturating_add(1),
                expected: HASHED_KEY_NIBBLES,
            }),
            (None, Keys::Variable) if value.is_empty() => Ok(Step::End(Proven::Absent)),
            (None, Keys::Variable) => Ok(Step::End(Proven::Present(value))),
        }
    }

    fn step_extension(&mut self, path: Nibbles<'p>, child: Child<'p>) -> Result<Step<'p>, Reject> {
        self.depth = self.depth.saturating_add(path.count());
        if self.keys == Keys::Hashed && self.depth >= HASHED_KEY_NIBBLES {
            return Err(Reject::PathLength {
                found: self.depth,
                expected: HASHED_KEY_NIBBLES,
            });
        }
        Ok(if self.key.strip(path) {
            Step::Down(child)
        } else {
            Step::End(Proven::Absent)
        })
    }

    fn step_leaf(&mut self, path: Nibbles<'p>, value: &'p [u8]) -> Result<Step<'p>, Reject> {
        self.depth = self.depth.saturating_add(path.count());
        if self.keys == Keys::Hashed && self.depth != HASHED_KEY_NIBBLES {
            return Err(Reject::PathLength {
                found: self.depth,
                expected: HASHED_KEY_NIBBLES,
            });
        }
        if value.is_empty() {
            return Err(Reject::EmptyValue);
        }
        let matches = self.key.strip(path) && self.key.peek().is_none();
        Ok(Step::End(if matches {
            Proven::Present(value)
        } else {
            Proven::Absent
        }))
    }
}
