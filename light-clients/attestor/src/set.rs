//! A set of attestors: who may sign, and how much weight is needed.
//!
//! Decides whether a set is safe enough to begin with. A set in use may have attestors of weight zero: they contradicted
//! themselves. Its bytes are words of 32 bytes: the threshold, then for each attestor weight (12 bytes) and address (20).

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256, keccak256};
use wire::sign;

use crate::reject::{Reject, SetFault};

/// Most attestors of a set.
pub const ATTESTORS_MAX: usize = 64;

/// Bytes of a word.
const WORD: usize = 32;

/// One signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attestor {
    /// The address of the signer's key.
    pub signer: Address,
    /// What the signature counts; zero for one who contradicted himself.
    pub weight: u64,
}

/// Those who may sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    threshold: u64,
    attestors: Vec<Attestor>,
}

impl Set {
    /// A set in which no attestor alone reaches the threshold, and all together do.
    ///
    /// - `attestors`: in strictly rising order of their addresses, so that a set has one form and nobody is in it twice.
    ///
    /// # Errors
    /// [`Reject::BadSet`].
    pub fn new(threshold: u64, attestors: Vec<Attestor>) -> Result<Self, Reject> {
        Self::check(threshold, &attestors).map_err(Reject::BadSet)?;
        Ok(Self { threshold, attestors })
    }

    /// A set that a contract accepted before, as its view function says: attestors who contradicted themselves are still
    /// in it and have weight zero.
    #[must_use]
    pub fn in_use(threshold: u64, attestors: Vec<Attestor>) -> Self {
        Self { threshold, attestors }
    }

    fn check(threshold: u64, attestors: &[Attestor]) -> Result<(), SetFault> {
        let count = attestors.len();
        if count == 0 || count > ATTESTORS_MAX {
            return Err(SetFault::Size { count });
        }
        if threshold == 0 {
            return Err(SetFault::Threshold);
        }
        let mut previous = Address::ZERO;
        let mut total = 0_u64;
        for attestor in attestors {
            let signer = attestor.signer;
            if signer.is_zero() {
                return Err(SetFault::ZeroSigner);
            }
            if signer <= previous {
                return Err(SetFault::Order { previous, signer });
            }
            if attestor.weight == 0 {
                return Err(SetFault::ZeroWeight { signer });
            }
            if attestor.weight >= threshold {
                return Err(SetFault::Alone { signer, threshold });
            }
            previous = signer;
            total = total.saturating_add(attestor.weight);
        }
        if total < threshold {
            return Err(SetFault::Unreachable { total, threshold });
        }
        Ok(())
    }

    /// Reads a set.
    ///
    /// # Errors
    /// [`Reject::BadSet`].
    pub fn from_words(bytes: &[u8]) -> Result<Self, Reject> {
        let mut words = bytes.chunks(WORD);
        let threshold = words.next().map(U256::from_be_slice);
        // Beyond 64 bits a threshold is refused as zero is, and a weight because it reaches every other threshold alone.
        let threshold = threshold.and_then(|word| u64::try_from(word).ok()).unwrap_or(0);
        Self::new(threshold, words.map(read_attestor).collect())
    }

    /// The bytes of the set.
    #[must_use]
    pub fn to_words(&self) -> Vec<u8> {
        let words = self.attestors.iter().map(|one| {
            let mut word = one.signer.into_word();
            word.0
                .iter_mut()
                .skip(4)
                .zip(one.weight.to_be_bytes())
                .for_each(|(to, from)| *to = from);
            word
        });
        let words: Vec<B256> = core::iter::once(sign::word(self.threshold))
            .chain(words)
            .collect();
        words.iter().flatten().copied().collect()
    }

    /// What a rotation names.
    #[must_use]
    pub fn hash(&self) -> B256 {
        keccak256(self.to_words())
    }

    /// The weight that a statement needs.
    #[must_use]
    pub fn threshold(&self) -> u64 {
        self.threshold
    }

    /// All attestors, in the order in which signatures name them.
    #[must_use]
    pub fn attestors(&self) -> &[Attestor] {
        &self.attestors
    }

    /// Whether those who still count could reach the threshold.
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        let weights = self.attestors.iter().map(|one| one.weight);
        weights.fold(0_u64, u64::saturating_add) >= self.threshold
    }

    /// The same set in which the signature of `signer` counts nothing.
    pub(crate) fn without_weight(mut self, signer: Address) -> Self {
        for attestor in &mut self.attestors {
            if attestor.signer == signer {
                attestor.weight = 0;
            }
        }
        self
    }
}

fn read_attestor(word: &[u8]) -> Attestor {
    let number = U256::from_be_slice(word);
    Attestor {
        signer: Address::from_word(B256::from(number)),
        weight: u64::try_from(number.wrapping_shr(160)).unwrap_or(u64::MAX),
    }
}
