//! What this client's messages are for its twin on an EVM chain: packed, with hints for whatever is dear to compute there.
//!
//! Decides nothing. What the packed form leaves out is computed by the twin, or left out because nothing rests on it; where a
//! message says something in such a place that is not so, there is no packed form of it, and the broken rule is named.
//! Spec: docs/formats/tendermint-evm.md. Twin of contracts/src/libraries/TendermintUpdate.sol, which reads this.

mod hints;
mod parts;
mod set;

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};

use crate::checks;
use crate::commit::{Commit, Signed};
use crate::config::TrustLevel;
use crate::key::Key;
use crate::reject::Reject;
use crate::tally;
use crate::update::{Evidence, Update};
use crate::validators::{Validator, ValidatorSet};

pub use hints::x_of;
pub use parts::{InParts, evidence_in_parts, update_in_parts};
pub use set::card;

/// Version of the messages, and their kinds.
const VERSION: u8 = 1;
const HEADER: u8 = 1;
const SET: u8 = 2;
const PART: u8 = 3;

/// What stands behind a set: the trusted set follows, which is another one; votes were brought before, in parts.
const OTHER: u8 = 1;
const IN_PARTS: u8 = 2;

/// What a field of the header may take.
const FIELD: &str = "a field of the header: more than 255 bytes do not fit into the packed form";

/// One who signed, and the vote.
type Vote<'a> = (&'a Validator, &'a Signed);

/// The message of `updateClient` that installs `set`; once for each set, before it is used.
///
/// # Errors
/// [`Reject::AddressMismatch`]: the packed form has no addresses; [`Reject::TooManyValidators`] above 65,535.
pub fn encode_set(set: &ValidatorSet) -> Result<Vec<u8>, Reject> {
    check_addresses(set)?;
    let mut out = [VERSION, SET].to_vec();
    set::put_install(&mut out, set)?;
    Ok(out)
}

/// The message of `updateClient` for a header. Both its sets have to be installed before.
///
/// - `level`: the trust level of the client, on which depends whose signatures are needed.
///
/// # Errors
/// Rules about what the packed form leaves out: [`Reject::VoteCount`], [`Reject::CommitHeight`], [`Reject::CommitBlock`],
/// [`Reject::AddressMismatch`], [`Reject::VoteAddress`]; [`Reject::Malformed`] for what is too long for it.
pub fn encode_update(update: &Update, level: TrustLevel) -> Result<Vec<u8>, Reject> {
    let mut out = [VERSION, HEADER].to_vec();
    out.extend(packed(update, level)?);
    Ok(out)
}

/// The message of `misbehaviour`. All four sets have to be installed before.
///
/// # Errors
/// As [`encode_update`].
pub fn encode_evidence(evidence: &Evidence, level: TrustLevel) -> Result<Vec<u8>, Reject> {
    both(
        &packed(&evidence.first, level)?,
        &packed(&evidence.second, level)?,
    )
}

/// Two packed headers that contradict each other.
fn both(first: &[u8], second: &[u8]) -> Result<Vec<u8>, Reject> {
    let length = u32::try_from(first.len()).map_err(|_| Reject::Malformed { part: FIELD })?;
    Ok([length.to_be_bytes().as_slice(), first, second].concat())
}

/// How many signatures of ed25519 are verified for `update`: they are most of what it costs there.
#[must_use]
pub fn ed25519_votes(update: &Update, level: TrustLevel) -> usize {
    let needed = tally::needed(level, update);
    let is_ed25519 = |(validator, _): &&Vote<'_>| matches!(validator.key, Key::Ed25519(_));
    needed.iter().filter(is_ed25519).count()
}

/// A header, its sets, and as many votes as are needed.
fn packed(update: &Update, level: TrustLevel) -> Result<Vec<u8>, Reject> {
    check_packable(update)?;
    let votes = tally::needed(level, update);
    let mut out = head(update)?;
    let trusted = put_sets(&mut out, update, 0)?;
    put_votes(&mut out, update, trusted, &votes)?;
    Ok(out)
}

/// What stands before the sets.
fn head(update: &Update) -> Result<Vec<u8>, Reject> {
    let mut out = Vec::new();
    out.extend(update.trusted_height.revision_number.to_be_bytes());
    out.extend(update.trusted_height.revision_height.to_be_bytes());
    out.extend(update.commit.round.to_be_bytes());
    put_short(&mut out, &update.commit.block_id.encoded_parts())?;
    for field in update.header.fields() {
        put_short(&mut out, &field)?;
    }
    Ok(out)
}

/// Both sets, with `flags` between them. The trusted one comes back if it is another one.
fn put_sets<'a>(
    out: &mut Vec<u8>,
    update: &'a Update,
    flags: u8,
) -> Result<Option<&'a ValidatorSet>, Reject> {
    set::put_packed(out, &update.validators)?;
    let trusted = &update.trusted_validators;
    if update.validators.hash() == trusted.hash() {
        out.push(flags);
        return Ok(None);
    }
    out.push(flags | OTHER);
    set::put_packed(out, trusted)?;
    Ok(Some(trusted))
}

