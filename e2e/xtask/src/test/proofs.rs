//! The stages that ask whether the checks of the contracts are what they are taken for.

use std::fs::OpenOptions;
use std::io::Write;

use crate::formal;
use crate::install::Site;
use crate::repo::Repo;

use super::graph::{Bench, Slot, Stage, Verdict};
use super::stages::stage;

pub(super) fn proofs(repo: &Repo) -> Vec<Stage<'_>> {
    let needs = &["install-foundry"];
    vec![stage("formal", Slot::One, needs, 8, move |bench| {
        let site = Site {
            repo,
            log: bench.log,
            limits: bench.limits,
        };
        formal::run(repo, None, &site, &|line| tell(bench, line))?;
        Ok(Verdict::Passed)
    })]
}

/// Adds a line to the log of a stage. One that cannot be written is lost: the end of the stage does not depend on it.
fn tell(bench: &Bench<'_>, line: &str) {
    if let Ok(mut log) = OpenOptions::new().create(true).append(true).open(bench.log) {
        let _ = writeln!(log, "{line}");
    }
}
