//! The beacon block header, the one thing that validators sign.

use alloy_primitives::B256;

use crate::ssz;
use crate::units::Slot;

/// `BeaconBlockHeader` of the consensus specification: 112 bytes in SSZ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Slot of the block.
    pub slot: Slot,
    /// Index of the validator that proposed it.
    pub proposer_index: u64,
    /// Root of the block before it.
    pub parent_root: B256,
    /// Root of the beacon state after it.
    pub state_root: B256,
    /// Root of its body.
    pub body_root: B256,
}

impl Header {
    /// Length of its SSZ encoding.
    pub const LENGTH: usize = 112;

    /// Its hash tree root, which is the block's root.
    #[must_use]
    pub fn root(&self) -> B256 {
        let leaves = [
            ssz::chunk_u64(self.slot.0),
            ssz::chunk_u64(self.proposer_index),
            self.parent_root,
            self.state_root,
            self.body_root,
        ];
        ssz::merkleize(&leaves, 3)
    }
}
