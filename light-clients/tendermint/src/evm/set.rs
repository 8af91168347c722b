//! Sets as the twin knows them: installed once from full keys, then carried packed and told by a hash.

use alloc::vec::Vec;

use alloy_primitives::{B256, keccak256};

use super::{evm_address, hints};
use crate::key::Key;
use crate::reject::Reject;
use crate::validators::{VALIDATORS_MAX, Validator, ValidatorSet};

/// Forms of a packed set: all keys are of secp256k1, or not all.
const NARROW: u8 = 1;
const WIDE: u8 = 2;

/// Kinds of keys in a wide set that is installed.
const ED25519: u8 = 1;
const SECP256K1: u8 = 2;

/// In a power of a wide set: the key is of secp256k1.
const IS_SECP: u64 = 1 << 63;

/// What the twin keeps of a set that was installed: keccak256 of it as updates carry it.
///
/// # Errors
/// [`Reject::TooManyValidators`] above 65,535.
pub fn card(set: &ValidatorSet) -> Result<B256, Reject> {
    let mut out = Vec::new();
    put_packed(&mut out, set)?;
    // The count stands before it.
    Ok(keccak256(out.get(2..).unwrap_or(&[])))
}

/// u16 count ‖ u8 form ‖ u64 total power ‖ entries.
pub(super) fn put_packed(out: &mut Vec<u8>, set: &ValidatorSet) -> Result<(), Reject> {
    put_count(out, set)?;
    let form = form_of(set);
    out.push(form);
    // Powers that add up to more are in no set that was installed.
    out.extend(set.power().unwrap_or(u64::MAX).to_be_bytes());
    for validator in &set.validators {
        let power = validator.power;
        match &validator.key {
            Key::Ed25519(key) => {
                out.extend_from_slice(key);
                out.extend(power.to_be_bytes());
            }
            Key::Secp256k1(key) if form == NARROW => {
                out.extend(evm_address(key));
                out.extend(power.to_be_bytes());
            }
            Key::Secp256k1(key) => {
                out.extend(evm_address(key).into_word());
                out.extend((power | IS_SECP).to_be_bytes());
            }
        }
    }
    Ok(())
}

/// u16 count ‖ u8 form ‖ entries with full keys ‖ u16 places in the order of kinds and packed keys.
pub(super) fn put_install(out: &mut Vec<u8>, set: &ValidatorSet) -> Result<(), Reject> {
    put_count(out, set)?;
    let form = form_of(set);
    out.push(form);
    for validator in &set.validators {
        let kind = match validator.key {
            Key::Ed25519(_) => ED25519,
            Key::Secp256k1(_) => SECP256K1,
        };
        if form == WIDE {
            out.push(kind);
        }
        put_key(out, &validator.key);
        out.extend(validator.power.to_be_bytes());
    }
    let mut order: Vec<((u8, B256), u16)> = set.validators.iter().map(rank).zip(0..).collect();
    order.sort_unstable();
    for (_, place) in order {
        out.extend(place.to_be_bytes());
    }
    Ok(())
}

fn put_key(out: &mut Vec<u8>, key: &Key) {
    match key {
        Key::Ed25519(bytes) => out.extend_from_slice(bytes),
        Key::Secp256k1(bytes) => {
            out.extend_from_slice(bytes);
            // No point has the y that says "none".
            out.extend(hints::point_of(bytes).map_or(B256::ZERO, |(_, y)| y));
        }
    }
}

/// Where a validator comes in the order by which the twin sees that none occurs twice.
fn rank(validator: &Validator) -> (u8, B256) {
    match &validator.key {
        Key::Ed25519(bytes) => (ED25519, B256::new(*bytes)),
        Key::Secp256k1(bytes) => (SECP256K1, evm_address(bytes).into_word()),
    }
}

fn put_count(out: &mut Vec<u8>, set: &ValidatorSet) -> Result<(), Reject> {
    let limit = VALIDATORS_MAX;
    let count = u16::try_from(set.validators.len()).map_err(|_| Reject::TooManyValidators { limit })?;
    out.extend(count.to_be_bytes());
    Ok(())
}

fn form_of(set: &ValidatorSet) -> u8 {
    let is_secp = |validator: &Validator| matches!(validator.key, Key::Secp256k1(_));
    if set.validators.iter().all(is_secp) {
        NARROW
    } else {
        WIDE
    }
}
