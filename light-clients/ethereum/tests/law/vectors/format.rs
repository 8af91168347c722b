//! The flat object of docs/formats/beacon.md, "Shared vectors".

use alloy_primitives::{Address, B256, Bytes, FixedBytes};
use ethereum::{Config, Epoch, Fork, ForkSchedule, Layout, Network, Reject, Times};
use serde::{Deserialize, Serialize};
use wire::Seconds;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Vector {
    pub(crate) kind: String,
    pub(crate) genesis_time: u64,
    pub(crate) genesis_validators_root: B256,
    pub(crate) seconds_per_slot: u64,
    pub(crate) slots_per_epoch: u64,
    pub(crate) epochs_per_period: u64,
    pub(crate) committee_size: u32,
    pub(crate) fork_epochs: Vec<u64>,
    pub(crate) fork_versions: Vec<FixedBytes<4>>,
    pub(crate) fork_layouts: Vec<u8>,
    pub(crate) router: Address,
    pub(crate) commitments_slot: B256,
    pub(crate) trust_period: u64,
    pub(crate) weak_subjectivity_period: u64,
    pub(crate) capacity: u32,
    pub(crate) bootstrap: Bytes,
    pub(crate) started_at: u64,
    pub(crate) updates: Vec<Bytes>,
    pub(crate) times: Vec<u64>,
    pub(crate) evidence: Bytes,
    pub(crate) height: u64,
    pub(crate) path: Bytes,
    /// Those of a batch, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) paths: Vec<Bytes>,
    pub(crate) value: Bytes,
    pub(crate) proof: Bytes,
    pub(crate) now: u64,
    pub(crate) error: String,
    pub(crate) result: String,
    pub(crate) newest: u64,
    pub(crate) storage_root: B256,
    pub(crate) timestamp: u64,
    pub(crate) learned_at: u64,
    pub(crate) next_committee: B256,
}

impl Vector {
    /// A case of `kind` for a client with this configuration.
    pub(crate) fn new(kind: &str, config: &Config) -> Self {
        let (network, times) = (&config.network, config.network.times());
        let forks = network.forks().forks();
        Self {
            kind: kind.into(),
            genesis_time: times.genesis.0,
            genesis_validators_root: network.genesis_validators_root(),
            seconds_per_slot: times.seconds_per_slot,
            slots_per_epoch: times.slots_per_epoch,
            epochs_per_period: times.epochs_per_period,
            committee_size: network.committee_size(),
            fork_epochs: forks.iter().map(|fork| fork.epoch.0).collect(),
            fork_versions: forks.iter().map(|fork| FixedBytes(fork.version)).collect(),
            fork_layouts: forks.iter().map(|fork| fork.layout.number()).collect(),
            router: config.router,
            commitments_slot: config.commitments_slot,
            trust_period: config.trust_period.0,
            weak_subjectivity_period: config.weak_subjectivity.0,
            capacity: config.capacity,
            ..Self::default()
        }
    }

    /// The configuration that the case describes.
    pub(crate) fn config(&self) -> Result<Config, Reject> {
        let versions = self
            .fork_epochs
            .iter()
            .zip(&self.fork_versions)
            .zip(&self.fork_layouts);
        let forks = ForkSchedule::new(versions.map(|((epoch, version), layout)| Fork {
            epoch: Epoch(*epoch),
            version: version.0,
            layout: Layout::from_number(*layout),
        }))?;
        let times = Times {
            genesis: Seconds(self.genesis_time),
            seconds_per_slot: self.seconds_per_slot,
            slots_per_epoch: self.slots_per_epoch,
            epochs_per_period: self.epochs_per_period,
        };
        Ok(Config {
            network: Network::custom(times, self.genesis_validators_root, self.committee_size, forks)?,
            router: self.router,
            commitments_slot: self.commitments_slot,
            trust_period: Seconds(self.trust_period),
            weak_subjectivity: Seconds(self.weak_subjectivity_period),
            capacity: self.capacity,
        })
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap() + "\n"
    }

    pub(crate) fn from_json(text: &str) -> Self {
        serde_json::from_str(text).unwrap()
    }
}
