//! The adapter of chains that run CometBFT and the Cosmos SDK: what is asked of a node, and in which form it answers.
//!
//! So far it is the node's JSON-RPC ([`Rpc`]): signed headers, validators, results of blocks, queries proven and plain, transactions.
//! Nothing in an answer is to be believed because a node said it: headers are judged by the light client, proofs against its
//! roots. What a node refuses is sorted by what helps ([`Refusal`]).
//!
//! What this crate must never do: decide, or hold a signature for verified.

mod answers;
mod form;
mod refusal;
mod rpc;

pub use answers::{Broadcast, Commit, Event, Included, Proven, Queried, Results, Status, TxResult};
pub use refusal::{Refusal, Said};
pub use rpc::{Answered, Rpc};
