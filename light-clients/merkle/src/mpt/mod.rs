//! Merkle Patricia tries: is this key there, and with which value?
//!
//! A proof is the RLP encodings of the nodes from the root to where the key ends, one after the other, without
//! separator. Nodes shorter than 32 bytes stand inside their parent and do not appear again. The first node must
//! hash to the root, each further one to the reference its parent holds; the proof ends where the key is decided,
//! and so must the bytes.
//!
//! Spec: Ethereum yellow paper, appendix D.

mod node;
mod state;

pub use state::{Account, Slot, account, storage};

use crate::{Reject, rlp};
use alloy_primitives::{B256, b256, keccak256};
use node::{Child, Nibbles, Node};

/// Root of the trie without entries: Keccak-256 of the RLP of the empty string.
pub const EMPTY_ROOT: B256 = b256!("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");

/// Longest key, in bytes. It bounds the depth of a proof: each step down consumes at least half a byte.
pub const KEY_MAX: usize = 32;

/// Shortest node that is referred to by hash, in bytes; shorter ones stand inside their parent.
pub(crate) const HASHED_MIN: usize = 32;

/// What a proof proves about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proven<'a> {
    /// The key has this value; never empty.
    Present(&'a [u8]),
    /// The key has no value.
    Absent,
}

/// Follows `key` from `root` through `proof`.
///
/// - `key`: as the trie uses it, that is already hashed for account and storage tries.
/// - `proof`: concatenated RLP nodes, root first; consumed exactly.
///
/// Errors: [`Reject::EmptyTrie`], [`Reject::KeyTooLong`], [`Reject::MissingNode`], [`Reject::NodeHash`],
/// [`Reject::ShortNode`], [`Reject::RlpTruncated`], [`Reject::RlpNotCanonical`], [`Reject::RlpKind`],
/// [`Reject::NodeShape`], [`Reject::HexPrefix`], [`Reject::ChildReference`], [`Reject::EmptyValue`],
/// [`Reject::TrailingBytes`].
pub fn prove<'a>(root: B256, key: &[u8], proof: &'a [u8]) -> Result<Proven<'a>, Reject> {
    if root == EMPTY_ROOT || root.is_zero() {
        return Err(Reject::EmptyTrie { root });
    }
    if key.len() > KEY_MAX {
        return Err(Reject::KeyTooLong {
            length: key.len(),
            max: KEY_MAX,
        });
    }
    let mut nibbles = Nibbles::of(key);
    let mut nodes = Nodes { rest: proof, read: 0 };
    let mut node = nodes.take(root)?;
    let proven = loop {
        // Bound: every `Down` consumed a nibble of the key, so there are at most 65 rounds.
        match step(Node::parse(node, nibbles.peek())?, &mut nibbles)? {
            Step::Down(Child::Hash(hash)) => node = nodes.take(hash)?,
            Step::Down(Child::Embedded(inner)) => node = inner,
            Step::Down(Child::Empty) => break Proven::Absent,
            Step::End(proven) => break proven,
        }
    };
    rlp::check_end("the proof", nodes.rest)?;
    Ok(proven)
}

/// Where a node leads.
enum Step<'a> {
    Down(Child<'a>),
    End(Proven<'a>),
}

fn step<'a>(node: Node<'a>, key: &mut Nibbles<'_>) -> Result<Step<'a>, Reject> {
    Ok(match node {
        Node::Branch { child } => {
            key.next();
            Step::Down(child)
        }
        Node::BranchEnd { value: [] } => Step::End(Proven::Absent),
        Node::BranchEnd { value } => Step::End(Proven::Present(value)),
        Node::Extension { path, child } => {
            if key.strip(path) {
                Step::Down(child)
            } else {
                Step::End(Proven::Absent)
            }
        }
        Node::Leaf { value: [], .. } => return Err(Reject::EmptyValue),
        Node::Leaf { path, value } => {
            let matches = key.strip(path) && key.peek().is_none();
            Step::End(if matches {
                Proven::Present(value)
            } else {
                Proven::Absent
            })
        }
    })
}

/// The nodes of a proof that are referred to by hash, in order.
struct Nodes<'a> {
    rest: &'a [u8],
    read: usize,
}

impl<'a> Nodes<'a> {
    /// The encoding of the next node, if it hashes to `expected`.
    fn take(&mut self, expected: B256) -> Result<&'a [u8], Reject> {
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
        if node > 0 && length < HASHED_MIN {
            return Err(Reject::ShortNode { node, length });
        }
        self.read = node.saturating_add(1);
        Ok(encoding)
    }
}
