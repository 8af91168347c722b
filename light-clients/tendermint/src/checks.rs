//! The single checks, each a function that says which rule it is.
//!
//! `verify` calls them in the order of [`Reject`]; a twin does the same. They are public because traces of other
//! implementations are replayed over them.

use alloy_primitives::B256;
use wire::Seconds;

use crate::commit::Commit;
use crate::config::Config;
use crate::header::{BLOCK_VERSION, Header};
use crate::reject::Reject;
use crate::trusted::State;
use crate::update::Update;
use crate::validators::{VALIDATORS_MAX, ValidatorSet};

/// The header has the form that is hashed and read here.
///
/// # Errors
/// [`Reject::BlockVersion`].
pub fn check_version(header: &Header) -> Result<(), Reject> {
    if header.block_version == BLOCK_VERSION {
        return Ok(());
    }
    Err(Reject::BlockVersion {
        known: BLOCK_VERSION,
        found: header.block_version,
    })
}

/// The root that packets will be proven against.
///
/// # Errors
/// [`Reject::BadAppHash`]: a missing root is never "everything is absent".
pub fn app_hash(header: &Header) -> Result<B256, Reject> {
    match B256::try_from(header.app_hash.as_slice()) {
        Ok(root) if !root.is_zero() => Ok(root),
        Ok(_) | Err(_) => Err(Reject::BadAppHash {
            length: header.app_hash.len(),
        }),
    }
}

/// Neither set is empty or too large, and there is one vote for each validator.
///
/// # Errors
/// [`Reject::TooManyValidators`], [`Reject::NoValidators`], [`Reject::VoteCount`].
pub fn check_sizes(update: &Update) -> Result<(), Reject> {
    for set in [&update.validators, &update.trusted_validators] {
        check_size(set)?;
    }
    let (votes, validators) = (update.commit.votes.len(), update.validators.validators.len());
    if votes == validators {
        Ok(())
    } else {
        Err(Reject::VoteCount { votes, validators })
    }
}

fn check_size(set: &ValidatorSet) -> Result<(), Reject> {
    match set.validators.len() {
        0 => Err(Reject::NoValidators),
        1..=VALIDATORS_MAX => Ok(()),
        _ => Err(Reject::TooManyValidators {
            limit: VALIDATORS_MAX,
        }),
    }
}

/// The header is of the chain that is followed.
///
/// # Errors
/// [`Reject::ChainMismatch`].
pub fn check_chain(config: &Config, header: &Header) -> Result<(), Reject> {
    if header.chain_id == config.chain_id {
        return Ok(());
    }
    Err(Reject::ChainMismatch {
        expected: config.chain_id.clone(),
        found: header.chain_id.clone(),
    })
}

/// The trusted state that is built on is within the trust period: later its validators could lie unpunished.
///
/// # Errors
/// [`Reject::AnchorExpired`].
pub fn check_anchor(config: &Config, anchor: &State, now: Seconds) -> Result<(), Reject> {
    let until = config.expiry_of(anchor);
    if now < until {
        return Ok(());
    }
    Err(Reject::AnchorExpired {
        height: anchor.height,
        until,
        now,
    })
}

/// The header is above and later than the trusted state.
///
/// # Errors
/// [`Reject::HeightOrder`], [`Reject::TimeOrder`].
pub fn check_order(anchor: &State, header: &Header) -> Result<(), Reject> {
    if header.height <= anchor.height {
        return Err(Reject::HeightOrder {
            trusted: anchor.height,
            height: header.height,
        });
    }
    if header.time <= anchor.time {
        return Err(Reject::TimeOrder {
            trusted: anchor.time,
            time: header.time,
        });
    }
    Ok(())
}

/// The header is less than the allowed drift ahead of the clock.
///
/// # Errors
/// [`Reject::FromTheFuture`].
pub fn check_not_future(config: &Config, header: &Header, now: Seconds) -> Result<(), Reject> {
    let drift = config.clock_drift;
    if header.time.rounded_down() < now.saturating_add(drift) {
        return Ok(());
    }
    Err(Reject::FromTheFuture {
        time: header.time,
        now,
        drift,
    })
}

/// The votes are for this header.
///
/// # Errors
/// [`Reject::CommitHeight`], [`Reject::CommitBlock`].
pub fn check_commit(header: &Header, commit: &Commit) -> Result<(), Reject> {
    if commit.height != header.height {
        return Err(Reject::CommitHeight {
            header: header.height,
            commit: commit.height,
        });
    }
    let (hash, voted) = (header.hash(), commit.block_id.hash);
    if voted == Some(hash) {
        return Ok(());
    }
    Err(Reject::CommitBlock {
        header: hash,
        commit: voted,
    })
}

/// Both sets are sound, the one is the header's and the other the trusted state's.
///
/// # Errors
/// Those of [`ValidatorSet::check`]; [`Reject::ValidatorsHash`], [`Reject::TrustedValidatorsHash`].
pub fn check_sets(anchor: &State, update: &Update) -> Result<(), Reject> {
    update.validators.check()?;
    update.trusted_validators.check()?;
    let (stated, found) = (update.header.validators_hash, update.validators.hash());
    if stated != found {
        return Err(Reject::ValidatorsHash { stated, found });
    }
    let (trusted, found) = (anchor.next_validators_hash, update.trusted_validators.hash());
    if trusted != found {
        return Err(Reject::TrustedValidatorsHash { trusted, found });
    }
    Ok(())
}

/// Each vote stands in its validator's place.
///
/// # Errors
/// [`Reject::VoteAddress`].
pub fn check_votes(update: &Update) -> Result<(), Reject> {
    for (validator, vote) in update.validators.validators.iter().zip(&update.commit.votes) {
        match vote.signed() {
            Some(signed) if signed.validator != validator.address => {
                return Err(Reject::VoteAddress {
                    expected: validator.address,
                    found: signed.validator,
                });
            }
            Some(_) | None => {}
        }
    }
    Ok(())
}

/// If the header is the next one, the set that the trusted state names has signed it.
///
/// # Errors
/// [`Reject::NextValidators`].
pub fn check_next(anchor: &State, header: &Header) -> Result<(), Reject> {
    let (trusted, found) = (anchor.next_validators_hash, header.validators_hash);
    if is_next(anchor, header) && trusted != found {
        return Err(Reject::NextValidators { trusted, found });
    }
    Ok(())
}

/// Whether the header is the one after the trusted state.
pub(crate) fn is_next(anchor: &State, header: &Header) -> bool {
    anchor.height.checked_add(1) == Some(header.height)
}
