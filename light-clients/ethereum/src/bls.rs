//! What the law asks of BLS12-381, and nothing else.
//!
//! Native code answers with blst (feature `blst`), a contract with the precompiles of EIP-2537, wasm
//! with host functions. All of them must agree on every input; `light-clients/vectors/beacon` has the
//! cases. Keys are trusted to have proofs of possession: the deposit contract's chain checked them.

use alloc::vec::Vec;

use alloy_primitives::B256;

use crate::points::{G1, G2};

/// What a sum of keys is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sum {
    /// An ordinary point.
    Point(G1),
    /// The neutral element: keys that cancel each other.
    Infinity,
}

/// The answer about a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// The signature fits.
    Valid,
    /// Key and signature are elements of their groups, and do not fit.
    Mismatch,
    /// The key or the signature is no element of its group.
    BadPoint,
}

/// BLS12-381 with keys in G1, as Ethereum signs.
pub trait Bls {
    /// Whether `point` is on the curve; infinity (all zero) is not. The group is not checked.
    fn is_on_curve(&self, point: &G1) -> bool;

    /// `total` minus all `others`. None if one of the points is not on the curve. The group is not
    /// checked: [`Bls::verify`] does that with the result.
    fn subtract(&self, total: &G1, others: &[G1]) -> Option<Sum>;

    /// Judges a signature of the key `key` over `message`, with the domain separation tag of Ethereum
    /// (`BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_`). Checks both groups; refuses infinity on both
    /// sides as [`Verdict::BadPoint`].
    fn verify(&self, key: &G1, message: &B256, signature: &G2) -> Verdict;

    /// Decompresses keys; None if one of them is no point of the curve or infinity.
    fn decompress_keys(&self, keys: &[[u8; 48]]) -> Option<Vec<G1>>;

    /// Decompresses a signature; None if it is no point of the curve or infinity.
    fn decompress_signature(&self, signature: &[u8; 96]) -> Option<G2>;
}
