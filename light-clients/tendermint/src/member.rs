//! Proofs about packets: what the chain's store holds under a path, or that it holds nothing.
//!
//! Must never answer from a frozen or expired client, nor for a height that it does not hold. What a proof shows under a root
//! is decided by `merkle::ics23`. The root in a header is that of the state after the block before it; its time is that of
//! the header, which is later: so an absence was still true when the time of the header came.

use alloc::vec::Vec;

use alloy_primitives::B256;
use merkle::ics23::pool;
use merkle::{Proven, ics23};
use wire::path::Path;
use wire::{Height, Seconds};

use crate::reject::Reject;
use crate::trusted::Trusted;
use crate::verify::check_usable;

/// Accepts if the chain stored `value` under `path` at `height`; returns that height's timestamp.
///
/// - `proof`: `ibc.core.commitment.v1.MerkleProof`, docs/formats/ics23.md, consumed exactly.
///
/// # Errors
/// [`Reject::Frozen`], [`Reject::Expired`], [`Reject::UnknownHeight`], [`Reject::BadValue`], [`Reject::StoreProof`],
/// [`Reject::KeyAbsent`], [`Reject::ValueMismatch`].
pub fn verify_member(
    trusted: &Trusted,
    height: Height,
    path: &Path,
    value: &[u8],
    proof: &[u8],
    now: Seconds,
) -> Result<Seconds, Reject> {
    check_usable(trusted, now)?;
    trusted.state_at(height)?;
    let expected = commitment(value)?;
    let key = path.to_bytes();
    match prove_key(trusted, height, &key, proof, now)? {
        (_, Proven::Absent) => Err(Reject::KeyAbsent { key: key.into() }),
        (_, Proven::Present(proven)) if proven != expected.as_slice() => {
            let proven = proven.to_vec().into();
            Err(Reject::ValueMismatch { expected, proven })
        }
        (timestamp, Proven::Present(_)) => Ok(timestamp),
    }
}

/// Accepts if the chain stored nothing under `path` at `height`; returns that height's timestamp.
///
/// - `proof`: as for [`verify_member`].
///
/// # Errors
/// [`Reject::Frozen`], [`Reject::Expired`], [`Reject::UnknownHeight`], [`Reject::StoreProof`], [`Reject::KeyPresent`].
pub fn verify_absent(
    trusted: &Trusted,
    height: Height,
    path: &Path,
    proof: &[u8],
    now: Seconds,
) -> Result<Seconds, Reject> {
    let key = path.to_bytes();
    match prove_key(trusted, height, &key, proof, now)? {
        (timestamp, Proven::Absent) => Ok(timestamp),
        (_, Proven::Present(value)) => Err(Reject::KeyPresent {
            key: key.into(),
            value: value.to_vec().into(),
        }),
    }
}

/// What the chain stored under any key of the store at `height`, and that height's timestamp: packets of IBC v1, connections and
/// clients lie under other keys than those of [`Path`].
///
/// # Errors
/// [`Reject::Frozen`], [`Reject::Expired`], [`Reject::UnknownHeight`], [`Reject::StoreProof`].
pub fn prove_key<'a>(
    trusted: &Trusted,
    height: Height,
    key: &[u8],
    proof: &'a [u8],
    now: Seconds,
) -> Result<(Seconds, Proven<'a>), Reject> {
    check_usable(trusted, now)?;
    let state = trusted.state_at(height)?;
    let app_hash = state.app_hash;
    let proven = ics23::prove(app_hash, &trusted.config.store, key, proof)
        .map_err(|fault| Reject::StoreProof { app_hash, fault })?;
    Ok((state.time.rounded_down(), proven))
}

/// What is said of a present value that is no commitment: nothing has this hash.
pub const NO_COMMITMENT: B256 = B256::repeat_byte(0xff);

/// What the chain stored at `height` under each of `paths`, in their order, and that height's timestamp; none = proven
/// absent, and never anything else. A value that is no commitment, such as a receipt, is [`NO_COMMITMENT`].
///
/// - `paths`: in the order of [`batch_order`]; the same one may come several times.
/// - `pool`: one proof for all of them, docs/formats/store-pool.md, consumed exactly.
///
/// # Errors
/// [`Reject::Frozen`], [`Reject::Expired`], [`Reject::UnknownHeight`], [`Reject::StoreProof`]. One bad byte refuses all.
pub fn verify_batch(
    trusted: &Trusted,
    height: Height,
    paths: &[Path],
    pool: &[u8],
    now: Seconds,
) -> Result<(Seconds, Vec<Option<B256>>), Reject> {
    check_usable(trusted, now)?;
    let state = trusted.state_at(height)?;
    let app_hash = state.app_hash;
    let proven = pool::prove(app_hash, &trusted.config.store, &keys_of(paths), pool)
        .map_err(|fault| Reject::StoreProof { app_hash, fault })?;
    let values = proven.into_iter().map(|proven| match proven {
        Proven::Absent => None,
        Proven::Present(value) => Some(commitment(value).unwrap_or(NO_COMMITMENT)),
    });
    Ok((state.time.rounded_down(), values.collect()))
}

/// The pool for `paths` out of single proofs: the prover's side of [`verify_batch`]. It decides nothing; what it makes of
/// false proofs is refused there.
///
/// - `paths`: in the order of [`batch_order`].
/// - `proofs`: for each path its own, as [`verify_member`] and [`verify_absent`] take them, all of `height`; in any order.
///
/// # Errors
/// [`Reject::UnknownHeight`], [`Reject::StoreProof`].
pub fn build_pool<'a>(
    trusted: &Trusted,
    height: Height,
    paths: &[Path],
    proofs: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<u8>, Reject> {
    let app_hash = trusted.state_at(height)?.app_hash;
    pool::build(&keys_of(paths), proofs).map_err(|fault| Reject::StoreProof { app_hash, fault })
}

/// The order in which a batch takes `paths`: indices into them.
#[must_use]
pub fn batch_order(paths: &[Path]) -> Vec<usize> {
    pool::batch_order(&keys_of(paths))
}

fn keys_of(paths: &[Path]) -> Vec<Vec<u8>> {
    paths.iter().map(Path::to_bytes).collect()
}

/// A commitment: 32 bytes, not all zero.
fn commitment(value: &[u8]) -> Result<B256, Reject> {
    match B256::try_from(value) {
        Ok(commitment) if !commitment.is_zero() => Ok(commitment),
        Ok(_) | Err(_) => Err(Reject::BadValue { length: value.len() }),
    }
}
