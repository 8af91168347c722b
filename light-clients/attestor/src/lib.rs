//! The attestor light client: it believes a state of the counterparty chain when attestors of enough weight signed it.
//!
//! Decides whether a signed state may be believed, which set of attestors follows which, and what becomes of attestors
//! who contradict themselves. What is stored under a believed state is proven as for a beacon client, packet by packet: an
//! attestor never signs a packet. It must never believe anything that less than the threshold signed, nor a signature made
//! for another chain, contract, set or kind; it must never take a missing or empty storage as "everything is absent".
//!
//! It rests on attestors of the threshold's weight being honest, and on nothing else: they sign a state only after it is
//! final on the counterparty chain.
//!
//! Where to look: `verify` (start, update, rotation), `misbehaviour`, `member` (proofs of packets); `tally` says whose
//! signatures count, `set` what a safe set is, `codec` has the bytes. Spec: docs/formats/attestor.md. Twin:
//! contracts/src/clients/AttestorClient.sol.

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

pub mod codec;
mod config;
mod light_client;
mod member;
mod misbehaviour;
mod reject;
mod rotation;
mod set;
mod tally;
#[cfg(feature = "testing")]
pub mod testing;
mod trusted;
mod update;
mod verify;

pub use client::{batch_order, build_pool, verify_absent, verify_batch, verify_member};
pub use config::Config;
pub use light_client::Attestors;
pub use misbehaviour::{check_misbehaviour, contradiction};
pub use reject::{ConfigFault, Reject, SetFault};
pub use rotation::{complete_rotation, veto_rotation};
pub use set::{ATTESTORS_MAX, Attestor, Set};
pub use tally::{rotation_signed_by, signed_by};
pub use trusted::{PendingRotation, State, Trusted};
pub use update::{Attestation, Claim, Evidence, ROTATION_VALIDITY_MAX, Rotation, Signed, Update};
pub use verify::{start, status, verify_update};
