//! Proof that a sync committee contradicted itself.
//!
//! Two updates that each pass every check up to the signature, and that cannot both be honest:
//! (a) checkpoints of one epoch, and different finalized headers; (b) attested and finalized header of both
//! in one period, and different next committees. A next committee or a storage root that contradicts a held one
//! shows in `verify_update`. What cannot be judged: finalized headers of different epochs; different
//! attested headers over one finalized header are honest.

use wire::Seconds;

use crate::bls::Bls;
use crate::reject::Reject;
use crate::trusted::Trusted;
use crate::update::{Evidence, Update};
use crate::verify::{self, Purpose};

/// Accepts if `evidence` shows a contradiction; returns the frozen state. Anyone may submit.
///
/// # Errors
/// [`Reject::Malformed`] if an account proof is not empty: it proves nothing here.
/// [`Reject::NotMisbehaviour`] if both updates can be honest; otherwise what is wrong with one of them.
pub fn check_misbehaviour(
    bls: &impl Bls,
    trusted: &Trusted,
    evidence: &Evidence,
    now: Seconds,
) -> Result<Trusted, Reject> {
    let (first, second) = (&evidence.first, &evidence.second);
    for update in [first, second] {
        if !update.account_proof.is_empty() {
            return Err(Reject::Malformed {
                part: "an account proof in evidence: leave it empty",
            });
        }
        verify::check_signed(bls, trusted, update, now, Purpose::Evidence)?;
    }
    if is_double_finality(trusted, first, second) || is_double_rotation(trusted, first, second)? {
        return Ok(trusted.clone().into_frozen());
    }
    Err(Reject::NotMisbehaviour)
}

/// (a) One epoch, two checkpoints. A finalized header is that of the last block at or before the first slot of an epoch. Of two
/// blocks that lie behind the one first slot and not behind the next, a chain that has both has the earlier one as no
/// checkpoint.
fn is_double_finality(trusted: &Trusted, first: &Update, second: &Update) -> bool {
    let checkpoint = |update: &Update| trusted.config.network.checkpoint_of(update.finalized.slot);
    checkpoint(first) == checkpoint(second) && first.finalized.root() != second.finalized.root()
}

/// (b) One period, two next committees. That attested and finalized header of an update share the period
/// is a condition for carrying a next committee at all.
fn is_double_rotation(trusted: &Trusted, first: &Update, second: &Update) -> Result<bool, Reject> {
    let network = &trusted.config.network;
    let (Some(one), Some(other)) = (&first.next, &second.next) else {
        return Ok(false);
    };
    let period = verify::next_period(network, first)?;
    Ok(period == verify::next_period(network, second)? && one.committee != other.committee)
}
