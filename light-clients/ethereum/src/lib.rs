//! The Ethereum sync-committee light client: one law for native code, contracts and wasm.
//!
//! Decides whether a finalized header of a beacon chain, with the counterparty router's storage root in it,
//! may be believed; whether a packet's commitment is stored under such a root; and whether a committee
//! contradicted itself. It verifies the compact forms of docs/formats/beacon.md exactly as the contract does:
//! a committee is one hash, absent keys are opened by one multiproof and subtracted from the aggregate.
//!
//! It must never read a clock, panic, or believe anything that two thirds of a trusted committee did not sign.
//! That a committee's aggregate is the sum of its keys, and that the keys have proofs of possession, rests on
//! the consensus that computed them.
//!
//! Where to look: `verify` (start, update), `member` (proofs of packets), `misbehaviour`; the single rules are in
//! `checks`, their errors in [`Reject`], bytes in `codec`, the specification's full objects in `spec`.

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
#[cfg(test)]
extern crate std;

mod account;
mod bls;
#[cfg(feature = "blst")]
mod blst;
pub mod checks;
pub mod codec;
mod committee;
mod config;
mod header;
mod light_client;
mod member;
mod misbehaviour;
mod network;
mod points;
mod reject;
pub mod seats;
pub mod spec;
pub mod ssz;
#[cfg(feature = "testing")]
pub mod testing;
mod trusted;
mod units;
mod update;
mod verify;

pub use bls::{Bls, Sum, Verdict};
#[cfg(feature = "blst")]
pub use blst::Blst;
pub use client::{batch_order, build_pool, verify_absent, verify_batch, verify_member};
pub use committee::Committee;
pub use config::{Config, TRUST_PERIOD_DEFAULT, WEAK_SUBJECTIVITY_DEFAULT};
pub use header::Header;
pub use light_client::Ethereum;
pub use misbehaviour::check_misbehaviour;
pub use network::{
    COMMITTEE_SIZE_MAX, COMMITTEE_SIZE_MIN, EXECUTION_PAYLOAD_GINDEX, EXECUTION_STATE_ROOT_GINDEX, Fork,
    ForkSchedule, Indices, Layout, Network, Times,
};
pub use points::{G1, G2};
pub use reject::{ConfigFault, Reject};
pub use trusted::{COMMITTEES, HeldCommittee, State, Trusted};
pub use units::{Epoch, Period, Slot};
pub use update::{
    Absentees, Bootstrap, Branch, EXECUTION_DEPTH, Evidence, Execution, ProvenCommittee, Update,
};
pub use verify::{check_trusted_root, start, status, verify_update};
