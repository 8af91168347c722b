//! A chain of which any block can be drawn.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use sha2::{Digest, Sha256};
use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::types as raw;
use tendermint_proto::v0_38::version::Consensus;

use super::block::{Ballot, Block};
use super::ibc;
use super::validators::Validators;

/// A chain whose blocks follow from its id, its sets and a rhythm.
#[derive(Clone, Debug)]
pub struct World {
    /// Its id, with the revision in it.
    pub chain_id: String,
    /// The revision.
    pub revision: u64,
    /// Time of height 0, in seconds.
    pub began: i64,
    /// Seconds between two blocks.
    pub rhythm: i64,
    /// The root of the state in all headers; none = filler.
    pub app_hash: Option<[u8; 32]>,
    sets: BTreeMap<i64, Validators>,
}

impl World {
    /// A chain that begins with `validators`.
    #[must_use]
    pub fn new(chain_id: &str, revision: u64, validators: Validators) -> Self {
        Self {
            chain_id: String::from(chain_id),
            revision,
            began: 1_700_000_000,
            rhythm: 6,
            app_hash: None,
            sets: BTreeMap::from([(0, validators)]),
        }
    }

    /// The same, with another set from `height` on.
    #[must_use]
    pub fn with_set(mut self, height: i64, validators: Validators) -> Self {
        self.sets.insert(height, validators);
        self
    }

    /// The set that signs the block of `height`.
    #[must_use]
    pub fn set_at(&self, height: i64) -> &Validators {
        let (_, set) = self
            .sets
            .range(..=height)
            .next_back()
            .expect("the first set begins at 0");
        set
    }

    /// The time of the block of `height`.
    #[must_use]
    pub fn time_at(&self, height: i64) -> Timestamp {
        Timestamp {
            seconds: self.began + self.rhythm * height,
            nanos: 250_000_000,
        }
    }

    /// The header of `height`.
    #[must_use]
    pub fn header_at(&self, height: i64) -> raw::Header {
        let filler =
            |label: &str| Sha256::digest(alloc::format!("{label}/{}/{height}", self.chain_id)).to_vec();
        let validators = self.set_at(height);
        raw::Header {
            version: Some(Consensus { block: 11, app: 1 }),
            chain_id: self.chain_id.clone(),
            height,
            time: Some(self.time_at(height)),
            last_block_id: (height > 1).then(|| raw::BlockId {
                hash: filler("last"),
                part_set_header: Some(raw::PartSetHeader {
                    total: 1,
                    hash: filler("parts"),
                }),
            }),
            last_commit_hash: filler("commit"),
            data_hash: filler("data"),
            validators_hash: validators.hash(),
            next_validators_hash: self.set_at(height + 1).hash(),
            consensus_hash: filler("consensus"),
            app_hash: self.app_hash.map_or_else(|| filler("app"), |hash| hash.to_vec()),
            last_results_hash: filler("results"),
            evidence_hash: filler("evidence"),
            proposer_address: validators.members[0].secret.address(),
        }
    }

    /// The block of `height`, signed by all.
    #[must_use]
    pub fn block_at(&self, height: i64) -> Block {
        Block::sign(self.header_at(height), self.set_at(height).clone(), 0, |_| {
            Ballot::Block
        })
    }

    /// The state that a client is told to trust at `height`.
    #[must_use]
    pub fn consensus_state_at(&self, height: i64) -> ibc::ConsensusState {
        let header = self.header_at(height);
        ibc::ConsensusState {
            timestamp: header.time,
            root: Some(ibc::Root {
                hash: header.app_hash,
            }),
            next_validators_hash: header.next_validators_hash,
        }
    }

    /// A height of this chain.
    #[must_use]
    pub fn height(&self, height: i64) -> ibc::Height {
        ibc::Height {
            revision_number: self.revision,
            revision_height: height as u64,
        }
    }

    /// The message that shows `block` to a client that trusts the state of height `trusted`.
    #[must_use]
    pub fn show(&self, block: &Block, trusted: i64) -> ibc::Header {
        block.ibc_header(self.height(trusted), self.set_at(trusted + 1))
    }

    /// Filler that is never the same twice.
    #[must_use]
    pub fn filler(label: &str, number: u64) -> Vec<u8> {
        Sha256::digest(alloc::format!("{label}/{number}")).to_vec()
    }
}
