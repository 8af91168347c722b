//! The chain that a case speaks of: its forks, their digests, and the network that the law sees.

use std::collections::BTreeMap;

use alloy_primitives::{B256, FixedBytes};
use anyhow::{Context, Result, anyhow, bail};
use ethereum::spec::Shape;
use ethereum::ssz::hash_pair;
use ethereum::testing::any_network;
use ethereum::{Epoch, Fork, ForkSchedule, Indices, Layout, Network, Times};
use serde_yaml_ng::Value;
use sha2::{Digest, Sha256};
use wire::Seconds;

use crate::preset::Preset;
use crate::verdict::Unsupported;

/// A fork of the beacon chain, in order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ForkName {
    /// 2020.
    Phase0,
    /// 2021, the first with sync committees.
    Altair,
    /// 2022.
    Bellatrix,
    /// 2023.
    Capella,
    /// 2024, the first that is supported.
    Deneb,
    /// May 2025.
    Electra,
    /// December 2025, the last that is supported.
    Fulu,
    /// Not supported.
    Gloas,
    /// Not supported.
    Heze,
}

impl ForkName {
    const ALL: [Self; 9] = [
        Self::Phase0,
        Self::Altair,
        Self::Bellatrix,
        Self::Capella,
        Self::Deneb,
        Self::Electra,
        Self::Fulu,
        Self::Gloas,
        Self::Heze,
    ];

    /// The fork of this name in lower case.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|fork| format!("{fork:?}").eq_ignore_ascii_case(name))
    }

    /// Generalized indices of this fork.
    ///
    /// # Errors
    /// A fork that is not supported.
    pub fn indices(self) -> Result<Indices> {
        match self {
            Self::Deneb => Ok(Indices::DENEB),
            Self::Electra | Self::Fulu => Ok(Indices::ELECTRA),
            other => bail!(Unsupported(format!("fork {other:?}"))),
        }
    }

    fn layout(self) -> Layout {
        match self {
            Self::Deneb => Layout::Deneb,
            Self::Electra | Self::Fulu => Layout::Electra,
            _ => Layout::Unknown,
        }
    }
}

/// The chain of a case.
#[derive(Clone, Debug)]
pub struct Chain {
    /// What the law sees of it.
    pub network: Network,
    /// Sizes of its objects.
    pub preset: Preset,
    digests: BTreeMap<[u8; 4], ForkName>,
    versions: BTreeMap<[u8; 4], ForkName>,
    capella: Epoch,
    genesis: Option<ForkName>,
}

impl Chain {
    /// The chain that a case's `config.yaml` describes.
    ///
    /// # Errors
    /// A configuration without a fork that is supported, or with something that cannot be read.
    pub fn new(config: &Value, preset: Preset, genesis_validators_root: B256) -> Result<Self> {
        let seconds = match number(config, "SECONDS_PER_SLOT")? {
            Some(seconds) => seconds,
            None => number(config, "SLOT_DURATION_MS")?.context("no length of a slot")? / 1000,
        };
        let times = Times {
            genesis: Seconds(number(config, "MIN_GENESIS_TIME")?.unwrap_or(0)),
            seconds_per_slot: seconds,
            slots_per_epoch: number(config, "SLOTS_PER_EPOCH")?.unwrap_or(preset.slots_per_epoch),
            epochs_per_period: number(config, "EPOCHS_PER_SYNC_COMMITTEE_PERIOD")?
                .unwrap_or(preset.epochs_per_period),
        };
        let forks = forks(config)?;
        let network = any_network(
            times,
            genesis_validators_root,
            preset.sync_committee_size,
            schedule(&forks)?,
        )?;
        let all = with_customary(&forks, preset);
        let versions = all.iter().map(|fork| (fork.version, fork.name)).collect();
        let capella = forks
            .iter()
            .find(|fork| fork.name == ForkName::Capella)
            .map_or(Epoch(0), |fork| fork.epoch);
        let genesis = forks
            .iter()
            .rfind(|fork| fork.epoch == Epoch(0))
            .map(|fork| fork.name);
        let digests = digests(config, &all, genesis_validators_root)?;
        Ok(Self {
            network,
            preset,
            digests,
            versions,
            capella,
            genesis,
        })
    }

    /// The fork whose digest this is.
    ///
    /// # Errors
    /// A digest of no fork of this chain, or of one that is not supported.
    pub fn fork_of_digest(&self, digest: FixedBytes<4>) -> Result<ForkName> {
        let fork = self
            .digests
            .get(&digest.0)
            .ok_or_else(|| anyhow!("no fork has digest {digest}"))?;
        fork.indices().map(|_| *fork)
    }

    /// The fork whose version this is.
    ///
    /// # Errors
    /// A version of no fork of this chain, or of one that is not supported.
    pub fn fork_of_version(&self, version: FixedBytes<4>) -> Result<ForkName> {
        let fork = self
            .versions
            .get(&version.0)
            .ok_or_else(|| anyhow!("no fork has version {version}"))?;
        fork.indices().map(|_| *fork)
    }

    /// The sizes of objects of `fork`.
    ///
    /// # Errors
    /// A fork that is not supported.
    pub fn shape(&self, fork: ForkName) -> Result<Shape> {
        Ok(Shape {
            committee_size: self.preset.sync_committee_size,
            indices: fork.indices()?,
        })
    }

    /// The last of the forks that begin at genesis.
    #[must_use]
    pub const fn fork_at_genesis(&self) -> Option<ForkName> {
        self.genesis
    }

