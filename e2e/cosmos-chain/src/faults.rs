//! What may go wrong on purpose: plain data that blocks and answers consult.

use std::collections::BTreeSet;

/// All faults of one chain and of its one node. The default is a chain without any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Time passes, and no block comes.
    pub halted: bool,
    /// Places in the set whose validators do not vote. Without more than two thirds of the power no block comes.
    pub absent: BTreeSet<usize>,
    /// The node answers nothing at all: 503. Its websockets close.
    pub down: bool,
    /// Websockets stay open, and say nothing of new blocks.
    pub mute: bool,
    /// The node is so many blocks behind the chain.
    pub lag: u64,
    /// The node says that it is still fetching blocks.
    pub catching_up: bool,
    /// The node keeps so many of the newest blocks and states; none = all.
    pub keep_blocks: Option<u64>,
    /// Transactions are taken and forgotten.
    pub drop_transactions: bool,
    /// The mempool takes nothing.
    pub full: bool,
    /// Transactions are not found by their hash.
    pub without_index: bool,
    /// What the node lies about.
    pub lies: BTreeSet<Lie>,
}

/// One lie of a node. The chain stays honest; only the answers change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lie {
    /// `commit`: another app hash, edited after signing.
    Header,
    /// `abci_query`: one byte of the last proof is another.
    Proof,
    /// `abci_query`: the first byte of a stored value is another.
    Value,
    /// `block_results`: packets in events have another last byte.
    Events,
}
