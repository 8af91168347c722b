//! What a counterparty router has stored: proofs under the root of its storage, the same for every client that knows one.
//!
//! Decides whether a proof shows a value, or that there is none. It must never answer for a state that the client does not
//! trust: which state it is asked about is for the client to say.

use alloc::vec::Vec;

use alloy_primitives::{B256, keccak256};
use merkle::mpt::{self, Slot as Stored, pool};
use wire::Seconds;
use wire::path::Path;

/// A trusted state as far as proofs need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouterStorage {
    /// Root of the router's storage.
    pub root: B256,
    /// The time of that state.
    pub timestamp: Seconds,
    /// Base slot of the router's mapping of commitments.
    pub commitments_slot: B256,
}

/// Why a proof is refused, by whichever client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StorageReject {
    /// A commitment is 32 bytes that are not all zero.
    #[error("prove a value of {length} bytes: a commitment is 32 bytes, not all zero")]
    BadValue {
        /// Length of the value in bytes.
        length: usize,
    },
    /// The proof does not fit the router's storage root.
    #[error("prove storage against {storage_root}: {fault}")]
    StorageProof {
        /// The router's storage root.
        storage_root: B256,
        /// What is wrong with the proof.
        fault: merkle::Reject,
    },
    /// Nothing is stored there.
    #[error("find slot {slot} in storage: proven absent")]
    SlotAbsent {
        /// The storage slot.
        slot: B256,
    },
    /// Something is stored there.
    #[error("show that slot {slot} is absent: it holds {value}")]
    SlotPresent {
        /// The storage slot.
        slot: B256,
        /// What it holds.
        value: B256,
    },
    /// Something else is stored there.
    #[error("match the value: expected {expected}, proven {proven}")]
    ValueMismatch {
        /// The value asked about.
        expected: B256,
        /// The value in storage.
        proven: B256,
    },
}

impl StorageReject {
    /// Whether the proof itself holds and shows something else than was asked: at another height that can be true.
    #[must_use]
    pub const fn is_about_the_value(&self) -> bool {
        match self {
            Self::SlotAbsent { .. } | Self::SlotPresent { .. } | Self::ValueMismatch { .. } => true,
            Self::BadValue { .. } | Self::StorageProof { .. } => false,
        }
    }
}

impl RouterStorage {
    /// Accepts if the router stored `value` under `path`; returns the state's timestamp.
    ///
    /// - `proof`: RLP nodes from the storage root to the leaf, concatenated, consumed exactly.
    ///
    /// # Errors
    /// [`StorageReject::BadValue`], [`StorageReject::StorageProof`], [`StorageReject::SlotAbsent`],
    /// [`StorageReject::ValueMismatch`].
    pub fn member(&self, path: &Path, value: &[u8], proof: &[u8]) -> Result<Seconds, StorageReject> {
        let expected = commitment(value)?;
        let slot = path.evm_slot(self.commitments_slot);
        match self.stored(slot, proof)? {
            Stored::Absent => Err(StorageReject::SlotAbsent { slot }),
            Stored::Present(proven) if proven != expected => {
                Err(StorageReject::ValueMismatch { expected, proven })
            }
            Stored::Present(_) => Ok(self.timestamp),
        }
    }

    /// Accepts if the router stored nothing under `path`; returns the state's timestamp.
    ///
    /// - `proof`: RLP nodes from the storage root to where the path ends, concatenated.
    ///
    /// # Errors
    /// [`StorageReject::StorageProof`], [`StorageReject::SlotPresent`].
    pub fn absent(&self, path: &Path, proof: &[u8]) -> Result<Seconds, StorageReject> {
        let slot = path.evm_slot(self.commitments_slot);
        match self.stored(slot, proof)? {
            Stored::Absent => Ok(self.timestamp),
            Stored::Present(value) => Err(StorageReject::SlotPresent { slot, value }),
        }
    }

    /// What the router stored under each of `paths`, in their order, and the state's timestamp; none = proven absent, and
    /// never anything else.
    ///
    /// - `paths`: in the order of [`crate::batch_order`]; the same one may come several times.
    /// - `pool`: one proof for all of them, docs/formats/pool.md, consumed exactly.
    ///
    /// # Errors
    /// [`StorageReject::StorageProof`]. One bad byte refuses all.
    pub fn batch(&self, paths: &[Path], pool: &[u8]) -> Result<(Seconds, Vec<Option<B256>>), StorageReject> {
        let slots = slots_of(self.commitments_slot, paths);
        let found = pool::storage(self.root, &slots, pool).map_err(|fault| self.refused(fault))?;
        let values = found.into_iter().map(|slot| match slot {
            Stored::Present(value) => Some(value),
            Stored::Absent => None,
        });
        Ok((self.timestamp, values.collect()))
    }

    /// The pool for `paths` out of single proofs: the prover's side of [`RouterStorage::batch`]. It decides nothing; what
    /// it makes of false proofs is refused there.
    ///
    /// - `paths`: in the order of [`crate::batch_order`].
    /// - `proofs`: for each path its own; in any order.
    ///
    /// # Errors
    /// [`StorageReject::StorageProof`].
    pub fn build_pool<'a>(
        &self,
        paths: &[Path],
        proofs: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Vec<u8>, StorageReject> {
        let slots = slots_of(self.commitments_slot, paths);
        let keys: Vec<B256> = slots.iter().map(keccak256).collect();
        pool::build(self.root, &keys, proofs).map_err(|fault| self.refused(fault))
    }

    fn stored(&self, slot: B256, proof: &[u8]) -> Result<Stored, StorageReject> {
        mpt::storage(self.root, slot, proof).map_err(|fault| self.refused(fault))
    }

    fn refused(&self, fault: merkle::Reject) -> StorageReject {
        StorageReject::StorageProof {
            storage_root: self.root,
            fault,
        }
    }
}

/// The order in which a batch takes `paths`: indices into them.
pub(crate) fn batch_order_of(commitments_slot: B256, paths: &[Path]) -> Vec<usize> {
    pool::batch_order(&slots_of(commitments_slot, paths))
}

fn slots_of(commitments_slot: B256, paths: &[Path]) -> Vec<B256> {
    paths.iter().map(|path| path.evm_slot(commitments_slot)).collect()
}

/// A commitment: 32 bytes, not all zero.
fn commitment(value: &[u8]) -> Result<B256, StorageReject> {
    match B256::try_from(value) {
        Ok(commitment) if !commitment.is_zero() => Ok(commitment),
        Ok(_) | Err(_) => Err(StorageReject::BadValue { length: value.len() }),
    }
}
