//! Recordings from before Tendermint 0.34, told anew.
//!
//! Those chains hashed and signed in another encoding, which no client reads any more; their blocks have version 0. What such a
//! recording is about remains: who is in which set with which power, who signed which block, when, and what the headers say. That
//! is kept, and hashed and signed as today, by other keys: each validator has one that follows from its old address.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use tendermint_client::testing::{Ballot, Block, Kind, Member, Secret, Validators, raw};

use super::light_block::LightBlock;

/// The version of blocks in the old encoding.
const OLD: u64 = 0;

/// Whether `block` is in the old encoding.
pub(super) fn is_old(block: &LightBlock) -> Result<bool> {
    let version = block.header()?.version.context("a header without version")?;
    Ok(version.block == OLD)
}

/// The same block, hashed and signed as today.
pub(super) fn renewed(block: &LightBlock) -> Result<LightBlock> {
    let old = block.header()?;
    let (validators, ballots) = signers(block)?;
    let (next, _) = successors(&block.next_validator_set)?;
    let mut header = old.clone();
    header.version = Some(tendermint_client::testing::RawVersion { block: 11, app: 0 });
    header.last_block_id = header.last_block_id.filter(|id| !id.hash.is_empty());
    header.validators_hash = validators.hash();
    header.next_validators_hash = next.hash();
    header.proposer_address = successor(&old.proposer_address)?.address();
    let round = block
        .signed_header
        .commit
        .as_ref()
        .map_or(0, |commit| commit.round);
    let signed = Block::sign(header, validators, round, |place| {
        ballots.get(place).copied().unwrap_or(Ballot::Absent)
    });
    Ok(LightBlock {
        validator_set: Some(signed.validators.message()),
        next_validator_set: next.message(),
        signed_header: raw::SignedHeader {
            header: Some(signed.header),
            commit: Some(signed.commit),
        },
    })
}

/// Those who were to sign, in today's order, and what each of them did.
fn signers(block: &LightBlock) -> Result<(Validators, Vec<Ballot>)> {
    let set = block.validator_set.as_ref().context("a block without its set")?;
    let (validators, old) = successors(set)?;
    let commit = block
        .signed_header
        .commit
        .as_ref()
        .context("a block without votes")?;
    let did = |address: &Vec<u8>| {
        let mut votes = commit.signatures.iter();
        let vote = votes.find(|vote| vote.validator_address == *address);
        match vote.map(|vote| vote.block_id_flag) {
            Some(2) => Ballot::Block,
            Some(3) => Ballot::Nil,
            Some(_) | None => Ballot::Absent,
        }
    };
    let ballots = validators
        .members
        .iter()
        .map(|member| old.get(&member.secret.address()).map_or(Ballot::Absent, did));
    let ballots = ballots.collect();
    Ok((validators, ballots))
}

/// The set with other keys, and the old address of each new one.
fn successors(set: &raw::ValidatorSet) -> Result<(Validators, Former)> {
    let mut members = Vec::new();
    let mut old = BTreeMap::new();
    for validator in &set.validators {
        let secret = successor(&validator.address)?;
        old.insert(secret.address(), validator.address.clone());
        members.push(Member {
            secret,
            power: validator.voting_power,
        });
    }
    Ok((Validators::of(members), old))
}

/// Old addresses by new ones.
type Former = BTreeMap<Vec<u8>, Vec<u8>>;

/// The key that follows from an old address.
fn successor(address: &[u8]) -> Result<Secret> {
    let number = address
        .first_chunk()
        .context("an address of less than eight bytes")?;
    Ok(Secret::new(Kind::Ed25519, 0, u64::from_be_bytes(*number)))
}
