//! The header of an execution payload, as it stands in a light-client header since Deneb.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, Bytes, FixedBytes, U256};
#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::ssz::{bytes_root, chunk_u64, merkleize, with_length};

#[cfg(feature = "serde")]
use super::json;

/// Depth of the tree over the 17 fields.
const DEPTH: u32 = 5;

/// Position of `state_root` among the fields.
const STATE_ROOT: u64 = 2;

/// `ExecutionPayloadHeader`, Deneb to Fulu.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct ExecutionPayloadHeader {
    /// Hash of the block before.
    pub parent_hash: B256,
    /// Who receives the fees.
    pub fee_recipient: Address,
    /// Root of the state after this block.
    pub state_root: B256,
    /// Root of the receipts.
    pub receipts_root: B256,
    /// Bloom filter of the logs.
    pub logs_bloom: FixedBytes<256>,
    /// Randomness of the slot.
    pub prev_randao: B256,
    /// Number of the block.
    #[cfg_attr(feature = "serde", serde(with = "json::decimal"))]
    pub block_number: u64,
    /// Most gas that the block may use.
    #[cfg_attr(feature = "serde", serde(with = "json::decimal"))]
    pub gas_limit: u64,
    /// Gas that it used.
    #[cfg_attr(feature = "serde", serde(with = "json::decimal"))]
    pub gas_used: u64,
    /// Time of the block, in seconds since the Unix epoch.
    #[cfg_attr(feature = "serde", serde(with = "json::decimal"))]
    pub timestamp: u64,
    /// At most 32 bytes of the builder's choice.
    pub extra_data: Bytes,
    /// Base fee in wei a unit of gas.
    #[cfg_attr(feature = "serde", serde(with = "json::decimal"))]
    pub base_fee_per_gas: U256,
    /// Hash of the block.
    pub block_hash: B256,
    /// SSZ root of the transactions.
    pub transactions_root: B256,
    /// SSZ root of the withdrawals.
    pub withdrawals_root: B256,
    /// Blob gas used.
    #[cfg_attr(feature = "serde", serde(with = "json::decimal"))]
    pub blob_gas_used: u64,
    /// Blob gas above the target, summed up.
    #[cfg_attr(feature = "serde", serde(with = "json::decimal"))]
    pub excess_blob_gas: u64,
}

impl ExecutionPayloadHeader {
    /// Hash tree root.
    #[must_use]
    pub fn root(&self) -> B256 {
        merkleize(&self.leaves(), DEPTH)
    }

    /// Siblings from `state_root` up to [`ExecutionPayloadHeader::root`].
    #[must_use]
    pub fn state_root_branch(&self) -> Vec<B256> {
        merkle::ssz::multiproof_siblings(DEPTH, &self.leaves(), &[STATE_ROOT]).unwrap_or_default()
    }

    /// The roots of the fields, in order. The first 15 are the fields of Capella.
    #[must_use]
    pub fn leaves(&self) -> [B256; 17] {
        let extra = u64::try_from(self.extra_data.len()).unwrap_or(u64::MAX);
        [
            self.parent_hash,
            B256::right_padding_from(self.fee_recipient.as_slice()),
            self.state_root,
            self.receipts_root,
            bytes_root(self.logs_bloom.as_slice(), 3),
            self.prev_randao,
            chunk_u64(self.block_number),
            chunk_u64(self.gas_limit),
            chunk_u64(self.gas_used),
            chunk_u64(self.timestamp),
            with_length(bytes_root(&self.extra_data, 0), extra),
            B256::from(self.base_fee_per_gas.to_le_bytes::<32>()),
            self.block_hash,
            self.transactions_root,
            self.withdrawals_root,
            chunk_u64(self.blob_gas_used),
            chunk_u64(self.excess_blob_gas),
        ]
    }
}
