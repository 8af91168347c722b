//! The reasons for which a proof of a Cosmos store is refused. They are part of [`crate::Reject`].

use alloy_primitives::{B256, Bytes};
use thiserror::Error;

/// Why bytes prove nothing about a store.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// The root is zero: no tree has it.
    #[error("prove under a root of zero: no tree has it")]
    ZeroRoot,
    /// A key is empty.
    #[error("prove an empty key: no entry has one")]
    NoKey,
    /// A key is longer than any key of a store that is proven.
    #[error("prove a key of {length} bytes: at most {max}")]
    LongKey {
        /// Length of the key, in bytes.
        length: usize,
        /// Longest key, in bytes.
        max: usize,
    },
    /// The proof is longer than any transaction.
    #[error("read a proof of {length} bytes: at most {max}")]
    LongProof {
        /// Length of the proof, in bytes.
        length: usize,
        /// Longest proof, in bytes.
        max: usize,
    },
    /// A field announces more bytes than there are.
    #[error("read a field of {needed} bytes in {message}: {left} are left")]
    Truncated {
        /// The message that holds the field.
        message: &'static str,
        /// Bytes that it announces.
        needed: u64,
        /// Bytes left.
        left: usize,
    },
    /// A number is cut off, has more than 64 bits or is longer than it must be.
    #[error("read a number in {message}: not a varint of 64 bits in its shortest form")]
    Varint {
        /// The message that holds the number.
        message: &'static str,
    },
    /// A field that has its default is written out.
    #[error("read field {field} of {message}: it is written although it has its default; leave it out")]
    DefaultWritten {
        /// The message that holds the field.
        message: &'static str,
        /// Number of the field.
        field: u8,
    },
    /// A field is unknown, of another type, out of order, or there twice.
    #[error(
        "read a field of {message} with key 0x{key:02x}: unknown, of another type, out of order or repeated"
    )]
    Field {
        /// The message that holds the field.
        message: &'static str,
        /// First byte of the field's key.
        key: u8,
    },
    /// A proof is of a kind that proves nothing here.
    #[error("accept {found} as a proof: {expected} is needed")]
    ProofKind {
        /// What is needed.
        expected: &'static str,
        /// What there is.
        found: &'static str,
    },
    /// A chain does not have one proof for the key and one for the store.
    #[error("accept a chain of {found} proofs: {expected} are needed, that of the store first")]
    ChainLength {
        /// Proofs needed.
        expected: usize,
        /// Proofs given; counting stops at 3.
        found: usize,
    },
    /// What stands under the store's name is no root.
    #[error("take {length} bytes as the root of the store: a root has 32")]
    StoreRoot {
        /// Length of the value, in bytes.
        length: usize,
    },
    /// The proof is about another key.
    #[error("prove key {expected}: the proof is about {found}")]
    OtherKey {
        /// The key asked for.
        expected: Bytes,
        /// The key in the proof.
        found: Bytes,
    },
    /// An entry has an empty value, which ICS-23 cannot tell from none.
    #[error("accept an entry with an empty value")]
    EmptyValue,
    /// A path has no leaf to start from.
    #[error("follow a path without a leaf")]
    NoLeaf,
    /// A leaf is not hashed as leaves of its tree are.
    #[error("hash a leaf with {field} {found}: leaves of this tree have {expected}")]
    LeafForm {
        /// The field of the leaf's operation.
        field: &'static str,
        /// What leaves of this tree have.
        expected: u64,
        /// What the proof has.
        found: u64,
    },
    /// A leaf does not start as leaves of its tree do.
    #[error(
        "accept a leaf that starts with {length} bytes, the first 0x{first:02x}: not the start of a leaf"
    )]
    LeafPrefix {
        /// Length of the prefix, in bytes.
        length: usize,
        /// Its first byte (0 when there is none).
        first: u8,
    },
    /// A path is longer than any tree is deep.
    #[error("follow a path of more than {max} steps")]
    TooDeep {
        /// Most steps.
        max: usize,
    },
    /// An inner node is not hashed as inner nodes of its tree are.
    #[error("hash the node at level {level} with function {found}: {expected} is SHA-256")]
    InnerHash {
        /// Distance from the leaf, from 1.
        level: usize,
        /// What inner nodes have.
        expected: u64,
        /// What the proof has.
        found: u64,
    },
    /// An inner node starts as leaves do, so that one could pass for the other.
    #[error("accept the node at level {level}: it starts as a leaf does")]
    InnerIsLeaf {
        /// Distance from the leaf, from 1.
        level: usize,
    },
    /// An inner node does not start with height, size and version.
    #[error(
        "read height, size and version at level {level}: {length} bytes, at most {max}, are no three numbers"
    )]
    InnerNumbers {
        /// Distance from the leaf, from 1.
        level: usize,
        /// Bytes that were read.
        length: usize,
        /// Most bytes.
        max: usize,
    },
    /// A node is not higher than the one below it.
    #[error("accept a node of height {found} at level {level}: the one below has height {below}")]
    InnerHeight {
        /// Distance from the leaf, from 1.
        level: usize,
        /// Height of the node below.
        below: u64,
        /// Height of this one.
        found: u64,
    },
    /// An inner node does not have exactly one sibling of its child, of the size of a hash.
    #[error(
        "accept the node at level {level} with {prefix} bytes before its child and {suffix} after it: exactly one sibling has to stand there"
    )]
    MalformedInner {
        /// Distance from the leaf, from 1.
        level: usize,
        /// Bytes before the child.
        prefix: usize,
        /// Bytes after it.
        suffix: usize,
    },
    /// A path leads to another root.
    #[error("accept a path that leads to {found}: expected {expected}")]
    OtherRoot {
        /// The trusted root.
        expected: B256,
        /// The root that the path leads to.
        found: B256,
    },
    /// Absence without any neighbour: "everything is absent" is never taken as a proof.
    #[error("accept absence without neighbours: an empty tree proves nothing")]
    NoNeighbours,
    /// The left neighbour does not come before the key.
    #[error("accept {left} as the entry before {key}: it is not before it")]
    LeftNotBefore {
        /// Key of the neighbour.
        left: Bytes,
        /// The key asked for.
        key: Bytes,
    },
    /// The right neighbour does not come after the key.
    #[error("accept {right} as the entry after {key}: it is not after it")]
    RightNotAfter {
        /// Key of the neighbour.
        right: Bytes,
        /// The key asked for.
        key: Bytes,
    },
    /// There is no left neighbour, and the right one is not the first entry of the tree.
    #[error("accept the right neighbour as the first entry: others lie before it at level {level}")]
    NotFirst {
        /// Distance from the leaf, from 1.
        level: usize,
    },
    /// There is no right neighbour, and the left one is not the last entry of the tree.
    #[error("accept the left neighbour as the last entry: others lie after it at level {level}")]
    NotLast {
        /// Distance from the leaf, from 1.
        level: usize,
    },
    /// Entries lie between the two, or the left one stands to the right.
    #[error(
        "accept two neighbours whose paths part {left} and {right} steps above their leaves: not side by side"
    )]
    NotNeighbours {
        /// Steps of the left path below where they part.
        left: usize,
        /// Steps of the right path below where they part.
        right: usize,
    },
}

