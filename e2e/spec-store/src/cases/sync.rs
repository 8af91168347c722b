//! Handler `sync`: a store is started, fed and upgraded, and its headers are compared after each step.

use alloy_primitives::{B256, FixedBytes};
use anyhow::{Context, Result, bail, ensure};
use ethereum::Slot;
use ethereum::spec::{LightClientBootstrap, LightClientHeader, LightClientUpdate};
use serde::Deserialize;
use serde_yaml_ng::Value;

use super::folder::Folder;
use crate::chain::{Chain, ForkName};
use crate::rules::execution_root;
use crate::store::Store;

#[derive(Deserialize)]
struct Meta {
    genesis_validators_root: B256,
    trusted_block_root: B256,
    bootstrap_fork_digest: FixedBytes<4>,
    store_fork_digest: Option<FixedBytes<4>>,
    store_fork_version: Option<FixedBytes<4>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProcessUpdate {
    update_fork_digest: FixedBytes<4>,
    update: String,
    current_slot: u64,
    checks: Checks,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ForceUpdate {
    current_slot: u64,
    checks: Checks,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpgradeStore {
    store_fork_digest: Option<FixedBytes<4>>,
    store_fork_version: Option<FixedBytes<4>>,
    checks: Checks,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Checks {
    finalized_header: Option<HeaderCheck>,
    optimistic_header: Option<HeaderCheck>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderCheck {
    slot: Option<u64>,
    beacon_root: Option<B256>,
    execution_root: Option<B256>,
}

/// Replays one case.
pub(super) fn run(folder: &Folder) -> Result<()> {
    let meta: Meta = folder.yaml("meta.yaml")?;
    let steps: Vec<Value> = folder.yaml("steps.yaml")?;
    let chain = folder.chain(meta.genesis_validators_root)?;
    let mut fork = store_fork(&chain, meta.store_fork_digest, meta.store_fork_version)?;
    let shape = chain.shape(chain.fork_of_digest(meta.bootstrap_fork_digest)?)?;
    let bootstrap = LightClientBootstrap::from_ssz(&shape, &folder.ssz("bootstrap")?)?;
    let mut store = Store::start(&chain, meta.trusted_block_root, &bootstrap).context("start")?;
    ensure!(!steps.is_empty(), "no steps");
    for (number, step) in steps.into_iter().enumerate() {
        take(folder, &chain, &mut store, &mut fork, step).with_context(|| format!("step {number}"))?;
    }
    Ok(())
}

fn take(folder: &Folder, chain: &Chain, store: &mut Store, fork: &mut ForkName, step: Value) -> Result<()> {
    let Value::Mapping(step) = step else {
        bail!("a step that is no mapping")
    };
    ensure!(step.len() == 1, "a step with several names");
    let (name, arguments) = step.into_iter().next().context("an empty step")?;
    let checks = match name.as_str() {
        Some("process_update") => {
            let arguments: ProcessUpdate = serde_yaml_ng::from_value(arguments)?;
            let update = update(folder, chain, *fork, &arguments)?;
            store.process(chain, &update, Slot(arguments.current_slot))?;
            arguments.checks
        }
        Some("force_update") => {
            let arguments: ForceUpdate = serde_yaml_ng::from_value(arguments)?;
            store.force_update(chain, Slot(arguments.current_slot))?;
            arguments.checks
        }
        // The objects that a store holds have one shape from Deneb to Fulu, so there is nothing to convert.
        Some("upgrade_store" | "process_upgrade_store") => {
            let arguments: UpgradeStore = serde_yaml_ng::from_value(arguments)?;
            let after = store_fork(chain, arguments.store_fork_digest, arguments.store_fork_version)?;
            ensure!(after >= *fork, "a store goes from {fork:?} back to {after:?}");
            *fork = after;
            arguments.checks
        }
        other => bail!("step {other:?} is not known"),
    };
    check(chain, "finalized", &store.finalized, checks.finalized_header)?;
    check(chain, "optimistic", &store.optimistic, checks.optimistic_header)
}

fn update(
    folder: &Folder,
    chain: &Chain,
    store: ForkName,
    arguments: &ProcessUpdate,
) -> Result<LightClientUpdate> {
    let fork = chain.fork_of_digest(arguments.update_fork_digest)?;
    ensure!(fork <= store, "an update of {fork:?} for a store of {store:?}");
    let bytes = folder.ssz(&arguments.update)?;
    let update = LightClientUpdate::from_ssz(&chain.shape(fork)?, &bytes)?;
    ensure!(
        update.to_ssz() == bytes,
        "{} does not encode back to itself",
        arguments.update
    );
    Ok(update)
}

/// The fork of the store, by digest in older releases of the format, by version in newer ones.
fn store_fork(
    chain: &Chain,
    digest: Option<FixedBytes<4>>,
    version: Option<FixedBytes<4>>,
) -> Result<ForkName> {
    match (digest, version) {
        (Some(digest), None) => chain.fork_of_digest(digest),
        (None, Some(version)) => chain.fork_of_version(version),
        _ => bail!("a store needs one of digest and version"),
    }
}

fn check(
    chain: &Chain,
    which: &str,
    header: &LightClientHeader,
    expected: Option<HeaderCheck>,
) -> Result<()> {
    let Some(expected) = expected else { return Ok(()) };
    if let Some(slot) = expected.slot {
        ensure!(
            header.beacon.slot.0 == slot,
            "{which} slot is {}, not {slot}",
            header.beacon.slot
        );
    }
    if let Some(root) = expected.beacon_root {
        let found = header.beacon.root();
        ensure!(found == root, "{which} root is {found}, not {root}");
    }
    if let Some(root) = expected.execution_root {
        let found = execution_root(chain, header);
        ensure!(found == root, "{which} execution root is {found}, not {root}");
    }
    Ok(())
}
