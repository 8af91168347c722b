//! The judge of the daemon: the law crates themselves.

use crate::judge::refused::Refused;
use crate::judge::{Delays, Footing, Judge, PoolPart, Pooled, ProofAt, Refusal, Stand, footing};
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use alloy_primitives::B256;
use chain::{Blame, ClientUpdate, PolicyState, TrustedState};
use client::{Advance, TrustsStorage};
use ethereum::Bls;
use policy::Proven;
use wire::path::Kind;
use wire::{Height, Path, Seconds};

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
        match (trusted, update) {
            (TrustedState::Policy(state), ClientUpdate::Leaf { leaf, update }) => {
                self.advance_leaf(state, *leaf, update, now)
            }
            _ => Ok(self.advance_plain(trusted, update, now)?),
        }
    }

    fn member(
        &self,
        trusted: &TrustedState,
        proof: ProofAt<'_>,
        value: &[u8],
        now: Seconds,
    ) -> Result<Seconds, Refusal> {
        show(trusted, proof, Some(value), now)
    }

    fn absent(&self, trusted: &TrustedState, proof: ProofAt<'_>, now: Seconds) -> Result<Seconds, Refusal> {
        show(trusted, proof, None, now)
    }

    fn pool(
        &self,
        trusted: &TrustedState,
        height: Height,
        parts: &[PoolPart<'_>],
        now: Seconds,
    ) -> Result<Pooled, Refusal> {
        let paths: Vec<Path> = parts.iter().map(|part| part.path.clone()).collect();
        let order = match trusted {
            TrustedState::Ethereum(trusted) => client::batch_order(trusted.as_ref(), &paths),
            TrustedState::Attestors(trusted) => client::batch_order(trusted.as_ref(), &paths),
            TrustedState::Tendermint(_) => tendermint_client::batch_order(&paths),
            TrustedState::Policy(_) => return Err(Refused::Kind.into()),
        };
        let ordered: Vec<&PoolPart<'_>> = order.iter().filter_map(|at| parts.get(*at)).collect();
        let paths: Vec<Path> = ordered.iter().map(|part| part.path.clone()).collect();
        let (bytes, values) = build(trusted, height, &paths, parts, now)?;
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

    fn footing(&self, trusted: &TrustedState, now: Seconds, delays: Delays) -> Option<Footing> {
        footing::footing(trusted, now, delays)
    }

    fn stand(&self, trusted: &TrustedState, now: Seconds) -> Option<Stand> {
        footing::stand(trusted, now)
    }
}

impl<B: Bls> Law<B> {
    fn advance_plain(
        &self,
        trusted: &TrustedState,
        update: &ClientUpdate,
        now: Seconds,
    ) -> Result<Advance<TrustedState>, Refused> {
        match (trusted, update) {
            (TrustedState::Ethereum(trusted), ClientUpdate::Ethereum(update)) => {
                let advance = ethereum::verify_update(&self.0, trusted, update, now);
                let advance = advance.map_err(|reject| {
                    let ripe = match &reject {
                        ethereum::Reject::FromTheFuture { signed, .. } => {
                            trusted.config.network.time_of(*signed)
                        }
                        _ => None,
                    };
                    Refused::Ethereum {
                        reject: Box::new(reject),
                        ripe,
                    }
                })?;
                Ok(mapped(advance, |next| TrustedState::Ethereum(Box::new(next))))
            }
            (TrustedState::Attestors(trusted), ClientUpdate::Attestors(update)) => {
                let advance = attestor::verify_update(trusted, update, now)?;
                Ok(mapped(advance, |next| TrustedState::Attestors(Box::new(next))))
            }
            (TrustedState::Attestors(trusted), ClientUpdate::CompleteRotation) => {
                let next = attestor::complete_rotation(trusted, now)?;
                Ok(Advance::Updated(TrustedState::Attestors(Box::new(next))))
            }
            (TrustedState::Attestors(trusted), ClientUpdate::Evidence(evidence)) => {
                let next = attestor::check_misbehaviour(trusted, evidence, now)?;
                Ok(Advance::Misbehaviour(TrustedState::Attestors(Box::new(next))))
            }
            (TrustedState::Tendermint(trusted), ClientUpdate::Tendermint(update)) => {
                let advance = tendermint_client::verify_update(trusted, update, now)?;
                Ok(mapped(advance, |next| TrustedState::Tendermint(Box::new(next))))
            }
            (TrustedState::Tendermint(trusted), ClientUpdate::Misbehaviour(evidence)) => {
                let next = tendermint_client::check_misbehaviour(trusted, evidence, now)?;
                Ok(Advance::Misbehaviour(TrustedState::Tendermint(Box::new(next))))
            }
            _ => Err(Refused::Kind),
        }
    }

    /// A policy keeps nothing itself: a step of one of its leaves is a step of it.
    fn advance_leaf(
        &self,
        state: &PolicyState,
        leaf: u8,
        update: &ClientUpdate,
        now: Seconds,
    ) -> Result<Advance<TrustedState>, Refusal> {
        let place = usize::from(leaf);
        let trusted = state
            .leaves
            .get(place)
            .and_then(Option::as_ref)
            .ok_or(Refused::Kind)?;
        let advance = self.advance_plain(trusted, update, now)?;
        Ok(mapped(advance, |next| {
            let mut state = state.clone();
            if let Some(leaf) = state.leaves.get_mut(place) {
                *leaf = Some(next);
            }
            TrustedState::Policy(Box::new(state))
        }))
    }
}

fn mapped<T>(advance: Advance<T>, wrap: impl FnOnce(T) -> TrustedState) -> Advance<TrustedState> {
    match advance {
        Advance::Updated(next) => Advance::Updated(wrap(next)),
        Advance::NoOp => Advance::NoOp,
        Advance::Misbehaviour(next) => Advance::Misbehaviour(wrap(next)),
    }
}

/// Accepts if `value` is proven to be stored, or with none that nothing is.
fn show(
    trusted: &TrustedState,
    proof: ProofAt<'_>,
    value: Option<&[u8]>,
    now: Seconds,
) -> Result<Seconds, Refusal> {
    match trusted {
        TrustedState::Policy(state) => show_to_leaves(state, proof, value, now),
        TrustedState::Ethereum(_) | TrustedState::Attestors(_) | TrustedState::Tendermint(_) => {
            Ok(show_plain(trusted, proof, value, now)?)
        }
    }
}

fn show_plain(
    trusted: &TrustedState,
    proof: ProofAt<'_>,
    value: Option<&[u8]>,
    now: Seconds,
) -> Result<Seconds, Refused> {
    match trusted {
        TrustedState::Ethereum(trusted) => show_storage(trusted.as_ref(), proof, value, now),
        TrustedState::Attestors(trusted) => show_storage(trusted.as_ref(), proof, value, now),
        TrustedState::Tendermint(trusted) => show_store(trusted, proof, value, now),
        TrustedState::Policy(_) => Err(Refused::Kind),
    }
}

/// The same for a client that proves by a router's storage.
fn show_storage<T: TrustsStorage>(
    trusted: &T,
    proof: ProofAt<'_>,
    value: Option<&[u8]>,
    now: Seconds,
) -> Result<Seconds, Refused>
where
    Refused: From<T::Reject>,
{
    let ProofAt { height, path, bytes } = proof;
    Ok(match value {
        Some(value) => client::verify_member(trusted, height, path, value, bytes, now)?,
        None => client::verify_absent(trusted, height, path, bytes, now)?,
    })
}

/// The same for a client that proves by a chain's store.
fn show_store(
    trusted: &tendermint_client::Trusted,
    proof: ProofAt<'_>,
    value: Option<&[u8]>,
    now: Seconds,
) -> Result<Seconds, Refused> {
    let ProofAt { height, path, bytes } = proof;
    Ok(match value {
        // What a chain stores as a receipt is its own matter, and no commitment: only that it is there counts.
        Some(_) if path.kind() == Kind::Receipt => {
            let key = path.to_bytes();
            match tendermint_client::prove_key(trusted, height, &key, bytes, now)? {
                (timestamp, merkle::Proven::Present(_)) => timestamp,
                (_, merkle::Proven::Absent) => {
                    return Err(tendermint_client::Reject::KeyAbsent { key: key.into() }.into());
                }
            }
        }
        // Of a channel is stored what is no commitment either.
        Some(value) if matches!(path.kind(), Kind::NextReceive | Kind::ChannelEnd) => {
            let key = path.to_bytes();
            match tendermint_client::prove_key(trusted, height, &key, bytes, now)? {
                (timestamp, merkle::Proven::Present(proven)) if proven == value => timestamp,
                (_, merkle::Proven::Present(_)) => {
                    let (key, said) = (alloc::format!("{path}"), alloc::format!("{value:?}"));
                    return Err(Refused::Stored { key, said });
                }
                (_, merkle::Proven::Absent) => {
                    return Err(tendermint_client::Reject::KeyAbsent { key: key.into() }.into());
                }
            }
        }
        Some(value) => tendermint_client::verify_member(trusted, height, path, value, bytes, now)?,
        None => tendermint_client::verify_absent(trusted, height, path, bytes, now)?,
    })
}

/// The same judgement as `PolicyClient`: each leaf by its own proof, then whether those that hold are enough. When they
/// are not, the first leaf that refused says why.
fn show_to_leaves(
    state: &PolicyState,
    proof: ProofAt<'_>,
    value: Option<&[u8]>,
    now: Seconds,
) -> Result<Seconds, Refusal> {
    let count = state.policy.leaves().len();
    let parts = policy::decode_proof(count, proof.bytes).map_err(Refused::from)?;
    let mut refusal = None;
    let mut verdicts = Vec::new();
    for (leaf, part) in state.leaves.iter().zip(&parts) {
        let asked = leaf.as_ref().filter(|_| !part.proof.is_empty());
        let at = ProofAt {
            height: part.height,
            path: proof.path,
            bytes: &part.proof,
        };
        verdicts.push(match asked.map(|leaf| (leaf, show_plain(leaf, at, value, now))) {
            Some((leaf, Ok(timestamp))) => Some(Proven {
                height: part.height,
                timestamp,
                learned_at: footing::learned_at(leaf, part.height),
            }),
            Some((_, Err(refused))) => {
                refusal = refusal.or(Some(of_leaf(refused)));
                None
            }
            None => None,
        });
    }
    policy::decide(&state.policy, proof.height, &verdicts, now)
        .map_err(|reject| refusal.unwrap_or_else(|| Refused::from(reject).into()))
}

/// Leaves stand at different heights: what one of them does not show yet, or no more, is nobody's lie.
fn of_leaf(refused: Refused) -> Refusal {
    let is_about_the_value = refused.is_about_the_value();
    let refusal = Refusal::from(refused);
    if is_about_the_value {
        return Refusal::new(Blame::Chain, refusal.text);
    }
    refusal
}

/// A pool for `paths`, and what it shows.
fn build(
    trusted: &TrustedState,
    height: Height,
    paths: &[Path],
    parts: &[PoolPart<'_>],
    now: Seconds,
) -> Result<(Vec<u8>, Vec<Option<B256>>), Refused> {
    match trusted {
        TrustedState::Ethereum(trusted) => build_of(trusted.as_ref(), height, paths, parts, now),
        TrustedState::Attestors(trusted) => build_of(trusted.as_ref(), height, paths, parts, now),
        TrustedState::Tendermint(trusted) => {
            let proofs = parts.iter().map(|part| part.proof);
            let bytes = tendermint_client::build_pool(trusted, height, paths, proofs)?;
            let (_, values) = tendermint_client::verify_batch(trusted, height, paths, &bytes, now)?;
            Ok((bytes, values))
        }
        TrustedState::Policy(_) => Err(Refused::Kind),
    }
}

/// The same of a client that proves by a router's storage.
fn build_of<T: TrustsStorage>(
    trusted: &T,
    height: Height,
    paths: &[Path],
    parts: &[PoolPart<'_>],
    now: Seconds,
) -> Result<(Vec<u8>, Vec<Option<B256>>), Refused>
where
    Refused: From<T::Reject>,
{
    let bytes = client::build_pool(trusted, height, paths, parts.iter().map(|part| part.proof))?;
    let (_, values) = client::verify_batch(trusted, height, paths, &bytes, now)?;
    Ok((bytes, values))
}
