//! The store of a Cosmos chain for measuring: 2^20 commitments in an IAVL tree of depth 20, and packets among them.
//!
//! A tree of that many entries that came in their order is a full binary tree, so that hashes by level are all there is to
//! keep. Proofs are put together of the types of the crate `ics23`, those of the app hash by `cosmos-store`; nothing of our
//! `merkle` is used.

use alloy::primitives::{Address, B256, U256};
use anyhow::{Context, Result};
use cosmos_store::{MerkleProof, simple};
use ics23::commitment_proof::Proof;
use ics23::{CommitmentProof, ExistenceProof, HashOp, InnerOp, LeafOp, LengthOp};
use prost::Message as _;
use prost::encoding::encode_varint;
use sha2::{Digest, Sha256};
use wire::ics20::{Denom, Transfer};
use wire::{ClientId, Packet, Seconds, Sequence};

use super::draw::Draw;

/// Steps from an entry to the root of the store.
const DEPTH: u32 = 20;
/// Packets of each kind: one for each recipient.
pub(super) const PACKETS: usize = 50;
/// The version of all nodes: the height of a chain that runs for years.
const VERSION: u64 = 20_000_000;
/// The client, on the Cosmos chain, of the chain on which gas is counted.
pub(super) const SOURCE_CLIENT: &str = "08-wasm-0";
/// The token that the packets carry, as it is called there.
pub(super) const DENOM: &str = "uatom";
/// The most that a packet carries.
const AMOUNT_MAX: u64 = 10_000_000_000;
/// The stores of a chain of the SDK.
const STORES: [&str; 20] = [
    "acc",
    "authz",
    "bank",
    "capability",
    "circuit",
    "consensus",
    "crisis",
    "distribution",
    "evidence",
    "feegrant",
    "gov",
    "group",
    "ibc",
    "mint",
    "nft",
    "params",
    "slashing",
    "staking",
    "transfer",
    "upgrade",
];
/// Letters of addresses of the chain.
const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// Letters of an address behind its prefix.
const LETTERS: usize = 38;

/// A packet with the proof of its commitment.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) packet: Packet,
    pub(super) proof: Vec<u8>,
}

/// What the chain stored, and the packets that are delivered.
pub(super) struct CosmosStore {
    pub(super) app_hash: Vec<u8>,
    /// Delivered before anything is counted, so that every recipient owns some.
    pub(super) early: Vec<Sent>,
    /// Of sequences that follow each other.
    pub(super) contiguous: Vec<Sent>,
    /// Of sequences anywhere in the store.
    pub(super) scattered: Vec<Sent>,
}

impl CosmosStore {
    /// The store that follows from the seed. `client` is the client on the chain on which gas is counted.
    ///
    /// # Errors
    /// The seed gives something that the wire formats do not allow.
    pub(super) fn new(draw: Draw, client: &str, timeout: Seconds) -> Result<Self> {
        let size = 1u64 << DEPTH;
        let first = draw.below("first place", 0, size - PACKETS as u64);
        let row = first..first + PACKETS as u64;
        let drawn = draw.distinct("place", 3 * PACKETS, size);
        let apart = drawn.into_iter().filter(|place| !row.contains(place));
        let places: Vec<u64> = row.clone().chain(apart.take(2 * PACKETS)).collect();
        let mut packets = Vec::new();
        for (number, place) in (0u64..).zip(&places) {
            packets.push(packet(draw, number, *place, client, timeout)?);
        }
        let mut values: Vec<B256> = (0..size).map(|place| draw.word("commitment", place)).collect();
        for (place, packet) in places.iter().zip(&packets) {
            values[usize::try_from(*place)?] = wire::commit::packet(packet);
        }
        let tree = Tree::new(&values)?;
        let roots = tree.roots(draw);
        let mut sent = Vec::new();
        for (place, packet) in places.iter().zip(packets) {
            let proof = tree.prove(&roots, usize::try_from(*place)?, &values)?;
            sent.push(Sent { packet, proof });
        }
        let mut early = sent.split_off(PACKETS);
        let scattered = early.split_off(PACKETS);
        Ok(Self {
            app_hash: simple::root(&roots).to_vec(),
            early,
            contiguous: sent,
            scattered,
        })
    }
}

