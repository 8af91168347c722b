//! CometBFT chains whose validators' keys are known: for tests and embedded chains, never for a daemon.
//!
//! Building blocks: [`Secret`] (a key that signs), [`Validators`] (a set in CometBFT's order), [`Block`] (a header and the
//! votes for it), [`ibc`] (the messages of ibc-go). [`World`] puts them together into a chain of which any block can be drawn.
//! Everything follows from seeds; keys are kept, so a block costs its signatures and no more.
//!
//! None of the law's code is used here: hashes, encodings and addresses are those of the crates `tendermint` and
//! `tendermint-proto`. So what is judged and what judges have nothing in common but the protocol.
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

mod block;
pub mod ibc;
mod keys;
mod validators;
mod world;

pub use block::{Ballot, Block};
pub use keys::{Kind, Secret};
pub use validators::{Member, Validators};
pub use world::World;

/// By which messages become bytes.
pub use prost::Message;
/// The messages as CometBFT defines them.
pub use tendermint_proto::google::protobuf::Timestamp;
pub use tendermint_proto::v0_38::types as raw;
pub use tendermint_proto::v0_38::version::Consensus as RawVersion;
