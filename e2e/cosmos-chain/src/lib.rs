//! An embedded chain of CometBFT and the Cosmos SDK, with IBC v2 and ICS-20.
//!
//! A [`Chain`] is reached as a real one is: JSON-RPC of CometBFT on loopback, and its websocket. Headers are signed by all validators of the set
//! of their height, every store has its ICS-23 proofs, transactions are protobuf with real signatures, and what is refused has
//! the codes and texts of the SDK and of ibc-go. What is simulated is that the votes come from one process.
//!
//! It judges our relayer and our light clients, so what it says is not written with them: stores and proofs come from
//! `cosmos-store`, headers and votes from the types of `tendermint`, commitments and packets from `ibc`. Only what other chains
//! say here is judged by our laws: of CometBFT chains in the place of 07-tendermint, of EVM chains as the contract of 08-wasm.
//!
//! ```text
//! clock -> world: a block -> app: its transactions -> stores -> block: a header, signed
//!          rpc  <- the world behind one lock
//! ```
//!
//! What it leaves out: staking, governance, IBC v1, evidence of its own validators' misbehaviour; amounts end at 128 bits.

mod app;
mod block;
mod chain;
mod config;
mod faults;
pub mod hand;
mod ibc;
mod pool;
mod rpc;
#[cfg(test)]
mod tests;
mod transfer;
mod world;

pub use chain::Chain;
pub use config::{ChainConfig, Funded};
pub use faults::{Faults, Lie};
/// Validators, their keys, and what they sign.
pub use tendermint_client::testing as validators;
