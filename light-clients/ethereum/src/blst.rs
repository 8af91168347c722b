//! BLS12-381 by blst, for native code.
//!
//! Points pass through blst's serialized form: 96 bytes `x ‖ y` in G1, and 192 bytes `x.c1 ‖ x.c0 ‖ y.c1 ‖
//! y.c0` in G2, with flag bits in the first byte that our own form never has.

use alloc::vec::Vec;

use alloy_primitives::B256;
use blst::min_pk::{AggregatePublicKey, PublicKey, Signature};
use blst::{BLST_ERROR, Pairing, blst_p1_affine, blst_p2_affine};

use crate::bls::{Bls, Sum, Verdict};
use crate::points::{G1, G2};

/// Domain separation tag of Ethereum's signatures.
const TAG: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/// Flag of a serialized point: infinity.
const FLAG_INFINITY: u8 = 0x40;
/// All three flags of a serialized point.
const FLAGS: u8 = 0xe0;

/// BLS12-381 by blst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blst;

impl Bls for Blst {
    fn is_on_curve(&self, point: &G1) -> bool {
        parse_key(point).is_some()
    }

    fn subtract(&self, total: &G1, others: &[G1]) -> Option<Sum> {
        let mut sum = AggregatePublicKey::from_public_key(&parse_key(total)?);
        if others.is_empty() {
            return Some(Sum::Point(*total));
        }
        for other in others {
            parse_key(other)?;
            sum.add_public_key(&parse_key(&other.negate()?)?, false).ok()?;
        }
        let point = sum.to_public_key().serialize();
        if point.first().is_some_and(|first| first & FLAG_INFINITY != 0) {
            return Some(Sum::Infinity);
        }
        Some(Sum::Point(G1(point)))
    }

    fn verify(&self, key: &G1, message: &B256, signature: &G2) -> Verdict {
        let (Some(key), Some(signature)) = (parse_key(key), parse_signature(signature)) else {
            return Verdict::BadPoint;
        };
        if key.validate().is_err() || signature.validate(true).is_err() {
            return Verdict::BadPoint;
        }
        // `Signature::verify` would hand this to a pool of threads: law starts none.
        let (key, signature): (&blst_p1_affine, &blst_p2_affine) = ((&key).into(), (&signature).into());
        let mut pairing = Pairing::new(true, TAG);
        let added = pairing.aggregate(key, false, signature, false, message.as_slice(), &[]);
        pairing.commit();
        if added == BLST_ERROR::BLST_SUCCESS && pairing.finalverify(None) {
            Verdict::Valid
        } else {
            Verdict::Mismatch
        }
    }

    fn decompress_keys(&self, keys: &[[u8; 48]]) -> Option<Vec<G1>> {
        keys.iter()
            .map(|key| {
                let point = PublicKey::uncompress(key).ok()?.serialize();
                (!has_flags(&point)).then_some(G1(point))
            })
            .collect()
    }

    fn decompress_signature(&self, signature: &[u8; 96]) -> Option<G2> {
        let point = Signature::uncompress(signature).ok()?.serialize();
        (!has_flags(&point)).then(|| G2(swapped(&point)))
    }
}

/// Whether one of the three flag bits is set.
fn has_flags(point: &[u8]) -> bool {
    point.first().is_none_or(|first| first & FLAGS != 0)
}

/// A key on the curve, in the group or not.
fn parse_key(point: &G1) -> Option<PublicKey> {
    if has_flags(&point.0) {
        None
    } else {
        PublicKey::deserialize(&point.0).ok()
    }
}

/// A signature on the curve, in the group or not.
fn parse_signature(point: &G2) -> Option<Signature> {
    let bytes = swapped(&point.0);
    if has_flags(&bytes) {
        None
    } else {
        Signature::deserialize(&bytes).ok()
    }
}

/// The other order of the two halves of each coordinate.
fn swapped(point: &[u8; 192]) -> [u8; 192] {
    let mut out = [0; 192];
    for (to, from) in out.chunks_mut(96).zip(point.chunks(96)) {
        let (first, second) = from.split_at(48);
        for (to, from) in to.iter_mut().zip(second.iter().chain(first)) {
            *to = *from;
        }
    }
    out
}
