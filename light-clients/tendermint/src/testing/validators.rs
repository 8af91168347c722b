//! A set of validators with their secret keys.

use alloc::vec::Vec;
use core::cmp::Reverse;

use tendermint_proto::v0_38::types as raw;

use super::keys::{Kind, Secret};

/// A validator that signs.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its key.
    pub secret: Secret,
    /// The weight of its vote.
    pub power: i64,
}

/// A set in the order of CometBFT: falling power, then rising address.
#[derive(Clone, Debug, Default)]
pub struct Validators {
    /// The validators.
    pub members: Vec<Member>,
}

impl Validators {
    /// Validators with these powers, whose keys follow from `seed`.
    #[must_use]
    pub fn new(kind: Kind, seed: u64, powers: &[i64]) -> Self {
        let numbered = (0u64..).zip(powers);
        let members = numbered.map(|(number, power)| Member {
            secret: Secret::new(kind, seed, number),
            power: *power,
        });
        Self::of(members.collect())
    }

    /// These validators.
    #[must_use]
    pub fn of(mut members: Vec<Member>) -> Self {
        members.sort_by_cached_key(|member| (Reverse(member.power), member.secret.address()));
        Self { members }
    }

    /// The set as a message. The first validator proposes.
    #[must_use]
    pub fn message(&self) -> raw::ValidatorSet {
        let validators: Vec<raw::Validator> = self.members.iter().map(Member::message).collect();
        raw::ValidatorSet {
            proposer: validators.first().cloned(),
            validators,
            total_voting_power: 0,
        }
    }

    /// Its hash.
    ///
    /// # Panics
    /// If CometBFT allows no such set.
    #[must_use]
    pub fn hash(&self) -> Vec<u8> {
        let set = tendermint::validator::Set::try_from(self.message()).expect("a set that CometBFT allows");
        set.hash().as_bytes().to_vec()
    }
}

impl Member {
    /// As a message.
    #[must_use]
    pub fn message(&self) -> raw::Validator {
        raw::Validator {
            address: self.secret.address(),
            pub_key: Some(self.secret.public().into()),
            voting_power: self.power,
            proposer_priority: 0,
        }
    }
}
