//! BLS12-381 in a contract: pairing and hashing by the host, points by `bls12_381`.
//!
//! The host's functions check the group of every point that they are given, and add points only after that. The law asks
//! for sums of points whose group is not checked, and checks that of the result: so sums are computed here, and the twins agree on
//! every input. Must never hand a point to the host that is not the one whose coordinates were sent: an encoding that leaves
//! y out would let two signatures pass for one.

use alloc::vec::Vec;

use alloy_primitives::B256;
use bls12_381::{G1Affine, G1Projective, G2Affine};
use ethereum::{Bls, G1, G2, Sum, Verdict};

/// Domain separation tag of Ethereum's signatures.
const TAG: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/// All three flags of a serialized point: our form has none of them.
const FLAGS: u8 = 0xe0;

/// What the host computes.
pub trait Pairings {
    /// Whether e(p, q) = e(r, s); none if one of the points is no element of its group. All of them compressed.
    fn equal(&self, p: &[u8; 48], q: &[u8; 96], r: &[u8; 48], s: &[u8; 96]) -> Option<bool>;

    /// `message` as a point of G2, compressed, by SHA-256 under `tag`; none if the host can't.
    fn hash_to_g2(&self, message: &[u8], tag: &[u8]) -> Option<[u8; 96]>;
}

/// BLS12-381 by the host's pairings.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostBls<P>(pub P);

impl<P: Pairings> Bls for HostBls<P> {
    fn is_on_curve(&self, point: &G1) -> bool {
        parse_key(point).is_some()
    }

    fn subtract(&self, total: &G1, others: &[G1]) -> Option<Sum> {
        let mut sum = G1Projective::from(parse_key(total)?);
        if others.is_empty() {
            return Some(Sum::Point(*total));
        }
        for other in others {
            sum = sum.add_mixed(&negative(&parse_key(other)?));
        }
        let sum = G1Affine::from(sum);
        if bool::from(sum.is_identity()) {
            return Some(Sum::Infinity);
        }
        Some(Sum::Point(G1(sum.to_uncompressed())))
    }

    fn verify(&self, key: &G1, message: &B256, signature: &G2) -> Verdict {
        let (Some(key), Some(signature)) = (parse_key(key), parse_signature(signature)) else {
            return Verdict::BadPoint;
        };
        let Some(hashed) = self.0.hash_to_g2(message.as_slice(), TAG) else {
            return Verdict::Mismatch;
        };
        let generator = G1Affine::generator().to_compressed();
        let equal = self.0.equal(
            &key.to_compressed(),
            &hashed,
            &generator,
            &signature.to_compressed(),
        );
        match equal {
            Some(true) => Verdict::Valid,
            Some(false) => Verdict::Mismatch,
            None => Verdict::BadPoint,
        }
    }

    fn decompress_keys(&self, keys: &[[u8; 48]]) -> Option<Vec<G1>> {
        keys.iter()
            .map(|key| {
                let point: Option<G1Affine> = G1Affine::from_compressed_unchecked(key).into();
                let point = point.filter(|point| !bool::from(point.is_identity()))?;
                Some(G1(point.to_uncompressed()))
            })
            .collect()
    }

    fn decompress_signature(&self, signature: &[u8; 96]) -> Option<G2> {
        let point: Option<G2Affine> = G2Affine::from_compressed_unchecked(signature).into();
        let point = point.filter(|point| !bool::from(point.is_identity()))?;
        Some(G2(swapped(&point.to_uncompressed())))
    }
}

/// A key on the curve, in the group or not; never infinity.
fn parse_key(point: &G1) -> Option<G1Affine> {
    if has_flags(&point.0) {
        return None;
    }
    let parsed: Option<G1Affine> = G1Affine::from_uncompressed_unchecked(&point.0).into();
    parsed.filter(|point| bool::from(point.is_on_curve()))
}

/// A signature on the curve, in the group or not; never infinity.
fn parse_signature(point: &G2) -> Option<G2Affine> {
    let bytes = swapped(&point.0);
    if has_flags(&bytes) {
        return None;
    }
    let parsed: Option<G2Affine> = G2Affine::from_uncompressed_unchecked(&bytes).into();
    parsed.filter(|point| bool::from(point.is_on_curve()))
}

fn has_flags(point: &[u8]) -> bool {
    point.first().is_none_or(|first| first & FLAGS != 0)
}

/// The point with the other y. The sign is the curve library's own operation on a field element: nothing here can overflow.
#[allow(clippy::arithmetic_side_effects)]
fn negative(point: &G1Affine) -> G1Affine {
    -point
}

/// The other order of the two halves of each coordinate: ours is that of the precompiles.
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
