//! A header, and the votes of a set for it.

use alloc::string::String;
use alloc::vec::Vec;

use prost::Message;
use sha2::{Digest, Sha256};
use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::types as raw;

use super::ibc;
use super::validators::Validators;

/// What a validator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ballot {
    /// Votes for the block.
    Block,
    /// Votes for none.
    Nil,
    /// Does not vote.
    Absent,
}

/// A header, the votes for it, and those who voted.
#[derive(Clone, Debug)]
pub struct Block {
    /// The header.
    pub header: raw::Header,
    /// The votes.
    pub commit: raw::Commit,
    /// The set.
    pub validators: Validators,
}

impl Block {
    /// `header`, agreed on in `round`: each validator does what `ballots` says for its place.
    #[must_use]
    pub fn sign(
        header: raw::Header,
        validators: Validators,
        round: i32,
        ballots: impl Fn(usize) -> Ballot,
    ) -> Self {
        let parts = raw::PartSetHeader {
            total: 1,
            hash: Sha256::digest(hash_of(&header)).to_vec(),
        };
        Self::sign_parts(header, parts, validators, round, ballots)
    }

    /// The same for a block whose content is known and comes in `parts`.
    #[must_use]
    pub fn sign_parts(
        header: raw::Header,
        parts: raw::PartSetHeader,
        validators: Validators,
        round: i32,
        ballots: impl Fn(usize) -> Ballot,
    ) -> Self {
        let block_id = raw::BlockId {
            hash: hash_of(&header),
            part_set_header: Some(parts),
        };
        let mut commit = raw::Commit {
            height: header.height,
            round,
            block_id: Some(block_id),
            signatures: Vec::new(),
        };
        for (place, member) in validators.members.iter().enumerate() {
            let ballot = ballots(place);
            let time = vote_time(&header, place);
            let message = sign_bytes(&commit, &header.chain_id, time, ballot);
            let vote = match ballot {
                Ballot::Absent => absent(),
                Ballot::Block | Ballot::Nil => raw::CommitSig {
                    block_id_flag: flag(ballot),
                    validator_address: member.secret.address(),
                    timestamp: Some(time),
                    signature: member.secret.sign(&message),
                },
            };
            commit.signatures.push(vote);
        }
        Self {
            header,
            commit,
            validators,
        }
    }

    /// The hash of its header.
    #[must_use]
    pub fn hash(&self) -> Vec<u8> {
        hash_of(&self.header)
    }

    /// How the next block calls it.
    #[must_use]
    pub fn id(&self) -> raw::BlockId {
        self.commit.block_id.clone().unwrap_or_default()
    }

    /// The message that shows it to a client.
    #[must_use]
    pub fn ibc_header(&self, trusted: ibc::Height, trusted_validators: &Validators) -> ibc::Header {
        ibc::Header {
            signed_header: Some(raw::SignedHeader {
                header: Some(self.header.clone()),
                commit: Some(self.commit.clone()),
            }),
            validator_set: Some(self.validators.message()),
            trusted_height: Some(trusted),
            trusted_validators: Some(trusted_validators.message()),
        }
    }
}

/// What a validator signs.
#[must_use]
pub(super) fn sign_bytes(
    commit: &raw::Commit,
    chain_id: &str,
    timestamp: Timestamp,
    ballot: Ballot,
) -> Vec<u8> {
    let block_id = commit.block_id.clone().unwrap_or_default();
    let parts = block_id.part_set_header.unwrap_or_default();
    let canonical = raw::CanonicalBlockId {
        hash: block_id.hash,
        part_set_header: Some(raw::CanonicalPartSetHeader {
            total: parts.total,
            hash: parts.hash,
        }),
    };
    let vote = raw::CanonicalVote {
        r#type: raw::SignedMsgType::Precommit as i32,
        height: commit.height,
        round: i64::from(commit.round),
        block_id: (ballot == Ballot::Block).then_some(canonical),
        timestamp: Some(timestamp),
        chain_id: String::from(chain_id),
    };
    vote.encode_length_delimited_to_vec()
}

/// A vote that did not arrive.
fn absent() -> raw::CommitSig {
    raw::CommitSig {
        block_id_flag: flag(Ballot::Absent),
        validator_address: Vec::new(),
        timestamp: Some(Timestamp {
            seconds: -62_135_596_800,
            nanos: 0,
        }),
        signature: Vec::new(),
    }
}

const fn flag(ballot: Ballot) -> i32 {
    match ballot {
        Ballot::Absent => raw::BlockIdFlag::Absent as i32,
        Ballot::Block => raw::BlockIdFlag::Commit as i32,
        Ballot::Nil => raw::BlockIdFlag::Nil as i32,
    }
}

/// Validators vote one after the other, beginning a second after the block's time.
fn vote_time(header: &raw::Header, place: usize) -> Timestamp {
    let time = header.time.unwrap_or_default();
    Timestamp {
        seconds: time.seconds + 1,
        nanos: (time.nanos + i32::try_from(place).unwrap_or(0) * 1_001) % 1_000_000_000,
    }
}

fn hash_of(header: &raw::Header) -> Vec<u8> {
    let header = tendermint::block::Header::try_from(header.clone()).expect("a header that CometBFT allows");
    header.hash().as_bytes().to_vec()
}
