//! The constants of a beacon chain as its own nodes tell them.
//!
//! They are the operator's word for the chain: whoever configures an endpoint chooses the chain. What a client contract
//! says of itself is compared with them (verify.rs), never the other way round. Where endpoints say different things, most of
//! them decide, and of as many the first; and all are asked again.

use crate::beacon::Beacon;
use crate::evm::Evm;
use alloy_primitives::{B256, FixedBytes};
use chain::Fault;
use endpoints::{Complaint, Endpoint, Said, Whom};
use ethereum::{Epoch, Fork, ForkSchedule, Layout, Network, Times};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use wire::Seconds;

/// The epoch of a fork that is not scheduled.
const FAR_FUTURE: u64 = u64::MAX;
/// Forks before the first that this client knows; epochs before Deneb are refused by the schedule.
const FORKS_BEFORE: [&str; 3] = ["ALTAIR", "BELLATRIX", "CAPELLA"];

/// `/eth/v1/beacon/genesis`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Genesis {
    genesis_time: String,
    pub(crate) genesis_validators_root: B256,
}

/// `/eth/v1/config/spec`: values are strings, some newer ones are lists.
pub(crate) type SpecValues = BTreeMap<String, serde_json::Value>;

/// What is remembered of them.
#[derive(Debug, Default)]
pub(crate) struct Constants(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    network: Option<Arc<Network>>,
    is_doubted: bool,
}

impl Evm {
    /// The constants of the beacon chain, asked for once, and again when endpoints contradict each other.
    pub async fn network(&self) -> Result<Arc<Network>, Fault> {
        {
            let known = self.network.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(network) = known.network.as_ref().filter(|_| !known.is_doubted) {
                return Ok(network.clone());
            }
        }
        let said = self
            .beacon
            .survey(
                Whom::All,
                |endpoint| async move { Beacon(endpoint).network().await },
            )
            .await?;
        let network = Arc::new(most_said(&said));
        let mut known = self.network.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_other = known.network.as_ref().is_some_and(|before| *before != network);
        *known = Known {
            network: Some(network.clone()),
            is_doubted: false,
        };
        if is_other {
            // What was read by the constants of another chain is of no use.
            self.forget_slots();
            self.beacon.endpoints().iter().for_each(Endpoint::doubt);
        }
        Ok(network)
    }

    /// An endpoint says something else.
    pub(crate) fn doubt_network(&self) {
        let mut known = self.network.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.is_doubted = true;
    }
}

/// What most of them said. There is at least one.
fn most_said(said: &[Said<Network>]) -> Network {
    let votes = |one: &Said<Network>| said.iter().filter(|other| other.value == one.value).count();
    let mut best = &said[0];
    for one in said {
        if votes(one) > votes(best) {
            best = one;
        }
    }
    for one in said.iter().filter(|one| one.value != best.value) {
        tracing::warn!(
            endpoint = %one.label, constants = ?one.value, believed = %best.label,
            "an endpoint has other constants of the beacon chain than another one"
        );
    }
    best.value.clone()
}

/// The network that `genesis` and `spec` describe.
///
/// Fails with the name of what is missing or cannot be.
pub(crate) fn read(genesis: &Genesis, spec: &SpecValues) -> Result<Network, Complaint> {
    let genesis_time = genesis.genesis_time.parse().map_err(|_| {
        Complaint::malformed(format!("genesis_time is {}, not a number", genesis.genesis_time))
    })?;
    let times = Times {
        genesis: Seconds(genesis_time),
        seconds_per_slot: seconds_per_slot(spec)?,
        slots_per_epoch: number(spec, "SLOTS_PER_EPOCH")?,
        epochs_per_period: number(spec, "EPOCHS_PER_SYNC_COMMITTEE_PERIOD")?,
    };
    let size = number(spec, "SYNC_COMMITTEE_SIZE")?;
    let size =
        u32::try_from(size).map_err(|_| Complaint::malformed(format!("a sync committee of {size} seats")))?;
    let refused = |reject: ethereum::Reject| {
        Complaint::malformed(format!("config/spec describes no network: {reject}"))
    };
    let forks = ForkSchedule::new(forks(spec)?).map_err(refused)?;
    Network::custom(times, genesis.genesis_validators_root, size, forks).map_err(refused)
}

fn seconds_per_slot(spec: &SpecValues) -> Result<u64, Complaint> {
    if spec.contains_key("SECONDS_PER_SLOT") {
        return number(spec, "SECONDS_PER_SLOT");
    }
    let millis = number(spec, "SLOT_DURATION_MS")?;
    if millis % 1_000 != 0 {
        return Err(Complaint::malformed(format!(
            "slots of {millis} ms, whole seconds are needed"
        )));
    }
    Ok(millis / 1_000)
}

