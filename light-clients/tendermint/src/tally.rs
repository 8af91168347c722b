//! Who signed, and whether that is enough.
//!
//! First powers are compared as the votes claim them, which costs nothing; then signatures are verified, in the order of the
//! set and only as long as they are needed. CometBFT sorts a set by falling power, so these are the fewest. A signature that
//! nobody needs is not looked at, and its validator is not counted: it may be anything.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use alloy_primitives::Address;

use crate::checks::is_next;
use crate::commit::Signed;
use crate::config::{Config, TrustLevel};
use crate::reject::Reject;
use crate::trusted::State;
use crate::update::Update;
use crate::validators::Validator;

/// The share of its own set that must have signed a header.
const TWO_THIRDS: TrustLevel = TrustLevel {
    numerator: 2,
    denominator: 3,
};

/// Power that signed, of all, and how much of it is needed.
struct Tally {
    signed: u64,
    total: u64,
    level: TrustLevel,
}

impl Tally {
    /// More than the level signed.
    fn is_enough(&self) -> bool {
        // Bound: totals are below 2^60, levels below 2^64: the products fit.
        let signed = u128::from(self.signed).saturating_mul(u128::from(self.level.denominator));
        signed > u128::from(self.total).saturating_mul(u128::from(self.level.numerator))
    }

    fn add(&mut self, power: u64) {
        // Bound: every validator is added once, so the sum is at most the total.
        self.signed = self.signed.saturating_add(power);
    }
}

/// Validators of more than two thirds of the power signed the header; unless it is the next one, validators of more than the
/// trust level of the trusted power are among them.
///
/// Call after [`crate::checks`]: sets are sound, and each vote stands in its validator's place.
///
/// # Errors
/// [`Reject::NotEnoughOverlap`], [`Reject::NotEnoughSigners`], [`Reject::BadSignature`].
pub fn check_signatures(config: &Config, anchor: &State, update: &Update) -> Result<(), Reject> {
    let trusted = trusted_powers(anchor, update);
    let tallies = || -> Result<(Tally, Tally), Reject> {
        let overlap = Tally {
            signed: 0,
            // Of the next header nothing is asked here: zero is less than any power.
            total: if trusted.is_empty() {
                0
            } else {
                update.trusted_validators.power()?
            },
            level: config.trust_level,
        };
        let own = Tally {
            signed: 0,
            total: update.validators.power()?,
            level: TWO_THIRDS,
        };
        Ok((overlap, own))
    };
    let votes = votes_for_block(update);
    let asks_overlap = !is_next(anchor, &update.header);

    let (mut overlap, mut own) = tallies()?;
    for (validator, _) in &votes {
        own.add(validator.power);
        overlap.add(trusted_power(&trusted, validator));
    }
    if asks_overlap && !overlap.is_enough() {
        return Err(Reject::NotEnoughOverlap {
            signed: overlap.signed,
            total: overlap.total,
            level: overlap.level,
        });
    }
    if !own.is_enough() {
        return Err(Reject::NotEnoughSigners {
            signed: own.signed,
            total: own.total,
        });
    }

    let (mut overlap, mut own) = tallies()?;
    for (validator, vote) in votes {
        let power = trusted_power(&trusted, validator);
        let is_needed = !own.is_enough() || (asks_overlap && power > 0 && !overlap.is_enough());
        if is_needed {
            check_signature(update, validator, vote)?;
            own.add(validator.power);
            overlap.add(power);
        }
    }
    Ok(())
}

/// The validator made the signature in its vote.
///
/// # Errors
/// [`Reject::BadSignature`].
pub(crate) fn check_signature(update: &Update, validator: &Validator, vote: &Signed) -> Result<(), Reject> {
    let message = update.commit.sign_bytes(&update.header.chain_id, vote.time);
    if validator.key.has_signed(&message, &vote.signature) {
        return Ok(());
    }
    Err(Reject::BadSignature {
        validator: validator.address,
    })
}

/// Those who voted for the block, in the order of the set.
pub(crate) fn votes_for_block(update: &Update) -> Vec<(&Validator, &Signed)> {
    let pairs = update.validators.validators.iter().zip(&update.commit.votes);
    pairs
        .filter_map(|(validator, vote)| Some((validator, vote.for_block()?)))
        .collect()
}

/// The powers that count towards the trust level; none if the header is the next one.
fn trusted_powers(anchor: &State, update: &Update) -> BTreeMap<Address, u64> {
    if is_next(anchor, &update.header) {
        return BTreeMap::new();
    }
    let set = &update.trusted_validators.validators;
    set.iter()
        .map(|validator| (validator.address, validator.power))
        .collect()
}

/// What it had in the trusted set. The same address is the same key.
fn trusted_power(trusted: &BTreeMap<Address, u64>, validator: &Validator) -> u64 {
    trusted.get(&validator.address).copied().unwrap_or(0)
}
