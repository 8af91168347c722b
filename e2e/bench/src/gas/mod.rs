//! `bench gas`: what transactions cost, as receipts of a chain under Osaka rules say.
//!
//! Without arguments it rebuilds contracts/snapshots/gas.json, with `--check` it compares, with `--seed` it only holds
//! the figures of another fixture against the limits. The limits hold in every mode. Spec: PROTOCOL section 8.

mod anvil;
mod attested;
mod batches;
mod code;
mod contracts;
mod cosmos;
mod cosmos_store;
mod counterparty;
mod draw;
mod host;
mod limits;
mod measure;
mod snapshot;
mod steady;
mod tendermint;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use snapshot::{PATH, Snapshot, seed_of};

/// What is asked of `bench gas`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Compare with contracts/snapshots/gas.json instead of rebuilding it.
    #[arg(long, conflicts_with = "seed")]
    check: bool,
    /// Measure with this seed and look at the limits only.
    #[arg(long)]
    seed: Option<u64>,
    /// The folder with the contracts whose guards are taken out; `cargo xtask gas` makes and names it.
    #[arg(long, value_name = "DIR", default_value = "target/mutants/without-guards")]
    without_guards: PathBuf,
}

/// Measures and judges.
///
/// # Errors
/// A figure is above its limit or differs from the snapshot that it is compared with, or nothing can be measured.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let path = Path::new(PATH);
    let measured = |seed| measured(seed, &arguments.without_guards);
    match arguments.seed {
        Some(seed) => measured(seed).map(|_| ()),
        None if arguments.check => {
            let held = Snapshot::read(path)?;
            held.compare(&measured(held.seed)?)?;
            println!("{PATH} agrees");
            Ok(())
        }
        None => {
            let fresh = measured(seed_of(path)?)?;
            fresh.write(path)?;
            println!("{PATH} written");
            Ok(())
        }
    }
}

/// The figures of one fixture, within their limits.
fn measured(seed: u64, without_guards: &Path) -> Result<Snapshot> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("failed to start a runtime")?;
    let figures = runtime
        .block_on(measure::measure(seed, without_guards))
        .with_context(|| format!("failed to measure with seed {seed}"))?;
    println!("seed {seed}\n{}", limits::table(&figures));
    limits::check(&figures).with_context(|| format!("a limit is broken with seed {seed}"))?;
    Ok(Snapshot { seed, figures })
}
