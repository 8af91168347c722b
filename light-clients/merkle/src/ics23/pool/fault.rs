//! The reasons for which a pool of a Cosmos store is refused. They are part of [`crate::Reject`].

use alloy_primitives::{B256, Bytes};
use thiserror::Error;

/// Why a pool proves nothing. `at` counts bytes from its front: where the node begins.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PoolFault {
    /// The app hash is zero: no chain has it.
    #[error("prove under an app hash of zero: no chain has it")]
    ZeroAppHash,
    /// Nothing is asked.
    #[error("prove a pool without keys: ask for one at least")]
    NoKeys,
    /// A key is none that an entry could have.
    #[error("prove key number {at} of {length} bytes: from 1 to {max}")]
    KeyLength {
        /// Index of the key.
        at: usize,
        /// Length of the key, in bytes.
        length: usize,
        /// Longest key, in bytes.
        max: usize,
    },
    /// The keys asked for do not ascend.
    #[error("prove key number {at}: it is below the one before it; ask in the order of the keys")]
    AskedOrder {
        /// Index of the key.
        at: usize,
    },
    /// The pool is longer than any transaction.
    #[error("read a pool of {length} bytes: at most {max}")]
    LongPool {
        /// Length of the pool, in bytes.
        length: usize,
        /// Longest pool, in bytes.
        max: usize,
    },
    /// The bytes end inside a node.
    #[error("read {needed} bytes of a pool: {left} are left")]
    CutPool {
        /// Bytes needed.
        needed: usize,
        /// Bytes left.
        left: usize,
    },
    /// The way from the store to the app hash is too long, or its sides are not in the one form.
    #[error(
        "follow {steps} steps with sides 0x{sides:04x} to the app hash: at most {max}, and no side beyond"
    )]
    StoreSteps {
        /// Steps.
        steps: u8,
        /// On which side the child is, a bit a step.
        sides: u16,
        /// Most steps.
        max: u8,
    },
    /// There is no such node.
    #[error("read a node that begins with 0x{found:02x} at {at}: there is none")]
    NodeKind {
        /// Where.
        at: usize,
        /// Its first byte.
        found: u8,
    },
    /// The numbers of a node are not in their one form, or not so many bytes.
    #[error(
        "read the numbers of the node at {at}: not {count} even varints in {length} bytes, each the shortest"
    )]
    NodeNumbers {
        /// Where.
        at: usize,
        /// Numbers that it has.
        count: usize,
        /// Bytes that it says they take.
        length: usize,
    },
    /// An inner node is not higher than what is below it.
    #[error("accept a node of height {found} at {at}: one below has {below}")]
    NodeHeight {
        /// Where.
        at: usize,
        /// Height of the higher child.
        below: u8,
        /// Height of the node.
        found: u8,
    },
    /// An inner node has not the children that it needs.
    #[error("join {needed} nodes at {at}: {found} wait for a parent")]
    NoChildren {
        /// Where.
        at: usize,
        /// Children needed.
        needed: usize,
        /// Nodes there.
        found: usize,
    },
    /// More nodes wait for a parent than a tree is deep.
    #[error("let another node wait for its parent at {at}: at most {max}")]
    TooManyWait {
        /// Where.
        at: usize,
        /// Most nodes.
        max: usize,
    },
    /// An entry answers a key, and all keys are answered.
    #[error("answer one more key at {at}: all are answered")]
    NothingAsked {
        /// Where.
        at: usize,
    },
    /// A value is written in the form of another one.
    #[error(
        "read the value at {at}: 32 bytes that are not all zero go as they are, others behind their length"
    )]
    ValueForm {
        /// Where.
        at: usize,
    },
    /// An entry has an empty value, which ICS-23 cannot tell from none.
    #[error("accept the entry at {at}: it has an empty value")]
    EmptyEntry {
        /// Where.
        at: usize,
    },
    /// A neighbour has a key that no entry has.
    #[error("accept a neighbour with a key of {length} bytes at {at}: from 1 to {max}")]
    NeighbourKey {
        /// Where.
        at: usize,
        /// Length of the key, in bytes.
        length: usize,
        /// Longest key, in bytes.
        max: usize,
    },
    /// An entry does not come after what is before it.
    #[error("accept {key} at {at}: it is not behind the key before it")]
    EntryOrder {
        /// Where.
        at: usize,
        /// Key of the entry, or the one that is answered.
        key: Bytes,
    },
    /// An entry is shown that no absence needs.
    #[error("accept a neighbour before {at}: nothing is absent beside it")]
    NeedlessEntry {
        /// Where the next node begins, or the end.
        at: usize,
    },
    /// Entries lie between the two beside an absent key.
    #[error("accept the entries that meet at {at} as neighbours: others lie between them")]
    Parted {
        /// Where the node is that joins them.
        at: usize,
    },
    /// Keys are left that nothing answers.
    #[error("answer {asked} keys: the pool answers {answered}")]
    Unanswered {
        /// Different keys asked for.
        asked: usize,
        /// Those answered.
        answered: usize,
    },
    /// What is left is not one node.
    #[error("find one root in a pool: {found} nodes are left")]
    NotOneRoot {
        /// Nodes that have no parent.
        found: usize,
    },
    /// The first entry is not that of the store.
    #[error("accept an absence before the first entry of the pool: others lie before it")]
    NotFirstEntry,
    /// The last entry is not that of the store.
    #[error("accept an absence behind the last entry of the pool: others lie behind it")]
    NotLastEntry,
    /// The pool leads to another app hash.
    #[error("accept a pool that leads to {found}: expected {expected}")]
    OtherAppHash {
        /// The trusted app hash.
        expected: B256,
        /// What the pool leads to.
        found: B256,
    },
    /// For the prover: no proof is about this key.
    #[error("build a pool: no proof is about {key}")]
    NoProof {
        /// The key.
        key: Bytes,
    },
    /// For the prover: the proofs are not of one tree.
    #[error("build a pool: paths of {steps} steps and of others do not meet in one tree")]
    OtherTree {
        /// Steps of one of them.
        steps: usize,
    },
}

impl PoolFault {
    /// Name of the rule that was broken: the folder of the shared vectors that break it.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::ZeroAppHash => "zero_app_hash",
            Self::NoKeys => "no_keys",
            Self::KeyLength { .. } => "key_length",
            Self::AskedOrder { .. } => "asked_order",
            Self::LongPool { .. } => "long_pool",
            Self::CutPool { .. } => "cut_pool",
            Self::StoreSteps { .. } => "store_steps",
            Self::NodeKind { .. } => "node_kind",
            Self::NodeNumbers { .. } => "node_numbers",
            Self::NodeHeight { .. } => "node_height",
            Self::NoChildren { .. } => "no_children",
            Self::TooManyWait { .. } => "too_many_wait",
            Self::NothingAsked { .. } => "nothing_asked",
            Self::ValueForm { .. } => "value_form",
            Self::EmptyEntry { .. } => "empty_entry",
            Self::NeighbourKey { .. } => "neighbour_key",
            Self::EntryOrder { .. } => "entry_order",
            Self::NeedlessEntry { .. } => "needless_entry",
            Self::Parted { .. } => "parted",
            Self::Unanswered { .. } => "unanswered",
            Self::NotOneRoot { .. } => "not_one_root",
            Self::NotFirstEntry => "not_first_entry",
            Self::NotLastEntry => "not_last_entry",
            Self::OtherAppHash { .. } => "other_app_hash",
            Self::NoProof { .. } => "no_proof",
            Self::OtherTree { .. } => "other_tree",
        }
    }
}
