//! Attestors with known secret keys. Never linked into a daemon or a contract.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, keccak256};
use k256::ecdsa::SigningKey;
use wire::sign::Domain;

use crate::reject::Reject;
use crate::set::{Attestor, Set};
use crate::update::{Claim, Rotation, Signed};

/// Keys of attestors in the order of their addresses, as a set has them.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Whether they sign in the form of EIP-2098.
    pub compact: bool,
    keys: Vec<(Address, SigningKey)>,
}

impl Keys {
    /// `count` keys that follow from `seed`.
    #[must_use]
    pub fn new(seed: u64, count: u64) -> Self {
        let made = (0..count).filter_map(|number| {
            let secret = keccak256([seed.to_be_bytes(), number.to_be_bytes()].concat());
            let key = SigningKey::from_bytes(&secret.0.into()).ok()?;
            Some((address_of(&key), key))
        });
        let mut keys: Vec<_> = made.collect();
        keys.sort_by_key(|(address, _)| *address);
        Self { compact: true, keys }
    }

    /// Their addresses.
    #[must_use]
    pub fn addresses(&self) -> Vec<Address> {
        self.keys.iter().map(|(address, _)| *address).collect()
    }

    /// The set in which each of them has weight 1.
    ///
    /// # Errors
    /// [`Reject::BadSet`].
    pub fn set(&self, threshold: u64) -> Result<Set, Reject> {
        let attestors = self
            .addresses()
            .into_iter()
            .map(|signer| Attestor { signer, weight: 1 });
        Set::new(threshold, attestors.collect())
    }

    /// Signatures of those with these indices over `digest`.
    #[must_use]
    pub fn sign(&self, digest: B256, indices: &[u8]) -> Vec<Signed> {
        let sign = |index: &u8| {
            let (_, key) = self.keys.get(usize::from(*index))?;
            let (signature, parity) = key.sign_prehash_recoverable(digest.as_slice()).ok()?;
            let mut bytes = signature.to_bytes().to_vec();
            if !self.compact {
                bytes.push(parity.to_byte().saturating_add(27));
            } else if parity.is_y_odd() {
                bytes.iter_mut().skip(32).take(1).for_each(|byte| *byte |= 0x80);
            }
            Some(Signed {
                index: *index,
                signature: bytes,
            })
        };
        indices.iter().filter_map(sign).collect()
    }

    /// Signatures over a claim.
    #[must_use]
    pub fn attest(&self, domain: &Domain, height: u64, claim: &Claim, indices: &[u8]) -> Vec<Signed> {
        self.sign(claim.digest(domain, height), indices)
    }

    /// The same rotation with these signatures.
    #[must_use]
    pub fn rotate(&self, domain: &Domain, rotation: Rotation, indices: &[u8]) -> Rotation {
        let signatures = self.sign(rotation.digest(domain), indices);
        Rotation {
            signatures,
            ..rotation
        }
    }
}

fn address_of(key: &SigningKey) -> Address {
    let point = key.verifying_key().to_encoded_point(false);
    let coordinates = point.as_bytes().iter().skip(1).copied();
    Address::from_word(keccak256(coordinates.collect::<Vec<u8>>()))
}
