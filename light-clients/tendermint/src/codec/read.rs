//! Reading. Sizes are checked before anything is built from them.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use wire::Height;

use crate::commit::{Commit, Signed, Vote};
use crate::header::{BlockId, Header};
use crate::key::Key;
use crate::proto::Reader;
use crate::reject::Reject;
use crate::time::{NANOS, SECONDS_MAX, SECONDS_MIN, Time};
use crate::update::{Bootstrap, Evidence, Update};
use crate::validators::{VALIDATORS_MAX, Validator, ValidatorSet};

/// The longest header that is read. Two sets and the votes of [`VALIDATORS_MAX`] validators need less.
pub const LENGTH_MAX: usize = 512 * 1024;

/// Flags of a vote.
const ABSENT: u64 = 1;
const FOR_BLOCK: u64 = 2;
const FOR_NIL: u64 = 3;

/// Reads a header with its votes and sets: `ibc.lightclients.tendermint.v1.Header`.
///
/// # Errors
/// [`Reject::TooLong`], [`Reject::Malformed`], [`Reject::TooManyValidators`], [`Reject::KeyKind`].
pub fn decode_update(bytes: &[u8]) -> Result<Update, Reject> {
    check_length(bytes, LENGTH_MAX)?;
    let mut input = Reader::new(bytes, "the message");
    let mut signed = input.required(1, "the signed header")?;
    let header = header(signed.required(1, "the header")?)?;
    let commit = commit(signed.required(2, "the commit")?)?;
    signed.end()?;
    let validators = set(input.required(2, "the validators")?)?;
    let trusted_height = height(input.required(3, "the trusted height")?)?;
    let trusted_validators = set(input.required(4, "the trusted validators")?)?;
    input.end()?;
    Ok(Update {
        header,
        commit,
        validators,
        trusted_height,
        trusted_validators,
    })
}

/// Reads two headers: `ibc.lightclients.tendermint.v1.Misbehaviour`, without the client's id in it.
///
/// # Errors
/// As [`decode_update`].
pub fn decode_evidence(bytes: &[u8]) -> Result<Evidence, Reject> {
    check_length(bytes, LENGTH_MAX.saturating_mul(2))?;
    let missing = |part| Reject::Malformed { part };
    let mut input = Reader::new(bytes, "the evidence");
    let first = input.field(2)?.ok_or(missing("the first header"))?;
    let second = input.field(3)?.ok_or(missing("the second header"))?;
    input.end()?;
    Ok(Evidence {
        first: Box::new(decode_update(first)?),
        second: Box::new(decode_update(second)?),
    })
}

/// Reads a first state at `height`: `ibc.lightclients.tendermint.v1.ConsensusState`.
///
/// # Errors
/// [`Reject::Malformed`].
pub fn decode_bootstrap(height: Height, bytes: &[u8]) -> Result<Bootstrap, Reject> {
    let mut input = Reader::new(bytes, "the consensus state");
    let time = block_time(input.required(1, "the time")?)?;
    let mut root = input.required(2, "the root")?;
    let app_hash = B256::new(root.array(1)?);
    root.end()?;
    let next_validators_hash = B256::new(input.array(3)?);
    input.end()?;
    Ok(Bootstrap {
        height,
        time,
        app_hash,
        next_validators_hash,
    })
}

fn check_length(bytes: &[u8], limit: usize) -> Result<(), Reject> {
    let length = bytes.len();
    if length <= limit {
        Ok(())
    } else {
        Err(Reject::TooLong { length, limit })
    }
}

fn header(mut input: Reader<'_>) -> Result<Header, Reject> {
    let mut version = input.required(1, "the block's version")?;
    let (block_version, app_version) = (version.varint(1)?, version.varint(2)?);
    version.end()?;
    let chain_id = text(&mut input, 2)?;
    let height = block_height(&mut input, 3)?;
    let time = block_time(input.required(4, "the block's time")?)?;
    let last_block_id = match input.message(5, "the last block's id")? {
        Some(message) => block_id(message)?,
        None => BlockId::default(),
    };
    let header = Header {
        block_version,
        app_version,
        chain_id,
        height,
        time,
        last_block_id,
        last_commit_hash: hash(&mut input, 6)?,
        data_hash: hash(&mut input, 7)?,
        validators_hash: B256::new(input.array(8)?),
        next_validators_hash: B256::new(input.array(9)?),
        consensus_hash: hash(&mut input, 10)?,
        app_hash: input.bytes(11)?.to_vec(),
        last_results_hash: hash(&mut input, 12)?,
        evidence_hash: hash(&mut input, 13)?,
        proposer: Address::new(input.array(14)?),
    };
    input.end()?;
    Ok(header)
}

fn commit(mut input: Reader<'_>) -> Result<Commit, Reject> {
    let height = block_height(&mut input, 1)?;
    let round = input.small(2)?;
    let block_id = block_id(input.required(3, "the block's id")?)?;
    let mut votes = Vec::new();
    while let Some(message) = input.message(4, "a vote")? {
        check_room(votes.len())?;
        votes.push(vote(message)?);
    }
    input.end()?;
    Ok(Commit {
        height,
        round,
        block_id,
        votes,
    })
}

