//! The consensus layer: slots, beacon blocks, finality and the sync committees that sign them.
//!
//! Decides which block stands at which slot, what its state's root is, who signed it and what is
//! final. Must never execute transactions: it is handed one EVM block a slot.

mod api;
mod containers;
mod finality;
mod forge;
mod json;
mod keys;
mod light_client;
mod ssz;

pub(crate) use api::routes;
pub use forge::{Forgery, Party};

use crate::{
    config::{BeaconConfig, Fork},
    evm::{Attributes, Block},
};
use alloy_primitives::{Address, B256};
use containers::{Body, Constants, Header, PayloadHeader, StateParts, StateTree};
use finality::{Checkpoint, Finality, Votes};
use keys::{Committee, SyncAggregate, Validators};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

/// A beacon block with the trees that its proofs come from.
#[derive(Debug)]
pub(crate) struct BeaconBlock {
    pub(crate) header: Header,
    pub(crate) root: B256,
    fork: Fork,
    body: Body,
    state: StateTree,
    finality: Finality,
    payload: PayloadHeader,
    aggregate: SyncAggregate,
}

/// The chain of beacon blocks.
#[derive(Debug)]
pub(crate) struct Beacon {
    config: BeaconConfig,
    constants: Constants,
    validators: Validators,
    committees: Mutex<HashMap<u64, Arc<Committee>>>,
    /// The canonical chain by slot; missed slots are not there.
    blocks: BTreeMap<u64, BeaconBlock>,
    by_root: HashMap<B256, u64>,
    /// The newest slot that passed, with or without a block.
    slot: u64,
    /// Whether validators attest; told anew at every slot.
    attesting: bool,
    /// The finality after the last epoch that ended.
    finality: Finality,
}

/// Receives the tips of every block.
const FEE_RECIPIENT: Address = Address::repeat_byte(0xfe);

impl Beacon {
    /// A chain whose keys follow from `seed`, before its genesis block.
    pub(crate) fn new(config: BeaconConfig, chain_id: u64, seed: u64) -> Self {
        let validators = Validators::new("weighbridge devnet", seed, config.validators);
        let validators_root = containers::registry_root(validators.public_keys());
        let constants = Constants {
            chain_id,
            genesis_time: config.genesis_time,
            validators_root,
        };
        Self {
            config,
            constants,
            validators,
            committees: Mutex::default(),
            blocks: BTreeMap::new(),
            by_root: HashMap::new(),
            slot: 0,
            attesting: true,
            finality: Finality::default(),
        }
    }

    /// The newest slot that passed.
    pub(crate) fn slot(&self) -> u64 {
        self.slot
    }

    /// Unix time of `slot`, seconds.
    pub(crate) fn time_at(&self, slot: u64) -> u64 {
        self.config.genesis_time + slot * self.config.seconds_per_slot
    }

    pub(crate) fn epoch_of(&self, slot: u64) -> u64 {
        slot / self.config.slots_per_epoch
    }

    fn period_of(&self, slot: u64) -> u64 {
        self.epoch_of(slot) / self.config.epochs_per_period
    }

    fn fork_at(&self, slot: u64) -> Fork {
        self.config.forks.at(self.epoch_of(slot))
    }

    /// The newest block.
    pub(crate) fn head(&self) -> Option<&BeaconBlock> {
        self.blocks.last_key_value().map(|(_, block)| block)
    }

    fn by_root(&self, root: &B256) -> Option<&BeaconBlock> {
        self.blocks.get(self.by_root.get(root)?)
    }

    /// The block that `block` builds on.
    fn parent(&self, block: &BeaconBlock) -> Option<&BeaconBlock> {
        self.by_root(&block.header.parent_root)
    }

    fn committee(&self, period: u64) -> Arc<Committee> {
        let mut committees = self.committees.lock().expect("no holder of this lock panics");
        committees
            .entry(period)
            .or_insert_with(|| self.validators.committee(period))
            .clone()
    }

    /// What the execution layer must put into the block at `slot`.
    pub(crate) fn attributes(&self, slot: u64) -> Attributes {
        Attributes {
            timestamp: self.time_at(slot),
            prev_randao: self.scatter(b"randao", slot),
            parent_beacon_root: self.head().map_or(B256::ZERO, |head| head.root),
            fee_recipient: FEE_RECIPIENT,
        }
    }

    /// A number that only the chain and the slot decide.
    fn scatter(&self, purpose: &[u8], slot: u64) -> B256 {
        ssz::hash(&[
            purpose,
            self.constants.validators_root.as_slice(),
            &slot.to_be_bytes(),
        ])
    }

    /// Lets `slot` begin: ends every epoch before it. `attesting` says whether validators vote.
    pub(crate) fn begin_slot(&mut self, slot: u64, attesting: bool) {
        for passed in self.slot + 1..=slot {
            if passed.is_multiple_of(self.config.slots_per_epoch) {
                let ending = self.epoch_of(passed) - 1;
                let vote = |epoch: u64| self.attesting.then(|| self.checkpoint(epoch));
                let votes = Votes {
                    previous: vote(ending.saturating_sub(1)),
                    current: vote(ending),
                };
                self.finality = self.finality.after(ending, votes);
            }
        }
        self.slot = slot;
        self.attesting = attesting;
    }

