//! Headers, execution payloads, bodies and states of the consensus layer, as trees.
//!
//! Decides where each thing stands in its container. Fields that no light client opens and that
//! nothing here computes (balances, attestations, pools) hold the root of their empty value.

use super::{
    finality::{Checkpoint, Finality},
    keys::{PublicKey, SyncAggregate, infinity},
    ssz,
};
use crate::{
    config::{Fork, past_version},
    evm::Block,
};
use alloy_primitives::{Address, B256, Bytes, U256};

/// `BeaconBlockHeader`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) slot: u64,
    pub(crate) proposer_index: u64,
    pub(crate) parent_root: B256,
    pub(crate) state_root: B256,
    pub(crate) body_root: B256,
}

impl Header {
    pub(crate) fn root(&self) -> B256 {
        ssz::container(&[
            ssz::uint64(self.slot),
            ssz::uint64(self.proposer_index),
            self.parent_root,
            self.state_root,
            self.body_root,
        ])
    }
}

/// `ExecutionPayloadHeader`, Deneb to Fulu.
#[derive(Clone, Debug, Default)]
pub(crate) struct PayloadHeader {
    pub(crate) parent_hash: B256,
    pub(crate) fee_recipient: Address,
    pub(crate) state_root: B256,
    pub(crate) receipts_root: B256,
    pub(crate) logs_bloom: Bytes,
    pub(crate) prev_randao: B256,
    pub(crate) block_number: u64,
    pub(crate) gas_limit: u64,
    pub(crate) gas_used: u64,
    pub(crate) timestamp: u64,
    pub(crate) extra_data: Bytes,
    pub(crate) base_fee_per_gas: U256,
    pub(crate) block_hash: B256,
    pub(crate) transactions_root: B256,
    pub(crate) withdrawals_root: B256,
}

/// `MAX_BYTES_PER_TRANSACTION` in chunks, and `MAX_TRANSACTIONS_PER_PAYLOAD`, as depths.
const TRANSACTION_DEPTH: usize = 25;
const TRANSACTIONS_DEPTH: usize = 20;
/// `MAX_WITHDRAWALS_PER_PAYLOAD` and other lists of 16.
const SIXTEEN_DEPTH: usize = 4;

impl PayloadHeader {
    /// The header of the payload that holds `block`.
    pub(crate) fn of(block: &Block) -> Self {
        let header = &block.header;
        let roots: Vec<B256> = block
            .transactions
            .iter()
            .map(|included| ssz::byte_list(&included.signed.raw, TRANSACTION_DEPTH))
            .collect();
        Self {
            parent_hash: header.parent_hash,
            fee_recipient: header.beneficiary,
            state_root: header.state_root,
            receipts_root: header.receipts_root,
            logs_bloom: Bytes::copy_from_slice(header.logs_bloom.as_slice()),
            prev_randao: header.mix_hash,
            block_number: header.number,
            gas_limit: header.gas_limit,
            gas_used: header.gas_used,
            timestamp: header.timestamp,
            extra_data: header.extra_data.clone(),
            base_fee_per_gas: U256::from(header.base_fee_per_gas.unwrap_or_default()),
            block_hash: block.hash,
            transactions_root: ssz::mix_in_length(ssz::merkleize(&roots, TRANSACTIONS_DEPTH), roots.len()),
            withdrawals_root: ssz::empty_list(SIXTEEN_DEPTH),
        }
    }

    pub(crate) fn root(&self) -> B256 {
        ssz::container(&[
            self.parent_hash,
            ssz::bytes(self.fee_recipient.as_slice()),
            self.state_root,
            self.receipts_root,
            ssz::bytes(&self.logs_bloom),
            self.prev_randao,
            ssz::uint64(self.block_number),
            ssz::uint64(self.gas_limit),
            ssz::uint64(self.gas_used),
            ssz::uint64(self.timestamp),
            ssz::byte_list(&self.extra_data, 0),
            B256::from(self.base_fee_per_gas.to_le_bytes::<32>()),
            self.block_hash,
            self.transactions_root,
            self.withdrawals_root,
            ssz::uint64(0),
            ssz::uint64(0),
        ])
    }
}

