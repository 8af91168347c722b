//! The full objects of the consensus specification's light client, Deneb to Fulu.
//!
//! These are what beacon nodes serve (SSZ and, behind feature `serde`, the JSON of the REST interface). The
//! client itself never judges them: [`compact_update`], [`compact_finality_update`] and [`compact_bootstrap`]
//! turn them into the forms that it does judge. Nothing here is trusted; a lie ends in a refusal there.
//! Consensus specification: Altair "Sync protocol" with the changes of Capella, Deneb and Electra.

mod compact;
mod execution;
#[cfg(feature = "serde")]
mod json;
mod ssz;

use alloc::vec::Vec;

use alloy_primitives::{B256, Bytes, FixedBytes};
#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

pub use compact::{compact_bootstrap, compact_finality_update, compact_update};
pub use execution::ExecutionPayloadHeader;
#[cfg(feature = "serde")]
pub use json::Versioned;
pub use ssz::Shape;

use crate::header::Header;
use crate::ssz::{hash_pair, key_root, merkleize};
use crate::units::Slot;

/// A compressed public key.
pub type PublicKey = FixedBytes<48>;
/// A compressed signature.
pub type SignatureBytes = FixedBytes<96>;

/// `LightClientHeader`: a beacon header, and the execution header in its body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct LightClientHeader {
    /// The beacon header.
    pub beacon: Header,
    /// The header of the execution payload in its body.
    pub execution: ExecutionPayloadHeader,
    /// From the payload up to the body root: generalized index 25.
    pub execution_branch: [B256; 4],
}

/// `SyncCommittee` with all its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct SyncCommittee {
    /// One key a seat; a validator may hold several seats.
    pub pubkeys: Vec<PublicKey>,
    /// Sum of the keys.
    pub aggregate_pubkey: PublicKey,
}

/// `SyncAggregate`: who signed, and the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct SyncAggregate {
    /// One bit a seat.
    pub sync_committee_bits: Bytes,
    /// Signature of those seats.
    pub sync_committee_signature: SignatureBytes,
}

/// `LightClientBootstrap`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct LightClientBootstrap {
    /// The header to start from.
    pub header: LightClientHeader,
    /// The committee of its period.
    pub current_sync_committee: SyncCommittee,
    /// Up to the header's state root.
    pub current_sync_committee_branch: Vec<B256>,
}

/// `LightClientUpdate`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct LightClientUpdate {
    /// The header that was signed.
    pub attested_header: LightClientHeader,
    /// The committee of the period after the attested header's; zeros if there is none.
    pub next_sync_committee: SyncCommittee,
    /// Up to the attested state root; zeros if there is no committee.
    pub next_sync_committee_branch: Vec<B256>,
    /// The header that is final in the attested state; zeros if there is none.
    pub finalized_header: LightClientHeader,
    /// Up to the attested state root; zeros if there is no finalized header.
    pub finality_branch: Vec<B256>,
    /// Who signed.
    pub sync_aggregate: SyncAggregate,
    /// Slot of the block that carries the signature.
    #[cfg_attr(feature = "serde", serde(with = "json::slot"))]
    pub signature_slot: Slot,
}

/// `LightClientFinalityUpdate`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct LightClientFinalityUpdate {
    /// The header that was signed.
    pub attested_header: LightClientHeader,
    /// The header that is final in the attested state.
    pub finalized_header: LightClientHeader,
    /// Up to the attested state root.
    pub finality_branch: Vec<B256>,
    /// Who signed.
    pub sync_aggregate: SyncAggregate,
    /// Slot of the block that carries the signature.
    #[cfg_attr(feature = "serde", serde(with = "json::slot"))]
    pub signature_slot: Slot,
}

/// `LightClientOptimisticUpdate`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct LightClientOptimisticUpdate {
    /// The header that was signed.
    pub attested_header: LightClientHeader,
    /// Who signed.
    pub sync_aggregate: SyncAggregate,
    /// Slot of the block that carries the signature.
    #[cfg_attr(feature = "serde", serde(with = "json::slot"))]
    pub signature_slot: Slot,
}

impl SyncCommittee {
    /// SSZ root of the vector of its keys.
    #[must_use]
    pub fn pubkeys_root(&self) -> B256 {
        merkleize(
            &self.key_roots(),
            self.pubkeys.len().next_power_of_two().trailing_zeros(),
        )
    }

    /// Hash tree root.
    #[must_use]
    pub fn root(&self) -> B256 {
        hash_pair(self.pubkeys_root(), key_root(&self.aggregate_pubkey.0))
    }

    /// The leaves of [`SyncCommittee::pubkeys_root`].
    pub(crate) fn key_roots(&self) -> Vec<B256> {
        self.pubkeys.iter().map(|key| key_root(&key.0)).collect()
    }
}

impl LightClientUpdate {
    /// Whether it carries the next committee.
    #[must_use]
    pub fn has_next_committee(&self) -> bool {
        self.next_sync_committee_branch.iter().any(|node| !node.is_zero())
    }

    /// Whether it carries a finalized header.
    #[must_use]
    pub fn has_finality(&self) -> bool {
        self.finality_branch.iter().any(|node| !node.is_zero())
    }
}
