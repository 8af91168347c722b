//! Merkle proofs: Ethereum tries (`mpt`, over canonical `rlp`), SSZ trees (`ssz`), Cosmos stores (`ics23`).
//!
//! This crate decides whether bytes prove that a key has a value, or has none, under a root. A proof is consumed
//! exactly, is bound to its root, key and position, and has one encoding (a trie's has one more, the packed one): any
//! other bytes are refused with a [`Reject`] that names the rule.
//!
//! It must never decide whether the root itself deserves trust, whether absence is good news, or what a value
//! means: that is the light client's business. No input makes it panic.
//!
//! Spec: Ethereum yellow paper, appendices B to D; SSZ merkle proofs of the consensus specification; ICS-23; the
//! files of `light-clients/vectors/{mpt,ssz,ics23}`, which the Solidity libraries read too.
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

pub mod ics23;
pub mod mpt;
pub mod rlp;
pub mod ssz;
pub mod varint;

mod proven;
mod reject;

pub use proven::Proven;
pub use reject::Reject;
