//! What is read of a node's answers. Whoever deserializes these has checked nothing but their form.

use crate::form;
use crate::sifted::TX;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tendermint::block::signed_header::SignedHeader;
use tendermint::{Time, validator};

/// Where a node stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The id of the chain that it serves.
    pub chain_id: String,
    /// The newest block that it has. Its application may still be executing it: the newest state is then one block older.
    pub latest: u64,
    /// The time of that block.
    pub latest_time: Time,
    /// The oldest block that it keeps.
    pub earliest: u64,
    /// Whether it is still fetching blocks that others have.
    pub catching_up: bool,
}

#[derive(Deserialize)]
pub(crate) struct RawStatus {
    node_info: NodeInfo,
    sync_info: SyncInfo,
}

#[derive(Deserialize)]
struct NodeInfo {
    network: String,
}

#[derive(Deserialize)]
struct SyncInfo {
    #[serde(deserialize_with = "form::number")]
    latest_block_height: u64,
    latest_block_time: Time,
    #[serde(deserialize_with = "form::number")]
    earliest_block_height: u64,
    catching_up: bool,
}

impl From<RawStatus> for Status {
    fn from(raw: RawStatus) -> Self {
        Self {
            chain_id: raw.node_info.network,
            latest: raw.sync_info.latest_block_height,
            latest_time: raw.sync_info.latest_block_time,
            earliest: raw.sync_info.earliest_block_height,
            catching_up: raw.sync_info.catching_up,
        }
    }
}

/// A header with the commit that signs it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Commit {
    /// Both.
    pub signed_header: SignedHeader,
    /// Whether the commit is the one that the next block holds; the newest one may still gain signatures.
    pub canonical: bool,
}

/// A page of the validators of a height.
#[derive(Deserialize)]
pub(crate) struct ValidatorsPage {
    #[serde(deserialize_with = "form::number")]
    pub(crate) block_height: u64,
    pub(crate) validators: Vec<validator::Info>,
    #[serde(deserialize_with = "form::number")]
    pub(crate) total: u64,
}

/// What is read of a block: its transactions.
#[derive(Deserialize)]
pub(crate) struct Block {
    block: BlockBody,
}

#[derive(Deserialize)]
struct BlockBody {
    header: BlockHeader,
    data: BlockContent,
}

#[derive(Deserialize)]
struct BlockHeader {
    #[serde(deserialize_with = "form::number")]
    height: u64,
}

#[derive(Deserialize)]
struct BlockContent {
    #[serde(default, deserialize_with = "form::list")]
    txs: Vec<Tx>,
}

#[derive(Deserialize)]
struct Tx(#[serde(deserialize_with = "form::bytes")] Vec<u8>);

impl Block {
    pub(crate) fn height(&self) -> u64 {
        self.block.header.height
    }

    pub(crate) fn hashes(&self) -> Vec<[u8; 32]> {
        let hash = |tx: &Tx| Sha256::digest(&tx.0).into();
        self.block.data.txs.iter().map(hash).collect()
    }
}

/// What executing a block did.
///
/// - `E`: what is read of an event.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(bound(deserialize = "E: Deserialize<'de>"))]
pub struct Results<E = Event> {
    /// The block.
    #[serde(deserialize_with = "form::number")]
    pub height: u64,
    /// Of each transaction, in the order of the block.
    #[serde(default, deserialize_with = "form::list")]
    pub txs_results: Vec<TxResult<E>>,
    /// Events of the block outside of its transactions, from 0.38 of CometBFT on.
    #[serde(default, deserialize_with = "form::list")]
    pub finalize_block_events: Vec<E>,
    /// The same before its transactions, up to 0.37.
    #[serde(default, deserialize_with = "form::list")]
    pub begin_block_events: Vec<E>,
    /// The same behind its transactions, up to 0.37.
    #[serde(default, deserialize_with = "form::list")]
    pub end_block_events: Vec<E>,
}

/// What executing a transaction did.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(bound(deserialize = "E: Deserialize<'de>"))]
pub struct TxResult<E = Event> {
    /// Zero = it succeeded.
    pub code: u32,
    /// The module that gave the code.
    #[serde(default)]
    pub codespace: String,
    /// Why it failed, for people.
    #[serde(default)]
    pub log: String,
    /// The gas that it was allowed.
    #[serde(deserialize_with = "form::number")]
    pub gas_wanted: u64,
    /// The gas that it used.
    #[serde(deserialize_with = "form::number")]
    pub gas_used: u64,
    /// What happened.
    #[serde(default, deserialize_with = "form::list")]
    pub events: Vec<E>,
}

impl TxResult {
    /// The same with those events only that say who paid, and the text only where it says why it failed.
    pub(crate) fn of_payment(mut self) -> Self {
        self.events.retain(|event| event.kind == TX);
        self.events.shrink_to_fit();
        if self.code == 0 {
            // Nodes before 0.50 of the SDK repeat all events in it.
            self.log = String::new();
        }
        self
    }

    /// How many bytes its texts have.
    pub(crate) fn bytes(&self) -> usize {
        let attributes = self.events.iter().flat_map(|event| &event.attributes);
        let of = |one: &Attribute| one.key.len() + one.value.as_ref().map_or(0, String::len);
        self.log.len() + self.codespace.len() + attributes.map(of).sum::<usize>()
    }
}

/// One event.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Event {
    /// Its name.
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default, deserialize_with = "form::list")]
    pub(crate) attributes: Vec<Attribute>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Attribute {
    key: String,
    #[serde(default)]
    value: Option<String>,
}

