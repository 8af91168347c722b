//! The messages of the client, parsed: bootstrap, update, evidence.
//!
//! These are the compact forms that contracts and relayers exchange; their bytes are described in
//! docs/formats/beacon.md and read by `codec`. The full objects of the consensus specification are
//! in `spec`.

use alloc::vec::Vec;

use alloy_primitives::B256;

use crate::committee::Committee;
use crate::header::Header;
use crate::points::{G1, G2};
use crate::units::Slot;

/// Nodes from a leaf's sibling up to the root's child.
pub type Branch = Vec<B256>;

/// Number of nodes between an execution state root and the body root above it.
pub const EXECUTION_DEPTH: usize = 9;

/// An execution state root, and where it is in a block body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Execution {
    /// `execution_payload.state_root`.
    pub state_root: B256,
    /// Siblings up to the body root, generalized index 802.
    pub branch: [B256; EXECUTION_DEPTH],
}

/// A committee, and where it is in a beacon state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenCommittee {
    /// The committee.
    pub committee: Committee,
    /// Siblings up to the state root.
    pub branch: Branch,
}

/// The first trusted state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bootstrap {
    /// A finalized header.
    pub header: Header,
    /// The sync committee of its period.
    pub current: ProvenCommittee,
    /// The execution state in it.
    pub execution: Execution,
    /// The router's account under the execution state root: RLP nodes root to leaf, concatenated.
    pub account_proof: Vec<u8>,
}

/// What moves the client forward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Slot whose block carried the signature.
    pub signature_slot: Slot,
    /// The header that was signed.
    pub attested: Header,
    /// The header that is final in the attested state.
    pub finalized: Header,
    /// The execution state in the finalized header.
    pub execution: Execution,
    /// One bit a seat, SSZ order: lowest bit of the first byte first.
    pub signers: Vec<u8>,
    /// The signature of those seats.
    pub signature: G2,
    /// The committee of the signature's period.
    pub committee: Committee,
    /// From the finalized header's root up to the attested state root.
    pub finality_branch: Branch,
    /// The committee of the period after the attested header's.
    pub next: Option<ProvenCommittee>,
    /// The keys that did not sign, in the order of their seats.
    pub absentees: Absentees,
    /// The router's account under the execution state root: RLP nodes root to leaf, concatenated. Empty in an update
    /// that teaches the next committee only, and in evidence.
    pub account_proof: Vec<u8>,
}

/// The keys on the seats that did not sign, and the one multiproof that opens them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Absentees {
    /// Keys in the order of their seats.
    pub keys: Vec<G1>,
    /// Siblings that cannot be computed, level by level from the leaves, left to right.
    pub siblings: Vec<B256>,
}

/// Two updates that contradict each other. Their account proofs are left out: they must be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// One update.
    pub first: Update,
    /// The other.
    pub second: Update,
}
