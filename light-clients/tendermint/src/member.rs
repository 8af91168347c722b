//! Proofs about packets: what the chain's store holds under a path, or that it holds nothing.
//!
//! Must never answer from a frozen or expired client, nor for a height that it does not hold. What a proof shows under a root
//! is decided by `merkle::ics23`. The root in a header is that of the state after the block before it; its time is that of
//! the header, which is later: so an absence was still true when the time of the header came.

use alloy_primitives::B256;
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

/// A commitment: 32 bytes, not all zero.
fn commitment(value: &[u8]) -> Result<B256, Reject> {
    match B256::try_from(value) {
        Ok(commitment) if !commitment.is_zero() => Ok(commitment),
        Ok(_) | Err(_) => Err(Reject::BadValue { length: value.len() }),
    }
}
