//! Attestors who contradict themselves.

use wire::Seconds;

use crate::reject::Reject;
use crate::tally;
use crate::trusted::Trusted;
use crate::update::Evidence;
use crate::verify::check_usable;

/// Judges two signed claims about one height; returns the state after it.
///
/// - Both reach the threshold: the client is frozen.
/// - Else those who signed both count nothing from now on; the client is frozen if the rest cannot reach the threshold any
///   more.
///
/// Any height will do, also one that was never learned. Only signatures for the present set count.
///
/// # Errors
/// [`Reject::Frozen`], [`Reject::Expired`], the rules of signatures, [`Reject::NotMisbehaviour`].
pub fn check_misbehaviour(trusted: &Trusted, evidence: &Evidence, now: Seconds) -> Result<Trusted, Reject> {
    check_usable(trusted, now)?;
    if evidence.first == evidence.second {
        return Err(Reject::NotMisbehaviour);
    }
    let domain = trusted.config.domain(trusted.set_id);
    let set = &trusted.set;
    let digest = evidence.first.digest(&domain, evidence.height);
    let first = tally::count(set, digest, &evidence.first_signatures)?;
    let digest = evidence.second.digest(&domain, evidence.height);
    let second = tally::count(set, digest, &evidence.second_signatures)?;
    if first.weight >= set.threshold() && second.weight >= set.threshold() {
        return Ok(trusted.clone().into_frozen());
    }
    let mut next = trusted.clone();
    for signer in first
        .signers
        .iter()
        .filter(|signer| second.signers.contains(signer))
    {
        next.set = next.set.without_weight(*signer);
    }
    if next.set == trusted.set {
        return Err(Reject::NotMisbehaviour);
    }
    if !next.set.is_reachable() {
        return Ok(next.into_frozen());
    }
    Ok(next)
}
