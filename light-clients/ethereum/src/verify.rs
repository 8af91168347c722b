//! Start and update: from bytes that somebody sent to what is believed.
//!
//! Decides in the order of [`Reject`], cheapest first, signature late, and returns the new state. Must
//! never believe anything that two thirds of a trusted committee did not sign.
//! Consensus specification: `initialize_light_client_store`, `validate_light_client_update`,
//! `apply_light_client_update`, as far as a bridge needs them. A bridge has no optimistic header and no
//! `force_update`: it waits for finality.

use alloy_primitives::B256;
use client::{Advance, Status};
use wire::Seconds;

use crate::account;
use crate::bls::Bls;
use crate::checks;
use crate::config::Config;
use crate::network::{Indices, Network};
use crate::reject::Reject;
use crate::seats;
use crate::trusted::{HeldCommittee, Place, State, Trusted};
use crate::units::{Period, Slot};
use crate::update::{Bootstrap, ProvenCommittee, Update};

/// What an update is judged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To move the client forward.
    Advance,
    /// To show a contradiction: the ring does not speak against it.
    Evidence,
}

/// What an update's next committee is to those held.
enum Next {
    /// There is none, or it was learned before.
    NotNew,
    /// It is newer than all.
    New(HeldCommittee),
    /// Another one is held for its period.
    Contradicts,
}

/// Begins to trust `bootstrap`, whose header the caller knows to be final on the right chain: this
/// function cannot know that, see [`check_trusted_root`].
///
/// # Errors
/// [`Reject::BadConfig`], [`Reject::UnknownFork`], [`Reject::FromTheFuture`],
/// [`Reject::BootstrapTooOld`], [`Reject::CommitteeBranch`], [`Reject::ExecutionBranch`],
/// [`Reject::BadPoint`], and those of the account proof.
pub fn start(bls: &impl Bls, config: Config, bootstrap: &Bootstrap, now: Seconds) -> Result<Trusted, Reject> {
    config.check()?;
    let (network, header) = (&config.network, &bootstrap.header);
    let indices = network.forks().indices(network.epoch_of(header.slot))?;
    checks::check_not_future(network, header.slot, now)?;
    check_age(&config, header.slot, now)?;
    checks::check_current_committee(&indices, header, &bootstrap.current)?;
    checks::check_aggregate(bls, &bootstrap.current.committee)?;
    checks::check_execution(header, &bootstrap.execution)?;
    let root = account::storage_root(&config, bootstrap.execution.state_root, &bootstrap.account_proof)?;

    let (slot, period) = (header.slot, network.period_of(header.slot));
    let state = State {
        slot,
        storage_root: root,
        learned_at: now,
    };
    let commitment = bootstrap.current.committee.commitment(period);
    let committee = HeldCommittee { period, commitment };
    let mut trusted = Trusted::from_parts(config, slot, [state], [committee], false)?;
    trusted.bootstrap = Some(slot);
    Ok(trusted)
}

/// `bootstrap` is the block that the caller trusts.
///
/// # Errors
/// [`Reject::UntrustedHeader`].
pub fn check_trusted_root(bootstrap: &Bootstrap, trusted: B256) -> Result<(), Reject> {
    let found = bootstrap.header.root();
    if found == trusted {
        Ok(())
    } else {
        Err(Reject::UntrustedHeader { trusted, found })
    }
}

