//! Two real proof-of-stake networks on loopback: geth, Prysm's beacon node and its validator, twice.
//!
//! Decides how they are configured, started, watched and stopped, and hands each out as a [`scenarios::Site`], so that
//! what runs on embedded chains runs here unchanged. It must never open a port beyond loopback, and never stop a process
//! that it did not start: it goes by process ids, and checks that an id still belongs to its own program.

mod cosmos;
mod follow;
mod genesis;
mod group;
mod health;
mod network;
mod node;
mod ports;
mod programs;
mod rpc;
mod settings;

pub use cosmos::{
    Account, CosmosChain, CosmosSettings, CosmosSite, Curve, Examined, Heights, Manner, PreparedCosmos,
    Signed, Stake, chain_section, channels, cosmos_pair, examine, judge_embedded, let_in, mutants, ordered,
    restore, traffic, wasm_client,
};
pub use follow::{Followed, follow};
pub use health::Progress;
pub use network::{Network, Prepared};
pub use node::{Node, clean, run, stop_leftovers};
pub use ports::free_port;
pub use programs::{Programs, simd, tool};
pub use settings::{Settings, pair};
