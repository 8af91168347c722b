//! The counterparty router's account: from an execution state root to the root of its storage.
//!
//! Proven once an update and remembered; packets then carry storage proofs only. Must never take an absent
//! account or an empty storage for "everything is absent": a forged absence is a theft.

use alloy_primitives::B256;
use merkle::mpt;

use crate::config::Config;
use crate::reject::Reject;

/// The storage root of the router under `state_root`.
///
/// # Errors
/// [`Reject::AccountProof`], [`Reject::AccountAbsent`], [`Reject::EmptyStorageRoot`].
pub(crate) fn storage_root(config: &Config, state_root: B256, proof: &[u8]) -> Result<B256, Reject> {
    let account = match mpt::account(state_root, config.router, proof) {
        Ok(account) => account,
        Err(merkle::Reject::AccountAbsent) => return Err(Reject::AccountAbsent { state_root }),
        Err(fault) => return Err(Reject::AccountProof { state_root, fault }),
    };
    if account.storage_root == mpt::EMPTY_ROOT || account.storage_root.is_zero() {
        return Err(Reject::EmptyStorageRoot { state_root });
    }
    Ok(account.storage_root)
}
