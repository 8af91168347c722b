//! Embedded chains: an EVM on revm under a simulated beacon chain.

mod clock;
mod config;
mod evm;
mod genesis;
mod state;
mod trie;

pub use clock::Clock;
pub use config::{BeaconConfig, COMMITTEE_SIZE, ChainConfig, EvmConfig, Fork, ForkEpochs, Hardfork};
pub use genesis::{Genesis, GenesisAccount};
