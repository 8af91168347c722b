//! The light-client store of the consensus specification, and the runners of its official cases.
//!
//! For tests only: never linked into a daemon, a contract or wasm. The store has what a bridge must not have (an
//! optimistic header, `force_update`), and is built over the same checks as the law in `ethereum`, so that the
//! official cases judge those. Cases of a fork that is not supported are skipped with the reason, never agreed.
//!
//! Beside them stand the runner of published ICS-23 proofs, and that of traces of light clients of CometBFT chains, over the law
//! in `tendermint-client`: they, too, are only for tests.
//!
//! Consensus specification: Altair to Fulu light client; test formats `light_client/{sync, single_merkle_proof,
//! update_ranking, data_collection}`.

mod beacon;
mod cases;
mod chain;
mod devnet;
mod preset;
mod ranking;
mod rules;
mod schema;
mod store;
mod stores;
mod tendermint;
mod verdict;

pub use cases::run_consensus;
pub use chain::{Chain, ForkName};
pub use devnet::run_devnet;
pub use preset::Preset;
pub use ranking::is_better_update;
pub use rules::check_header;
pub use store::Store;
pub use stores::run_ics23;
pub use tendermint::run_tendermint;
pub use verdict::{Tally, Verdict};
