//! Points of BLS12-381 in affine form, as bytes: 48 bytes a coordinate, big-endian.
//!
//! Decides from the bytes alone what can be decided without curve arithmetic: whether a coordinate is
//! below the modulus, and which sign bit the compressed form has. Whether a point lies on its curve and
//! in its group is the business of the `bls` module's trait.

use alloy_primitives::hex;

/// The modulus of the base field, big-endian.
const MODULUS: [u8; 48] =
    hex!("1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab");

/// Half of the modulus, rounded down: a y above it is the "larger" root.
const MODULUS_HALF: [u8; 48] =
    hex!("0d0088f51cbff34d258dd3db21a5d66bb23ba5c279c2895fb39869507b587b120f55ffff58a9ffffdcff7fffffffd555");

/// Flag of the compressed form: this is a compressed point.
const FLAG_COMPRESSED: u8 = 0x80;
/// Flag of the compressed form: y is the larger root.
const FLAG_LARGER: u8 = 0x20;

/// A public key: x, then y. Any bytes can stand here until they are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct G1(pub [u8; 96]);

/// A signature: x.c0, x.c1, y.c0, y.c1. Any bytes can stand here until they are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct G2(pub [u8; 192]);

impl G1 {
    /// x and y.
    fn coordinates(&self) -> ([u8; 48], [u8; 48]) {
        let mut x = [0; 48];
        let mut y = [0; 48];
        let (left, right) = self.0.split_at(48);
        x.copy_from_slice(left);
        y.copy_from_slice(right);
        (x, y)
    }

    /// The 48 bytes that the beacon chain hashes: x with the sign of y. None for a coordinate that is
    /// not below the modulus and for the all-zero encoding of infinity; a y that does not belong to x
    /// is not noticed here.
    #[must_use]
    pub fn compress(&self) -> Option<[u8; 48]> {
        let (mut x, y) = self.coordinates();
        if x >= MODULUS || y >= MODULUS || self.is_zero() {
            return None;
        }
        let sign = if y > MODULUS_HALF { FLAG_LARGER } else { 0 };
        if let Some(first) = x.first_mut() {
            *first |= FLAG_COMPRESSED | sign;
        }
        Some(x)
    }

    /// The same x with the other y. None for a y that is zero or not below the modulus.
    #[must_use]
    pub fn negate(&self) -> Option<Self> {
        let (x, y) = self.coordinates();
        if y >= MODULUS || y == [0; 48] {
            return None;
        }
        let mut point = [0; 96];
        let mut borrow = false;
        let mut negated = [0; 48];
        let digits = MODULUS.iter().rev().zip(y.iter().rev());
        for (to, (minuend, subtrahend)) in negated.iter_mut().rev().zip(digits) {
            let (partial, first) = minuend.overflowing_sub(*subtrahend);
            let (digit, second) = partial.overflowing_sub(u8::from(borrow));
            *to = digit;
            borrow = first || second;
        }
        for (to, from) in point.iter_mut().zip(x.iter().chain(&negated)) {
            *to = *from;
        }
        Some(Self(point))
    }

    /// Whether this is the encoding of infinity that the precompiles use.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0 == [0; 96]
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use crate::bls::{Bls, Sum};
    use crate::blst::Blst;
    use crate::testing::Keys;

    fn points() -> alloc::vec::Vec<([u8; 48], G1)> {
        let keys = Keys::new(11, 16);
        let compressed: alloc::vec::Vec<[u8; 48]> =
            keys.committee().pubkeys.iter().map(|key| key.0).collect();
        let points = Blst.decompress_keys(&compressed).unwrap();
        compressed.into_iter().zip(points).collect()
    }

    #[test]
    fn compresses_as_blst_does() {
        for (compressed, point) in points() {
            assert_eq!(point.compress(), Some(compressed));
        }
    }

    #[test]
    fn a_point_and_its_negative_have_the_same_x_and_cancel() {
        for (compressed, point) in points() {
            let negative = point.negate().unwrap();
            assert_eq!(negative.negate(), Some(point));
            assert!(Blst.is_on_curve(&negative));
            let other = negative.compress().unwrap();
            assert_eq!(other[0] ^ compressed[0], FLAG_LARGER);
            assert_eq!(other[1..], compressed[1..]);
            assert_eq!(Blst.subtract(&point, &[point]), Some(Sum::Infinity));
        }
    }

    #[test]
    fn coordinates_are_below_the_modulus() {
        let (_, point) = points().remove(0);
        for at in [0, 48] {
            let mut bytes = point.0;
            bytes[at..at + 48].copy_from_slice(&MODULUS);
            assert_eq!(G1(bytes).compress(), None);
            assert!(!Blst.is_on_curve(&G1(bytes)));
        }
        assert_eq!(G1([0; 96]).compress(), None);
        assert_eq!(G1([0; 96]).negate(), None);
        assert!(!Blst.is_on_curve(&G1([0; 96])));
    }

    #[test]
    fn half_of_the_modulus_is_half_of_it() {
        let mut carry = 1_u16;
        for (half, whole) in MODULUS_HALF.iter().zip(MODULUS).rev() {
            let sum = u16::from(*half) * 2 + carry;
            assert_eq!(sum.to_le_bytes()[0], whole);
            carry = sum >> 8;
        }
        assert_eq!(carry, 0);
    }
}
