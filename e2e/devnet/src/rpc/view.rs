//! Blocks, transactions, receipts and logs in the JSON of the execution API.
//!
//! Shapes are alloy's RPC types, filled from the ledger; nothing is computed here.

use crate::evm::{Block, Included, Signed, envelope};
use alloy::{
    consensus::{ReceiptWithBloom, Sealed, Transaction as _, TxReceipt, transaction::Recovered},
    rpc::types::{Block as RpcBlock, BlockTransactions, Header, Log, Transaction, TransactionReceipt},
};
use alloy_primitives::U256;

/// How a block lists its transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listing {
    Hashes,
    Full,
}

pub(super) fn block(block: &Block, listing: Listing) -> RpcBlock {
    let header = Header {
        size: Some(U256::from(block.size)),
        ..Header::from_sealed(Sealed::new_unchecked(block.header.clone(), block.hash))
    };
    let transactions = match listing {
        Listing::Hashes => BlockTransactions::Hashes(
            block
                .transactions
                .iter()
                .map(|included| included.signed.hash)
                .collect(),
        ),
        Listing::Full => BlockTransactions::Full(
            (0..block.transactions.len())
                .map(|at| transaction(block, at))
                .collect(),
        ),
    };
    RpcBlock {
        header,
        uncles: Vec::new(),
        transactions,
        withdrawals: Some(Default::default()),
    }
}

/// The transaction at place `at` of `block`.
pub(super) fn transaction(block: &Block, at: usize) -> Transaction {
    let signed = &block.transactions[at].signed;
    Transaction {
        inner: Recovered::new_unchecked(signed.tx.clone(), signed.sender),
        block_hash: Some(block.hash),
        block_number: Some(block.header.number),
        transaction_index: Some(at as u64),
        effective_gas_price: Some(signed.tx.effective_gas_price(block.header.base_fee_per_gas)),
        block_timestamp: Some(block.header.timestamp),
    }
}

/// A transaction that waits in the pool.
pub(super) fn waiting(signed: &Signed) -> Transaction {
    Transaction {
        inner: Recovered::new_unchecked(signed.tx.clone(), signed.sender),
        block_hash: None,
        block_number: None,
        transaction_index: None,
        effective_gas_price: None,
        block_timestamp: None,
    }
}

/// The receipt of the transaction at place `at` of `block`.
pub(super) fn receipt(block: &Block, at: usize) -> TransactionReceipt {
    let included = &block.transactions[at];
    let logs_bloom = included.receipt.bloom();
    let receipt = included.receipt.clone();
    let with_places = alloy::consensus::Receipt {
        status: receipt.status,
        cumulative_gas_used: receipt.cumulative_gas_used,
        logs: logs(block, at).collect(),
    };
    let signed = &included.signed;
    TransactionReceipt {
        inner: envelope(
            ReceiptWithBloom {
                receipt: with_places,
                logs_bloom,
            },
            signed.tx.tx_type(),
        ),
        transaction_hash: signed.hash,
        transaction_index: Some(at as u64),
        block_hash: Some(block.hash),
        block_number: Some(block.header.number),
        gas_used: included.gas_used,
        effective_gas_price: signed.tx.effective_gas_price(block.header.base_fee_per_gas),
        blob_gas_used: None,
        blob_gas_price: None,
        from: signed.sender,
        to: signed.tx.to(),
        contract_address: included.created,
    }
}

/// The logs of the transaction at place `at` of `block`, with their places.
pub(super) fn logs(block: &Block, at: usize) -> impl Iterator<Item = Log> + '_ {
    let Included {
        signed,
        receipt,
        first_log,
        ..
    } = &block.transactions[at];
    receipt
        .logs
        .iter()
        .zip(*first_log..)
        .map(move |(log, index)| Log {
            inner: log.clone(),
            block_hash: Some(block.hash),
            block_number: Some(block.header.number),
            block_timestamp: Some(block.header.timestamp),
            transaction_hash: Some(signed.hash),
            transaction_index: Some(at as u64),
            log_index: Some(index),
            removed: false,
        })
}
