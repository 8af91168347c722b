//! The set of guardians, and whether signatures make a quorum of it.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, Keccak256};
use wire::sign::{self, word};

use crate::Reject;

/// The most guardians of a set: each signature costs gas.
pub const GUARDIANS_MAX: usize = 32;
/// How far ahead a signature may expire: none can be kept for later.
pub const EXPIRY_AHEAD_SECONDS_MAX: u64 = 24 * 3600;

/// How many guardians something needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quorum {
    /// Few, for what is narrow and short.
    Small,
    /// A majority, for what is wide, long, or starts something again.
    Large,
}

/// A set of guardians.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    id: u64,
    guardians: Vec<Address>,
    small: usize,
    large: usize,
}

impl Set {
    /// A set that is safe to use: no single guardian can do anything, and two large quorums always share one.
    ///
    /// - `guardians`: in ascending order.
    ///
    /// # Errors
    /// [`Reject::TooManyGuardians`], [`Reject::SmallQuorum`], [`Reject::LargeQuorum`], [`Reject::GuardianOrder`].
    pub fn new(id: u64, guardians: Vec<Address>, small: usize, large: usize) -> Result<Self, Reject> {
        let count = guardians.len();
        if count > GUARDIANS_MAX {
            return Err(Reject::TooManyGuardians {
                count,
                most: GUARDIANS_MAX,
            });
        }
        if small < 2 {
            return Err(Reject::SmallQuorum { small, least: 2 });
        }
        if large <= small || large > count || large.saturating_mul(2) <= count {
            return Err(Reject::LargeQuorum { large, small, count });
        }
        // Ascending from above zero: so none is zero and none is there twice.
        let mut previous = Address::ZERO;
        for next in &guardians {
            if *next <= previous {
                return Err(Reject::GuardianOrder {
                    previous,
                    next: *next,
                });
            }
            previous = *next;
        }
        Ok(Self {
            id,
            guardians,
            small,
            large,
        })
    }

    /// Its number, which every digest binds.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Its guardians, in ascending order.
    #[must_use]
    pub fn guardians(&self) -> &[Address] {
        &self.guardians
    }

    /// Keccak-256 over its small quorum, its large quorum and its guardians, a word each: what is signed for it to follow
    /// another set. Its number is not part of it; the digest binds that of the set before it.
    #[must_use]
    pub fn hash(&self) -> B256 {
        let sizes = [self.small, self.large].map(|size| word(u64::try_from(size).unwrap_or(u64::MAX)));
        let mut hasher = Keccak256::new();
        for word in sizes
            .into_iter()
            .chain(self.guardians.iter().map(Address::into_word))
        {
            hasher.update(word);
        }
        hasher.finalize()
    }

    /// How many guardians a quorum has.
    #[must_use]
    pub fn size(&self, quorum: Quorum) -> usize {
        match quorum {
            Quorum::Small => self.small,
            Quorum::Large => self.large,
        }
    }

    /// Accepts a digest that enough guardians signed: signatures in ascending order of the signers, every one of a
    /// guardian.
    ///
    /// # Errors
    /// [`Reject::NotEnoughSigners`], [`Reject::Signature`], [`Reject::NotAGuardian`], [`Reject::SignerOrder`].
    pub fn check(&self, quorum: Quorum, digest: B256, signatures: &[Vec<u8>]) -> Result<(), Reject> {
        let (signers, needed) = (signatures.len(), self.size(quorum));
        if signers < needed {
            return Err(Reject::NotEnoughSigners { signers, needed });
        }
        if signers > self.guardians.len() {
            return Err(Reject::TooManySigners {
                signers,
                most: self.guardians.len(),
            });
        }
        let mut previous = Address::ZERO;
        for signature in signatures {
            let signer = sign::recover(digest, signature).map_err(Reject::Signature)?;
            if !self.guardians.contains(&signer) {
                return Err(Reject::NotAGuardian { signer });
            }
            if signer <= previous {
                return Err(Reject::SignerOrder {
                    previous,
                    next: signer,
                });
            }
            previous = signer;
        }
        Ok(())
    }
}
