//! Consensus keys of the two kinds, their addresses and their signatures, as CometBFT judges them.
//!
//! ed25519 by ZIP-215: encodings of points need not be canonical, the equation has its cofactor, `s` is below the group's
//! order. secp256k1: `R ‖ S` over SHA-256 of the message, `S` in the lower half, both below the order and not zero.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use k256::ecdsa::signature::hazmat::PrehashVerifier;
use ripemd::Ripemd160;
use sha2::Digest;

use crate::commit::SIGNATURE_LENGTH;
use crate::proto::Writer;
use crate::tree::hash;

/// A consensus key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// An encoded point of Curve25519 in Edwards form.
    Ed25519([u8; 32]),
    /// A compressed point of secp256k1.
    Secp256k1([u8; 33]),
}

impl Key {
    /// The address that belongs to it.
    #[must_use]
    pub fn address(&self) -> Address {
        match self {
            Self::Ed25519(bytes) => {
                let digest: B256 = hash(&[bytes]);
                Address::from_slice(digest.split_at(20).0)
            }
            Self::Secp256k1(bytes) => {
                let digest: [u8; 20] = Ripemd160::digest(hash(&[bytes])).into();
                Address::from(digest)
            }
        }
    }

    /// Whether it made `signature` over `message`. A key that is no point made none.
    #[must_use]
    pub fn has_signed(&self, message: &[u8], signature: &[u8; SIGNATURE_LENGTH]) -> bool {
        match self {
            Self::Ed25519(bytes) => {
                let key = ed25519_consensus::VerificationKey::try_from(*bytes);
                let signature = ed25519_consensus::Signature::from(*signature);
                key.is_ok_and(|key| key.verify(&signature, message).is_ok())
            }
            Self::Secp256k1(bytes) => {
                let key = Self::secp256k1_point(bytes);
                let signature = k256::ecdsa::Signature::from_slice(signature);
                let (Some(key), Ok(signature)) = (key, signature) else {
                    return false;
                };
                signature.normalize_s().is_none()
                    && key
                        .verify_prehash(hash(&[message]).as_slice(), &signature)
                        .is_ok()
            }
        }
    }

    /// The point that a secp256k1 key is. One that leaves the parity of y open, tag 5 of SEC 1, is none for CometBFT.
    pub(crate) fn secp256k1_point(bytes: &[u8; 33]) -> Option<k256::ecdsa::VerifyingKey> {
        let has_parity = matches!(bytes.first(), Some(2 | 3));
        has_parity.then(|| k256::ecdsa::VerifyingKey::from_sec1_bytes(bytes).ok())?
    }

    /// As a message.
    pub(crate) fn encoded(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(bytes) => Writer::default().bytes(1, bytes).done(),
            Self::Secp256k1(bytes) => Writer::default().bytes(2, bytes).done(),
        }
    }
}
