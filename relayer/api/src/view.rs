//! What is shown: one type for the HTTP interface and the command line. Times are Unix seconds, durations seconds.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One packet: where it is, why, and what happens next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PacketView {
    /// `chain/client/sequence` of the source; the same string as in logs.
    pub packet: String,
    /// The chain it was sent from.
    pub source_chain: String,
    /// The client it was sent over.
    pub source_client: String,
    /// The chain it goes to.
    pub destination_chain: String,
    /// The client it arrives over.
    pub destination_client: String,
    /// Its number on the source client.
    pub sequence: u64,
    /// The application it is from.
    pub source_port: String,
    /// The application it is for.
    pub destination_port: String,
    /// Which way it is carried: `deliver`, `acknowledge` or `time out`.
    pub leg: String,
    /// How far it is on that leg.
    pub stage: String,
    /// Whether nothing more can happen to it.
    pub is_final: bool,
    /// Since when it is there.
    pub since: u64,
    /// Why it is there.
    pub why: String,
    /// What happens next, and when.
    pub next: String,
    /// When it times out, by the destination's clock; `null` when only a height decides.
    pub timeout: Option<u64>,
    /// The height of the destination at which it times out, such as `1-500`; only packets of IBC v1 have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_height: Option<String>,
    /// Failures in a row on this leg.
    pub attempts: u32,
    /// What went wrong last, if anything did on this leg.
    pub trouble: Option<TroubleView>,
    /// Whether its content was proven by the relayer's own light client.
    pub is_proven: bool,
    /// The submission that carries it.
    pub submission: Option<u64>,
    /// The source's block in which it was sent.
    pub sent_block: u64,
    /// The transaction that sent it.
    pub sent_tx: String,
    /// What happened to it, oldest first; only where one packet was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<ChangeView>,
    /// How many entries of the middle of the history were dropped.
    #[serde(default)]
    pub history_dropped: u32,
}

/// A packet that was settled long ago, so that its record is no longer kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrunedView {
    /// `chain/client/sequence` of the source.
    pub packet: String,
    /// Always `pruned`.
    pub stage: String,
    /// Always true: nothing more can happen to it.
    pub is_final: bool,
    /// Why there is no record.
    pub why: String,
    /// What happens next, and where more is to be found.
    pub next: String,
}

/// What is known of one packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// There is a record of it.
    Packet(Box<PacketView>),
    /// There was one.
    Pruned(PrunedView),
    /// There was never one; the text says why and what to do.
    Unknown(String),
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TroubleView {
    /// When.
    pub at: u64,
    /// Who is responsible: `peer`, `chain`, `operator` or `us`.
    pub blame: String,
    /// What happened, and what helps.
    pub text: String,
}

/// One entry of a packet's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeView {
    /// When.
    pub at: u64,
    /// The leg after it.
    pub leg: String,
    /// The stage after it.
    pub stage: String,
    /// Why.
    pub why: String,
}

/// An amount with its unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AmountView {
    /// How much; it may be larger than numbers of JSON.
    pub amount: String,
    /// Of what: `wei`, or the smallest part of the coin of this name.
    pub unit: String,
}

/// Where one chain stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainView {
    /// Its name.
    pub chain: String,
    /// The newest finalized height.
    pub finalized_height: Option<u64>,
    /// The newest block.
    pub latest_block: Option<u64>,
    /// When it answered last.
    pub answered: Option<u64>,
    /// The relayer's balance, in wei; only of a chain that is paid in wei.
    pub balance_wei: Option<String>,
    /// The relayer's balance in the chain's own unit; of several accounts that of the poorest.
    #[serde(default)]
    pub balance: Option<AmountView>,
    /// What went wrong last.
    pub trouble: Option<TroubleView>,
}

/// One end of a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndView {
    /// `chain/client`.
    pub end: String,
    /// Packets sent from here that are not settled, by stage.
    pub backlog: BTreeMap<String, u64>,
    /// Finalized blocks whose events are not read yet, or not all of them for want of room. Packets that are sent now do not
    /// wait for these.
    #[serde(default)]
    pub unread_blocks: u64,
    /// Since when the oldest of those packets is known that the relayer still has to carry.
    pub oldest: Option<u64>,
    /// The height that the client here trusts.
    pub trusted_height: Option<u64>,
    /// When the client here expires unless it is updated, by its own chain's clock.
    pub expires: Option<u64>,
    /// How long that is from that chain's newest block; negative once it has passed.
    pub expires_in_secs: Option<i64>,
    /// Why the client here cannot be used, if it cannot.
    pub stopped: Option<String>,
    /// What the client here believes and the chain that it follows does not have, if anything was found.
    #[serde(default)]
    pub doubted: Option<String>,
    /// Packets sent from here that ended, by how, since the store was made.
    pub settled: BTreeMap<String, u64>,
    /// Of those, how many whose records are no longer kept.
    pub pruned: u64,
}

/// One path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathView {
    /// One end.
    pub a: EndView,
    /// The other.
    pub b: EndView,
}

/// Everything at a glance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusView {
    /// The program's version.
    pub version: String,
    /// When the daemon started.
    pub started: u64,
    /// When this was written.
    pub at: u64,
    /// The chains.
    pub chains: Vec<ChainView>,
    /// The paths.
    pub paths: Vec<PathView>,
    /// What keeps the daemon from working at all; empty = ready.
    pub not_ready: Vec<String>,
}

/// Whether the daemon lives and works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthView {
    /// Its loop turns.
    pub live: bool,
    /// Every chain answers and can be sent to, and every client can be used.
    pub ready: bool,
    /// Why not.
    pub reasons: Vec<String>,
}
