//! Building a block: which transactions run, and every field of the header.
//!
//! System contracts (EIP-4788, 2935, 7002, 7251) run only where code stands at their address; the
//! genesis of this chain has none, so there is nothing to run and the requests list is empty.

use super::{
    Block, Included, Ledger,
    execute::{self, Sender},
    transaction::Signed,
};
use crate::state::State;
use alloy::{
    consensus::{
        EMPTY_OMMER_ROOT_HASH, EMPTY_ROOT_HASH, Header, Receipt, ReceiptEnvelope, ReceiptWithBloom,
        TxReceipt, TxType, proofs::calculate_receipt_root, proofs::calculate_transaction_root,
    },
    eips::{eip1559::BaseFeeParams, eip7685::EMPTY_REQUESTS_HASH},
};
use alloy_primitives::{Address, B256, Bloom, Bytes, U256};
use alloy_rlp::Encodable;
use revm::context::result::EVMError;
use std::sync::Arc;

/// What the consensus layer says of a block before it is built.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attributes {
    /// Unix time, seconds.
    pub(crate) timestamp: u64,
    pub(crate) prev_randao: B256,
    pub(crate) parent_beacon_root: B256,
    pub(crate) fee_recipient: Address,
}

/// Genesis balance of a funded account: 1,000,000 ether.
pub(super) fn funded_wei() -> U256 {
    U256::from(10u128.pow(24))
}

/// Stands in every header's extra data.
const EXTRA_DATA: &[u8] = b"weighbridge devnet";

/// `receipt` in the envelope of its transaction's type.
pub(crate) fn envelope<L>(receipt: ReceiptWithBloom<Receipt<L>>, tx_type: TxType) -> ReceiptEnvelope<L> {
    match tx_type {
        TxType::Legacy => ReceiptEnvelope::Legacy(receipt),
        TxType::Eip2930 => ReceiptEnvelope::Eip2930(receipt),
        TxType::Eip1559 => ReceiptEnvelope::Eip1559(receipt),
        TxType::Eip4844 => ReceiptEnvelope::Eip4844(receipt),
        TxType::Eip7702 => ReceiptEnvelope::Eip7702(receipt),
    }
}

impl Included {
    /// The receipt as the receipts trie holds it.
    pub(crate) fn envelope(&self) -> ReceiptEnvelope {
        let receipt = self.receipt.clone();
        let logs_bloom = receipt.bloom();
        envelope(ReceiptWithBloom { receipt, logs_bloom }, self.signed.tx.tx_type())
    }
}

impl Ledger {
    /// Builds the next block on the head out of the best waiting transactions, and appends it.
    pub(crate) fn build(&mut self, attributes: Attributes) -> Arc<Block> {
        let mut state = self.head_state().clone();
        for genesis in std::mem::take(&mut self.to_load) {
            genesis.load(&mut state);
        }
        let environment = self.environment(attributes);
        let (included, invalid) = self.run_best(&environment, &mut state);
        for tx in invalid {
            self.pool.drop_tx(&tx);
        }
        let block = self.seal(attributes, &state, included);
        self.append(block, state);
        self.head().clone()
    }

    /// The next header as far as executing transactions needs it.
    fn environment(&self, attributes: Attributes) -> Header {
        let parent = self.blocks.last().map(|block| &block.header);
        Header {
            parent_hash: self.blocks.last().map_or(B256::ZERO, |block| block.hash),
            ommers_hash: EMPTY_OMMER_ROOT_HASH,
            beneficiary: attributes.fee_recipient,
            number: parent.map_or(0, |parent| parent.number + 1),
            gas_limit: self.rules.gas_limit,
            timestamp: attributes.timestamp,
            extra_data: Bytes::from_static(EXTRA_DATA),
            mix_hash: attributes.prev_randao,
            base_fee_per_gas: Some(parent.map_or(self.base_fee_first, next_base_fee)),
            withdrawals_root: Some(EMPTY_ROOT_HASH),
            blob_gas_used: Some(0),
            excess_blob_gas: Some(0),
            parent_beacon_block_root: Some(attributes.parent_beacon_root),
            requests_hash: Some(EMPTY_REQUESTS_HASH),
            ..Header::default()
        }
    }

    /// Runs waiting transactions until the block is full; also returns those that turned out to be
    /// invalid.
    fn run_best(&self, header: &Header, state: &mut State) -> (Vec<Included>, Vec<Arc<Signed>>) {
        let (mut included, mut invalid) = (Vec::<Included>::new(), Vec::new());
        let (mut gas_used, mut logs) = (0u64, 0u64);
        let base_fee = header.base_fee_per_gas.unwrap_or_default();
        let mut best = self.pool.best(state, base_fee);
        let hashes = |number| self.hash_of(number);
        while let Some(signed) = best.next() {
            let env = signed.env();
            if env.gas_limit > header.gas_limit - gas_used {
                continue;
            }
            let outcome = execute::run(&self.rules, header, state, &hashes, env, Sender::Signed);
            let outcome = match outcome {
                Ok(outcome) => outcome,
                Err(EVMError::Transaction(_)) => {
                    invalid.push(signed);
                    continue;
                }
                Err(error) => unreachable!("a state in memory does not fail: {error}"),
            };
            for (address, account) in outcome.state {
                state.commit(address, account);
            }
            let used = outcome.result.tx_gas_used();
            gas_used += used;
            best.included(&signed);
            let receipt = Receipt {
                status: outcome.result.is_success().into(),
                cumulative_gas_used: gas_used,
                logs: if outcome.result.is_success() {
                    outcome.result.logs().to_vec()
                } else {
                    Vec::new()
                },
            };
            let created = outcome.result.created_address();
            let first_log = logs;
            logs += receipt.logs.len() as u64;
            included.push(Included {
                signed,
                receipt,
                gas_used: used,
                created,
                first_log,
            });
        }
        (included, invalid)
    }

    /// The finished block over `state`.
    pub(super) fn seal(&self, attributes: Attributes, state: &State, transactions: Vec<Included>) -> Block {
        let receipts: Vec<ReceiptEnvelope> = transactions.iter().map(Included::envelope).collect();
        let bodies: Vec<_> = transactions.iter().map(|included| &included.signed.tx).collect();
        let mut header = self.environment(attributes);
        header.state_root = state.root();
        header.transactions_root = calculate_transaction_root(&bodies);
        header.receipts_root = calculate_receipt_root(&receipts);
        header.logs_bloom = receipts
            .iter()
            .fold(Bloom::ZERO, |bloom, receipt| bloom | *receipt.logs_bloom());
        header.gas_used = transactions
            .last()
            .map_or(0, |last| last.receipt.cumulative_gas_used);
        let hash = header.hash_slow();
        let size = header.length() + bodies.iter().map(|tx| tx.length()).sum::<usize>();
        Block {
            header,
            hash,
            transactions,
            size,
        }
    }
}

/// EIP-1559.
pub(super) fn next_base_fee(parent: &Header) -> u64 {
    parent
        .next_block_base_fee(BaseFeeParams::ethereum())
        .unwrap_or_default()
}
