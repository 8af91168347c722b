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