    /// The first epoch with execution payloads in light-client headers.
    #[must_use]
    pub const fn capella(&self) -> Epoch {
        self.capella
    }
}

/// A fork of a configuration.
#[derive(Clone, Copy)]
struct Configured {
    name: ForkName,
    epoch: Epoch,
    version: [u8; 4],
}

/// The forks that a configuration names and that will ever happen, in order.
fn forks(config: &Value) -> Result<Vec<Configured>> {
    let mut forks = Vec::new();
    for name in ForkName::ALL {
        let upper = format!("{name:?}").to_uppercase();
        let (epoch, version) = match name {
            ForkName::Phase0 => (Some(0), version(config, "GENESIS_FORK_VERSION")?),
            _ => (
                number(config, &format!("{upper}_FORK_EPOCH"))?,
                version(config, &format!("{upper}_FORK_VERSION"))?,
            ),
        };
        if let (Some(epoch), Some(version)) = (epoch, version)
            && epoch != u64::MAX
        {
            forks.push(Configured {
                name,
                epoch: Epoch(epoch),
                version,
            });
        }
    }
    Ok(forks)
}

/// `forks`, and those that the configuration does not name with their customary versions: a case of one fork may hold
/// its store in the shape of a later one, of which its configuration says nothing.
fn with_customary(forks: &[Configured], preset: Preset) -> Vec<Configured> {
    let last_byte = u8::from(preset.sync_committee_size == Preset::MINIMAL.sync_committee_size);
    let customary = (0_u8..).zip(ForkName::ALL).map(|(number, name)| Configured {
        name,
        epoch: Epoch(u64::MAX),
        version: [number, 0, 0, last_byte],
    });
    let unnamed = customary.filter(|fork| forks.iter().all(|named| named.name != fork.name));
    forks.iter().copied().chain(unnamed).collect()
}

/// What the law knows of the forks: the last of those that share an epoch, from Deneb on.
fn schedule(forks: &[Configured]) -> Result<ForkSchedule> {
    let mut known: Vec<Fork> = Vec::new();
    for fork in forks.iter().filter(|fork| fork.name >= ForkName::Deneb) {
        known.retain(|before| before.epoch < fork.epoch);
        known.push(Fork {
            epoch: fork.epoch,
            version: fork.version,
            layout: fork.name.layout(),
        });
    }
    if known.is_empty() {
        bail!(Unsupported("every fork of config.yaml".into()));
    }
    Ok(ForkSchedule::new(known)?)
}

/// All digests of all forks. Since Fulu a digest also depends on the blob parameters that hold.
fn digests(
    config: &Value,
    forks: &[Configured],
    genesis_validators_root: B256,
) -> Result<BTreeMap<[u8; 4], ForkName>> {
    let mut digests = BTreeMap::new();
    for fork in forks {
        let base = hash_pair(B256::right_padding_from(&fork.version), genesis_validators_root);
        if fork.name < ForkName::Fulu {
            digests.insert(first_four(base), fork.name);
            continue;
        }
        for (epoch, blobs) in blob_parameters(config)? {
            let mut hasher = Sha256::new();
            hasher.update(epoch.to_le_bytes());
            hasher.update(blobs.to_le_bytes());
            let mask = B256::from(<[u8; 32]>::from(hasher.finalize()));
            digests.insert(first_four(base ^ mask), fork.name);
        }
    }
    Ok(digests)
}

fn first_four(hash: B256) -> [u8; 4] {
    let mut four = [0; 4];
    four.copy_from_slice(&hash[..4]);
    four
}

/// Epochs and numbers of blobs of `BLOB_SCHEDULE`, and what holds before its first entry.
fn blob_parameters(config: &Value) -> Result<Vec<(u64, u64)>> {
    let electra = number(config, "ELECTRA_FORK_EPOCH")?.unwrap_or(0);
    let mut parameters = vec![(
        electra,
        number(config, "MAX_BLOBS_PER_BLOCK_ELECTRA")?.unwrap_or(9),
    )];
    for entry in config
        .get("BLOB_SCHEDULE")
        .and_then(Value::as_sequence)
        .into_iter()
        .flatten()
    {
        let epoch = number(entry, "EPOCH")?.context("a blob schedule without epoch")?;
        let blobs = number(entry, "MAX_BLOBS_PER_BLOCK")?.context("a blob schedule without number")?;
        parameters.push((epoch, blobs));
    }
    Ok(parameters)
}

/// The number under `key`, as YAML number or as decimal string.
fn number(config: &Value, key: &str) -> Result<Option<u64>> {
    match config.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => Ok(Some(number.as_u64().with_context(|| key.to_owned())?)),
        Some(Value::String(text)) => Ok(Some(text.parse().with_context(|| key.to_owned())?)),
        Some(other) => bail!("{key} is {other:?}"),
    }
}

/// The version under `key`: YAML reads 0x04000001 as a number, JSON has it as a string.
fn version(config: &Value, key: &str) -> Result<Option<[u8; 4]>> {
    match config.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => {
            let number = number.as_u64().and_then(|number| u32::try_from(number).ok());
            Ok(Some(number.with_context(|| key.to_owned())?.to_be_bytes()))
        }
        Some(Value::String(text)) => {
            let version: FixedBytes<4> = text.parse().with_context(|| key.to_owned())?;
            Ok(Some(version.0))
        }
        Some(other) => bail!("{key} is {other:?}"),
    }
}
