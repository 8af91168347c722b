//! Validators, the sync committees drawn from them, and their signatures.
//!
//! All keys follow from the seed. Signing for many is signing once with the sum of their secret
//! keys, which makes the same signature as aggregating theirs. Must never be used for anything of
//! value: whoever knows the seed knows every key.

use super::ssz;
use crate::config::COMMITTEE_SIZE;
use alloy_primitives::{B256, FixedBytes, U256, uint};
use blst::min_pk::SecretKey;
use std::sync::Arc;

/// A compressed BLS public key.
pub(crate) type PublicKey = FixedBytes<48>;
/// A compressed BLS signature.
pub(crate) type Signature = FixedBytes<96>;

/// Ciphersuite of Ethereum's consensus layer.
const DST: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/// Order of the BLS12-381 subgroups.
const ORDER: U256 = uint!(0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001_U256);

/// What an aggregate of no signatures is: the point at infinity, compressed.
pub(crate) fn infinity() -> Signature {
    let mut signature = Signature::ZERO;
    signature[0] = 0xc0;
    signature
}

/// A secret key as a number, so that keys can be added.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Secret(U256);

impl Secret {
    fn sum(secrets: impl Iterator<Item = Secret>) -> Self {
        Self(secrets.fold(U256::ZERO, |sum, secret| sum.add_mod(secret.0, ORDER)))
    }

    /// `None` for zero, which is no key.
    fn key(self) -> Option<SecretKey> {
        SecretKey::from_bytes(&self.0.to_be_bytes::<32>()).ok()
    }

    fn public(self) -> PublicKey {
        self.key()
            .map_or(PublicKey::ZERO, |key| key.sk_to_pk().compress().into())
    }
}

/// All validators of a chain.
pub(crate) struct Validators {
    seed: B256,
    keys: Vec<(Secret, PublicKey)>,
}

