//! Chains of ibc-go: simd, unmodified, one process for each validator.
//!
//! Decides how they are configured, started, watched and stopped. Everything but the default genesis is written from
//! here: keys, validators and accounts need no further call of the program.

mod chain;
mod channels;
mod contract;
mod embedded;
mod evidence;
mod examine;
mod genesis;
mod home;
mod ica;
mod judge;
mod judges;
mod keys;
mod mutants;
mod ordered;
mod section;
mod settings;
mod stake;
mod traffic;
mod wasm;

pub use chain::{Account, CosmosChain, CosmosSite, Heights, Manner, PreparedCosmos};
pub use channels::channels;
pub use embedded::judge_embedded;
pub use examine::{Examined, Signed, examine, restore};
pub use mutants::mutants;
pub use ordered::ordered;
pub use section::chain_section;
pub use settings::{CosmosSettings, Curve, cosmos_pair};
pub use stake::Stake;
pub use traffic::traffic;
pub use wasm::{let_in, wasm_client};
