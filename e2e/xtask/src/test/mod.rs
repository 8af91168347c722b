//! `cargo xtask test`: everything that must hold, in one graph.

mod excerpt;
mod graph;
mod installs;
mod proofs;
mod stages;
mod wasm;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::job::Limits;
use crate::repo::Repo;
use graph::Frame;

pub(crate) use stages::build;

/// What the user asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    /// Leave the real chains out.
    pub(crate) quick: bool,
    /// Leave out what no longer fits into this many minutes, and stop at their end.
    pub(crate) budget_minutes: Option<u64>,
    /// Run these stages and what they need, or all if none is named.
    pub(crate) only: Vec<String>,
}

/// Runs all stages and prints the closing table.
///
/// # Errors
/// If any stage failed.
pub(crate) fn run(repo: &Repo, scope: &Scope) -> Result<()> {
    let limits = Limits {
        deadline: None,
        interrupted: interrupts()?,
    };
    let frame = Frame {
        started: Instant::now(),
        budget: scope
            .budget_minutes
            .map(|minutes| Duration::from_secs(minutes * 60)),
        limits: &limits,
        logs: repo.logs(),
    };
    std::fs::create_dir_all(&repo.cache).with_context(|| format!("create {}", repo.cache.display()))?;
    let stages = stages::chosen(repo, scope)?;
    let report = graph::run(&stages, &frame)?;
    report.print(&frame);
    if !report.is_good() {
        bail!(
            "not everything holds; the logs of all stages are in {}",
            frame.logs.display()
        );
    }
    Ok(())
}

/// A flag that an interrupt from the terminal or a request to stop sets.
pub(crate) fn interrupts() -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&flag)).context("listen for interrupts")?;
    }
    Ok(flag)
}
