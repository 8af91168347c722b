//! Proofs about packets: what a counterparty's router has stored under a path, or that it has nothing. The same functions for
//! every client that trusts states of a router's storage; each client crate hands them on under their names.
//!
//! Must never answer from a frozen or expired client, nor for a height that the client does not hold: both are the client's to
//! say ([`TrustsStorage`]). What a proof shows under a storage root is decided by [`RouterStorage`].

use alloc::vec::Vec;

use alloy_primitives::B256;
use wire::path::Path;
use wire::{Height, Seconds};

use crate::storage::{RouterStorage, StorageReject, batch_order_of};

/// What a client that trusts states of a router's storage has to say of itself.
pub trait TrustsStorage {
    /// Why something is refused.
    type Reject: From<StorageReject>;

    /// Whether the client may be believed at `now`.
    ///
    /// # Errors
    /// It is frozen, or expired.
    fn check_usable(&self, now: Seconds) -> Result<(), Self::Reject>;

    /// The state at `height`.
    ///
    /// # Errors
    /// The client does not hold it.
    fn known_state(&self, height: Height) -> Result<RouterStorage, Self::Reject>;

    /// Base slot of the router's mapping of commitments.
    fn commitments_slot(&self) -> B256;
}

/// Accepts if the router stored `value` under `path` at `height`; returns that height's timestamp.
///
/// - `proof`: RLP nodes from the router's storage root to the leaf, concatenated, consumed exactly.
///
/// # Errors
/// The client is frozen, expired or does not hold `height`; [`StorageReject::BadValue`], [`StorageReject::StorageProof`],
/// [`StorageReject::SlotAbsent`], [`StorageReject::ValueMismatch`], as the client's own.
pub fn verify_member<T: TrustsStorage>(
    trusted: &T,
    height: Height,
    path: &Path,
    value: &[u8],
    proof: &[u8],
    now: Seconds,
) -> Result<Seconds, T::Reject> {
    Ok(usable_state(trusted, height, now)?.member(path, value, proof)?)
}

/// Accepts if the router stored nothing under `path` at `height`; returns that height's timestamp.
///
/// - `proof`: RLP nodes from the router's storage root to where the path ends, concatenated.
///
/// # Errors
/// The client is frozen, expired or does not hold `height`; [`StorageReject::StorageProof`],
/// [`StorageReject::SlotPresent`], as the client's own.
pub fn verify_absent<T: TrustsStorage>(
    trusted: &T,
    height: Height,
    path: &Path,
    proof: &[u8],
    now: Seconds,
) -> Result<Seconds, T::Reject> {
    Ok(usable_state(trusted, height, now)?.absent(path, proof)?)
}

/// What the router stored at `height` under each of `paths`, in their order, and that height's timestamp; none = proven
/// absent, and never anything else.
///
/// - `paths`: in the order of [`batch_order`]; the same one may come several times.
/// - `pool`: one proof for all of them, docs/formats/pool.md, consumed exactly.
///
/// # Errors
/// The client is frozen, expired or does not hold `height`; [`StorageReject::StorageProof`], as the client's own. One bad
/// byte refuses all.
pub fn verify_batch<T: TrustsStorage>(
    trusted: &T,
    height: Height,
    paths: &[Path],
    pool: &[u8],
    now: Seconds,
) -> Result<(Seconds, Vec<Option<B256>>), T::Reject> {
    Ok(usable_state(trusted, height, now)?.batch(paths, pool)?)
}

/// The pool for `paths` out of single proofs: the prover's side of [`verify_batch`]. It decides nothing; what it makes
/// of false proofs is refused there.
///
/// - `paths`: in the order of [`batch_order`].
/// - `proofs`: for each path its own, as [`verify_member`] and [`verify_absent`] take them; in any order.
///
/// # Errors
/// The client does not hold `height`; [`StorageReject::StorageProof`], as the client's own.
pub fn build_pool<'a, T: TrustsStorage>(
    trusted: &T,
    height: Height,
    paths: &[Path],
    proofs: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<u8>, T::Reject> {
    Ok(trusted.known_state(height)?.build_pool(paths, proofs)?)
}

/// The order in which a batch takes `paths`: indices into them.
#[must_use]
pub fn batch_order<T: TrustsStorage>(trusted: &T, paths: &[Path]) -> Vec<usize> {
    batch_order_of(trusted.commitments_slot(), paths)
}

fn usable_state<T: TrustsStorage>(
    trusted: &T,
    height: Height,
    now: Seconds,
) -> Result<RouterStorage, T::Reject> {
    trusted.check_usable(now)?;
    trusted.known_state(height)
}
