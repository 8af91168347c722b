//! The judge: the light clients of `light-clients/`, behind one small seam.
//!
//! It decides whether an update or a proof is true, exactly as the contract on the other side will. [`Law`] is the only
//! implementation outside tests; the simulator brings its own, whose "proofs" are cheap, because what it tests is the
//! machine and not the cryptography.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloy_primitives::{B256, Bytes};
use chain::{Blame, ClientUpdate, TrustedState};
use client::{Advance, Status};
use ethereum::Bls;
use wire::{Height, Path, Seconds};

/// How a client stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stand {
    /// Active, expired or frozen.
    pub status: Status,
    /// The newest height that it trusts.
    pub newest: Height,
    /// The timestamp of that height (Unix seconds).
    pub timestamp: Seconds,
    /// How long it trusts a height (seconds).
    pub trust_period: Seconds,
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

    /// How the client stands at `now`; `None` when its newest height has no timestamp, so that it cannot be used.
    fn stand(&self, trusted: &TrustedState, now: Seconds) -> Option<Stand>;
}

/// The law crates, over one implementation of BLS.
#[derive(Clone, Copy, Debug, Default)]
pub struct Law<B>(pub B);

impl<B: Bls + Send> Judge for Law<B> {
    fn advance(
        &self,
        trusted: &TrustedState,
        update: &ClientUpdate,
        now: Seconds,
    ) -> Result<Advance<TrustedState>, Refusal> {
        let (TrustedState::Ethereum(trusted), ClientUpdate::Ethereum(update)) = (trusted, update);
        let network = &trusted.config.network;
        let advance = ethereum::verify_update(&self.0, trusted, update, now).map_err(|reject| {
            let ripe = if let ethereum::Reject::FromTheFuture { signed, .. } = &reject {
                network.time_of(*signed)
            } else {
                None
            };
            Refusal {
                ripe,
                ..refusal(reject)
            }
        })?;
        Ok(match advance {
            Advance::Updated(trusted) => Advance::Updated(TrustedState::Ethereum(Box::new(trusted))),
            Advance::NoOp => Advance::NoOp,
            Advance::Misbehaviour(trusted) => {
                Advance::Misbehaviour(TrustedState::Ethereum(Box::new(trusted)))
            }
        })
    }

    fn member(
        &self,
        trusted: &TrustedState,
        proof: ProofAt<'_>,
        value: &[u8],
        now: Seconds,
    ) -> Result<Seconds, Refusal> {
        let TrustedState::Ethereum(trusted) = trusted;
        ethereum::verify_member(trusted, proof.height, proof.path, value, proof.bytes, now).map_err(refusal)
    }

    fn absent(&self, trusted: &TrustedState, proof: ProofAt<'_>, now: Seconds) -> Result<Seconds, Refusal> {
        let TrustedState::Ethereum(trusted) = trusted;
        ethereum::verify_absent(trusted, proof.height, proof.path, proof.bytes, now).map_err(refusal)
    }

    fn pool(
        &self,
        trusted: &TrustedState,
        height: Height,
        parts: &[PoolPart<'_>],
        now: Seconds,
    ) -> Result<Pooled, Refusal> {
        let TrustedState::Ethereum(trusted) = trusted;
        let paths: Vec<Path> = parts.iter().map(|part| part.path.clone()).collect();
        let order = ethereum::batch_order(&trusted.config, &paths);
        let ordered: Vec<&PoolPart<'_>> = order.iter().filter_map(|at| parts.get(*at)).collect();
        let paths: Vec<Path> = ordered.iter().map(|part| part.path.clone()).collect();
        let proofs = parts.iter().map(|part| part.proof);
        let bytes = ethereum::build_pool(trusted, height, &paths, proofs).map_err(refusal)?;
        let (_, values) = ethereum::verify_batch(trusted, height, &paths, &bytes, now).map_err(refusal)?;
        match ordered
            .iter()
            .zip(&values)
            .find(|(part, value)| part.value != **value)
        {
            Some((part, _)) => {
                let text = format!("the pool shows another value of {} than its own proof", part.path);
                Err(Refusal::new(Blame::Us, text))
            }
            None => Ok(Pooled {
                order,
                bytes: bytes.into(),
            }),
        }
    }

    fn stand(&self, trusted: &TrustedState, now: Seconds) -> Option<Stand> {
        let TrustedState::Ethereum(trusted) = trusted;
        Some(Stand {
            status: ethereum::status(trusted, now),
            newest: Height::of(trusted.newest.0),
            timestamp: trusted.config.network.time_of(trusted.newest)?,
            trust_period: trusted.config.trust_period,
        })
    }
}

/// Too few signers and a clock that lags are cured by waiting, an unknown fork and a dead client by people; everything
/// else is a false answer.
fn refusal(reject: ethereum::Reject) -> Refusal {
    use ethereum::Reject;
    let waits = matches!(
        reject,
        Reject::NotEnoughSigners { .. } | Reject::FromTheFuture { .. }
    );
    let people = matches!(
        reject,
        Reject::UnknownFork { .. } | Reject::Expired { .. } | Reject::Frozen
    );
    let blame = if waits {
        Blame::Chain
    } else if people {
        Blame::Operator
    } else {
        Blame::Peer
    };
    Refusal::new(blame, reject.to_string())
}
