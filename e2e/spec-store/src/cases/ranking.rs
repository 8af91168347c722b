//! Handler `update_ranking`: updates from the best to the worst.

use anyhow::{Result, ensure};
use ethereum::spec::{LightClientUpdate, Shape};
use serde::Deserialize;
use serde_yaml_ng::Value;

use super::folder::Folder;
use crate::chain::Chain;
use crate::ranking::is_better_update;

#[derive(Deserialize)]
struct Meta {
    updates_count: usize,
}

/// Replays one case.
pub(super) fn run(folder: &Folder) -> Result<()> {
    let meta: Meta = folder.yaml("meta.yaml")?;
    let shape = Shape {
        committee_size: folder.preset.sync_committee_size,
        indices: folder.fork.indices()?,
    };
    let updates = (0..meta.updates_count).map(|number| {
        let bytes = folder.ssz(&format!("updates_{number}"))?;
        Ok(LightClientUpdate::from_ssz(&shape, &bytes)?)
    });
    let updates = updates.collect::<Result<Vec<_>>>()?;
    ensure!(updates.len() > 1, "nothing to compare");
    let chain = Chain::new(
        &config(),
        folder.preset,
        alloy_primitives::B256::with_last_byte(1),
    )?;
    for (number, better) in updates.iter().enumerate() {
        for (other, worse) in updates.iter().enumerate().skip(number + 1) {
            let right = is_better_update(&chain.network, better, worse)
                && !is_better_update(&chain.network, worse, better);
            ensure!(right, "update {number} has to be better than update {other}");
        }
    }
    Ok(())
}

/// Ranking depends on nothing but the preset; the rest of a chain is filler here.
fn config() -> Value {
    let filler = "{SECONDS_PER_SLOT: 6, DENEB_FORK_EPOCH: 0, DENEB_FORK_VERSION: 0x04000001}";
    serde_yaml_ng::from_str(filler).unwrap_or(Value::Null)
}
