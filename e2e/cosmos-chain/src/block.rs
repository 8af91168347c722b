//! Blocks: headers that say what they must, and the votes for them.
//!
//! Every hash in a header is that of what it stands for: the last block with its parts, the last votes, transactions, results,
//! the sets, the state. Nothing is filler.

use prost::Message;
use sha2::{Digest, Sha256};
use tendermint::crypto::default::Sha256 as Hasher;
use tendermint::merkle::simple_hash_from_byte_vectors;
use tendermint_client::testing::{Ballot, Block, RawVersion, Timestamp, Validators, raw};
use tendermint_proto::v0_38::abci::ExecTxResult;
use tendermint_proto::v0_38::types::{Block as RawBlock, Data, EvidenceList};

use crate::app::TxResult;
use crate::app::context::Moment;
use crate::app::tx;

/// The protocol of blocks.
const BLOCK_PROTOCOL: u64 = 11;
/// Bytes of a part in which a block travels.
const PART: usize = 65_536;
/// `sha256` of the consensus parameters that simd starts with: blocks of 4 MiB, any gas.
const BLOCK_BYTES_MAX: i64 = 4_194_304;
const BLOCK_GAS_MAX: i64 = -1;

/// A block with what executing it did.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) block: Block,
    /// The votes for the block before, as they stand in this one.
    pub(crate) last_commit: raw::Commit,
    pub(crate) txs: Vec<Vec<u8>>,
    pub(crate) results: Vec<TxResult>,
    /// Root of the state after it.
    pub(crate) app_hash: Vec<u8>,
}

/// What a block is made of.
pub(crate) struct Draft<'a> {
    pub(crate) chain_id: &'a str,
    pub(crate) height: u64,
    pub(crate) time: Moment,
    pub(crate) validators: &'a Validators,
    pub(crate) next_validators: &'a Validators,
    pub(crate) previous: Option<&'a Made>,
    pub(crate) txs: Vec<Vec<u8>>,
}

impl Draft<'_> {
    /// Signs the block; `results` and `app_hash` are what executing it did, which the next header tells.
    pub(crate) fn sign(
        self,
        results: Vec<TxResult>,
        app_hash: Vec<u8>,
        ballots: impl Fn(usize) -> Ballot,
    ) -> Made {
        let last_commit = self
            .previous
            .map_or_else(raw::Commit::default, |made| made.block.commit.clone());
        let header = self.header(&last_commit);
        let content = RawBlock {
            header: Some(header.clone()),
            data: Some(Data {
                txs: self.txs.clone(),
            }),
            evidence: Some(EvidenceList::default()),
            last_commit: Some(last_commit.clone()),
        };
        let block = Block::sign_parts(
            header,
            parts(&content.encode_to_vec()),
            self.validators.clone(),
            0,
            ballots,
        );
        Made {
            block,
            last_commit,
            txs: self.txs,
            results,
            app_hash,
        }
    }

    fn header(&self, last_commit: &raw::Commit) -> raw::Header {
        let proposer = usize::try_from(self.height).unwrap_or(0) % self.validators.members.len();
        raw::Header {
            version: Some(RawVersion {
                block: BLOCK_PROTOCOL,
                app: 0,
            }),
            chain_id: self.chain_id.to_owned(),
            height: i64::try_from(self.height).expect("heights have 63 bits"),
            time: Some(timestamp(self.time)),
            last_block_id: self.previous.map(|made| made.block.id()),
            last_commit_hash: root(last_commit.signatures.iter().map(Message::encode_to_vec)),
            data_hash: root(self.txs.iter().map(|bytes| tx::hash(bytes).to_vec())),
            validators_hash: self.validators.hash(),
            next_validators_hash: self.next_validators.hash(),
            consensus_hash: consensus_hash(),
            app_hash: self
                .previous
                .map_or_else(|| root([]), |made| made.app_hash.clone()),
            last_results_hash: root(self.previous.iter().flat_map(|made| &made.results).map(in_hash)),
            evidence_hash: root([]),
            proposer_address: self.validators.members[proposer].secret.address(),
        }
    }
}

pub(crate) fn timestamp(time: Moment) -> Timestamp {
    Timestamp {
        seconds: i64::try_from(time.seconds).expect("seconds have 63 bits"),
        nanos: i32::try_from(time.nanos).expect("below a second"),
    }
}

/// CometBFT's root over a list.
pub(crate) fn root(leaves: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let leaves: Vec<Vec<u8>> = leaves.into_iter().collect();
    simple_hash_from_byte_vectors::<Hasher>(&leaves).to_vec()
}

/// What of a result the validators agree on.
fn in_hash(result: &TxResult) -> Vec<u8> {
    let number = |gas: u64| i64::try_from(gas).unwrap_or(i64::MAX);
    ExecTxResult {
        code: result.code,
        data: result.data.clone().into(),
        gas_wanted: number(result.gas_wanted),
        gas_used: number(result.gas_used),
        ..ExecTxResult::default()
    }
    .encode_to_vec()
}

/// The parts in which a block travels.
fn parts(block: &[u8]) -> raw::PartSetHeader {
    let parts: Vec<Vec<u8>> = block.chunks(PART).map(<[u8]>::to_vec).collect();
    raw::PartSetHeader {
        total: u32::try_from(parts.len()).expect("blocks are small"),
        hash: root(parts),
    }
}

/// `tendermint.types.HashedParams`.
#[derive(Clone, PartialEq, prost::Message)]
struct HashedParams {
    #[prost(int64, tag = "1")]
    block_max_bytes: i64,
    #[prost(int64, tag = "2")]
    block_max_gas: i64,
}

fn consensus_hash() -> Vec<u8> {
    let params = HashedParams {
        block_max_bytes: BLOCK_BYTES_MAX,
        block_max_gas: BLOCK_GAS_MAX,
    };
    Sha256::digest(params.encode_to_vec()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_the_hash_that_a_real_chain_says() {
        assert_eq!(
            hex::encode_upper(consensus_hash()),
            "BAB5041D16246E2757DB17AF4B55FAAFBFD8660F7EB32871C99F91D0E58D5BF2"
        );
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hex::encode(root([])), empty);
    }
}
