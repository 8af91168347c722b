//! The block header and its hash, the one thing that validators sign.
//!
//! Spec: CometBFT data structures, "Header"; the hash is the Merkle root over the fourteen encoded fields.

use alloc::string::String;
use alloc::vec::Vec;

use alloy_primitives::{Address, B256};

use crate::proto::Writer;
use crate::time::Time;
use crate::tree;

/// The version of blocks whose headers are hashed as here.
pub const BLOCK_VERSION: u64 = 11;

/// What a header calls a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockId {
    /// Hash of its header; none for "no block".
    pub hash: Option<B256>,
    /// Number of parts in which it was sent around.
    pub parts: u32,
    /// Root over those parts.
    pub parts_hash: Option<B256>,
}

/// A block header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Version of the block's form.
    pub block_version: u64,
    /// Version of the application.
    pub app_version: u64,
    /// Which chain it is of.
    pub chain_id: String,
    /// Height of the block; never 0, and below 2^63.
    pub height: u64,
    /// Time of the block; never before 1970.
    pub time: Time,
    /// The block before it.
    pub last_block_id: BlockId,
    /// Hash of the votes for that.
    pub last_commit_hash: Option<B256>,
    /// Root over its transactions.
    pub data_hash: Option<B256>,
    /// Hash of the set that signs this block.
    pub validators_hash: B256,
    /// Hash of the set that signs the next one.
    pub next_validators_hash: B256,
    /// Hash of the consensus parameters.
    pub consensus_hash: Option<B256>,
    /// The application's state after the block before this one.
    pub app_hash: Vec<u8>,
    /// Root over the results of the block before this one.
    pub last_results_hash: Option<B256>,
    /// Root over the evidence in it.
    pub evidence_hash: Option<B256>,
    /// Who proposed it.
    pub proposer: Address,
}

impl Header {
    /// Its hash, which is the block's.
    #[must_use]
    pub fn hash(&self) -> B256 {
        tree::root(&self.fields())
    }

    /// The fields that are hashed, encoded each by itself.
    pub(crate) fn fields(&self) -> [Vec<u8>; 14] {
        let version = Writer::default()
            .varint(1, self.block_version)
            .varint(2, self.app_version)
            .done();
        [
            version,
            wrapped(self.chain_id.as_bytes()),
            Writer::default().varint(1, self.height).done(),
            self.time.encoded(),
            self.last_block_id.encoded(),
            wrapped(hash_bytes(&self.last_commit_hash)),
            wrapped(hash_bytes(&self.data_hash)),
            wrapped(self.validators_hash.as_slice()),
            wrapped(self.next_validators_hash.as_slice()),
            wrapped(hash_bytes(&self.consensus_hash)),
            wrapped(&self.app_hash),
            wrapped(hash_bytes(&self.last_results_hash)),
            wrapped(hash_bytes(&self.evidence_hash)),
            wrapped(self.proposer.as_slice()),
        ]
    }
}

impl BlockId {
    /// As a message; its second part is written even if it is empty.
    pub(crate) fn encoded(&self) -> Vec<u8> {
        Writer::default()
            .bytes(1, hash_bytes(&self.hash))
            .message(2, &self.encoded_parts())
            .done()
    }

    /// What it says of the parts, as a message.
    pub(crate) fn encoded_parts(&self) -> Vec<u8> {
        Writer::default()
            .varint(1, u64::from(self.parts))
            .bytes(2, hash_bytes(&self.parts_hash))
            .done()
    }
}

impl Time {
    /// As a message.
    pub(crate) fn encoded(self) -> Vec<u8> {
        Writer::default()
            .signed(1, self.seconds)
            .varint(2, u64::from(self.nanos))
            .done()
    }
}

/// The bytes of a hash that may be missing.
pub(crate) fn hash_bytes(hash: &Option<B256>) -> &[u8] {
    hash.as_ref().map_or(&[], |hash| hash.as_slice())
}

/// Bytes or text as a message with one field; empty ones are nothing.
fn wrapped(bytes: &[u8]) -> Vec<u8> {
    Writer::default().bytes(1, bytes).done()
}
