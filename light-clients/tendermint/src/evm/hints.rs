//! What is dear to find and cheap to check: x of points of edwards25519, y of points of secp256k1 and which of two points a
//! signature is about.

use alloy_primitives::{B256, U256};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

use crate::commit::SIGNATURE_LENGTH;
use crate::key::Key;
use crate::tree::hash;

/// The modulus of the field of edwards25519, 2^255 - 19, and its constant d.
const P: U256 = U256::from_limbs([0xffff_ffff_ffff_ffed, u64::MAX, u64::MAX, 0x7fff_ffff_ffff_ffff]);
const D: U256 = U256::from_limbs([
    0x75eb_4dca_1359_78a3,
    0x0070_0a4d_4141_d8ab,
    0x8cc7_4079_7779_e898,
    0x5203_6cee_2b6f_fe73,
]);
/// (p - 5) / 8 and (p - 1) / 4.
const ROOT_POWER: U256 = U256::from_limbs([0xffff_ffff_ffff_fffd, u64::MAX, u64::MAX, 0x0fff_ffff_ffff_ffff]);
const QUARTER: U256 = U256::from_limbs([0xffff_ffff_ffff_fffb, u64::MAX, u64::MAX, 0x1fff_ffff_ffff_ffff]);
/// The highest bit: whether x is odd.
const SIGN: U256 = U256::from_limbs([0, 0, 0, 1 << 63]);

/// x of a compressed point, with y modulo p as ZIP-215 has it; 0 if there is no such point, which then does not fit.
/// Spec: RFC 8032, 5.1.3.
#[must_use]
pub fn x_of(encoded: &B256) -> U256 {
    let word = U256::from_le_bytes(encoded.0);
    let is_odd = word.bit(255);
    let y = (word & !SIGN).reduce_mod(P);
    let square = y.mul_mod(y, P);
    let u = square.add_mod(P.wrapping_sub(U256::from(1)), P);
    let v = D.mul_mod(square, P).add_mod(U256::from(1), P);
    let cube = v.mul_mod(v, P).mul_mod(v, P);
    let seventh = cube.mul_mod(cube, P).mul_mod(v, P);
    let root = u
        .mul_mod(cube, P)
        .mul_mod(u.mul_mod(seventh, P).pow_mod(ROOT_POWER, P), P);
    let found = v.mul_mod(root.mul_mod(root, P), P);
    let x = if found == u {
        root
    } else if found == negative(u) {
        root.mul_mod(U256::from(2).pow_mod(QUARTER, P), P)
    } else {
        return U256::ZERO;
    };
    if x.bit(0) == is_odd { x } else { negative(x) }
}

/// x and y of a secp256k1 key, if it is a point.
pub(super) fn point_of(key: &[u8; 33]) -> Option<(B256, B256)> {
    let point = Key::secp256k1_point(key)?.to_encoded_point(false);
    Some((B256::from_slice(point.x()?), B256::from_slice(point.y()?)))
}

/// Whether y of the point that a signature stands for is odd, 1 or 0. Of a signature that is none it says 0.
pub(super) fn parity_of(key: &[u8; 33], message: &[u8], signature: &[u8; SIGNATURE_LENGTH]) -> u8 {
    let parity = |key: VerifyingKey| -> Option<bool> {
        let signature = Signature::from_slice(signature).ok()?;
        let digest = hash(&[message]);
        let id = RecoveryId::trial_recovery_from_prehash(&key, digest.as_slice(), &signature).ok()?;
        Some(id.is_y_odd())
    };
    u8::from(Key::secp256k1_point(key).and_then(parity).unwrap_or(false))
}

/// Of a number below p.
fn negative(number: U256) -> U256 {
    if number.is_zero() {
        number
    } else {
        P.wrapping_sub(number)
    }
}
