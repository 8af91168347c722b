//! Proof that validators contradicted themselves, and who of them.
//!
//! Two headers that each pass every check of an update but the clock, and that cannot both be honest: (a) one height, two
//! blocks; (b) the higher one is not later. That a header contradicts what the client believes already shows in
//! `verify_update`.
//!
//! Who is to blame is another question, and the answer is short: whoever signed two blocks of one height in one round, each
//! signature verified. In different rounds an honest validator may have changed its mind, and of a wrong time the votes do
//! not tell who made it. Nobody is named by a signature that was not looked at.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use alloy_primitives::Address;
use wire::Seconds;

use crate::reject::Reject;
use crate::tally;
use crate::trusted::Trusted;
use crate::update::{Evidence, Update};
use crate::verify::{self, Purpose};

/// A validator that signed two blocks of one height in one round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accused {
    /// The validator.
    pub validator: Address,
    /// Its power in the set of the first header.
    pub power: u64,
}

/// Accepts if `evidence` shows a contradiction; returns the frozen state. Anyone may submit.
///
/// # Errors
/// [`Reject::NotMisbehaviour`] if both headers can be honest; otherwise what is wrong with one of them.
pub fn check_misbehaviour(trusted: &Trusted, evidence: &Evidence, now: Seconds) -> Result<Trusted, Reject> {
    let (first, second) = (&evidence.first, &evidence.second);
    for update in [first, second] {
        verify::check_signed(trusted, update, now, Purpose::Evidence)?;
    }
    if is_fork(first, second) || is_time_reversed(first, second) {
        return Ok(trusted.clone().into_frozen());
    }
    Err(Reject::NotMisbehaviour)
}

/// Those whom `evidence` convicts, in the order of the first header's set. Empty when it shows that some validators lied and
/// not which.
///
/// # Errors
/// As [`check_misbehaviour`]: evidence of nothing accuses nobody.
pub fn accused(trusted: &Trusted, evidence: &Evidence, now: Seconds) -> Result<Vec<Accused>, Reject> {
    check_misbehaviour(trusted, evidence, now)?;
    let (first, second) = (&evidence.first, &evidence.second);
    if !is_fork(first, second) || first.commit.round != second.commit.round {
        return Ok(Vec::new());
    }
    let also: BTreeMap<Address, u64> = signers(second).collect();
    Ok(signers(first)
        .filter(|(validator, _)| also.contains_key(validator))
        .map(|(validator, power)| Accused { validator, power })
        .collect())
}

/// (a) One height, two blocks.
fn is_fork(first: &Update, second: &Update) -> bool {
    first.header.height == second.header.height && first.commit.block_id.hash != second.commit.block_id.hash
}

/// (b) The higher one is not later.
fn is_time_reversed(first: &Update, second: &Update) -> bool {
    let (one, other) = (&first.header, &second.header);
    (one.height > other.height && one.time <= other.time)
        || (other.height > one.height && other.time <= one.time)
}

/// Those who signed, with their powers; every signature is verified.
fn signers(update: &Update) -> impl Iterator<Item = (Address, u64)> {
    tally::votes_for_block(update)
        .into_iter()
        .filter(|(validator, vote)| tally::check_signature(update, validator, vote).is_ok())
        .map(|(validator, _)| (validator.address, validator.power))
}
