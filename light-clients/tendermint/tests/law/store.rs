//! A small store of a Cosmos chain: four entries in an IAVL tree, two stores under the app hash. Proofs are put together of the
//! types of the crate `ics23`; nothing of the law is used.

use ics23::commitment_proof::Proof;
use ics23::{CommitmentProof, ExistenceProof, HashOp, InnerOp, LeafOp, LengthOp, NonExistenceProof};
use prost::Message;
use sha2::{Digest, Sha256};
use wire::path::{self, Path};
use wire::{ClientId, Sequence};

/// The version in all nodes: numbers are written as twice their value.
const VERSION: u8 = 2 * 9;

/// Entries in the order of their keys.
pub(crate) struct Store {
    entries: Vec<(Vec<u8>, Vec<u8>)>,
}

/// `ibc.core.commitment.v1.MerkleProof`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct MerkleProof {
    #[prost(message, repeated, tag = "1")]
    pub(crate) proofs: Vec<CommitmentProof>,
}

fn hash(parts: &[&[u8]]) -> Vec<u8> {
    Sha256::digest(parts.concat()).to_vec()
}

fn client() -> ClientId {
    ClientId::new("07-tendermint-0").unwrap()
}

/// Where the commitment of this packet lies.
pub(crate) fn commitment(sequence: u64) -> Path {
    path::commitment(&client(), Sequence::new(sequence).unwrap())
}

/// What is stored for this packet.
pub(crate) fn value(sequence: u64) -> Vec<u8> {
    hash(&[b"packet", &sequence.to_be_bytes()])
}

impl Store {
    /// Commitments of the packets 2, 4, 6 and 8.
    pub(crate) fn new() -> Self {
        let entry = |sequence| (commitment(sequence).to_bytes(), value(sequence));
        Self {
            entries: [2, 4, 6, 8].into_iter().map(entry).collect(),
        }
    }

    fn leaf(&self, at: usize) -> Vec<u8> {
        let (key, value) = &self.entries[at];
        let length = [u8::try_from(key.len()).unwrap()];
        hash(&[&[0, 2, VERSION], &length, key, &[32], &hash(&[value])])
    }

    /// The node over the leaves `2 * pair` and the next one.
    fn pair(&self, pair: usize) -> Vec<u8> {
        let (left, right) = (self.leaf(2 * pair), self.leaf(2 * pair + 1));
        hash(&[&[2, 4, VERSION, 32], &left, &[32], &right])
    }

    fn root(&self) -> Vec<u8> {
        hash(&[&[4, 8, VERSION, 32], &self.pair(0), &[32], &self.pair(1)])
    }

    /// The leaf of another store, before this one.
    fn bank() -> Vec<u8> {
        hash(&[&[0, 4], b"bank", &[32], &hash(&[b"another root"])])
    }

    pub(crate) fn app_hash(&self) -> Vec<u8> {
        let ibc = hash(&[&[0, 3], b"ibc", &[32], &hash(&[&self.root()])]);
        hash(&[&[1], &Self::bank(), &ibc])
    }

    /// The entry at this place, up to the store's root.
    pub(crate) fn existence(&self, at: usize) -> ExistenceProof {
        let step = |numbers: [u8; 3], is_left: bool, sibling: Vec<u8>| {
            let (prefix, suffix) = if is_left {
                ([&numbers[..], &[32]].concat(), [&[32][..], &sibling].concat())
            } else {
                ([&numbers[..], &[32], &sibling, &[32]].concat(), Vec::new())
            };
            InnerOp {
                hash: HashOp::Sha256.into(),
                prefix,
                suffix,
            }
        };
        let (key, value) = self.entries[at].clone();
        ExistenceProof {
            key,
            value,
            leaf: Some(leaf_op(vec![0, 2, VERSION])),
            path: vec![
                step([2, 4, VERSION], at.is_multiple_of(2), self.leaf(at ^ 1)),
                step([4, 8, VERSION], at < 2, self.pair((at / 2) ^ 1)),
            ],
        }
    }

    /// What a node answers for `path`.
    pub(crate) fn proof(&self, path: &Path) -> Vec<u8> {
        let key = path.to_bytes();
        let proof = match self.entries.iter().position(|(found, _)| *found == key) {
            Some(at) => Proof::Exist(self.existence(at)),
            None => {
                let after = self.entries.iter().filter(|(found, _)| *found < key).count();
                let neighbour = |at: Option<usize>| {
                    at.filter(|at| *at < self.entries.len())
                        .map(|at| self.existence(at))
                };
                Proof::Nonexist(NonExistenceProof {
                    left: neighbour(after.checked_sub(1)),
                    right: neighbour(Some(after)),
                    key,
                })
            }
        };
        self.chained(proof)
    }

    /// A proof in the store, and that of the store.
    pub(crate) fn chained(&self, proof: Proof) -> Vec<u8> {
        let store = ExistenceProof {
            key: b"ibc".to_vec(),
            value: self.root(),
            leaf: Some(leaf_op(vec![0])),
            path: vec![InnerOp {
                hash: HashOp::Sha256.into(),
                prefix: [&[1][..], &Self::bank()].concat(),
                suffix: Vec::new(),
            }],
        };
        let of = |proof| CommitmentProof { proof: Some(proof) };
        MerkleProof {
            proofs: vec![of(proof), of(Proof::Exist(store))],
        }
        .encode_to_vec()
    }
}

fn leaf_op(prefix: Vec<u8>) -> LeafOp {
    LeafOp {
        hash: HashOp::Sha256.into(),
        prehash_key: HashOp::NoHash.into(),
        prehash_value: HashOp::Sha256.into(),
        length: LengthOp::VarProto.into(),
        prefix,
    }
}
