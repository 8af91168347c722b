//! IBC v2 as ibc-go 10.7 keeps it: clients, their counterparties, packets.
//!
//! What another chain says is judged by our own light clients, which judge as ibc-go's do. What this chain says is written
//! without them.

pub(crate) mod checks;
pub(crate) mod clients;
pub(crate) mod commitment;
pub(crate) mod counterparty;
mod heights;
pub(crate) mod ids;
pub(crate) mod messages;
pub(crate) mod packets;
mod pages;
pub(crate) mod queries;
mod tendermint;
pub(crate) mod wasm;

/// The store of all that IBC keeps.
pub(crate) const STORE: &str = "ibc";

pub(crate) use tendermint::revision;
