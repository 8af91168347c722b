//! Proofs about packets: what the counterparty's router has stored under a path, or that it has nothing.
//!
//! Must never answer from a frozen or expired client, nor for a height that is not in the ring.

use alloc::vec::Vec;

use alloy_primitives::{B256, keccak256};
use merkle::mpt::{self, Slot as Stored, pool};
use wire::path::Path;
use wire::{Height, Seconds};

use crate::config::Config;
use crate::reject::Reject;
use crate::trusted::{State, Trusted};
use crate::units::Slot;
use crate::verify::check_usable;

/// Accepts if the router stored `value` under `path` at `height`; returns that height's timestamp.
///
/// - `proof`: RLP nodes from the router's storage root to the leaf, concatenated, consumed exactly.
///
/// # Errors
/// [`Reject::Frozen`], [`Reject::Expired`], [`Reject::UnknownHeight`], [`Reject::BadValue`],
/// [`Reject::StorageProof`], [`Reject::SlotAbsent`], [`Reject::ValueMismatch`].
pub fn verify_member(
    trusted: &Trusted,
    height: Height,
    path: &Path,
    value: &[u8],
    proof: &[u8],
    now: Seconds,
) -> Result<Seconds, Reject> {
    let (state, timestamp) = usable_state(trusted, height, now)?;
    let expected = commitment(value)?;
    let slot = path.evm_slot(trusted.config.commitments_slot);
    match stored(state, slot, proof)? {
        Stored::Absent => Err(Reject::SlotAbsent { slot }),
        Stored::Present(proven) if proven != expected => Err(Reject::ValueMismatch { expected, proven }),
        Stored::Present(_) => Ok(timestamp),
    }
}

/// Accepts if the router stored nothing under `path` at `height`; returns that height's timestamp.
///
/// - `proof`: RLP nodes from the router's storage root to where the path ends, concatenated.
///
/// # Errors
/// [`Reject::Frozen`], [`Reject::Expired`], [`Reject::UnknownHeight`], [`Reject::StorageProof`],
/// [`Reject::SlotPresent`].
pub fn verify_absent(
    trusted: &Trusted,
    height: Height,
    path: &Path,
    proof: &[u8],
    now: Seconds,
) -> Result<Seconds, Reject> {
    let (state, timestamp) = usable_state(trusted, height, now)?;
    let slot = path.evm_slot(trusted.config.commitments_slot);
    match stored(state, slot, proof)? {
        Stored::Absent => Ok(timestamp),
        Stored::Present(value) => Err(Reject::SlotPresent { slot, value }),
    }
}

/// What the router stored at `height` under each of `paths`, in their order, and that height's timestamp; none = proven
/// absent, and never anything else.
///
/// - `paths`: in the order of [`batch_order`]; the same one may come several times.
/// - `pool`: one proof for all of them, docs/formats/pool.md, consumed exactly.
///
/// # Errors
/// [`Reject::Frozen`], [`Reject::Expired`], [`Reject::UnknownHeight`], [`Reject::StorageProof`]. One bad byte refuses all.
pub fn verify_batch(
    trusted: &Trusted,
    height: Height,
    paths: &[Path],
    pool: &[u8],
    now: Seconds,
) -> Result<(Seconds, Vec<Option<B256>>), Reject> {
    let (state, timestamp) = usable_state(trusted, height, now)?;
    let storage_root = state.storage_root;
    let found = pool::storage(storage_root, &slots_of(&trusted.config, paths), pool)
        .map_err(|fault| Reject::StorageProof { storage_root, fault })?;
    let values = found.into_iter().map(|slot| match slot {
        Stored::Present(value) => Some(value),
        Stored::Absent => None,
    });
    Ok((timestamp, values.collect()))
}

/// The pool for `paths` out of single proofs: the prover's side of [`verify_batch`]. It decides nothing; what it makes
/// of false proofs is refused there.
///
/// - `paths`: in the order of [`batch_order`].
/// - `proofs`: for each path its own, as [`verify_member`] and [`verify_absent`] take them; in any order.
///
/// # Errors
/// [`Reject::UnknownHeight`], [`Reject::StorageProof`].
pub fn build_pool<'a>(
    trusted: &Trusted,
    height: Height,
    paths: &[Path],
    proofs: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<u8>, Reject> {
    let (state, _) = known_state(trusted, height)?;
    let storage_root = state.storage_root;
    let slots = slots_of(&trusted.config, paths);
    let keys: Vec<B256> = slots.iter().map(keccak256).collect();
    pool::build(storage_root, &keys, proofs).map_err(|fault| Reject::StorageProof { storage_root, fault })
}

/// The order in which a batch takes `paths`: indices into them.
#[must_use]
pub fn batch_order(config: &Config, paths: &[Path]) -> Vec<usize> {
    pool::batch_order(&slots_of(config, paths))
}

fn slots_of(config: &Config, paths: &[Path]) -> Vec<B256> {
    paths
        .iter()
        .map(|path| path.evm_slot(config.commitments_slot))
        .collect()
}

/// The trusted state at `height` and its timestamp.
fn usable_state(trusted: &Trusted, height: Height, now: Seconds) -> Result<(&State, Seconds), Reject> {
    check_usable(trusted, now)?;
    known_state(trusted, height)
}

fn known_state(trusted: &Trusted, height: Height) -> Result<(&State, Seconds), Reject> {
    let unknown = Reject::UnknownHeight { height };
    if height.revision_number != 0 {
        return Err(unknown);
    }
    let slot = Slot(height.revision_height);
    match (trusted.state_at(slot), trusted.config.network.time_of(slot)) {
        (Some(state), Some(timestamp)) => Ok((state, timestamp)),
        _ => Err(unknown),
    }
}

/// A commitment: 32 bytes, not all zero.
fn commitment(value: &[u8]) -> Result<B256, Reject> {
    match B256::try_from(value) {
        Ok(commitment) if !commitment.is_zero() => Ok(commitment),
        Ok(_) | Err(_) => Err(Reject::BadValue { length: value.len() }),
    }
}

fn stored(state: &State, slot: B256, proof: &[u8]) -> Result<Stored, Reject> {
    let storage_root = state.storage_root;
    mpt::storage(storage_root, slot, proof).map_err(|fault| Reject::StorageProof { storage_root, fault })
}
