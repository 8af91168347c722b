//! Consensus keys that sign.

use alloc::vec::Vec;

use sha2::{Digest, Sha256};
use tendermint::{PublicKey, account};

/// The kind of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What most chains use.
    Ed25519,
    /// What some chains use, because an EVM chain can verify it cheaply.
    Secp256k1,
}

/// A secret consensus key.
#[derive(Clone, Debug)]
pub enum Secret {
    /// Of Curve25519.
    Ed25519(ed25519_consensus::SigningKey),
    /// Of secp256k1.
    Secp256k1(k256::ecdsa::SigningKey),
}

impl Secret {
    /// The key that follows from `seed` and `number`.
    #[must_use]
    pub fn new(kind: Kind, seed: u64, number: u64) -> Self {
        let numbers = [seed.to_be_bytes(), number.to_be_bytes()].concat();
        Self::from_bytes(
            kind,
            Sha256::digest([b"validator".as_slice(), &numbers].concat()).into(),
        )
    }

    /// The key with these bytes.
    #[must_use]
    pub fn from_bytes(kind: Kind, bytes: [u8; 32]) -> Self {
        match kind {
            Kind::Ed25519 => Self::Ed25519(ed25519_consensus::SigningKey::from(bytes)),
            Kind::Secp256k1 => Self::Secp256k1(
                k256::ecdsa::SigningKey::from_bytes(&bytes.into()).expect("a number below the order"),
            ),
        }
    }

    /// Its public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        match self {
            Self::Ed25519(key) => PublicKey::from_raw_ed25519(key.verification_key().as_bytes()),
            Self::Secp256k1(key) => {
                PublicKey::from_raw_secp256k1(key.verifying_key().to_encoded_point(true).as_bytes())
            }
        }
        .expect("a key has a public key")
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> Vec<u8> {
        account::Id::from(self.public()).as_bytes().to_vec()
    }

    /// Its signature over `message`.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            Self::Secp256k1(key) => {
                let (signature, _) = key
                    .sign_prehash_recoverable(&Sha256::digest(message))
                    .expect("a digest of 32 bytes");
                signature.normalize_s().unwrap_or(signature).to_bytes().to_vec()
            }
        }
    }
}