impl Fault {
    /// Name of the rule that was broken: the folder of the shared vectors that break it.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::ZeroRoot => "zero_root",
            Self::NoKey => "no_key",
            Self::LongKey { .. } => "long_key",
            Self::LongProof { .. } => "long_proof",
            Self::Truncated { .. } => "truncated",
            Self::Varint { .. } => "varint",
            Self::DefaultWritten { .. } => "default_written",
            Self::Field { .. } => "field",
            Self::ProofKind { .. } => "proof_kind",
            Self::ChainLength { .. } => "chain_length",
            Self::StoreRoot { .. } => "store_root",
            Self::OtherKey { .. } => "other_key",
            Self::EmptyValue => "empty_value",
            Self::NoLeaf => "no_leaf",
            Self::LeafForm { .. } => "leaf_form",
            Self::LeafPrefix { .. } => "leaf_prefix",
            Self::TooDeep { .. } => "too_deep",
            Self::InnerHash { .. } => "inner_hash",
            Self::InnerIsLeaf { .. } => "inner_is_leaf",
            Self::InnerNumbers { .. } => "inner_numbers",
            Self::InnerHeight { .. } => "inner_height",
            Self::MalformedInner { .. } => "malformed_inner",
            Self::OtherRoot { .. } => "other_root",
            Self::NoNeighbours => "no_neighbours",
            Self::LeftNotBefore { .. } => "left_not_before",
            Self::RightNotAfter { .. } => "right_not_after",
            Self::NotFirst { .. } => "not_first",
            Self::NotLast { .. } => "not_last",
            Self::NotNeighbours { .. } => "not_neighbours",
        }
    }
}