/// Deneb, Electra, Fulu, and every later fork as one of unknown layout, so that the client stops there.
fn forks(spec: &SpecValues) -> Result<Vec<Fork>, Complaint> {
    let mut by_epoch: BTreeMap<(u64, u8), Fork> = BTreeMap::new();
    for key in spec.keys() {
        let Some(name) = key.strip_suffix("_FORK_EPOCH") else {
            continue;
        };
        if FORKS_BEFORE.contains(&name) {
            continue;
        }
        let epoch = number(spec, key)?;
        if epoch == FAR_FUTURE {
            continue;
        }
        let (rank, layout) = match name {
            "DENEB" => (0, Layout::Deneb),
            "ELECTRA" => (1, Layout::Electra),
            "FULU" => (2, Layout::Electra),
            _ => (3, Layout::Unknown),
        };
        let fork = Fork {
            epoch: Epoch(epoch),
            version: version(spec, name)?,
            layout,
        };
        by_epoch.insert((epoch, rank), fork);
    }
    // Of forks with one epoch (test networks start with all of them at 0) only the last ever holds.
    let last_of_epoch: BTreeMap<u64, Fork> = by_epoch
        .into_iter()
        .map(|((epoch, _), fork)| (epoch, fork))
        .collect();
    Ok(last_of_epoch.into_values().collect())
}

fn version(spec: &SpecValues, name: &str) -> Result<[u8; 4], Complaint> {
    let key = format!("{name}_FORK_VERSION");
    let version: FixedBytes<4> = text(spec, &key)?
        .parse()
        .map_err(|error| Complaint::malformed(format!("{key} of config/spec is no fork version: {error}")))?;
    Ok(version.0)
}

fn number(spec: &SpecValues, key: &str) -> Result<u64, Complaint> {
    let text = text(spec, key)?;
    text.parse()
        .map_err(|_| Complaint::malformed(format!("{key} of config/spec is {text}, not a number")))
}

fn text<'a>(spec: &'a SpecValues, key: &str) -> Result<&'a str, Complaint> {
    let value = spec.get(key).and_then(serde_json::Value::as_str);
    value.ok_or_else(|| Complaint::malformed(format!("config/spec has no {key}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn spec() -> SpecValues {
        let values = json!({
            "SECONDS_PER_SLOT": "3", "SLOTS_PER_EPOCH": "8", "EPOCHS_PER_SYNC_COMMITTEE_PERIOD": "4",
            "SYNC_COMMITTEE_SIZE": "512", "CAPELLA_FORK_EPOCH": "0", "CAPELLA_FORK_VERSION": "0x20000092",
            "DENEB_FORK_EPOCH": "0", "DENEB_FORK_VERSION": "0x20000093",
            "ELECTRA_FORK_EPOCH": "10", "ELECTRA_FORK_VERSION": "0x20000094",
            "FULU_FORK_EPOCH": "18446744073709551615", "FULU_FORK_VERSION": "0x20000095",
            "BLOB_SCHEDULE": [],
        });
        serde_json::from_value(values).expect("a spec")
    }

    fn genesis() -> Genesis {
        Genesis {
            genesis_time: "1795394929".into(),
            genesis_validators_root: B256::repeat_byte(7),
        }
    }

    #[test]
    fn a_network_is_read() {
        let network = read(&genesis(), &spec()).expect("a network");
        assert_eq!(network.times().seconds_per_slot, 3);
        let forks: Vec<(u64, Layout)> = network
            .forks()
            .forks()
            .iter()
            .map(|fork| (fork.epoch.0, fork.layout))
            .collect();
        assert_eq!(forks, [(0, Layout::Deneb), (10, Layout::Electra)]);
    }

    #[test]
    fn of_two_forks_at_one_epoch_the_later_holds() {
        let mut spec = spec();
        spec.insert("ELECTRA_FORK_EPOCH".into(), json!("0"));
        let network = read(&genesis(), &spec).expect("a network");
        assert_eq!(network.forks().forks().len(), 1);
        assert_eq!(
            network.forks().at(Epoch(0)).expect("a fork").version,
            [0x20, 0, 0, 0x94]
        );
    }

    #[test]
    fn a_fork_of_the_future_stops_the_client() {
        let mut spec = spec();
        spec.insert("GLOAS_FORK_EPOCH".into(), json!("20"));
        spec.insert("GLOAS_FORK_VERSION".into(), json!("0x20000096"));
        let network = read(&genesis(), &spec).expect("a network");
        assert!(network.forks().at(Epoch(19)).is_ok());
        assert!(network.forks().at(Epoch(20)).is_err());
    }

    #[test]
    fn nonsense_is_refused() {
        for (key, value) in [
            ("SECONDS_PER_SLOT", json!("0")),
            ("SECONDS_PER_SLOT", json!(3)),
            ("SYNC_COMMITTEE_SIZE", json!("32")),
            ("SYNC_COMMITTEE_SIZE", json!("99999999999999")),
            ("ELECTRA_FORK_VERSION", json!("0x2000")),
            ("ELECTRA_FORK_EPOCH", json!("ten")),
        ] {
            let mut spec = spec();
            spec.insert(key.into(), value.clone());
            assert!(
                matches!(read(&genesis(), &spec), Err(Complaint::Endpoint(..))),
                "{key} = {value}"
            );
        }
        for key in ["SLOTS_PER_EPOCH", "SYNC_COMMITTEE_SIZE", "DENEB_FORK_VERSION"] {
            let mut spec = spec();
            spec.remove(key);
            assert!(read(&genesis(), &spec).is_err(), "without {key}");
        }
    }
}
