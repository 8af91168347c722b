//! What a light client is: six functions and the types that all of them share.
//!
//! A light client is law: it decides from bytes and a time that are passed in, and returns the new
//! trusted state instead of storing it. It never reads a clock, never talks to a network and never
//! panics, whatever the input. Every client crate (`ethereum`, `attestor`) has the six functions under the
//! names of [`LightClient`]; relayer, contracts and tests find the same shape in each of them.
//! What two of them have in common, proofs under the storage root of a router, stands here once ([`TrustsStorage`]).
//! Design: "Words" and "Protocol" of the design page; decisions in section 1 of the protocol page.

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

mod router;
mod storage;

pub use router::{TrustsStorage, batch_order, build_pool, verify_absent, verify_batch, verify_member};
pub use storage::{RouterStorage, StorageReject};

use wire::path::Path;
use wire::{Height, Seconds};

/// Whether a client may be believed at a given moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Updates and proofs are judged.
    Active,
    /// The newest trusted state is older than the trust period. Everything is refused; the remedy is a
    /// migration decided by governance.
    Expired,
    /// Misbehaviour was proven. Everything is refused until governance acts.
    Frozen,
}

/// What a valid client message did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Advance<T> {
    /// Something new was learned: this is the new trusted state.
    Updated(T),
    /// Valid, and everything in it was known before. Not an error: two relayers may race.
    NoOp,
    /// Valid, and in contradiction to what the client believes: this is the frozen state.
    Misbehaviour(T),
}

/// The six functions of a light client.
///
/// - `now` is always the block time of the chain that hosts the client, in seconds.
/// - Every refusal is a [`LightClient::Reject`] that names the broken rule.
pub trait LightClient {
    /// What stays the same during the client's life.
    type Config;
    /// The first trusted state, with its proofs.
    type Bootstrap;
    /// What the client believes.
    type Trusted;
    /// What moves it forward.
    type Update;
    /// What proves that its validators contradicted themselves.
    type Evidence;
    /// Why something is refused.
    type Reject;

    /// Begins to trust `bootstrap`, whose truth the caller vouches for.
    fn start(
        &self,
        config: Self::Config,
        bootstrap: &Self::Bootstrap,
        now: Seconds,
    ) -> Result<Self::Trusted, Self::Reject>;

    /// Judges `update` and returns what is believed after it.
    fn verify_update(
        &self,
        trusted: &Self::Trusted,
        update: &Self::Update,
        now: Seconds,
    ) -> Result<Advance<Self::Trusted>, Self::Reject>;

    /// Accepts if the counterparty's store holds `value` under `path` at `height`; returns the timestamp
    /// of that height.
    fn verify_member(
        &self,
        trusted: &Self::Trusted,
        height: Height,
        path: &Path,
        value: &[u8],
        proof: &[u8],
        now: Seconds,
    ) -> Result<Seconds, Self::Reject>;

    /// Accepts if the counterparty's store holds nothing under `path` at `height`; returns the timestamp
    /// of that height.
    fn verify_absent(
        &self,
        trusted: &Self::Trusted,
        height: Height,
        path: &Path,
        proof: &[u8],
        now: Seconds,
    ) -> Result<Seconds, Self::Reject>;

    /// Accepts if `evidence` shows a contradiction; returns the frozen state.
    fn check_misbehaviour(
        &self,
        trusted: &Self::Trusted,
        evidence: &Self::Evidence,
        now: Seconds,
    ) -> Result<Self::Trusted, Self::Reject>;

    /// Whether the client may be believed at `now`.
    fn status(&self, trusted: &Self::Trusted, now: Seconds) -> Status;
}
