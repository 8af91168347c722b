//! The Ethereum light client on a Cosmos chain: what 08-wasm of ibc-go asks of a contract, answered by the law of `ethereum`.
//!
//! Decides which message of the host means what, where the client's beliefs lie in the host's store, whether a client message
//! moves them, and whether guardians have halted the client. What an update or a proof shows is decided in `ethereum`; which
//! signatures halt and resume, in `guardian_core`; this crate repeats neither. It must never believe what those refuse, answer
//! for a packet while it is halted, or read a store that it would not have written.
//!
//! Its callers are `host/`, which is the contract, and tests. Where to look: [`contract`] (the entry points), `message` (what
//! relayers send), `store` (where things lie), `recover` and `migrate` (what governance does).
//!
//! Spec: section 7 of the protocol page; docs/formats/wasm.md.

#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::indexing_slicing,
        clippy::as_conversions,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;

mod any;
mod bls;
mod codec;
pub mod contract;
mod guards;
mod json;
mod judge;
mod message;
mod migrate;
mod recover;
mod reject;
mod state;
mod store;

pub use bls::{HostBls, Pairings};
pub use guards::ROTATION_DELAY_SECONDS;
pub use message::{Approval, GuardWord, Message, NextSet};
pub use reject::Reject;
pub use state::{CAPACITY_MAX, Genesis, Kept, Started};
pub use store::Store;
