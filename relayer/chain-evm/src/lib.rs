//! The port on an EVM chain with a beacon chain: JSON-RPC and beacon REST.
//!
//! [`Evm`] serves the asks of `relayer/chain` for one chain. It fetches, checks that what came back is an answer, and
//! turns it into the law's types; several endpoints per interface stand in for each other. Every failure is a typed
//! [`chain::Fault`] that says who is responsible and what helps.
//!
//! What this crate must never do: decide what is true (the law crates do), decide what to do next (`relayer/core` does),
//! retry for ever, or panic on anything an endpoint answers.

pub mod abi;
mod anchors;
mod artifact;
mod attest;
mod batch;
mod beacon;
mod beliefs;
mod believed;
mod calls;
#[cfg(test)]
mod capture_tests;
mod client_view;
mod committees;
mod create;
mod created;
mod deploy;
mod errand;
mod events;
mod evidence;
mod evm;
#[cfg(test)]
mod failover_tests;
#[cfg(test)]
mod fake;
mod follower;
mod head;
#[cfg(test)]
mod hostile_tests;
mod laws;
mod lights;
mod log_pages;
mod logs;
mod network;
mod notices;
mod outbox;
mod parts;
mod plan;
mod powers;
mod proofs;
mod prove;
mod refusal;
mod revert;
mod ring;
mod roles;
mod rpc;
mod sequences;
mod steps;
mod submit;
mod sweep;
mod tendermint;
mod told;
mod updates;
mod verify;
mod verify_attestors;
mod verify_chain;
mod verify_policy;
mod verify_tendermint;
mod witness;

pub use artifact::{Artifacts, CodeFault};
pub use attest::Attested;
pub use calls::{packed_proof, packed_update};
pub use create::{AttestorTerms, ClientTerms, Created, capacity_for};
pub use deploy::{DeployFault, Deployed};
pub use endpoints::Limits;
pub use evm::{AttestorPeer, Evm, Settings};
pub use follower::{BeaconFollower, BeaconStart};
pub use notices::Agreed;
pub use plan::{DefaultLimit, Deployment};
pub use relayer_core::FeePolicy;
pub use submit::TRANSACTION_GAS_MAX;
pub use tendermint::tendermint_arguments;
pub use verify::{is_final, verify_end};
pub use verify_tendermint::{CometEnd, TendermintEnd, check_comet_policy, verify_tendermint_end};
