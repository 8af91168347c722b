//! The files of a capture: what a beacon node and an execution node answered.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use alloy_primitives::{Address, B256, Bytes, U256};
use anyhow::{Context, Result, ensure};
use ethereum::Slot;
use ethereum::spec::{
    LightClientBootstrap, LightClientFinalityUpdate, LightClientOptimisticUpdate, LightClientUpdate,
    Versioned,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_yaml_ng::Value;

use crate::chain::Chain;
use crate::preset::Preset;

/// A capture.
pub(super) struct Capture {
    pub(super) chain: Chain,
    /// By slot.
    pub(super) bootstraps: BTreeMap<Slot, Rooted>,
    /// One a period.
    pub(super) updates: Vec<LightClientUpdate>,
    /// By file name.
    pub(super) finality: Vec<(String, LightClientFinalityUpdate)>,
    /// By file name.
    pub(super) optimistic: Vec<(String, LightClientOptimisticUpdate)>,
    /// By slot of the finalized block.
    pub(super) proofs: BTreeMap<Slot, AccountProof>,
    /// By slot of the finalized block.
    pub(super) blocks: BTreeMap<Slot, ExecutionBlock>,
}

/// A bootstrap and the block root that it was asked for with.
#[derive(Deserialize)]
pub(super) struct Rooted {
    pub(super) root: B256,
    resp: Versioned<LightClientBootstrap>,
}

impl Rooted {
    pub(super) const fn bootstrap(&self) -> &LightClientBootstrap {
        &self.resp.data
    }
}

/// Answer of `eth_getProof`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountProof {
    pub(super) address: Address,
    pub(super) account_proof: Vec<Bytes>,
    pub(super) storage_hash: B256,
    pub(super) storage_proof: Vec<StorageProof>,
}

/// One slot in an answer of `eth_getProof`.
#[derive(Deserialize)]
pub(super) struct StorageProof {
    pub(super) key: U256,
    pub(super) value: U256,
    pub(super) proof: Vec<Bytes>,
}

/// What is used of an answer of `eth_getBlockByNumber`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExecutionBlock {
    pub(super) state_root: B256,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Genesis {
    genesis_time: Value,
    genesis_validators_root: B256,
}

impl Capture {
    /// Reads the capture in `folder`.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let updates: Vec<Versioned<LightClientUpdate>> = read(&folder.join("updates.json"))?;
        let by_slot = |name: &str| -> Result<Vec<(Slot, PathBuf)>> {
            files(folder, name)?
                .into_iter()
                .map(|(number, _, path)| Ok((Slot(number), path)))
                .collect()
        };
        Ok(Self {
            chain: chain(folder)?,
            bootstraps: read_all(by_slot("bootstrap_")?)?,
            updates: updates.into_iter().map(|update| update.data).collect(),
            finality: named(folder, "finality_")?,
            optimistic: named(folder, "optimistic_")?,
            proofs: read_all(by_slot("proof_")?)?,
            blocks: read_all(by_slot("execblock_")?)?,
        })
    }
}

fn chain(folder: &Path) -> Result<Chain> {
    let spec: Answer<Value> = read_yaml(&folder.join("spec.json"))?;
    let genesis: Answer<Genesis> = read_yaml(&folder.join("genesis.json"))?;
    let mut config = spec.data;
    let seats = config
        .get("SYNC_COMMITTEE_SIZE")
        .and_then(Value::as_str)
        .unwrap_or("512")
        .parse()?;
    let fields = config.as_mapping_mut().context("spec.json is no object")?;
    fields.insert("MIN_GENESIS_TIME".into(), genesis.data.genesis_time);
    let preset = Preset {
        sync_committee_size: seats,
        ..Preset::MAINNET
    };
    Chain::new(&config, preset, genesis.data.genesis_validators_root)
}

/// The files `<prefix><number>.json`: number, name without extension, and path, ascending.
fn files(folder: &Path, prefix: &str) -> Result<Vec<(u64, String, PathBuf)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let Some(stem) = name.strip_suffix(".json") else {
            continue;
        };
        if let Some(number) = stem.strip_prefix(prefix) {
            files.push((
                number.parse().with_context(|| name.to_owned())?,
                stem.to_owned(),
                path,
            ));
        }
    }
    files.sort();
    Ok(files)
}

fn named<T: DeserializeOwned>(folder: &Path, prefix: &str) -> Result<Vec<(String, T)>> {
    let files = files(folder, prefix)?.into_iter();
    files
        .map(|(_, name, path)| Ok((name, read::<Versioned<T>>(&path)?.data)))
        .collect()
}

fn read_all<T: DeserializeOwned>(files: Vec<(Slot, PathBuf)>) -> Result<BTreeMap<Slot, T>> {
    files
        .into_iter()
        .map(|(slot, path)| Ok((slot, read(&path)?)))
        .collect()
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

/// JSON that is merged with configurations: those are YAML, of which JSON is a part.
fn read_yaml<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_yaml_ng::from_str(&text).with_context(|| path.display().to_string())
}

impl AccountProof {
    /// All answers of a capture ask for one contract.
    pub(super) fn address_of_all(proofs: &BTreeMap<Slot, Self>) -> Result<Address> {
        let first = proofs.values().next().context("no account proofs")?.address;
        let same = proofs.values().all(|proof| proof.address == first);
        ensure!(same, "account proofs of several contracts");
        Ok(first)
    }
}
