//! Attestors who contradict themselves.

use alloc::vec::Vec;

use wire::Seconds;

use crate::reject::Reject;
use crate::tally;
use crate::trusted::Trusted;
use crate::update::{Claim, Evidence, Signed};
use crate::verify::check_usable;

/// A claim about a height and those who signed it, in strictly rising order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What is said.
    pub claim: Claim,
    /// Who signed it.
    pub signatures: Vec<Signed>,
}

/// Evidence out of two statements about one height, with no more signatures than it takes; none if they prove nothing.
///
/// It carries all signatures where both statements reach the threshold, because that freezes the client; else those of
/// attestors who count and signed both.
#[must_use]
pub fn contradiction(
    trusted: &Trusted,
    height: u64,
    first: &Statement,
    second: &Statement,
    now: Seconds,
) -> Option<Evidence> {
    let threshold = trusted.set.threshold();
    let whole = [first, second]
        .iter()
        .all(|statement| weight(trusted, &statement.signatures) >= threshold);
    let carried = |of: &Statement, other: &Statement| {
        let in_both = |signed: &&Signed| {
            let mut others = other.signatures.iter();
            whole || others.any(|other| other.index == signed.index) && weight_of(trusted, signed) > 0
        };
        of.signatures.iter().filter(in_both).cloned().collect()
    };
    let evidence = Evidence {
        height,
        first: first.claim,
        first_signatures: carried(first, second),
        second: second.claim,
        second_signatures: carried(second, first),
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
