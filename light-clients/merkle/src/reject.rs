//! The one list of reasons for which this crate refuses a proof.

use crate::ics23::{Fault, pool::PoolFault};
use alloy_primitives::B256;
use thiserror::Error;

/// Why bytes do not prove anything. A reject is final: the same bytes are refused for ever.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Reject {
    /// The root is that of a trie without entries, or zero. "Everything is absent" is never taken as a proof;
    /// a caller for whom an empty trie is meaningful compares with [`crate::mpt::EMPTY_ROOT`] first.
    #[error("prove under root {root}: an empty trie or a zero root proves nothing")]
    EmptyTrie {
        /// The root given.
        root: B256,
    },
    /// The key is longer than any key of Ethereum's tries.
    #[error("prove a key of {length} bytes: at most {max}")]
    KeyTooLong {
        /// Length of the key, in bytes.
        length: usize,
        /// Longest key, in bytes.
        max: usize,
    },
    /// The proof ends although the key leads further.
    #[error("follow the key to node {expected}: the proof ends after {nodes} nodes")]
    MissingNode {
        /// Hash of the node that is missing.
        expected: B256,
        /// Number of nodes read.
        nodes: usize,
    },
    /// A node's hash is not the one its parent (or the root) names.
    #[error("accept node {node} with hash {found}: expected {expected}")]
    NodeHash {
        /// Index of the node in the proof, from 0.
        node: usize,
        /// The hash that is referred to.
        expected: B256,
        /// The hash of the node given.
        found: B256,
    },
    /// A node below the root that is shorter than 32 bytes is embedded in its parent, never referred to by hash.
    #[error("accept node {node} of {length} bytes by hash: nodes under 32 bytes are embedded")]
    ShortNode {
        /// Index of the node in the proof, from 0.
        node: usize,
        /// Length of the node, in bytes.
        length: usize,
    },
    /// RLP announces more bytes than there are.
    #[error("read an RLP item of {needed} bytes: {left} are left")]
    RlpTruncated {
        /// Bytes that the item needs, as far as known.
        needed: u64,
        /// Bytes left.
        left: usize,
    },
    /// RLP uses a longer form than it must.
    #[error("read an RLP item with first byte 0x{first:02x}: not the shortest form")]
    RlpNotCanonical {
        /// First byte of the item.
        first: u8,
    },
    /// An RLP string stands where a list is needed, or the reverse.
    #[error("read {what} as RLP: a string where a list is needed, or the reverse")]
    RlpKind {
        /// What was read.
        what: &'static str,
    },
    /// A node is not a list of 2 or 17 items.
    #[error("read a trie node of {items} items: a branch has 17, a leaf or an extension 2")]
    NodeShape {
        /// Number of items; counting stops at 18.
        items: usize,
    },
    /// The path of a leaf or an extension is not in the one compact form: flag nibble 0 to 3, zero padding, and
    /// an extension of at least one nibble.
    #[error("read a trie path of {length} bytes with first byte 0x{first:02x}: not in compact form")]
    HexPrefix {
        /// Length of the encoded path, in bytes.
        length: usize,
        /// Its first byte (0 when there is none).
        first: u8,
    },
    /// A reference to a child is neither empty (in a branch), a 32-byte hash, nor an embedded node under 32 bytes.
    #[error(
        "follow a child reference of {length} bytes: expected a 32-byte hash or an embedded node below 32 bytes"
    )]
    ChildReference {
        /// Length of the reference's content (string) or encoding (list), in bytes.
        length: usize,
    },
    /// A branch holds a value although all keys of the trie have one length, so that none ends in a branch.
    #[error("accept a branch with a value of {length} bytes: no key of this trie ends in a branch")]
    BranchValue {
        /// Length of the value, in bytes.
        length: usize,
    },
    /// A path ends elsewhere than all keys of the trie do, or an extension leaves nothing for a branch.
    #[error(
        "follow a path to nibble {found}: keys of this trie end at nibble {expected}, extensions before it"
    )]
    PathLength {
        /// Where the path ends, in nibbles from the root.
        found: usize,
        /// Where the keys end, in nibbles from the root.
        expected: usize,
    },
    /// A leaf or another extension stands below an extension, which the trie would have merged.
    #[error("accept node {node} below an extension: only a branch stands there")]
    ExtensionChild {
        /// Number of nodes of the proof read so far.
        node: usize,
    },
    /// A leaf holds an empty value; a trie has no such entries.
    #[error("accept a leaf with an empty value: absent entries have no leaf")]
    EmptyValue,
    /// Bytes are left after the proof or the value has ended.
    #[error("accept {what}: {left} bytes are left over")]
    TrailingBytes {
        /// What had ended.
        what: &'static str,
        /// Number of bytes left.
        left: usize,
    },
    /// The proof is right and shows that the account does not exist.
    #[error("read the account: it does not exist under this state root")]
    AccountAbsent,
    /// An account's value is not a list of nonce, balance, storage root and code hash.
    #[error("read an account: its {field} is missing or has the wrong length")]
    AccountShape {
        /// The field that is wrong.
        field: &'static str,
    },
    /// An integer has leading zeros or too many bytes.
    #[error(
        "read {what} of {length} bytes, the first 0x{first:02x}: integers have no leading zeros, at most {max} bytes"
    )]
    Integer {
        /// What was read.
        what: &'static str,
        /// Length of the integer, in bytes.
        length: usize,
        /// Its first byte (0 when there is none).
        first: u8,
        /// Most bytes it may have.
        max: usize,
    },
    /// A storage slot holds zero; a trie has no such entries.
    #[error("accept a storage slot of value zero: zero slots have no leaf")]
    ZeroSlot,
    /// Generalized index 0 does not exist.
    #[error("use generalized index 0: indices start at 1")]
    ZeroGeneralizedIndex,
    /// A branch is not as long as its generalized index is deep.
    #[error("accept a branch of {found} nodes for generalized index {index}: expected {expected}")]
    BranchLength {
        /// The generalized index.
        index: u64,
        /// Number of nodes it needs.
        expected: usize,
        /// Number of nodes given.
        found: usize,
    },
    /// A branch leads to another root.
    #[error("accept a branch that leads to {found}: expected {expected}")]
    BranchRoot {
        /// The trusted root.
        expected: B256,
        /// The root that the branch leads to.
        found: B256,
    },
    /// More chunks than leaves.
    #[error("put {count} chunks into a tree of depth {depth}")]
    TooManyChunks {
        /// Number of chunks.
        count: usize,
        /// Depth of the tree.
        depth: u32,
    },
    /// The tree is deeper than any in use.
    #[error("use a tree of depth {depth}: at most {max}")]
    TooDeep {
        /// Depth asked for.
        depth: u32,
        /// Largest depth.
        max: u32,
    },
    /// A multiproof opens no leaf.
    #[error("accept a multiproof of no leaves")]
    NoLeaves,
    /// The leaves of a multiproof are not in strictly increasing order.
    #[error("accept leaf {index} after leaf {previous}: indices must increase")]
    LeafOrder {
        /// Index of the leaf before.
        previous: u64,
        /// Index of the leaf that is not greater.
        index: u64,
    },
    /// A leaf lies outside the tree.
    #[error("accept leaf {index}: the tree has {size} leaves")]
    LeafIndex {
        /// Index of the leaf.
        index: u64,
        /// Number of leaves of the tree.
        size: u64,
    },
    /// Keys of a pool are not in ascending order.
    #[error("take key {at} of the pool: it is below the one before it; order keys by their hashes")]
    KeyOrder {
        /// Index of the key that is too small.
        at: usize,
    },
    /// The pool ends inside a node.
    #[error("read {needed} bytes of the pool: {left} are left")]
    PoolTruncated {
        /// Bytes needed.
        needed: usize,
        /// Bytes left.
        left: usize,
    },
    /// A node of the pool begins with a byte that is no kind of node.
    #[error("read node {node} of the pool: no node has kind {kind}")]
    PoolKind {
        /// Number of the node, from 1.
        node: usize,
        /// Its first byte.
        kind: u8,
    },
    /// A branch of the pool has fewer than two children, or its embedded ones are missing or led to.
    #[error(
        "read node {node} of the pool: children 0x{mask:04x}, embedded 0x{embedded:04x}, is no branch's form"
    )]
    PoolMask {
        /// Number of the node, from 1.
        node: usize,
        /// Mask of its children.
        mask: u16,
        /// Mask of the embedded ones.
        embedded: u16,
    },
    /// An extension of the pool has no nibbles, its padding is not zero, or a key leads to the child that it embeds.
    #[error("read node {node} of the pool: {nibbles} nibbles and what follows are no extension's form")]
    PoolPath {
        /// Number of the node, from 1.
        node: usize,
        /// How many nibbles it claims.
        nibbles: u8,
    },
    /// A leaf of the pool has the form of another leaf, or does not belong where it stands.
    #[error("read node {node} of the pool: the leaf does not fit the keys that lead to it")]
    PoolLeaf {
        /// Number of the node, from 1.
        node: usize,
    },
    /// The nodes of the pool do not hash to the root.
    #[error("accept a pool that leads to {found}: expected {expected}")]
    PoolRoot {
        /// The trusted root.
        expected: B256,
        /// The root that the pool leads to.
        found: B256,
    },
    /// A multiproof has not exactly the siblings that its indices need.
    #[error("accept a multiproof of {found} siblings: its leaves need {expected}")]
    SiblingCount {
        /// Number of siblings needed.
        expected: usize,
        /// Number of siblings given.
        found: usize,
    },
    /// A proof of a Cosmos store breaks one of its own rules.
    #[error(transparent)]
    Ics23(#[from] Fault),
    /// A pool of a Cosmos store breaks one of its own rules.
    #[error(transparent)]
    StorePool(#[from] PoolFault),
}

impl Reject {
    /// Name of the rule that was broken: the folder of the shared vectors that break it.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::EmptyTrie { .. } => "empty_trie",
            Self::KeyTooLong { .. } => "key_too_long",
            Self::MissingNode { .. } => "missing_node",
            Self::NodeHash { .. } => "node_hash",
            Self::ShortNode { .. } => "short_node",
            Self::RlpTruncated { .. } => "rlp_truncated",
            Self::RlpNotCanonical { .. } => "rlp_not_canonical",
            Self::RlpKind { .. } => "rlp_kind",
            Self::NodeShape { .. } => "node_shape",
            Self::HexPrefix { .. } => "hex_prefix",
            Self::ChildReference { .. } => "child_reference",
            Self::BranchValue { .. } => "branch_value",
            Self::PathLength { .. } => "path_length",
            Self::ExtensionChild { .. } => "extension_child",
            Self::EmptyValue => "empty_value",
            Self::TrailingBytes { .. } => "trailing_bytes",
            Self::AccountAbsent => "account_absent",
            Self::AccountShape { .. } => "account_shape",
            Self::Integer { .. } => "integer",
            Self::ZeroSlot => "zero_slot",
            Self::ZeroGeneralizedIndex => "zero_generalized_index",
            Self::BranchLength { .. } => "branch_length",
            Self::BranchRoot { .. } => "branch_root",
            Self::TooManyChunks { .. } => "too_many_chunks",
            Self::TooDeep { .. } => "too_deep",
            Self::NoLeaves => "no_leaves",
            Self::LeafOrder { .. } => "leaf_order",
            Self::LeafIndex { .. } => "leaf_index",
            Self::SiblingCount { .. } => "sibling_count",
            Self::KeyOrder { .. } => "key_order",
            Self::PoolTruncated { .. } => "pool_truncated",
            Self::PoolKind { .. } => "pool_kind",
            Self::PoolMask { .. } => "pool_mask",
            Self::PoolPath { .. } => "pool_path",
            Self::PoolLeaf { .. } => "pool_leaf",
            Self::PoolRoot { .. } => "pool_root",
            Self::Ics23(fault) => fault.rule(),
            Self::StorePool(fault) => fault.rule(),
        }
    }
}