/// Judges `update`: new state, nothing new, or a contradiction to what is stored.
///
/// An update that carries a next committee and no account proof teaches that committee and no state. So a client can
/// be led over periods from before the router existed, and over states whose proofs no node keeps any more. Spec:
/// docs/adr/0004-committee-without-account.md.
///
/// - `now`: block time of the host chain, in seconds.
///
/// # Errors
/// The first broken rule in the order of [`Reject`].
pub fn verify_update(
    bls: &impl Bls,
    trusted: &Trusted,
    update: &Update,
    now: Seconds,
) -> Result<Advance<Trusted>, Reject> {
    check_signed(bls, trusted, update, now, Purpose::Advance)?;
    let root = proven_root(trusted, update)?;
    let learned = match next_committee(trusted, update)? {
        Next::Contradicts => return Ok(Advance::Misbehaviour(trusted.clone().into_frozen())),
        Next::New(committee) => Some(committee),
        Next::NotNew => None,
    };
    let Some(root) = root else {
        return Ok(with_committee(trusted, learned));
    };
    let slot = update.finalized.slot;
    match (trusted.place(slot, root)?, learned) {
        (Place::Contradicts, _) => Ok(Advance::Misbehaviour(trusted.clone().into_frozen())),
        (Place::Same, learned) => Ok(with_committee(trusted, learned)),
        (Place::Free, learned) => {
            let mut after = trusted.clone();
            after.put_state(State {
                slot,
                storage_root: root,
                learned_at: now,
            });
            if let Some(committee) = learned {
                after.put_committee(committee);
            }
            Ok(Advance::Updated(after))
        }
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

/// The client is neither frozen nor expired.
///
/// # Errors
/// [`Reject::Frozen`], [`Reject::Expired`].
pub(crate) fn check_usable(trusted: &Trusted, now: Seconds) -> Result<(), Reject> {
    if trusted.frozen {
        return Err(Reject::Frozen);
    }
    let until = trusted.expiry().unwrap_or(Seconds(0));
    if now < until {
        Ok(())
    } else {
        Err(Reject::Expired { until, now })
    }
}

/// Everything up to and including the signature.
pub(crate) fn check_signed(
    bls: &impl Bls,
    trusted: &Trusted,
    update: &Update,
    now: Seconds,
    purpose: Purpose,
) -> Result<(), Reject> {
    let network = &trusted.config.network;
    check_shape(network, update)?;
    check_usable(trusted, now)?;
    let indices = known_indices(network, update)?;
    checks::check_not_future(network, update.signature_slot, now)?;
    checks::check_slot_order(update.signature_slot, update.attested.slot, update.finalized.slot)?;
    if purpose == Purpose::Advance {
        trusted.check_reach(update.finalized.slot)?;
    }
    checks::check_two_thirds(seats::tally(&update.signers), network.committee_size())?;
    check_committee(trusted, update)?;
    checks::check_finality(
        &indices,
        &update.attested,
        update.finalized.root(),
        &update.finality_branch,
    )?;
    checks::check_execution(&update.finalized, &update.execution)?;
    if let Some(next) = &update.next {
        check_next(bls, network, &indices, update, next)?;
    }
    check_signers(bls, network, update)
}

/// The period in which the update's next committee will sign.
pub(crate) fn next_period(network: &Network, update: &Update) -> Result<Period, Reject> {
    let attested = network.period_of(update.attested.slot);
    attested.next().ok_or(Reject::Malformed {
        part: "the attested header",
    })
}

fn check_age(config: &Config, slot: Slot, now: Seconds) -> Result<(), Reject> {
    let began = config.network.time_of(slot).unwrap_or(now);
    let age = now.saturating_sub(began);
    if age < config.weak_subjectivity {
        return Ok(());
    }
    Err(Reject::BootstrapTooOld {
        age,
        limit: config.weak_subjectivity,
    })
}

/// The parts whose sizes the network fixes have them. Bytes that came through `codec` always do.
fn check_shape(network: &Network, update: &Update) -> Result<(), Reject> {
    if update.signers.len() != seats::bytes(network) {
        return Err(Reject::Malformed {
            part: "the sync bits",
        });
    }
    Ok(())
}

/// All forks that the update touches are known; the indices are those of the attested epoch.
fn known_indices(network: &Network, update: &Update) -> Result<Indices, Reject> {
    let indices = network.forks().indices(network.epoch_of(update.attested.slot))?;
    network.forks().at(network.epoch_of(update.finalized.slot))?;
    network
        .forks()
        .at(network.epoch_of(update.signature_slot.before()))?;
    Ok(indices)
}

/// The committee in the update is the trusted one of the signature's period.
fn check_committee(trusted: &Trusted, update: &Update) -> Result<(), Reject> {
    let period = trusted.config.network.period_of(update.signature_slot);
    let held = trusted
        .committee(period)
        .ok_or(Reject::UnknownCommittee { period })?;
    let found = update.committee.commitment(period);
    if found == held {
        Ok(())
    } else {
        Err(Reject::WrongCommittee {
            period,
            trusted: held,
            found,
        })
    }
}

/// The next committee belongs to the attested state, and may be learned from it.
fn check_next(
    bls: &impl Bls,
    network: &Network,
    indices: &Indices,
    update: &Update,
    next: &ProvenCommittee,
) -> Result<(), Reject> {
    let attested = network.period_of(update.attested.slot);
    let finalized = network.period_of(update.finalized.slot);
    if attested != finalized {
        return Err(Reject::NextCommitteePeriod { attested, finalized });
    }
    checks::check_next_committee(indices, &update.attested, next)?;
    checks::check_aggregate(bls, &next.committee)
}

/// The seats that claim to have signed did.
fn check_signers(bls: &impl Bls, network: &Network, update: &Update) -> Result<(), Reject> {
    let committee = &update.committee;
    checks::check_absentees(
        committee.pubkeys_root,
        network.committee_size(),
        &update.signers,
        &update.absentees,
    )?;
    let key = checks::signers_key(bls, &committee.aggregate, &update.absentees.keys)?;
    let signing_root = checks::signing_root(network, &update.attested, update.signature_slot)?;
    checks::check_signature(bls, &key, signing_root, &update.signature)
}

/// The router's storage root; none of an update that teaches its next committee only.
fn proven_root(trusted: &Trusted, update: &Update) -> Result<Option<B256>, Reject> {
    if update.next.is_some() && update.account_proof.is_empty() {
        return Ok(None);
    }
    account::storage_root(
        &trusted.config,
        update.execution.state_root,
        &update.account_proof,
    )
    .map(Some)
}

/// What the committees held say about a verified update's next one.
///
/// One that is not newer than all of them was held before: they are learned in order. If another is held for its period, a
/// committee signed for two: all blocks of one period that have one finalized block of it among their ancestors have one
/// next committee, so no choice of fork among those that are not final makes an honest chain show two.
fn next_committee(trusted: &Trusted, update: &Update) -> Result<Next, Reject> {
    let Some(next) = &update.next else {
        return Ok(Next::NotNew);
    };
    let period = next_period(&trusted.config.network, update)?;
    let commitment = next.committee.commitment(period);
    Ok(match trusted.committee(period) {
        Some(held) if held != commitment => Next::Contradicts,
        Some(_) => Next::NotNew,
        None if trusted.newest_period().is_some_and(|newest| period <= newest) => Next::NotNew,
        None => Next::New(HeldCommittee { period, commitment }),
    })
}

/// The same states, and the committee if one was learned.
fn with_committee(trusted: &Trusted, learned: Option<HeldCommittee>) -> Advance<Trusted> {
    match learned {
        None => Advance::NoOp,
        Some(committee) => {
            let mut after = trusted.clone();
            after.put_committee(committee);
            Advance::Updated(after)
        }
    }
}
