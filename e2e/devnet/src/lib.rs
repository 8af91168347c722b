//! Embedded chains: an EVM on revm under a simulated beacon chain.
//!
//! A [`Chain`] is reached as a real one is: JSON-RPC for the execution layer, the beacon REST
//! interface for the consensus layer, both on loopback. Blocks, tries, receipts, SSZ trees and BLS
//! signatures are real; what is simulated is that 512 seats are signed for by one process.
//!
//! It judges our light clients, so it is not built from them: encodings of tries and their proofs
//! are alloy-trie's, SSZ trees and signatures are made here. The npm light client of Lodestar
//! accepts what it serves (`e2e/devnet/lodestar`).
//!
//! ```text
//! clock -> node: a slot passes -> evm: a block -> beacon: its header, signed in the next slot
//!                rpc  <- the world behind one lock ->  beacon::api, control
//! ```

mod beacon;
mod clock;
mod config;
mod control;
mod error;
mod evm;
mod faults;
mod forged_state;
mod genesis;
mod host;
mod node;
mod rpc;
mod state;
mod trie;

pub use beacon::{Forgery, Party};
pub use clock::{Clock, Member};
pub use config::{
    BeaconConfig, CODE_SIZE_MAX, COMMITTEE_SIZE, ChainConfig, EvmConfig, Fork, ForkEpochs, Hardfork,
};
pub use error::DevnetError;
pub use faults::{Faults, Lie};
pub use forged_state::ForgedState;
pub use genesis::{Genesis, GenesisAccount};
pub use host::Host;
pub use node::Chain;

/// How both interfaces name this software.
pub(crate) const CLIENT_VERSION: &str = concat!("weighbridge-devnet/", env!("CARGO_PKG_VERSION"));
