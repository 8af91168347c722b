//! The judge: the light clients of `light-clients/`, behind one small seam.
//!
//! It decides whether an update or a proof is true, exactly as the contract on the other side will. [`Law`] is the only
//! implementation outside tests; the simulator brings its own, whose "proofs" are cheap, because what it tests is the
//! machine and not the cryptography.

mod footing;
mod law;
mod refused;

pub use law::Law;

use alloc::string::String;
use alloc::vec::Vec;
use alloy_primitives::{B256, Bytes};
use chain::{Basis, Blame, ClientUpdate, TrustedState};
use client::{Advance, Status};
use wire::{Height, Path, Seconds};

/// How a client stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stand {
    /// Active, expired or frozen.
    pub status: Status,
    /// The newest height that it trusts; 0 while it trusts none.
    pub newest: Height,
    /// The time from which its trust period counts (Unix seconds): of its newest state, or of that leaf's which expires
    /// first.
    pub timestamp: Seconds,
    /// How long it trusts a height (seconds).
    pub trust_period: Seconds,
}

/// Where a client's proofs stand: the states that they are taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footing {
    /// The height of a proof as a whole.
    pub height: Height,
    /// The time that it proves.
    pub timestamp: Seconds,
    /// The states.
    pub basis: Basis,
}

/// Whether a policy's delays are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delays {
    /// A state counts when its delay has passed.
    Count,
    /// As if every delay had passed: what will count one day.
    Pass,
}

/// A storage proof and what it is about.
#[derive(Clone, Copy, Debug)]
pub struct ProofAt<'a> {
    /// The height of the trusted state that it is checked against.
    pub height: Height,
    /// The path whose value or absence it shows.
    pub path: &'a Path,
    /// The proof in the client's own encoding.
    pub bytes: &'a [u8],
}

/// One path of a pool, with the single proof that it is built from.
#[derive(Clone, Copy, Debug)]
pub struct PoolPart<'a> {
    /// The path.
    pub path: &'a Path,
    /// What the pool has to show there; none = nothing.
    pub value: Option<B256>,
    /// The single proof in the client's own encoding.
    pub proof: &'a [u8],
}

/// One proof for many paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pooled {
    /// The order in which it takes the paths: indices into the parts.
    pub order: Vec<usize>,
    /// The proof in the client's own encoding.
    pub bytes: Bytes,
}

/// Why the law refused something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule with both values, as the law crate words it.
    pub text: String,
    /// `Chain` when waiting can help, `Operator` when a person must act, otherwise `Peer`: the answer was not true.
    pub blame: Blame,
    /// The host's time from which on the very same answer is worth another look: all that is wrong with it so far is
    /// that the host's clock lags behind it.
    pub ripe: Option<Seconds>,
}

impl Refusal {
    /// A refusal that no clock cures.
    pub fn new(blame: Blame, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            blame,
            ripe: None,
        }
    }
}

/// What the machine lets its light clients decide. `now` is always the host chain's block time.
pub trait Judge: Send {
    /// Judges one update and returns what the client trusts after it.
    ///
    /// # Errors
    /// [`Refusal`] with the rule that is broken.
    fn advance(
        &self,
        trusted: &TrustedState,
        update: &ClientUpdate,
        now: Seconds,
    ) -> Result<Advance<TrustedState>, Refusal>;

    /// Accepts if `value` is proven to be stored; returns the timestamp of the proof's height.
    ///
    /// # Errors
    /// [`Refusal`] with the rule that is broken.
    fn member(
        &self,
        trusted: &TrustedState,
        proof: ProofAt<'_>,
        value: &[u8],
        now: Seconds,
    ) -> Result<Seconds, Refusal>;

    /// Accepts if nothing is proven to be stored; returns the timestamp of the proof's height.
    ///
    /// # Errors
    /// [`Refusal`] with the rule that is broken.
    fn absent(&self, trusted: &TrustedState, proof: ProofAt<'_>, now: Seconds) -> Result<Seconds, Refusal>;

    /// Puts single proofs together to one, and judges it as the client will: it shows for each part its value, or nothing.
    ///
    /// # Errors
    /// [`Refusal`] with the rule that is broken.
    fn pool(
        &self,
        trusted: &TrustedState,
        height: Height,
        parts: &[PoolPart<'_>],
        now: Seconds,
    ) -> Result<Pooled, Refusal>;

    /// The newest states that the client could be shown proofs from at `now`; none when there are not enough.
    fn footing(&self, trusted: &TrustedState, now: Seconds, delays: Delays) -> Option<Footing>;

    /// How the client stands at `now`; `None` when its newest height has no timestamp, so that it cannot be used.
    fn stand(&self, trusted: &TrustedState, now: Seconds) -> Option<Stand>;
}
