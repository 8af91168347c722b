//! One set follows another: signed by the old one, after a delay, unless it is vetoed meanwhile.
//!
//! Must never let a set take over that the old one did not sign, nor before the delay is over, nor let a vetoed rotation
//! come back: its nonce is used up.

use client::Advance;
use wire::Seconds;

use crate::reject::Reject;
use crate::tally;
use crate::trusted::{PendingRotation, Trusted};
use crate::update::{ROTATION_VALIDITY_MAX, Rotation};
use crate::verify::check_usable;

/// Lets the waiting set take over. Anybody may ask.
///
/// # Errors
/// [`Reject::Frozen`], [`Reject::Expired`], [`Reject::NoRotation`], [`Reject::RotationEarly`].
pub fn complete_rotation(trusted: &Trusted, now: Seconds) -> Result<Trusted, Reject> {
    check_usable(trusted, now)?;
    let pending = trusted.pending.as_ref().ok_or(Reject::NoRotation)?;
    let due = pending.due;
    if now < due {
        return Err(Reject::RotationEarly { due, now });
    }
    let mut next = trusted.clone();
    next.set = pending.set.clone();
    next.set_id = trusted.set_id.saturating_add(1);
    next.pending = None;
    Ok(next)
}

/// Drops the waiting set. The host decides who may ask: governance, or whom it gave that role.
///
/// # Errors
/// [`Reject::NoRotation`].
pub fn veto_rotation(trusted: &Trusted) -> Result<Trusted, Reject> {
    if trusted.pending.is_none() {
        return Err(Reject::NoRotation);
    }
    let mut next = trusted.clone();
    next.pending = None;
    Ok(next)
}

/// The old set signs nothing more once the next one is due: completing is for anybody.
pub(crate) fn check_not_due(trusted: &Trusted, now: Seconds) -> Result<(), Reject> {
    match &trusted.pending {
        Some(pending) if now >= pending.due => Err(Reject::RotationDue {
            due: pending.due,
            now,
        }),
        Some(_) | None => Ok(()),
    }
}

pub(crate) fn verify(
    trusted: &Trusted,
    rotation: &Rotation,
    now: Seconds,
) -> Result<Advance<Trusted>, Reject> {
    if let Some(pending) = &trusted.pending {
        return Err(Reject::RotationPending { due: pending.due });
    }
    let (expected, given) = (trusted.nonce, rotation.nonce);
    if given != expected {
        return Err(Reject::WrongNonce { expected, given });
    }
    let expiry = rotation.expiry;
    if now >= expiry {
        return Err(Reject::RotationExpired { expiry, now });
    }
    let latest = now.saturating_add(ROTATION_VALIDITY_MAX);
    if expiry > latest {
        return Err(Reject::RotationExpiryTooFar { expiry, latest });
    }
    let digest = rotation.digest(&trusted.config.domain(trusted.set_id));
    tally::check(&trusted.set, digest, &rotation.signatures)?;
    let mut next = trusted.clone();
    next.nonce = expected.saturating_add(1);
    next.pending = Some(PendingRotation {
        set: rotation.set.clone(),
        due: now.saturating_add(trusted.config.rotation_delay),
    });
    Ok(Advance::Updated(next))
}
