//! Attestors who contradict themselves.

use wire::Seconds;

use crate::reject::Reject;
use crate::tally;
use crate::trusted::Trusted;
use crate::update::{Attestation, Evidence, Signed};
use crate::verify::check_usable;

/// Evidence out of two attested states, with no more signatures than it takes; none if they prove nothing.
///
/// It carries all signatures where both states reach the threshold, because that freezes the client; else those of
/// attestors who count and signed both.
#[must_use]
pub fn contradiction(
    trusted: &Trusted,
    first: &Attestation,
    second: &Attestation,
    now: Seconds,
) -> Option<Evidence> {
    let threshold = trusted.set.threshold();
    let whole = [first, second]
        .iter()
        .all(|state| weight(trusted, &state.signatures) >= threshold);
    let carried = |of: &Attestation, other: &Attestation| {
        let in_both = |signed: &&Signed| {
            let mut others = other.signatures.iter();
            whole || others.any(|other| other.index == signed.index) && weight_of(trusted, signed) > 0
        };
        Attestation {
            signatures: of.signatures.iter().filter(in_both).cloned().collect(),
            ..*of
        }
    };
    // Each pair has one order.
    let (first, second) = if first.height > second.height {
        (second, first)
    } else {
        (first, second)
    };
    let evidence = Evidence {
        first: carried(first, second),
        second: carried(second, first),
    };
    check_misbehaviour(trusted, &evidence, now).ok()?;
    Some(evidence)
}

fn weight(trusted: &Trusted, signatures: &[Signed]) -> u64 {
    let weights = signatures.iter().map(|signed| weight_of(trusted, signed));
    weights.fold(0, u64::saturating_add)
}

fn weight_of(trusted: &Trusted, signed: &Signed) -> u64 {
    let attestor = trusted.set.attestors().get(usize::from(signed.index));
    attestor.map_or(0, |attestor| attestor.weight)
}

/// Judges two signed states; returns the state after it.
///
/// They contradict each other if they are of one height and differ, or if the higher one is the earlier one.
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
    if !evidence.is_contradiction() {
        return Err(Reject::NotMisbehaviour);
    }
    let domain = trusted.config.domain(trusted.set_id);
    let set = &trusted.set;
    let Evidence { first, second } = evidence;
    let first = tally::count(set, first.digest(&domain), &first.signatures)?;
    let second = tally::count(set, second.digest(&domain), &second.signatures)?;
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
