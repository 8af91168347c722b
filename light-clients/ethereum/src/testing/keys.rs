//! A sync committee with its secret keys.

use alloc::vec::Vec;

use alloy_primitives::{B256, Bytes, FixedBytes, U256};
use blst::min_pk::{AggregatePublicKey, PublicKey, SecretKey};

use super::filler;
use crate::spec::{SignatureBytes, SyncAggregate, SyncCommittee};

/// Order of the group: secret keys count modulo this.
const ORDER: U256 = U256::from_limbs([
    0xffff_ffff_0000_0001,
    0x53bd_a402_fffe_5bfe,
    0x3339_d808_09a1_d805,
    0x73ed_a753_299d_7d48,
]);

/// Domain separation tag of Ethereum's signatures.
const TAG: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/// A committee that signs: one secret key a seat.
///
/// The keys of a sum of secret keys sign for all of them at once, so any number of signers costs one signature.
#[derive(Clone, Debug)]
pub struct Keys {
    secrets: Vec<U256>,
    committee: SyncCommittee,
}

impl Keys {
    /// A committee of `size` different keys that follow from `seed`.
    #[must_use]
    pub fn new(seed: u64, size: u32) -> Self {
        let secrets = (0..u64::from(size)).map(|seat| secret(&[seed, seat]));
        Self::from_secrets(secrets.collect())
    }

    /// A committee in which `validators` keys share `size` seats, as on small test networks.
    #[must_use]
    pub fn repeated(seed: u64, validators: u32, size: u32) -> Self {
        let keys: Vec<U256> = (0..u64::from(validators))
            .map(|seat| secret(&[seed, seat]))
            .collect();
        Self::from_secrets(keys.iter().copied().cycle().take(size as usize).collect())
    }

    /// A committee whose keys add up to that of its first seat: without it, the others cancel each other.
    #[must_use]
    pub fn cancelling(seed: u64, size: u32) -> Self {
        let mut secrets: Vec<U256> = (0..u64::from(size)).map(|seat| secret(&[seed, seat])).collect();
        let sum = secrets[2..]
            .iter()
            .fold(U256::ZERO, |sum, secret| sum.add_mod(*secret, ORDER));
        secrets[1] = ORDER - sum;
        Self::from_secrets(secrets)
    }

    /// A committee of these secret keys, each above zero and below the group's order.
    ///
    /// # Panics
    /// If a key is zero or not below the order, or if all of them add up to zero.
    #[must_use]
    pub fn from_secrets(secrets: Vec<U256>) -> Self {
        let points: Vec<PublicKey> = secrets.iter().map(|secret| key(*secret).sk_to_pk()).collect();
        let points: Vec<&PublicKey> = points.iter().collect();
        let aggregate = AggregatePublicKey::aggregate(&points, false)
            .expect("at least one key")
            .to_public_key();
        let committee = SyncCommittee {
            pubkeys: points.iter().map(|point| FixedBytes(point.compress())).collect(),
            aggregate_pubkey: FixedBytes(aggregate.compress()),
        };
        Self { secrets, committee }
    }

    /// The committee as the beacon chain knows it.
    #[must_use]
    pub fn committee(&self) -> &SyncCommittee {
        &self.committee
    }

    /// The seats' secret keys.
    #[must_use]
    pub fn secrets(&self) -> &[U256] {
        &self.secrets
    }

    /// The sync bits in which all seats signed but these.
    #[must_use]
    pub fn bits_without(&self, absent: &[usize]) -> Vec<u8> {
        let mut bits = alloc::vec![0xff; self.secrets.len() / 8];
        for seat in absent {
            bits[seat / 8] &= !(1 << (seat % 8));
        }
        bits
    }

    /// The signature over `signing_root` of the seats whose bits are set.
    ///
    /// # Panics
    /// If no bit is set, or if the signing keys add up to zero.
    #[must_use]
    pub fn sign(&self, bits: &[u8], signing_root: B256) -> SignatureBytes {
        let sum = self
            .secrets
            .iter()
            .enumerate()
            .fold(U256::ZERO, |sum, (seat, secret)| {
                if bits[seat / 8] & (1 << (seat % 8)) == 0 {
                    sum
                } else {
                    sum.add_mod(*secret, ORDER)
                }
            });
        FixedBytes(key(sum).sign(signing_root.as_slice(), TAG, &[]).compress())
    }

    /// [`Keys::sign`] with the bits beside it.
    #[must_use]
    pub fn sync_aggregate(&self, bits: &[u8], signing_root: B256) -> SyncAggregate {
        SyncAggregate {
            sync_committee_bits: Bytes::copy_from_slice(bits),
            sync_committee_signature: self.sign(bits, signing_root),
        }
    }
}

/// A secret key that follows from `numbers`.
fn secret(numbers: &[u64]) -> U256 {
    let wide = U256::from_be_bytes(filler("sync committee key", numbers).0);
    wide.reduce_mod(ORDER - U256::ONE) + U256::ONE
}

fn key(secret: U256) -> SecretKey {
    SecretKey::from_bytes(&secret.to_be_bytes::<32>()).expect("a key above zero and below the order")
}