/// The roots of a body's fields.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    fields: Vec<B256>,
}

/// Place of the execution payload in the body: generalized index 25.
const PAYLOAD_FIELD: usize = 9;
const BODY_DEPTH: usize = 4;

impl Body {
    /// The body of a block that carries `aggregate` and a payload with root `payload`.
    pub(crate) fn new(fork: Fork, aggregate: &SyncAggregate, payload: B256) -> Self {
        let electra = fork >= Fork::Electra;
        let eth1_data = ssz::container(&[B256::ZERO, ssz::uint64(0), B256::ZERO]);
        let mut fields = vec![
            ssz::bytes(infinity().as_slice()),
            eth1_data,
            B256::ZERO,
            ssz::empty_list(SIXTEEN_DEPTH),
            ssz::empty_list(if electra { 0 } else { 1 }),
            ssz::empty_list(if electra { 3 } else { 7 }),
            ssz::empty_list(SIXTEEN_DEPTH),
            ssz::empty_list(SIXTEEN_DEPTH),
            aggregate.root(),
            payload,
            ssz::empty_list(SIXTEEN_DEPTH),
            ssz::empty_list(12),
        ];
        if electra {
            // Execution requests: deposits, withdrawals, consolidations.
            let lists = [ssz::empty_list(13), ssz::empty_list(4), ssz::empty_list(1)];
            fields.push(ssz::container(&lists));
        }
        Self { fields }
    }

    pub(crate) fn root(&self) -> B256 {
        ssz::merkleize(&self.fields, BODY_DEPTH)
    }

    /// Proves the execution payload, four nodes.
    pub(crate) fn payload_branch(&self) -> Vec<B256> {
        ssz::branch(&self.fields, BODY_DEPTH, PAYLOAD_FIELD)
    }
}

/// What of a chain never changes and stands in every state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Constants {
    pub(crate) chain_id: u64,
    pub(crate) genesis_time: u64,
    pub(crate) validators_root: B256,
}

/// What of a state this chain computes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StateParts {
    pub(crate) fork: Fork,
    pub(crate) fork_epoch: u64,
    /// The header of the state's own block, its state root still zero.
    pub(crate) header: Header,
    pub(crate) finality: Finality,
    pub(crate) current_committee: B256,
    pub(crate) next_committee: B256,
    pub(crate) payload: B256,
}

/// The roots of a state's fields.
#[derive(Clone, Debug)]
pub(crate) struct StateTree {
    fields: Vec<B256>,
}

const FINALIZED_FIELD: usize = 20;
const CURRENT_COMMITTEE_FIELD: usize = 22;
const NEXT_COMMITTEE_FIELD: usize = 23;

/// Depths of lists with one entry a validator (`VALIDATOR_REGISTRY_LIMIT` = 2^40), by entry size.
const REGISTRY_DEPTH: usize = 40;
const REGISTRY_U64_DEPTH: usize = 38;
const REGISTRY_U8_DEPTH: usize = 35;

fn checkpoint_root(checkpoint: &Checkpoint) -> B256 {
    ssz::hash_pair(ssz::uint64(checkpoint.epoch), checkpoint.root)
}

impl StateTree {
    pub(crate) fn new(constants: &Constants, parts: &StateParts) -> Self {
        let finality = &parts.finality;
        let bits = (0..4).fold(0u64, |bits, bit| bits | u64::from(finality.bits[bit]) << bit);
        let mut fields = vec![
            ssz::uint64(constants.genesis_time),
            constants.validators_root,
            ssz::uint64(parts.header.slot),
            fork_root(constants.chain_id, parts.fork, parts.fork_epoch),
            parts.header.root(),
            ssz::zero(13),
            ssz::zero(13),
            ssz::empty_list(24),
            ssz::container(&[B256::ZERO, ssz::uint64(0), B256::ZERO]),
            ssz::empty_list(11),
            ssz::uint64(0),
            constants.validators_root,
            ssz::empty_list(REGISTRY_U64_DEPTH),
            ssz::zero(16),
            ssz::zero(11),
            ssz::empty_list(REGISTRY_U8_DEPTH),
            ssz::empty_list(REGISTRY_U8_DEPTH),
            ssz::uint64(bits),
            checkpoint_root(&finality.previous_justified),
            checkpoint_root(&finality.current_justified),
            checkpoint_root(&finality.finalized),
            ssz::empty_list(REGISTRY_U64_DEPTH),
            parts.current_committee,
            parts.next_committee,
            parts.payload,
            ssz::uint64(0),
            ssz::uint64(0),
            ssz::empty_list(24),
        ];
        if parts.fork >= Fork::Electra {
            fields.extend([ssz::uint64(0); 6]);
            fields.extend([ssz::empty_list(27), ssz::empty_list(27), ssz::empty_list(18)]);
        }
        if parts.fork >= Fork::Fulu {
            fields.push(ssz::zero(4));
        }
        Self { fields }
    }

