//! `MsgRecoverClient`: governance lets a frozen or expired client go on from another that follows the same router.
//!
//! The host checked that the substitute is active and newer and runs the same code, and gives both stores in one. Everything
//! that the client learned is replaced, because what froze it may have signed any of it. What guardians did stays: a recovery
//! lifts no halt, and their signatures are bound to this client's id.

use client::Status;
use ethereum::{Config, status};

use crate::json::Env;
use crate::reject::Reject;
use crate::state::Kept;
use crate::store::{self, Part, Store, missing};

/// Replaces what the subject believes by what the substitute does.
pub(crate) fn recover<S: Store>(store: &mut S, env: &Env) -> Result<(), Reject> {
    let (substitute, newest) = {
        let part = Part {
            all: &mut *store,
            prefix: "substitute/",
        };
        let kept = Kept::load(&part)?;
        let trusted = kept.trusted(&part, kept.newest)?;
        let status = match status(&trusted, env.now) {
            Status::Active => None,
            Status::Expired => Some("Expired"),
            Status::Frozen => Some("Frozen"),
        };
        if let Some(status) = status {
            return Err(Reject::SubstituteNotActive { status });
        }
        let newest = trusted.state_at(kept.newest).copied();
        (kept, newest)
    };
    let newest = newest.ok_or_else(|| missing(store::CLIENT_STATE))?;
    let mut part = Part {
        all: store,
        prefix: "subject/",
    };
    let subject = Kept::load(&part)?;
    check_same(&subject.config, &substitute.config)?;
    store::clear_ring(&mut part, &subject.config)?;
    let recovered = Kept {
        checksum: subject.checksum,
        ..substitute
    };
    store::save_state(&mut part, &recovered.config, &newest)?;
    recovered.save(&mut part);
    Ok(())
}

/// The substitute follows the same router on the same chain. How long states are trusted and how many are kept may differ:
/// governance sees that when it votes. Forks may only have been added.
fn check_same(subject: &Config, substitute: &Config) -> Result<(), Reject> {
    let (old, new) = (&subject.network, &substitute.network);
    let what = if old.genesis_validators_root() != new.genesis_validators_root() {
        "the genesis validators root"
    } else if old.times() != new.times() {
        "the length of slots, epochs or periods, or the genesis time"
    } else if old.committee_size() != new.committee_size() {
        "the size of committees"
    } else if subject.router != substitute.router {
        "the router"
    } else if subject.commitments_slot != substitute.commitments_slot {
        "the slot of the router's commitments"
    } else if !new.forks().forks().starts_with(old.forks().forks()) {
        "the fork schedule"
    } else {
        return Ok(());
    };
    Err(Reject::OtherClient { what })
}
