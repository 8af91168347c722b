//! Proofs about packets: what the counterparty's router has stored under a path, or that it has nothing.
//!
//! Must never answer from a frozen or expired client, nor for a height that is not in the ring. What a proof shows under a
//! storage root, `client` decides for all clients ([`RouterStorage`]).

use alloc::vec::Vec;

use alloy_primitives::B256;
use client::{RouterStorage, StorageReject};
use wire::path::Path;
use wire::{Height, Seconds};

use crate::config::Config;
use crate::reject::Reject;
use crate::trusted::Trusted;
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
    Ok(usable_state(trusted, height, now)?.member(path, value, proof)?)
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
    Ok(usable_state(trusted, height, now)?.absent(path, proof)?)
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
    Ok(usable_state(trusted, height, now)?.batch(paths, pool)?)
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
    Ok(known_state(trusted, height)?.build_pool(paths, proofs)?)
}

/// The order in which a batch takes `paths`: indices into them.
#[must_use]
pub fn batch_order(config: &Config, paths: &[Path]) -> Vec<usize> {
    client::batch_order(config.commitments_slot, paths)
}

/// The trusted state at `height`, of a client that may be believed.
fn usable_state(trusted: &Trusted, height: Height, now: Seconds) -> Result<RouterStorage, Reject> {
    check_usable(trusted, now)?;
    known_state(trusted, height)
}

fn known_state(trusted: &Trusted, height: Height) -> Result<RouterStorage, Reject> {
    let unknown = Reject::UnknownHeight { height };
    if height.revision_number != 0 {
        return Err(unknown);
    }
    let slot = Slot(height.revision_height);
    match (trusted.state_at(slot), trusted.config.network.time_of(slot)) {
        (Some(state), Some(timestamp)) => Ok(RouterStorage {
            root: state.storage_root,
            timestamp,
            commitments_slot: trusted.config.commitments_slot,
        }),
        _ => Err(unknown),
    }
}

impl From<StorageReject> for Reject {
    fn from(reject: StorageReject) -> Self {
        match reject {
            StorageReject::BadValue { length } => Self::BadValue { length },
            StorageReject::StorageProof { storage_root, fault } => Self::StorageProof { storage_root, fault },
            StorageReject::SlotAbsent { slot } => Self::SlotAbsent { slot },
            StorageReject::SlotPresent { slot, value } => Self::SlotPresent { slot, value },
            StorageReject::ValueMismatch { expected, proven } => Self::ValueMismatch { expected, proven },
        }
    }
}