    fn depth(&self) -> usize {
        self.fields.len().next_power_of_two().ilog2() as usize
    }

    pub(crate) fn root(&self) -> B256 {
        ssz::merkleize(&self.fields, self.depth())
    }

    /// Proves the finalized checkpoint's root: generalized index 105, from Electra on 169. The
    /// first node is the epoch beside it.
    pub(crate) fn finality_branch(&self, finality: &Finality) -> Vec<B256> {
        let mut branch = vec![ssz::uint64(finality.finalized.epoch)];
        branch.extend(ssz::branch(&self.fields, self.depth(), FINALIZED_FIELD));
        branch
    }

    /// Proves the current sync committee: generalized index 54, from Electra on 86.
    pub(crate) fn current_committee_branch(&self) -> Vec<B256> {
        ssz::branch(&self.fields, self.depth(), CURRENT_COMMITTEE_FIELD)
    }

    /// Proves the next sync committee: generalized index 55, from Electra on 87.
    pub(crate) fn next_committee_branch(&self) -> Vec<B256> {
        ssz::branch(&self.fields, self.depth(), NEXT_COMMITTEE_FIELD)
    }
}

fn version_chunk(version: [u8; 4]) -> B256 {
    ssz::bytes(&version)
}

/// Root of the state's `Fork`.
fn fork_root(chain_id: u64, fork: Fork, epoch: u64) -> B256 {
    let previous = match fork {
        Fork::Deneb => past_version(3, chain_id),
        Fork::Electra => Fork::Deneb.version(chain_id),
        Fork::Fulu => Fork::Electra.version(chain_id),
    };
    ssz::container(&[
        version_chunk(previous),
        version_chunk(fork.version(chain_id)),
        ssz::uint64(epoch),
    ])
}

/// `DOMAIN_SYNC_COMMITTEE`.
const SYNC_COMMITTEE_DOMAIN: [u8; 4] = [7, 0, 0, 0];

/// What a sync committee signs for the block `root` under `version` (`compute_signing_root`).
pub(crate) fn signing_root(root: B256, version: [u8; 4], validators_root: B256) -> B256 {
    let data_root = ssz::hash_pair(version_chunk(version), validators_root);
    let mut domain = B256::ZERO;
    domain[..4].copy_from_slice(&SYNC_COMMITTEE_DOMAIN);
    domain[4..].copy_from_slice(&data_root[..28]);
    ssz::hash_pair(root, domain)
}

/// Root of the validator registry: every key with 32 ether, active from genesis.
pub(crate) fn registry_root(keys: impl Iterator<Item = PublicKey>) -> B256 {
    const EFFECTIVE_BALANCE_GWEI: u64 = 32_000_000_000;
    let validators: Vec<B256> = keys
        .map(|key| {
            ssz::container(&[
                ssz::bytes(key.as_slice()),
                B256::ZERO,
                ssz::uint64(EFFECTIVE_BALANCE_GWEI),
                B256::ZERO,
                ssz::uint64(0),
                ssz::uint64(0),
                ssz::uint64(u64::MAX),
                ssz::uint64(u64::MAX),
            ])
        })
        .collect();
    ssz::mix_in_length(ssz::merkleize(&validators, REGISTRY_DEPTH), validators.len())
}