/// Nothing that the packed form leaves out is wrong.
fn check_packable(update: &Update) -> Result<(), Reject> {
    let (votes, validators) = (update.commit.votes.len(), update.validators.validators.len());
    // The twin says itself that it takes no empty set.
    if votes != validators && validators != 0 {
        return Err(Reject::VoteCount { votes, validators });
    }
    checks::check_commit(&update.header, &update.commit)?;
    check_addresses(&update.validators)?;
    check_addresses(&update.trusted_validators)?;
    // Votes in the places of another set, or of an unsound one, are refused for the set.
    let set = &update.validators;
    if set.check().is_err() || set.hash() != update.header.validators_hash {
        return Ok(());
    }
    checks::check_votes(update)
}

fn check_addresses(set: &ValidatorSet) -> Result<(), Reject> {
    set.validators.iter().try_for_each(Validator::check_address)
}

/// What all times begin with, who voted, where they stand in the trusted set, and their votes.
fn put_votes(
    out: &mut Vec<u8>,
    update: &Update,
    trusted: Option<&ValidatorSet>,
    votes: &[Vote<'_>],
) -> Result<(), Reject> {
    let times: Vec<Vec<u8>> = votes.iter().map(|(_, vote)| vote.time.encoded()).collect();
    let prefix = common_prefix(&times);
    put_short(out, prefix)?;
    put_bits(out, &update.validators, votes);
    put_hints(out, trusted, votes);
    for ((validator, vote), time) in votes.iter().zip(&times) {
        put_short(out, time.strip_prefix(prefix).unwrap_or(time))?;
        out.extend(signature(
            &update.commit,
            &update.header.chain_id,
            validator,
            vote,
        ));
    }
    Ok(())
}

/// Where each of them stands in the trusted set, if that is another one.
fn put_hints(out: &mut Vec<u8>, trusted: Option<&ValidatorSet>, votes: &[Vote<'_>]) {
    let Some(trusted) = trusted else { return };
    for (validator, _) in votes {
        out.extend(place_in(trusted, &validator.key).to_be_bytes());
    }
}

/// The bytes with which all of them begin.
fn common_prefix(texts: &[Vec<u8>]) -> &[u8] {
    let first = texts.first().map_or(&[][..], Vec::as_slice);
    let is_common = |length: &usize| {
        let part = first.get(..*length);
        texts.iter().all(|text| text.get(..*length) == part)
    };
    let length = (0..=first.len()).rev().find(is_common).unwrap_or(0);
    first.get(..length).unwrap_or(&[])
}

/// A bit for each validator, the first one highest: whether its vote is here.
fn put_bits(out: &mut Vec<u8>, set: &ValidatorSet, votes: &[Vote<'_>]) {
    let mut next = votes.iter().map(|(validator, _)| *validator).peekable();
    for eight in set.validators.chunks(8) {
        let mut byte = 0u8;
        for (validator, mask) in eight.iter().zip([128, 64, 32, 16, 8, 4, 2, 1]) {
            // The same one, not one that is equal: a set that is refused may have twins in it.
            if next.next_if(|voter| core::ptr::eq(*voter, validator)).is_some() {
                byte |= mask;
            }
        }
        out.push(byte);
    }
}

/// From 1; 0 for one who is not in the set.
fn place_in(set: &ValidatorSet, key: &Key) -> u16 {
    let place = set.validators.iter().position(|validator| validator.key == *key);
    place
        .and_then(|place| u16::try_from(place).ok())
        .and_then(|place| place.checked_add(1))
        .unwrap_or(0)
}

/// A signature as the twin takes it: R and S of secp256k1 with the parity of the point in the highest bit of S; R and s of
/// ed25519 with x of R and of the key.
fn signature(commit: &Commit, chain_id: &str, validator: &Validator, vote: &Signed) -> Vec<u8> {
    let mut out = vote.signature.to_vec();
    match &validator.key {
        Key::Ed25519(key) => {
            let (r, _) = vote.signature.split_at(32);
            for point in [r, key.as_slice()] {
                let x = hints::x_of(&B256::try_from(point).unwrap_or_default());
                out.extend(x.to_be_bytes::<32>());
            }
        }
        Key::Secp256k1(key) => {
            let message = commit.sign_bytes(chain_id, vote.time);
            let parity = hints::parity_of(key, &message, &vote.signature);
            if let Some(high) = out.get_mut(32) {
                *high = (*high & 0x7f) | (parity << 7);
            }
        }
    }
    out
}

/// Bytes behind one byte with their length.
fn put_short(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Reject> {
    let length = u8::try_from(bytes.len()).map_err(|_| Reject::Malformed { part: FIELD })?;
    out.push(length);
    out.extend_from_slice(bytes);
    Ok(())
}

/// What EVM chains know a secp256k1 key by: the last 20 bytes of a hash of its point, or of itself if it is none.
pub(crate) fn evm_address(key: &[u8; 33]) -> Address {
    let text = match hints::point_of(key) {
        Some((x, y)) => [x.as_slice(), y.as_slice()].concat(),
        None => key.to_vec(),
    };
    let hash = alloy_primitives::keccak256(text);
    Address::from_slice(hash.split_at(12).1)
}
