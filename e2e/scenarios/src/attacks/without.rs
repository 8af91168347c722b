//! Every attack once more, without the rule that refuses it: only what then succeeds was an attack.
//!
//! For each row of docs/attacks.md a bridge is built from contracts without that row's check (`contracts/mutants`), and
//! the same attack is tried there. Nothing here takes the absence of a refusal for a success: the harm is looked for.

use super::{Arena, Expected, Outcome, attempt, honest, lane, table};
use crate::{
    embedded::{self, Pair},
    job::Say,
    site::Site,
};
use anyhow::{Context, Result, ensure};
use chain_evm::Artifacts;
use devnet::Chain;
use std::{fmt, fs, path::Path};

/// How long a packet lives that is to be there when its attack comes: below the router's limit of 24 hours.
const AMPLE_SECS: u64 = 23 * 3_600;
/// How long one lives, at first, that is to expire after its delivery.
const SHORT_SECS: u64 = 1_200;
/// Nothing here waits for a relayer: slots pass as fast as the machine makes them, in periods that are over soon.
const PAIR: Pair = Pair {
    speed: 400,
    warm_up_slots: 100,
    slots_per_epoch: 8,
    epochs_per_period: 4,
    // Without a check the compiler may lay out the rest larger than EIP-170 allows: what is tried is the rule, not the size.
    code_size_max: 2 * devnet::CODE_SIZE_MAX,
};

/// What became of one attack.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The row.
    pub row: Expected,
    /// How it ended against the contracts as they are.
    pub guarded: Outcome,
    /// How it ended without the rule.
    pub unguarded: Outcome,
}

impl Trial {
    /// Whether the rule, and it alone, stands between the attacker and the harm.
    pub fn holds(&self) -> bool {
        self.guarded.is_refused_by(self.row.rule) && matches!(self.unguarded, Outcome::Succeeded(_))
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Expected { name, rule, .. } = self.row;
        let (guarded, unguarded) = (&self.guarded, &self.unguarded);
        write!(f, "{name}: refused by {guarded}; without {rule}: {unguarded}")
    }
}

/// Tries every attack of the table with its rule and without. `mutants` holds a folder for every attack that a contract
/// refuses, with the artifact of that contract without the rule.
///
/// # Errors
/// An attack could not be set up: then nothing is known about it.
pub async fn run(mutants: &Path, only: Option<&str>, say: Say<'_>) -> Result<Vec<Trial>> {
    let is_wanted = |row: &Expected| only.is_none_or(|name| name == row.name);
    let rows: Vec<Expected> = table()?.into_iter().filter(is_wanted).collect();
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let chains = PAIR.start().await?;
    let sites = embedded::sites(&chains)?;
    let mut trials = Vec::new();
    for row in rows {
        let trial = try_row(&chains, &sites, &row, mutants)
            .await
            .with_context(|| format!("failed to try the attack {}", row.name))?;
        say(&trial.to_string());
        trials.push(trial);
    }
    Ok(trials)
}

async fn try_row(chains: &[Chain; 2], sites: &[Site; 2], row: &Expected, mutants: &Path) -> Result<Trial> {
    let guarded = try_with(chains, sites, row, &Artifacts::default(), None).await?;
    let unguarded = if row.is_in_contract() {
        let artifacts = mutant(&mutants.join(row.name))?;
        try_with(chains, sites, row, &artifacts, None).await?
    } else {
        try_with(chains, sites, row, &Artifacts::default(), Some(row.rule)).await?
    };
    Ok(Trial {
        row: row.clone(),
        guarded,
        unguarded,
    })
}

/// One attempt over a bridge made of `artifacts`, that carried a packet.
async fn try_with(
    chains: &[Chain; 2],
    sites: &[Site; 2],
    row: &Expected,
    artifacts: &Artifacts,
    unheeded: Option<&'static str>,
) -> Result<Outcome> {
    let ends = lane::open(sites, artifacts).await?;
    let mut arena = Arena::new(&ends, chains)?.built_from(artifacts.clone());
    if let Some(rule) = unheeded {
        arena = arena.without_rule(rule);
    }
    // A refund is due only for what has expired. Nobody acknowledges the packet, so nothing else speaks against one.
    let packet = if row.name == super::REFUND {
        let packet = honest::carry(&arena, SHORT_SECS).await?;
        honest::outlive(&arena, &packet).await?;
        packet
    } else {
        honest::carry(&arena, AMPLE_SECS).await?
    };
    attempt(&arena.after(packet), row.name).await
}

/// The contracts with those in `folder` in their places.
pub(crate) fn mutant(folder: &Path) -> Result<Artifacts> {
    let mut artifacts = Artifacts::default();
    let mut replaced = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("failed to list {}", folder.display()))? {
        let path = entry?.path();
        let contract = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        let json = fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
        artifacts = artifacts
            .with(contract, json)
            .with_context(|| format!("{} replaces no contract of a bridge", path.display()))?;
        replaced += 1;
    }
    ensure!(replaced > 0, "{} holds no contract", folder.display());
    Ok(artifacts)
}
