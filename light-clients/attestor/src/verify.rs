//! Start and update: the rules in the order of [`Reject`].

use client::{Advance, Status};
use merkle::mpt::EMPTY_ROOT;
use wire::Seconds;

use crate::config::Config;
use crate::reject::Reject;
use crate::rotation;
use crate::set::Set;
use crate::tally;
use crate::trusted::{Place, State, Trusted};
use crate::update::{Attestation, Update};

/// Begins with `set`, whose honesty the caller vouches for. No state is believed before the set attests one.
///
/// # Errors
/// [`Reject::BadConfig`]. What is wrong with a set, [`Set::new`] refuses.
pub fn start(config: Config, set: Set) -> Result<Trusted, Reject> {
    config.check()?;
    Ok(Trusted::new(config, set))
}

/// Judges `update` and returns what is believed after it.
///
/// - `now`: the host chain's block time.
///
/// # Errors
/// The rules of [`Reject`] from `Frozen` to `OlderThanRing`.
pub fn verify_update(trusted: &Trusted, update: &Update, now: Seconds) -> Result<Advance<Trusted>, Reject> {
    check_usable(trusted, now)?;
    rotation::check_not_due(trusted, now)?;
    match update {
        Update::State(attestation) => verify_state(trusted, attestation, now),
        Update::Rotation(rotation) => rotation::verify(trusted, rotation, now),
    }
}

/// Whether the client may be believed at `now`.
#[must_use]
pub fn status(trusted: &Trusted, now: Seconds) -> Status {
    match check_usable(trusted, now) {
        Ok(()) => Status::Active,
        Err(Reject::Frozen) => Status::Frozen,
        Err(_) => Status::Expired,
    }
}

/// Neither frozen nor expired.
pub(crate) fn check_usable(trusted: &Trusted, now: Seconds) -> Result<(), Reject> {
    if trusted.frozen {
        return Err(Reject::Frozen);
    }
    match trusted.expiry() {
        Some(until) if now >= until => Err(Reject::Expired { until, now }),
        Some(_) | None => Ok(()),
    }
}

fn verify_state(
    trusted: &Trusted,
    attestation: &Attestation,
    now: Seconds,
) -> Result<Advance<Trusted>, Reject> {
    check_claim(trusted, attestation, now)?;
    let digest = attestation.digest(&trusted.config.domain(trusted.set_id));
    tally::check(&trusted.set, digest, &attestation.signatures)?;
    let state = State {
        height: attestation.height,
        timestamp: attestation.claim.timestamp,
        storage_root: attestation.claim.storage_root,
        learned_at: now,
    };
    Ok(match trusted.place(&state)? {
        Place::Same => Advance::NoOp,
        Place::Contradicts => Advance::Misbehaviour(trusted.clone().into_frozen()),
        Place::Free => Advance::Updated(trusted.clone().with_state(state)),
    })
}

/// What a state says must be possible, now.
fn check_claim(trusted: &Trusted, attestation: &Attestation, now: Seconds) -> Result<(), Reject> {
    let height = attestation.height;
    let interval = trusted.config.interval;
    if height.checked_rem(interval) != Some(0) {
        return Err(Reject::OffInterval { height, interval });
    }
    let root = attestation.claim.storage_root;
    if root.is_zero() || root == EMPTY_ROOT {
        return Err(Reject::EmptyStorageRoot { root });
    }
    let timestamp = attestation.claim.timestamp;
    if timestamp > now {
        return Err(Reject::FromTheFuture { timestamp, now });
    }
    let until = trusted.expiry_of(timestamp);
    if now >= until {
        return Err(Reject::StateExpired { until, now });
    }
    Ok(())
}
