//! The policy client: a light client made of light clients.
//!
//! Decides whether what some of the leaves proved is enough, and which height and time that proves. It must never take a
//! leaf for more than it said: one that is halted, frozen, expired, silent or without a proof is absent, and absence only
//! ever takes away. There is no "not": with a leaf more, whatever held still holds.
//!
//! How a leaf is asked, and whether it is halted, is for the host. Spec: docs/formats/policy.md. Twin:
//! contracts/src/clients/PolicyClient.sol.

#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::indexing_slicing,
        clippy::as_conversions,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;

mod codec;
mod decide;
mod node;
mod reject;

pub use codec::{LeafProof, decode_proof, encode_proof};
pub use decide::{Proven, decide, status};
pub use node::{DELAY_MAX, DEPTH_MAX, LEAVES_MAX, Leaf, Node, Policy};
pub use reject::{PolicyFault, Reject};