impl Validators {
    /// `count` validators whose keys follow from `domain` and `seed`.
    pub(crate) fn new(domain: &str, seed: u64, count: u32) -> Self {
        let seed = ssz::hash(&[domain.as_bytes(), &seed.to_be_bytes()]);
        let key = |index: u32| {
            let material = ssz::hash(&[b"validator", seed.as_slice(), &index.to_be_bytes()]);
            let secret = SecretKey::key_gen(material.as_slice(), &[]).expect("32 bytes are enough entropy");
            let public = secret.sk_to_pk().compress().into();
            (Secret(U256::from_be_bytes(secret.to_bytes())), public)
        };
        Self {
            seed,
            keys: (0..count.max(1)).map(key).collect(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn public_keys(&self) -> impl Iterator<Item = PublicKey> + '_ {
        self.keys.iter().map(|(_, public)| *public)
    }

    /// The committee of `period`: the first seats of a shuffle that the period seeds; with fewer
    /// validators than seats they sit down again from the first.
    pub(crate) fn committee(&self, period: u64) -> Arc<Committee> {
        let mut order: Vec<usize> = (0..self.keys.len()).collect();
        order.sort_by_cached_key(|index| {
            ssz::hash(&[
                b"seat",
                self.seed.as_slice(),
                &period.to_be_bytes(),
                &index.to_be_bytes(),
            ])
        });
        let seats: Vec<(Secret, PublicKey)> = order
            .iter()
            .cycle()
            .take(COMMITTEE_SIZE)
            .map(|index| self.keys[*index])
            .collect();
        let (secrets, keys): (Vec<Secret>, Vec<PublicKey>) = seats.into_iter().unzip();
        let aggregate = Secret::sum(secrets.iter().copied()).public();
        let leaves: Vec<B256> = keys.iter().map(|key| ssz::bytes(key.as_slice())).collect();
        let root = ssz::hash_pair(ssz::container(&leaves), ssz::bytes(aggregate.as_slice()));
        Arc::new(Committee {
            secrets,
            keys,
            aggregate,
            root,
        })
    }
}

/// A sync committee: its seats, and the keys to sign for them.
pub(crate) struct Committee {
    secrets: Vec<Secret>,
    /// Public keys in the order of seats.
    pub(crate) keys: Vec<PublicKey>,
    /// Sum of all keys.
    pub(crate) aggregate: PublicKey,
    /// SSZ root of the `SyncCommittee`.
    pub(crate) root: B256,
}

/// Who signed, and the signature: the `SyncAggregate` of the specification.
#[derive(Clone, Debug)]
pub(crate) struct SyncAggregate {
    /// One bit a seat, little-endian within bytes.
    pub(crate) bits: FixedBytes<{ COMMITTEE_SIZE / 8 }>,
    pub(crate) signature: Signature,
}

impl SyncAggregate {
    /// SSZ root.
    pub(crate) fn root(&self) -> B256 {
        ssz::hash_pair(
            ssz::bytes(self.bits.as_slice()),
            ssz::bytes(self.signature.as_slice()),
        )
    }

    /// Number of seats that signed.
    pub(crate) fn signers(&self) -> usize {
        self.bits.iter().map(|byte| byte.count_ones() as usize).sum()
    }
}

impl Committee {
    /// The signature of `signers` seats over `message`. Which seats are silent follows from
    /// `scatter`, so that they are spread and differ from slot to slot.
    pub(crate) fn sign(&self, message: B256, signers: usize, scatter: B256) -> SyncAggregate {
        let mut order: Vec<usize> = (0..COMMITTEE_SIZE).collect();
        if signers < COMMITTEE_SIZE {
            order.sort_by_cached_key(|seat| ssz::hash(&[scatter.as_slice(), &seat.to_be_bytes()]));
        }
        let mut bits = FixedBytes::ZERO;
        let present = &order[..signers.min(COMMITTEE_SIZE)];
        for seat in present {
            bits[seat / 8] |= 1u8 << (seat % 8);
        }
        let secret = Secret::sum(present.iter().map(|seat| self.secrets[*seat]));
        let signature = match secret.key() {
            Some(key) => key.sign(message.as_slice(), DST, &[]).compress().into(),
            None => infinity(),
        };
        SyncAggregate { bits, signature }
    }
}

impl std::fmt::Debug for Validators {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Validators")
            .field("count", &self.keys.len())
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Committee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Committee")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use blst::{BLST_ERROR, min_pk};

    #[test]
    fn sum_of_keys_signs_for_all() {
        let validators = Validators::new("test", 1, 40);
        let committee = validators.committee(3);
        let message = B256::repeat_byte(5);
        for signers in [1, 170, 512] {
            let aggregate = committee.sign(message, signers, B256::ZERO);
            assert_eq!(aggregate.signers(), signers);
            let present: Vec<min_pk::PublicKey> = (0..COMMITTEE_SIZE)
                .filter(|seat| aggregate.bits[seat / 8] >> (seat % 8) & 1 == 1)
                .map(|seat| min_pk::PublicKey::key_validate(committee.keys[seat].as_slice()).unwrap())
                .collect();
            let signature = min_pk::Signature::sig_validate(aggregate.signature.as_slice(), true).unwrap();
            let refs: Vec<&min_pk::PublicKey> = present.iter().collect();
            let verdict = signature.fast_aggregate_verify(true, message.as_slice(), DST, &refs);
            assert_eq!(verdict, BLST_ERROR::BLST_SUCCESS);
        }
        assert_eq!(committee.sign(message, 0, B256::ZERO).signature, infinity());
    }

    #[test]
    fn committees_differ_by_period_and_repeat_by_seed() {
        let (a, b) = (Validators::new("test", 1, 600), Validators::new("test", 1, 600));
        assert_eq!(a.committee(0).root, b.committee(0).root);
        assert_ne!(a.committee(0).root, a.committee(1).root);
        assert_ne!(a.committee(0).aggregate, a.committee(1).aggregate);
        assert_ne!(
            Validators::new("test", 2, 600).committee(0).root,
            a.committee(0).root
        );
        assert_ne!(
            Validators::new("other", 1, 600).committee(0).root,
            a.committee(0).root
        );
    }
}
