//! The light client of CometBFT chains (Tendermint consensus): headers, commits and validator sets.
//!
//! Decides whether a header may be believed because validators signed it whom the client already has reason to trust;
//! whether a packet's commitment is stored under it; and whether validators contradicted themselves. It reads the messages of ibc-go's 07-tendermint, and refuses what ibc-go
//! refuses, and a few things more: docs/formats/tendermint.md has the rules in their order.
//!
//! It must never read a clock, panic, or believe a header that two thirds of its validators did not sign. A validator is its
//! key: the address is the hash of the key, and none occurs twice. What is capped is counted before any signature is
//! looked at. Nothing rests on bytes that no signature covers: proposer, priorities and totals beside a set decide nothing.
//!
//! Where to look: `verify` (start, update), `checks` and `tally` (the single rules), `member` (proofs of packets),
//! `misbehaviour`, `codec` (bytes), `evm` (bytes for the twin in Solidity); the
//! errors are in [`Reject`]. Why it is our own: docs/adr/0006-own-tendermint-law.md.

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

pub mod checks;
pub mod codec;
mod commit;
mod config;
pub mod evm;
mod header;
mod key;
mod light_client;
mod member;
mod milestones;
mod misbehaviour;
mod proto;
mod reject;
mod tally;
#[cfg(feature = "testing")]
pub mod testing;
mod time;
mod tree;
mod trusted;
mod update;
mod validators;
mod verify;

pub use commit::{Commit, SIGNATURE_LENGTH, Signed, Vote};
pub use config::{
    CLOCK_DRIFT_DEFAULT, Config, STORE_DEFAULT, TRUST_PERIOD_DEFAULT, TrustLevel, UNBONDING_PERIOD_DEFAULT,
};
pub use header::{BLOCK_VERSION, BlockId, Header};
pub use key::Key;
pub use light_client::Tendermint;
pub use member::{
    NO_COMMITMENT, batch_order, build_pool, prove_key, verify_absent, verify_batch, verify_member,
};
pub use misbehaviour::{Accused, accused, check_misbehaviour};
pub use reject::{ConfigFault, Reject};
pub use tally::check_signatures;
pub use time::Time;
pub use trusted::{State, Trusted};
pub use update::{Bootstrap, Evidence, Update};
pub use validators::{POWER_MAX, VALIDATORS_MAX, Validator, ValidatorSet};
pub use verify::{Purpose, check_trusted_hash, start, status, verify_header, verify_update};
