//! Beacon chains whose secret keys are known: for tests and embedded chains, never for a daemon.
//!
//! Building blocks: [`Keys`] (a committee that signs), [`StateTree`] and [`BodyTree`] (SSZ trees with the right
//! generalized indices), [`tries`] (account and storage tries by alloy-trie, not by our own `merkle`). [`World`] puts
//! them together into a chain of which any update can be drawn. Everything follows from seeds; nothing is random.
//!
//! This module may panic where a test is built wrongly. It never judges anything.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::arithmetic_side_effects
)]

mod keys;
mod trees;
pub mod tries;
mod world;

use alloy_primitives::{B256, keccak256};

pub use keys::Keys;
pub use trees::{BodyTree, StateFields, StateTree};
pub use world::{Draft, Router, World};

use crate::network::{ForkSchedule, Network, Times};
use crate::reject::Reject;

/// A network whose committees may be smaller than any real one.
///
/// # Errors
/// As [`Network::custom`], except for the lower bound of the committee's size, which is 8 here.
pub fn any_network(
    times: Times,
    genesis_validators_root: B256,
    committee_size: u32,
    forks: ForkSchedule,
) -> Result<Network, Reject> {
    Network::of_any_size(times, genesis_validators_root, committee_size, forks)
}

/// A hash that follows from a label and numbers: filler that is never the same twice.
#[must_use]
pub fn filler(label: &str, numbers: &[u64]) -> B256 {
    let mut preimage = label.as_bytes().to_vec();
    for number in numbers {
        preimage.extend_from_slice(&number.to_be_bytes());
    }
    keccak256(preimage)
}
