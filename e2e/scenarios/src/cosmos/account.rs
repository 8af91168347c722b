//! Addresses of accounts.

use super::PREFIX;
use alloy_primitives::B256;
use anyhow::{Context, Result, anyhow};
use cosmrs::AccountId;
use cosmrs::crypto::secp256k1::SigningKey;
use sha2::{Digest, Sha256};

/// How many bytes of a hash an address has.
const ADDRESS_BYTES: usize = 20;

/// The address of the account of `key`.
///
/// # Errors
/// It is no secret key of secp256k1.
pub fn account(key: &B256) -> Result<AccountId> {
    let signer = SigningKey::from_slice(key.as_slice()).ok();
    let signer = signer.context("a test key is no secret key of secp256k1")?;
    let failed = |error| anyhow!("a test key has no address: {error}");
    signer.public_key().account_id(PREFIX).map_err(failed)
}

/// The address of an account that nobody has the key of, because it is the hash of `bytes`.
///
/// # Errors
/// None in practice: such a hash has the length of an address.
pub fn hashed_account(bytes: &[u8]) -> Result<AccountId> {
    let hash = Sha256::digest(bytes);
    let hash = hash
        .get(..ADDRESS_BYTES)
        .context("a hash is longer than an address")?;
    AccountId::new(PREFIX, hash).map_err(|error| anyhow!("no address of {PREFIX}: {error}"))
}
