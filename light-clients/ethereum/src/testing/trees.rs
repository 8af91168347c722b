//! SSZ trees of beacon states and block bodies: right where a light client looks, filler elsewhere.

use alloc::vec::Vec;

use alloy_primitives::B256;

use super::filler;
use crate::network::Layout;
use crate::ssz::{chunk_u64, hash_pair, merkleize};
use crate::units::Epoch;
use crate::update::Branch;

/// Position of `finalized_checkpoint` among a state's fields.
const FINALIZED_CHECKPOINT: u64 = 20;
/// Position of `current_sync_committee`.
const CURRENT_COMMITTEE: u64 = 22;
/// Position of `next_sync_committee`.
const NEXT_COMMITTEE: u64 = 23;
/// Position of `execution_payload` among a body's fields.
const EXECUTION_PAYLOAD: u64 = 9;
/// Depth of the tree over a body's fields.
const BODY_DEPTH: u32 = 4;

/// The tree over a beacon state's fields.
#[derive(Clone, Debug)]
pub struct StateTree {
    fields: Vec<B256>,
    depth: u32,
    finalized_epoch: B256,
}

/// What of a beacon state a light client looks at.
#[derive(Clone, Copy, Debug)]
pub struct StateFields {
    /// Epoch of the finalized checkpoint.
    pub finalized_epoch: Epoch,
    /// Root of the finalized block.
    pub finalized_root: B256,
    /// Root of the current sync committee.
    pub current_committee: B256,
    /// Root of the next sync committee.
    pub next_committee: B256,
}

impl StateTree {
    /// A state with these fields; all others are filler that follows from `seed`.
    ///
    /// # Panics
    /// For [`Layout::Unknown`].
    #[must_use]
    pub fn new(layout: Layout, seed: B256, wanted: &StateFields) -> Self {
        let (count, depth) = match layout {
            Layout::Deneb => (28_u64, 5),
            Layout::Electra => (37, 6),
            Layout::Unknown => panic!("no state of unknown layout can be built"),
        };
        let finalized_epoch = chunk_u64(wanted.finalized_epoch.0);
        let fields = (0..count).map(|field| match field {
            FINALIZED_CHECKPOINT => hash_pair(finalized_epoch, wanted.finalized_root),
            CURRENT_COMMITTEE => wanted.current_committee,
            NEXT_COMMITTEE => wanted.next_committee,
            other => hash_pair(seed, filler("state field", &[other])),
        });
        Self {
            fields: fields.collect(),
            depth,
            finalized_epoch,
        }
    }

    /// The state root.
    #[must_use]
    pub fn root(&self) -> B256 {
        merkleize(&self.fields, self.depth)
    }

    /// From `finalized_checkpoint.root` up to the state root.
    #[must_use]
    pub fn finality_branch(&self) -> Branch {
        let mut branch = Vec::from([self.finalized_epoch]);
        branch.extend(branch_of(&self.fields, self.depth, FINALIZED_CHECKPOINT));
        branch
    }

    /// From `current_sync_committee` up to the state root.
    #[must_use]
    pub fn current_committee_branch(&self) -> Branch {
        branch_of(&self.fields, self.depth, CURRENT_COMMITTEE)
    }

    /// From `next_sync_committee` up to the state root.
    #[must_use]
    pub fn next_committee_branch(&self) -> Branch {
        branch_of(&self.fields, self.depth, NEXT_COMMITTEE)
    }
}

/// The tree over a block body's fields.
#[derive(Clone, Debug)]
pub struct BodyTree {
    fields: Vec<B256>,
}

impl BodyTree {
    /// A body with this execution payload root; all other fields are filler that follows from `seed`.
    ///
    /// # Panics
    /// For [`Layout::Unknown`].
    #[must_use]
    pub fn new(layout: Layout, seed: B256, payload_root: B256) -> Self {
        let count = match layout {
            Layout::Deneb => 12_u64,
            Layout::Electra => 13,
            Layout::Unknown => panic!("no body of unknown layout can be built"),
        };
        let fields = (0..count).map(|field| match field {
            EXECUTION_PAYLOAD => payload_root,
            other => hash_pair(seed, filler("body field", &[other])),
        });
        Self {
            fields: fields.collect(),
        }
    }

    /// The body root.
    #[must_use]
    pub fn root(&self) -> B256 {
        merkleize(&self.fields, BODY_DEPTH)
    }

    /// From `execution_payload` up to the body root.
    #[must_use]
    pub fn execution_branch(&self) -> [B256; 4] {
        branch_of(&self.fields, BODY_DEPTH, EXECUTION_PAYLOAD)
            .try_into()
            .expect("four levels")
    }
}

/// Siblings from leaf `index` up to the root's children.
fn branch_of(leaves: &[B256], depth: u32, index: u64) -> Branch {
    merkle::ssz::multiproof_siblings(depth, leaves, &[index]).expect("an index inside the tree")
}