fn vote(mut input: Reader<'_>) -> Result<Vote, Reject> {
    let flag = input.varint(1)?;
    if flag == ABSENT {
        let malformed = input.malformed();
        let time = time(input.required(3, "an absent vote's time")?)?;
        input.end()?;
        return if time == Time::UNSET {
            Ok(Vote::Absent)
        } else {
            Err(malformed)
        };
    }
    let validator = Address::new(input.array(2)?);
    let time = time(input.required(3, "a vote's time")?)?;
    let signature = input.array(4)?;
    let malformed = input.malformed();
    input.end()?;
    let signed = Signed {
        validator,
        time,
        signature,
    };
    match flag {
        FOR_BLOCK => Ok(Vote::Block(signed)),
        FOR_NIL => Ok(Vote::Nil(signed)),
        _ => Err(malformed),
    }
}

fn set(mut input: Reader<'_>) -> Result<ValidatorSet, Reject> {
    let mut validators = Vec::new();
    while let Some(message) = input.message(1, "a validator")? {
        check_room(validators.len())?;
        validators.push(validator(message)?);
    }
    let proposer = match input.message(2, "the proposer")? {
        Some(message) => Some(validator(message)?),
        None => None,
    };
    let total = input.varint(3)?;
    let malformed = input.malformed();
    input.end()?;
    let set = ValidatorSet {
        validators,
        proposer: proposer.as_ref().map(|proposer| proposer.address),
    };
    // What no signature covers is left out, or says what the set says.
    let is_member = proposer.is_none_or(|proposer| set.validators.contains(&proposer));
    let is_total = total == 0 || set.power().is_ok_and(|power| power == total);
    if is_member && is_total {
        Ok(set)
    } else {
        Err(malformed)
    }
}

fn validator(mut input: Reader<'_>) -> Result<Validator, Reject> {
    let address = Address::new(input.array(1)?);
    let key = key(input.required(2, "a validator's key")?)?;
    let power = input.varint(3)?;
    let _priority = input.varint(4)?;
    input.end()?;
    Ok(Validator { address, key, power })
}

fn key(mut input: Reader<'_>) -> Result<Key, Reject> {
    let key = match input.next_tag() {
        Some(1) => Key::Ed25519(input.array(1)?),
        Some(2) => Key::Secp256k1(input.array(2)?),
        Some(3) => return Err(Reject::KeyKind { kind: "bls12_381" }),
        Some(_) => return Err(Reject::KeyKind { kind: "unknown" }),
        None => return Err(input.malformed()),
    };
    input.end()?;
    Ok(key)
}

fn block_id(mut input: Reader<'_>) -> Result<BlockId, Reject> {
    let id_hash = hash(&mut input, 1)?;
    let mut parts = input.required(2, "the block's parts")?;
    input.end()?;
    let count = parts.varint(1)?;
    let count = u32::try_from(count).map_err(|_| parts.malformed())?;
    let parts_hash = hash(&mut parts, 2)?;
    parts.end()?;
    Ok(BlockId {
        hash: id_hash,
        parts: count,
        parts_hash,
    })
}

fn height(mut input: Reader<'_>) -> Result<Height, Reject> {
    let revision_number = input.varint(1)?;
    let revision_height = input.varint(2)?;
    input.end()?;
    Ok(Height {
        revision_number,
        revision_height,
    })
}

/// A height of a block: not 0, and below 2^63.
fn block_height(input: &mut Reader<'_>, tag: u8) -> Result<u64, Reject> {
    let height = input.varint(tag)?;
    if height > 0 && i64::try_from(height).is_ok() {
        Ok(height)
    } else {
        Err(input.malformed())
    }
}

/// The time of a block: not before 1970.
fn block_time(input: Reader<'_>) -> Result<Time, Reject> {
    let malformed = input.malformed();
    let time = time(input)?;
    if time.seconds >= 0 {
        Ok(time)
    } else {
        Err(malformed)
    }
}

fn time(mut input: Reader<'_>) -> Result<Time, Reject> {
    let seconds = i64::from_le_bytes(input.varint(1)?.to_le_bytes());
    let nanos = input.small(2)?;
    let malformed = input.malformed();
    input.end()?;
    if (SECONDS_MIN..=SECONDS_MAX).contains(&seconds) && nanos < NANOS {
        Ok(Time { seconds, nanos })
    } else {
        Err(malformed)
    }
}

/// 32 bytes or nothing.
fn hash(input: &mut Reader<'_>, tag: u8) -> Result<Option<B256>, Reject> {
    match input.bytes(tag)? {
        [] => Ok(None),
        bytes => B256::try_from(bytes).map(Some).map_err(|_| input.malformed()),
    }
}

fn text(input: &mut Reader<'_>, tag: u8) -> Result<String, Reject> {
    let bytes = input.bytes(tag)?;
    let text = core::str::from_utf8(bytes).map_err(|_| input.malformed())?;
    Ok(String::from(text))
}

/// Another one may follow.
fn check_room(count: usize) -> Result<(), Reject> {
    if count < VALIDATORS_MAX {
        Ok(())
    } else {
        Err(Reject::TooManyValidators {
            limit: VALIDATORS_MAX,
        })
    }
}
