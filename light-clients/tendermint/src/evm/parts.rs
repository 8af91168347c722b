//! Headers whose votes are verified by several transactions, because one has not gas enough for all of them.
//!
//! Each part brings some of the votes, and the twin remembers who voted for what; the last message names the parts. Which votes
//! are needed, and in which order they stand, is as if there was one message. Spec: docs/formats/tendermint-evm.md, "In parts".

use alloc::vec::Vec;
use core::num::NonZeroUsize;

use super::{
    HEADER, IN_PARTS, PART, VERSION, Vote, both, check_packable, head, put_bits, put_hints, put_sets,
    put_short, put_votes, set,
};
use crate::config::TrustLevel;
use crate::reject::Reject;
use crate::tally;
use crate::update::{Evidence, Update};

/// A message, and those of `updateClient` that have to be sent before it, in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InParts {
    /// Some of the votes each; none if all fit into the last message.
    pub parts: Vec<Vec<u8>>,
    /// The message itself.
    pub last: Vec<u8>,
}

/// As [`super::encode_update`], with at most `votes_max` votes in a message.
///
/// # Errors
/// As [`super::encode_update`]; [`Reject::Malformed`] if it takes more than 255 parts.
pub fn update_in_parts(
    update: &Update,
    level: TrustLevel,
    votes_max: NonZeroUsize,
) -> Result<InParts, Reject> {
    let mut out = split(update, level, votes_max)?;
    out.last.splice(..0, [VERSION, HEADER]);
    Ok(out)
}

/// As [`super::encode_evidence`], with at most `votes_max` votes for each header in a message.
///
/// # Errors
/// As [`update_in_parts`].
pub fn evidence_in_parts(
    evidence: &Evidence,
    level: TrustLevel,
    votes_max: NonZeroUsize,
) -> Result<InParts, Reject> {
    let first = split(&evidence.first, level, votes_max)?;
    let second = split(&evidence.second, level, votes_max)?;
    Ok(InParts {
        last: both(&first.last, &second.last)?,
        parts: [first.parts, second.parts].concat(),
    })
}

/// The packed header, without version and kind, and its parts.
fn split(update: &Update, level: TrustLevel, votes_max: NonZeroUsize) -> Result<InParts, Reject> {
    check_packable(update)?;
    let votes = tally::needed(level, update);
    let few: Vec<&[Vote<'_>]> = votes.chunks(votes_max.get()).collect();
    if few.len() < 2 {
        let last = super::packed(update, level)?;
        let parts = Vec::new();
        return Ok(InParts { parts, last });
    }
    let mut last = head(update)?;
    let trusted = put_sets(&mut last, update, IN_PARTS)?;
    // No vote, and so nothing that times have in common.
    put_short(&mut last, &[])?;
    put_bits(&mut last, &update.validators, &votes);
    put_hints(&mut last, trusted, &votes);
    let count = u8::try_from(few.len()).map_err(|_| Reject::Malformed {
        part: "parts: there are at most 255",
    })?;
    last.push(count);
    for votes in &few {
        put_bits(&mut last, &update.validators, votes);
    }
    let parts = few
        .iter()
        .map(|votes| part(update, votes))
        .collect::<Result<_, _>>()?;
    Ok(InParts { parts, last })
}

/// A message with these votes.
fn part(update: &Update, votes: &[Vote<'_>]) -> Result<Vec<u8>, Reject> {
    let mut out = [VERSION, PART].to_vec();
    out.extend(head(update)?);
    set::put_packed(&mut out, &update.validators)?;
    out.push(0);
    put_votes(&mut out, update, None, votes)?;
    Ok(out)
}
