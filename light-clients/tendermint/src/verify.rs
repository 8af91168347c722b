//! Start and update: from bytes that somebody sent to what is believed.
//!
//! Decides in the order of [`Reject`], cheapest first, then signatures, then what the ring says, and returns the new state.
//! Spec: CometBFT light client, "Core verification"; ibc-go 07-tendermint.

use alloy_primitives::B256;
use client::{Advance, Status};
use wire::Seconds;

use crate::checks;
use crate::config::Config;
use crate::header::Header;
use crate::reject::Reject;
use crate::tally;
use crate::trusted::{Place, State, Trusted};
use crate::update::{Bootstrap, Update};

/// What a header is judged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To move the client forward.
    Advance,
    /// To show a contradiction: the clock does not speak against it.
    Evidence,
}

/// Begins to trust `bootstrap`, which the caller knows to be of the right chain: this function cannot know that, see
/// [`check_trusted_hash`].
///
/// # Errors
/// [`Reject::BadConfig`], [`Reject::UnknownHeight`] for another revision or height 0, [`Reject::FromTheFuture`],
/// [`Reject::BootstrapTooOld`], [`Reject::BadAppHash`], [`Reject::NoNextValidators`].
pub fn start(config: Config, bootstrap: &Bootstrap, now: Seconds) -> Result<Trusted, Reject> {
    config.check()?;
    let height = bootstrap.height;
    if height.revision_number != config.revision() || height.revision_height == 0 {
        return Err(Reject::UnknownHeight { height });
    }
    let (since, drift) = (bootstrap.time.rounded_down(), config.clock_drift);
    if since >= now.saturating_add(drift) {
        let time = bootstrap.time;
        return Err(Reject::FromTheFuture { time, now, drift });
    }
    let (age, limit) = (now.saturating_sub(since), config.trust_period);
    if age >= limit {
        return Err(Reject::BootstrapTooOld { age, limit });
    }
    if bootstrap.app_hash.is_zero() {
        let length = bootstrap.app_hash.len();
        return Err(Reject::BadAppHash { length });
    }
    if bootstrap.next_validators_hash.is_zero() {
        return Err(Reject::NoNextValidators);
    }
    Trusted::from_parts(config, bootstrap.state(now), [], false)
}

/// `header` is the block that the caller trusts.
///
/// # Errors
/// [`Reject::UntrustedHeader`].
pub fn check_trusted_hash(header: &Header, trusted: B256) -> Result<(), Reject> {
    let found = header.hash();
    if found == trusted {
        Ok(())
    } else {
        Err(Reject::UntrustedHeader { trusted, found })
    }
}

/// Judges `update`: new state, nothing new, or a contradiction to what is believed.
///
/// - `now`: block time of the host chain.
///
/// # Errors
/// The first broken rule in the order of [`Reject`].
pub fn verify_update(trusted: &Trusted, update: &Update, now: Seconds) -> Result<Advance<Trusted>, Reject> {
    check_signed(trusted, update, now, Purpose::Advance)?;
    let state = State {
        height: update.header.height,
        time: update.header.time,
        app_hash: checks::app_hash(&update.header)?,
        next_validators_hash: update.header.next_validators_hash,
        learned_at: now,
    };
    Ok(match trusted.place(&state)? {
        Place::Same => Advance::NoOp,
        Place::Contradicts => Advance::Misbehaviour(trusted.clone().into_frozen()),
        Place::Free => Advance::Updated(trusted.clone().with_state(state)),
    })
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

/// The client is neither frozen nor expired.
pub(crate) fn check_usable(trusted: &Trusted, now: Seconds) -> Result<(), Reject> {
    if trusted.frozen {
        return Err(Reject::Frozen);
    }
    let until = trusted.expiry();
    if now < until {
        Ok(())
    } else {
        Err(Reject::Expired { until, now })
    }
}

/// Everything up to and including the signatures.
pub(crate) fn check_signed(
    trusted: &Trusted,
    update: &Update,
    now: Seconds,
    purpose: Purpose,
) -> Result<(), Reject> {
    check_usable(trusted, now)?;
    checks::check_version(&update.header)?;
    checks::app_hash(&update.header)?;
    let anchor = trusted.state_at(update.trusted_height)?;
    verify_header(&trusted.config, anchor, update, now, purpose)
}

/// The core of it: whether the trusted state `anchor` is reason enough to believe a header. What the header is good for
/// after that, and where it is kept, is [`verify_update`]'s to say.
///
/// # Errors
/// The first broken rule in the order of [`Reject`], from `NoValidators` to `BadSignature`.
pub fn verify_header(
    config: &Config,
    anchor: &State,
    update: &Update,
    now: Seconds,
    purpose: Purpose,
) -> Result<(), Reject> {
    let header = &update.header;
    checks::check_sizes(update)?;
    checks::check_chain(config, header)?;
    checks::check_anchor(config, anchor, now)?;
    checks::check_order(anchor, header)?;
    if purpose == Purpose::Advance {
        checks::check_not_future(config, header, now)?;
    }
    checks::check_commit(header, &update.commit)?;
    checks::check_sets(anchor, update)?;
    checks::check_votes(update)?;
    checks::check_next(anchor, header)?;
    tally::check_signatures(config, anchor, update)
}
