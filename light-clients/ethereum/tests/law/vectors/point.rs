//! Points that are none.

use alloy_primitives::hex;
use ethereum::testing::filler;
use ethereum::{Bls, Blst, G1, G2};

/// The modulus of the base field.
const MODULUS: [u8; 48] =
    hex!("1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab");

/// The same x with another y of the same sign: compresses to the same bytes, and is not on the curve.
pub(crate) fn off_curve(point: &G1) -> G1 {
    (1..=u8::MAX)
        .map(|change| {
            let mut bytes = point.0;
            bytes[95] ^= change;
            G1(bytes)
        })
        .find(|other| other.compress() == point.compress() && !Blst.is_on_curve(other))
        .unwrap()
}

/// The same point with the modulus added to its y.
pub(crate) fn unreduced(point: &G1) -> G1 {
    let mut bytes = point.0;
    let mut carry = 0_u16;
    for (digit, add) in bytes[48..].iter_mut().zip(MODULUS).rev() {
        let sum = u16::from(*digit) + u16::from(add) + carry;
        *digit = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    G1(bytes)
}

/// A point of the signatures' curve that is not in the group.
pub(crate) fn outside_group() -> G2 {
    (0..)
        .find_map(|n| {
            let mut bytes = [0; 96];
            bytes[..32].copy_from_slice(filler("curve point", &[n]).as_slice());
            bytes[48..80].copy_from_slice(filler("curve point", &[n, 1]).as_slice());
            bytes[0] = 0x80 | (bytes[0] & 0x0f);
            Blst.decompress_signature(&bytes)
        })
        .unwrap()
}

/// The same signature with its last byte changed: not on the curve.
pub(crate) fn broken_signature(signature: &G2) -> G2 {
    let mut bytes = signature.0;
    bytes[191] ^= 1;
    G2(bytes)
}
