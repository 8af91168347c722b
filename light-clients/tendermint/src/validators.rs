//! A set of validators, its hash and its total power.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use alloy_primitives::{Address, B256};

use crate::key::Key;
use crate::proto::Writer;
use crate::reject::Reject;
use crate::tree;

/// Validators that a set may have. The largest real sets have about 200.
///
/// Bound: a header with two sets of this size is judged in well below a second.
pub const VALIDATORS_MAX: usize = 1_024;

/// The total power that CometBFT allows: an eighth of the largest signed number of 64 bits.
pub const POWER_MAX: u64 = i64::MAX.unsigned_abs() / 8;

/// A validator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validator {
    /// Hash of its key.
    pub address: Address,
    /// Its key.
    pub key: Key,
    /// The weight of its vote.
    pub power: u64,
}

/// Those who sign a block, in the order in which they vote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValidatorSet {
    /// The validators.
    pub validators: Vec<Validator>,
    /// Who proposes next. Nothing that is signed says so: it is carried because ibc-go asks for it, and decides nothing.
    pub proposer: Option<Address>,
}

impl Validator {
    /// The address is that of the key.
    pub(crate) fn check_address(&self) -> Result<(), Reject> {
        let (stated, found) = (self.address, self.key.address());
        if stated == found {
            Ok(())
        } else {
            Err(Reject::AddressMismatch { stated, found })
        }
    }
}

impl ValidatorSet {
    /// Its hash: the Merkle root over keys and powers. Addresses are not in it.
    #[must_use]
    pub fn hash(&self) -> B256 {
        let leaves: Vec<Vec<u8>> = self
            .validators
            .iter()
            .map(|validator| {
                Writer::default()
                    .message(1, &validator.key.encoded())
                    .varint(2, validator.power)
                    .done()
            })
            .collect();
        tree::root(&leaves)
    }

    /// The sum of all powers.
    ///
    /// # Errors
    /// [`Reject::PowerOverflow`].
    pub fn power(&self) -> Result<u64, Reject> {
        // Bound: no list of 2^64 numbers fits into memory, so 128 bits hold the sum.
        let total = self.validators.iter().fold(0u128, |sum, validator| {
            sum.saturating_add(u128::from(validator.power))
        });
        match u64::try_from(total) {
            Ok(total) if total <= POWER_MAX => Ok(total),
            Ok(_) | Err(_) => Err(Reject::PowerOverflow {
                total,
                limit: POWER_MAX,
            }),
        }
    }

    /// Each validator occurs once, each address is that of its key, and the powers add up. Call after the number of
    /// validators was checked.
    ///
    /// # Errors
    /// [`Reject::DuplicateValidator`], [`Reject::AddressMismatch`], [`Reject::PowerOverflow`].
    pub fn check(&self) -> Result<(), Reject> {
        let mut seen = BTreeSet::new();
        for validator in &self.validators {
            let address = validator.address;
            if !seen.insert(address) {
                return Err(Reject::DuplicateValidator { address });
            }
        }
        self.validators.iter().try_for_each(Validator::check_address)?;
        self.power().map(drop)
    }
}
