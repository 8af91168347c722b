//! Writing, as ibc-go does: what it always writes is written, also if it is empty.

use alloc::vec::Vec;

use alloy_primitives::Address;

use crate::commit::{Commit, Signed, Vote};
use crate::header::{Header, hash_bytes};
use crate::proto::Writer;
use crate::time::Time;
use crate::update::{Bootstrap, Evidence, Update};
use crate::validators::{Validator, ValidatorSet};

/// Writes a header with its votes and sets: `ibc.lightclients.tendermint.v1.Header`.
#[must_use]
pub fn encode_update(update: &Update) -> Vec<u8> {
    let signed = Writer::default()
        .message(1, &header(&update.header))
        .message(2, &commit(&update.commit))
        .done();
    let height = Writer::default()
        .varint(1, update.trusted_height.revision_number)
        .varint(2, update.trusted_height.revision_height)
        .done();
    Writer::default()
        .message(1, &signed)
        .message(2, &set(&update.validators))
        .message(3, &height)
        .message(4, &set(&update.trusted_validators))
        .done()
}

/// Writes two headers: `ibc.lightclients.tendermint.v1.Misbehaviour`. The higher one comes first, as ibc-go wants it.
#[must_use]
pub fn encode_evidence(evidence: &Evidence) -> Vec<u8> {
    let (mut higher, mut lower) = (&evidence.first, &evidence.second);
    if higher.header.height < lower.header.height {
        (higher, lower) = (lower, higher);
    }
    Writer::default()
        .message(2, &encode_update(higher))
        .message(3, &encode_update(lower))
        .done()
}

/// Writes a first state: `ibc.lightclients.tendermint.v1.ConsensusState`. Its height goes beside it.
#[must_use]
pub fn encode_bootstrap(bootstrap: &Bootstrap) -> Vec<u8> {
    let root = Writer::default().bytes(1, bootstrap.app_hash.as_slice()).done();
    Writer::default()
        .message(1, &bootstrap.time.encoded())
        .message(2, &root)
        .bytes(3, bootstrap.next_validators_hash.as_slice())
        .done()
}

fn header(header: &Header) -> Vec<u8> {
    let version = Writer::default()
        .varint(1, header.block_version)
        .varint(2, header.app_version)
        .done();
    Writer::default()
        .message(1, &version)
        .bytes(2, header.chain_id.as_bytes())
        .varint(3, header.height)
        .message(4, &header.time.encoded())
        .message(5, &header.last_block_id.encoded())
        .bytes(6, hash_bytes(&header.last_commit_hash))
        .bytes(7, hash_bytes(&header.data_hash))
        .bytes(8, header.validators_hash.as_slice())
        .bytes(9, header.next_validators_hash.as_slice())
        .bytes(10, hash_bytes(&header.consensus_hash))
        .bytes(11, &header.app_hash)
        .bytes(12, hash_bytes(&header.last_results_hash))
        .bytes(13, hash_bytes(&header.evidence_hash))
        .bytes(14, header.proposer.as_slice())
        .done()
}

fn commit(commit: &Commit) -> Vec<u8> {
    let head = Writer::default()
        .varint(1, commit.height)
        .varint(2, u64::from(commit.round))
        .message(3, &commit.block_id.encoded());
    let votes = commit.votes.iter().map(vote);
    votes.fold(head, |out, vote| out.message(4, &vote)).done()
}

fn vote(vote: &Vote) -> Vec<u8> {
    match vote {
        Vote::Absent => Writer::default()
            .varint(1, 1)
            .message(3, &Time::UNSET.encoded())
            .done(),
        Vote::Block(signed) => signed_vote(2, signed),
        Vote::Nil(signed) => signed_vote(3, signed),
    }
}

fn signed_vote(flag: u64, signed: &Signed) -> Vec<u8> {
    Writer::default()
        .varint(1, flag)
        .bytes(2, signed.validator.as_slice())
        .message(3, &signed.time.encoded())
        .bytes(4, &signed.signature)
        .done()
}

fn set(set: &ValidatorSet) -> Vec<u8> {
    let validators = set.validators.iter().map(validator);
    let out = validators.fold(Writer::default(), |out, validator| out.message(1, &validator));
    match set.proposer.and_then(|address| find(set, address)) {
        Some(proposer) => out.message(2, &validator(proposer)).done(),
        None => out.done(),
    }
}

fn find(set: &ValidatorSet, address: Address) -> Option<&Validator> {
    set.validators
        .iter()
        .find(|validator| validator.address == address)
}

fn validator(validator: &Validator) -> Vec<u8> {
    Writer::default()
        .bytes(1, validator.address.as_slice())
        .message(2, &validator.key.encoded())
        .varint(3, validator.power)
        .done()
}
