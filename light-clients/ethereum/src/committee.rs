//! A sync committee as two values instead of 512 keys, and the one hash that is stored of it.
//!
//! A rotation needs no keys: the aggregate key is part of the SSZ container, and absent keys are opened
//! one by one. That the aggregate is the sum of the keys, and that the keys have proofs of possession,
//! rests on the consensus that computed them.

use alloy_primitives::{B256, keccak256};

use crate::points::G1;
use crate::reject::Reject;
use crate::ssz;
use crate::units::Period;

/// A sync committee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committee {
    /// Sum of its keys.
    pub aggregate: G1,
    /// SSZ root of the vector of its compressed keys.
    pub pubkeys_root: B256,
}

impl Committee {
    /// The hash under which a client remembers this committee for `period`:
    /// keccak256(BE64(period) ‖ aggregate ‖ pubkeys root).
    #[must_use]
    pub fn commitment(&self, period: Period) -> B256 {
        let mut preimage = alloc::vec::Vec::with_capacity(136);
        preimage.extend_from_slice(&period.0.to_be_bytes());
        preimage.extend_from_slice(&self.aggregate.0);
        preimage.extend_from_slice(self.pubkeys_root.as_slice());
        keccak256(preimage)
    }

    /// Hash tree root of the `SyncCommittee` container.
    ///
    /// # Errors
    /// [`Reject::BadPoint`] if the aggregate has no compressed form.
    pub fn root(&self) -> Result<B256, Reject> {
        let compressed = self.aggregate.compress().ok_or(Reject::BadPoint {
            part: "the committee's aggregate",
        })?;
        Ok(ssz::hash_pair(self.pubkeys_root, ssz::key_root(&compressed)))
    }
}