/// A packet to the recipient whose turn it is.
fn packet(draw: Draw, number: u64, place: u64, client: &str, timeout: Seconds) -> Result<Packet> {
    let pair = number % PACKETS as u64;
    let transfer = Transfer {
        denom: Denom::new(DENOM)?,
        sender: sender(draw.word("cosmos sender", pair)),
        receiver: format!("{:#x}", recipient(draw, pair)),
        amount: U256::from(1 + draw.below("cosmos amount", number, AMOUNT_MAX)),
        memo: String::new(),
    };
    Ok(Packet {
        sequence: Sequence::new(1 + place)?,
        source_client: ClientId::new(SOURCE_CLIENT)?,
        destination_client: ClientId::new(client)?,
        timeout,
        payload: transfer.to_payload()?,
    })
}

/// Who receives.
pub(super) fn recipient(draw: Draw, pair: u64) -> Address {
    draw.address("cosmos recipient", pair)
}

/// Looks like an address of the chain. Nobody reads it here.
fn sender(word: B256) -> String {
    let letters = word.iter().chain(word.iter().rev()).take(LETTERS);
    let letters = letters.map(|byte| char::from(BECH32[usize::from(byte % 32)]));
    ["cosmos1".to_owned(), letters.collect()].concat()
}

/// All hashes of a full binary tree, leaves first.
struct Tree {
    levels: Vec<Vec<B256>>,
}

impl Tree {
    fn new(values: &[B256]) -> Result<Self> {
        let mut level = Vec::with_capacity(values.len());
        for (place, value) in (0u64..).zip(values) {
            let key = key(place)?;
            level.push(sha256(&[
                &leaf_prefix(),
                &[u8::try_from(key.len())?],
                &key,
                &[32],
                sha256(&[value.as_slice()]).as_slice(),
            ]));
        }
        let mut levels = vec![level];
        for height in 1..=DEPTH {
            let below = levels.last().context("there are leaves")?;
            let numbers = numbers(height);
            let pairs = below.chunks(2);
            let level =
                pairs.map(|pair| sha256(&[&numbers, &[32], pair[0].as_slice(), &[32], pair[1].as_slice()]));
            levels.push(level.collect());
        }
        Ok(Self { levels })
    }

    /// The roots of all stores.
    fn roots(&self, draw: Draw) -> simple::Entries {
        let root = self
            .levels
            .last()
            .and_then(|level| level.first())
            .copied()
            .unwrap_or_default();
        let stores = (0u64..).zip(STORES).map(|(number, name)| {
            let other = draw.word("store", number);
            let root = if name == "ibc" { root } else { other };
            (name.as_bytes().to_vec(), root.to_vec())
        });
        stores.collect()
    }

    fn prove(&self, roots: &simple::Entries, place: usize, values: &[B256]) -> Result<Vec<u8>> {
        let mut path = Vec::new();
        let mut at = place;
        for (height, level) in (1..).zip(&self.levels[..self.levels.len() - 1]) {
            let sibling = [&[32][..], level[at ^ 1].as_slice()].concat();
            let (before, suffix) = if at.is_multiple_of(2) {
                (Vec::new(), sibling)
            } else {
                (sibling, Vec::new())
            };
            path.push(InnerOp {
                hash: HashOp::Sha256.into(),
                prefix: [numbers(height), before, vec![32]].concat(),
                suffix,
            });
            at /= 2;
        }
        let entry = ExistenceProof {
            key: key(u64::try_from(place)?)?,
            value: values[place].to_vec(),
            leaf: Some(LeafOp {
                hash: HashOp::Sha256.into(),
                prehash_key: HashOp::NoHash.into(),
                prehash_value: HashOp::Sha256.into(),
                length: LengthOp::VarProto.into(),
                prefix: leaf_prefix(),
            }),
            path,
        };
        let of_key = CommitmentProof {
            proof: Some(Proof::Exist(entry)),
        };
        let of_store = simple::prove(roots, b"ibc").context("there is a store")?;
        let proofs = vec![of_key, of_store];
        Ok(MerkleProof { proofs }.encode_to_vec())
    }
}

/// The key of the entry at a place.
fn key(place: u64) -> Result<Vec<u8>> {
    let client = ClientId::new(SOURCE_CLIENT)?;
    Ok(wire::path::commitment(&client, Sequence::new(1 + place)?).to_bytes())
}

fn leaf_prefix() -> Vec<u8> {
    signed(&[0, 1, VERSION])
}

/// Height, size and version of an inner node.
fn numbers(height: u32) -> Vec<u8> {
    signed(&[u64::from(height), 1 << height, VERSION])
}

/// Numbers as IAVL writes them: twice as large, as varints.
fn signed(numbers: &[u64]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in numbers {
        encode_varint(2 * number, &mut bytes);
    }
    bytes
}

fn sha256(parts: &[&[u8]]) -> B256 {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    B256::new(hasher.finalize().into())
}
