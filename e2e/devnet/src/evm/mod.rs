//! The execution layer: blocks, states, receipts and the pool of one EVM chain.
//!
//! Decides what the chain is at this moment and was at every past block. Must never know of slots,
//! committees or sockets: `beacon` says when a block is due, `rpc` says who asks.

mod build;
mod call;
mod execute;
mod pool;
mod reject;
mod transaction;

pub(crate) use build::{Attributes, envelope};
pub(crate) use call::CallError;
pub(crate) use reject::Refused;
pub(crate) use transaction::Signed;

use crate::{config::EvmConfig, genesis::Genesis, state::State};
use alloy::consensus::{Header, Receipt};
use alloy_primitives::{Address, B256, Bytes};
use execute::Rules;
use pool::Pool;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// One block with everything that may be asked about it, its state aside.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) header: Header,
    pub(crate) hash: B256,
    pub(crate) transactions: Vec<Included>,
    /// Length of the block's encoding, bytes.
    pub(crate) size: usize,
}

/// A transaction in its block.
#[derive(Debug)]
pub(crate) struct Included {
    pub(crate) signed: Arc<Signed>,
    pub(crate) receipt: Receipt,
    pub(crate) gas_used: u64,
    pub(crate) created: Option<Address>,
    /// Number of logs in the block before this transaction's.
    pub(crate) first_log: u64,
}

/// Hashes and numbers that outlive a reorganisation of the consensus layer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Checkpoints {
    pub(crate) finalized: Option<u64>,
    pub(crate) safe: Option<u64>,
}

/// The chain.
#[derive(Debug)]
pub(crate) struct Ledger {
    rules: Rules,
    base_fee_first: u64,
    /// By number; block 0 is genesis.
    blocks: Vec<Arc<Block>>,
    by_hash: HashMap<B256, u64>,
    tx_index: HashMap<B256, (u64, usize)>,
    /// States after the newest blocks, by number; older ones are dropped.
    states: BTreeMap<u64, State>,
    archive_blocks: u64,
    /// Accounts to load into the state before the next block runs.
    to_load: Vec<Genesis>,
    pool: Pool,
    pub(crate) checkpoints: Checkpoints,
}

impl Ledger {
    /// A chain that consists of its genesis block.
    pub(crate) fn new(config: &EvmConfig, funded: &[Address], attributes: Attributes) -> Self {
        let rules = Rules {
            chain_id: config.chain_id,
            hardfork: config.hardfork,
            gas_limit: config.gas_limit,
            code_size_max: config.code_size_max,
        };
        let mut state = State::default();
        for address in funded {
            state.credit(*address, build::funded_wei());
        }
        config.genesis.load(&mut state);
        let mut ledger = Self {
            rules,
            base_fee_first: config.base_fee_wei,
            blocks: Vec::new(),
            by_hash: HashMap::new(),
            tx_index: HashMap::new(),
            states: BTreeMap::new(),
            archive_blocks: config.archive_blocks.max(1),
            to_load: Vec::new(),
            pool: Pool::default(),
            checkpoints: Checkpoints::default(),
        };
        let block = ledger.seal(attributes, &state, Vec::new());
        ledger.append(block, state);
        ledger
    }

    pub(crate) fn chain_id(&self) -> u64 {
        self.rules.chain_id
    }

    /// The newest block.
    pub(crate) fn head(&self) -> &Arc<Block> {
        self.blocks.last().expect("genesis is never removed")
    }

    pub(crate) fn block(&self, number: u64) -> Option<&Arc<Block>> {
        self.blocks.get(usize::try_from(number).ok()?)
    }

    pub(crate) fn block_by_hash(&self, hash: &B256) -> Option<&Arc<Block>> {
        self.block(*self.by_hash.get(hash)?)
    }

    /// The state after block `number`, if it is still kept.
    pub(crate) fn state(&self, number: u64) -> Option<&State> {
        self.states.get(&number)
    }

    fn head_state(&self) -> &State {
        self.states
            .last_key_value()
            .map(|(_, state)| state)
            .expect("the head's state is always kept")
    }

    /// The block that holds the transaction `hash`, and its place there.
    pub(crate) fn included(&self, hash: &B256) -> Option<(&Arc<Block>, usize)> {
        let (number, index) = self.tx_index.get(hash)?;
        Some((self.block(*number)?, *index))
    }

    /// A transaction that waits in the pool.
    pub(crate) fn waiting(&self, hash: &B256) -> Option<&Arc<Signed>> {
        self.pool.get(hash)
    }

    /// The nonce after everything that is included or waits.
    pub(crate) fn pending_nonce(&self, sender: Address) -> u64 {
        let nonce = self
            .head_state()
            .account(sender)
            .map_or(0, |account| account.nonce);
        self.pool.next_nonce(sender, nonce)
    }

    /// Checks the raw transaction and puts it into the pool.
    pub(crate) fn submit(&mut self, raw: Bytes) -> Result<B256, Refused> {
        let signed = self.decode(raw)?;
        let state = self.head_state().clone();
        self.pool.add(signed, &state, &self.rules)
    }

    /// Decodes a raw transaction without taking it.
    pub(crate) fn decode(&self, raw: Bytes) -> Result<Signed, Refused> {
        Signed::decode(raw, self.rules.chain_id)
    }

    /// Loads accounts into the state when the next block is built.
    pub(crate) fn load(&mut self, genesis: Genesis) {
        self.to_load.push(genesis);
    }

    fn append(&mut self, block: Block, state: State) {
        let number = block.header.number;
        self.by_hash.insert(block.hash, number);
        for (index, included) in block.transactions.iter().enumerate() {
            self.tx_index.insert(included.signed.hash, (number, index));
        }
        self.blocks.push(Arc::new(block));
        self.pool.prune(&state);
        self.states.insert(number, state);
        while self.states.len() as u64 > self.archive_blocks {
            self.states.pop_first();
        }
    }

    /// Removes all blocks after `number`; their transactions wait again.
    pub(crate) fn rewind(&mut self, number: u64) {
        while self.head().header.number > number {
            let Some(block) = self.blocks.pop() else { return };
            self.by_hash.remove(&block.hash);
            self.states.remove(&block.header.number);
            for included in &block.transactions {
                self.tx_index.remove(&included.signed.hash);
            }
            self.pool
                .put_back(block.transactions.iter().map(|included| included.signed.clone()));
        }
    }

    fn hash_of(&self, number: u64) -> B256 {
        self.block(number).map_or(B256::ZERO, |block| block.hash)
    }
}
