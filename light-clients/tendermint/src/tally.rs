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
    let asks_overlap = !is_next(anchor, &update.header);
    let mut count = Count::begin(config.trust_level, asks_overlap, update)?;
    let votes = votes_for_block(update);
    for (validator, _) in &votes {
        count.add(validator);
    }
    count.check()?;

    let mut count = Count::begin(config.trust_level, asks_overlap, update)?;
    for (validator, vote) in votes {
        if count.needs(validator) {
            check_signature(update, validator, vote)?;
            count.add(validator);
        }
    }
    Ok(())
}

/// Those whose signatures [`check_signatures`] looks at, with their votes; if not enough voted for the block, all who did.
pub(crate) fn needed(level: TrustLevel, update: &Update) -> Vec<(&Validator, &Signed)> {
    let anchor = update.trusted_height.revision_height;
    let asks_overlap = anchor.checked_add(1) != Some(update.header.height);
    let mut votes = votes_for_block(update);
    // Powers that do not add up are refused whoever signed.
    if let Ok(mut count) = Count::begin(level, asks_overlap, update) {
        votes.retain(|(validator, _)| {
            let is_needed = count.needs(validator);
            if is_needed {
                count.add(validator);
            }
            is_needed
        });
    }
    votes
}

/// Both tallies of one header.
struct Count {
    overlap: Tally,
    own: Tally,
    trusted: BTreeMap<Address, u64>,
    asks_overlap: bool,
}

impl Count {
    /// Nobody is counted yet. Of the next header nothing is asked of the trusted set.
    fn begin(level: TrustLevel, asks_overlap: bool, update: &Update) -> Result<Self, Reject> {
        let set = &update.trusted_validators;
        let pairs = set
            .validators
            .iter()
            .map(|validator| (validator.address, validator.power));
        Ok(Self {
            overlap: Tally {
                signed: 0,
                total: if asks_overlap { set.power()? } else { 0 },
                level,
            },
            own: Tally {
                signed: 0,
                total: update.validators.power()?,
                level: TWO_THIRDS,
            },
            trusted: if asks_overlap {
                pairs.collect()
            } else {
                BTreeMap::new()
            },
            asks_overlap,
        })
    }

    fn add(&mut self, validator: &Validator) {
        self.own.add(validator.power);
        self.overlap.add(self.trusted_power(validator));
    }

    /// Without this one it is not enough yet.
    fn needs(&self, validator: &Validator) -> bool {
        let helps = self.asks_overlap && self.trusted_power(validator) > 0;
        !self.own.is_enough() || (helps && !self.overlap.is_enough())
    }

    fn check(&self) -> Result<(), Reject> {
        if self.asks_overlap && !self.overlap.is_enough() {
            return Err(Reject::NotEnoughOverlap {
                signed: self.overlap.signed,
                total: self.overlap.total,
                level: self.overlap.level,
            });
        }
        if self.own.is_enough() {
            return Ok(());
        }
        Err(Reject::NotEnoughSigners {
            signed: self.own.signed,
            total: self.own.total,
        })
    }

    /// What it had in the trusted set. The same address is the same key.
    fn trusted_power(&self, validator: &Validator) -> u64 {
        self.trusted.get(&validator.address).copied().unwrap_or(0)
    }
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