impl Event {
    /// The keys of its attributes.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().map(|attribute| attribute.key.as_str())
    }

    /// The value of the attribute `key`; none if there is none, or more than one: then nobody knows which counts.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        let mut found = self.attributes.iter().filter(|attribute| attribute.key == key);
        match (found.next(), found.next()) {
            (Some(attribute), None) => Some(attribute.value.as_deref().unwrap_or_default()),
            _ => None,
        }
    }
}

/// A value of the application's store, with its proofs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The height of the state. Its root stands in the header of the next height.
    pub height: u64,
    /// What is stored; empty = nothing.
    pub value: Vec<u8>,
    /// ICS-23 proofs, from the store outwards: each a `CommitmentProof` in protobuf.
    pub proofs: Vec<Vec<u8>>,
}

/// What the application answered to a query. Nothing proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queried {
    /// The height of the state that was read.
    pub height: u64,
    /// A message in protobuf.
    pub value: Vec<u8>,
}

#[derive(Deserialize)]
pub(crate) struct RawQuery {
    pub(crate) response: QueryResponse,
}

#[derive(Deserialize)]
pub(crate) struct QueryResponse {
    pub(crate) code: u32,
    #[serde(default)]
    pub(crate) codespace: String,
    #[serde(default)]
    pub(crate) log: String,
    #[serde(deserialize_with = "form::bytes")]
    pub(crate) key: Vec<u8>,
    #[serde(default, deserialize_with = "form::bytes")]
    pub(crate) value: Vec<u8>,
    #[serde(rename = "proofOps")]
    pub(crate) proof_ops: Option<ProofOps>,
    #[serde(deserialize_with = "form::number")]
    pub(crate) height: u64,
}

#[derive(Deserialize)]
pub(crate) struct ProofOps {
    #[serde(default, deserialize_with = "form::list")]
    pub(crate) ops: Vec<ProofOp>,
}

#[derive(Deserialize)]
pub(crate) struct ProofOp {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(deserialize_with = "form::bytes")]
    pub(crate) data: Vec<u8>,
}

/// What a node says of a transaction that it was handed.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Broadcast {
    /// Zero = it is in the node's mempool.
    pub code: u32,
    /// The module that gave the code.
    #[serde(default)]
    pub codespace: String,
    /// Why it is not, for people.
    #[serde(default)]
    pub log: String,
    /// The hash of the transaction.
    #[serde(deserialize_with = "form::hash")]
    pub hash: [u8; 32],
}

/// A transaction in a block.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Included {
    /// Its hash.
    #[serde(deserialize_with = "form::hash")]
    pub hash: [u8; 32],
    /// Its block.
    #[serde(deserialize_with = "form::number")]
    pub height: u64,
    /// What it did.
    pub tx_result: TxResult,
}