    /// The checkpoint of `epoch`: the last block at or before its first slot.
    fn checkpoint(&self, epoch: u64) -> Checkpoint {
        let first = epoch * self.config.slots_per_epoch;
        let root = self
            .blocks
            .range(..=first)
            .next_back()
            .map_or(B256::ZERO, |(_, block)| block.root);
        Checkpoint { epoch, root }
    }

    /// Puts `block` at the current slot, signed for by `signers` seats (they sign its parent).
    pub(crate) fn propose(&mut self, block: &Block, signers: usize) {
        let slot = self.slot;
        let parent_root = self.head().map_or(B256::ZERO, |head| head.root);
        let aggregate = match self.head() {
            Some(_) => self.sign(&self.committee(self.period_of(slot)), parent_root, slot, signers),
            None => SyncAggregate {
                bits: Default::default(),
                signature: keys::infinity(),
            },
        };
        let beacon_block = self.compose(Composition {
            slot,
            parent_root,
            aggregate,
            payload: PayloadHeader::of(block),
            finality: self.finality,
            current_committee: self.committee(self.period_of(slot)).root,
            next_committee: self.committee(self.period_of(slot) + 1).root,
        });
        self.by_root.insert(beacon_block.root, slot);
        self.blocks.insert(slot, beacon_block);
    }

    /// What `committee` makes of the block `root`, in a block at `signature_slot`: the fork version
    /// is that of the slot before (`process_sync_aggregate`).
    fn sign(&self, committee: &Committee, root: B256, signature_slot: u64, signers: usize) -> SyncAggregate {
        let fork = self.fork_at(signature_slot.saturating_sub(1));
        let version = fork.version(self.constants.chain_id);
        let message = containers::signing_root(root, version, self.constants.validators_root);
        committee.sign(message, signers, self.scatter(b"absent", signature_slot))
    }

    /// A block with its state, out of what is known of it.
    fn compose(&self, parts: Composition) -> BeaconBlock {
        let fork = self.fork_at(parts.slot);
        let payload_root = parts.payload.root();
        let body = Body::new(fork, &parts.aggregate, payload_root);
        let mut header = Header {
            slot: parts.slot,
            proposer_index: parts.slot % self.validators.len() as u64,
            parent_root: parts.parent_root,
            state_root: B256::ZERO,
            body_root: body.root(),
        };
        let fork_epoch = match fork {
            Fork::Deneb => 0,
            Fork::Electra => self.config.forks.electra,
            Fork::Fulu => self.config.forks.fulu.unwrap_or_default(),
        };
        let state = StateTree::new(
            &self.constants,
            &StateParts {
                fork,
                fork_epoch,
                header,
                finality: parts.finality,
                current_committee: parts.current_committee,
                next_committee: parts.next_committee,
                payload: payload_root,
            },
        );
        header.state_root = state.root();
        let root = header.root();
        let Composition {
            aggregate,
            payload,
            finality,
            ..
        } = parts;
        BeaconBlock {
            header,
            root,
            fork,
            body,
            state,
            finality,
            payload,
            aggregate,
        }
    }

    /// The EVM block numbers of the finalized and of the justified checkpoint.
    pub(crate) fn checkpoint_blocks(&self) -> crate::evm::Checkpoints {
        let number = |root: &B256| self.by_root(root).map(|block| block.payload.block_number);
        crate::evm::Checkpoints {
            finalized: number(&self.finality.finalized.root),
            safe: number(&self.finality.current_justified.root),
        }
    }

    /// Forgets the blocks of the last `depth` slots and returns the number of the EVM block that is
    /// head now; `None`, and nothing is forgotten, when that would undo finality.
    pub(crate) fn orphan(&mut self, depth: u64) -> Option<u64> {
        let last = self.slot.checked_sub(depth)?;
        let finalized = self
            .by_root(&self.finality.finalized.root)
            .map_or(0, |block| block.header.slot);
        if last < finalized {
            return None;
        }
        for orphan in self.blocks.split_off(&(last + 1)).into_values() {
            self.by_root.remove(&orphan.root);
        }
        let (now, head) = (self.slot, self.head()?);
        let (slot, finality, number) = (head.header.slot, head.finality, head.payload.block_number);
        // The epochs since then end again, over what is left of the chain.
        (self.slot, self.finality) = (slot, finality);
        self.begin_slot(now, self.attesting);
        Some(number)
    }
}

/// What a block is made of.
struct Composition {
    slot: u64,
    parent_root: B256,
    aggregate: SyncAggregate,
    payload: PayloadHeader,
    finality: Finality,
    current_committee: B256,
    next_committee: B256,
}
