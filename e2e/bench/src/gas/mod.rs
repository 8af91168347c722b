//! `bench gas`: what transactions cost, as receipts of a chain under Osaka rules say.
//!
//! Without arguments it rebuilds contracts/snapshots/gas.json, with `--check` it compares, with `--seed` it only holds
//! the figures of another fixture against the limits. The limits hold in every mode. Spec: PROTOCOL section 8.

mod anvil;
mod attested;
mod batches;
mod contracts;
mod counterparty;
mod draw;
mod host;
mod limits;
mod measure;
mod snapshot;
mod steady;

use std::path::Path;

use anyhow::{Context, Result};

use limits::Seed;
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
}

/// Measures and judges.
///
/// # Errors
/// A figure is above its limit or differs from the snapshot that it is compared with, or nothing can be measured.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let path = Path::new(PATH);
    match arguments.seed {
        Some(seed) => measured(seed, Seed::Other).map(|_| ()),
        None if arguments.check => {
            let held = Snapshot::read(path)?;
            held.compare(&measured(held.seed, Seed::Snapshot)?)?;
            println!("{PATH} agrees");
            Ok(())
        }
        None => {
            let fresh = measured(seed_of(path)?, Seed::Snapshot)?;
            fresh.write(path)?;
            println!("{PATH} written");
            Ok(())
        }
    }
}

/// The figures of one fixture, within their limits.
fn measured(seed: u64, kind: Seed) -> Result<Snapshot> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("failed to start a runtime")?;
    let figures = runtime
        .block_on(measure::measure(seed))
        .with_context(|| format!("failed to measure with seed {seed}"))?;
    println!("seed {seed}\n{}", limits::table(&figures));
    limits::check(&figures, kind).with_context(|| format!("a limit is broken with seed {seed}"))?;
    Ok(Snapshot { seed, figures })
}
