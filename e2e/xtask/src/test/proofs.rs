//! The stages that ask whether the checks of the contracts are what they are taken for: proofs, and checks taken out.

use std::fs::OpenOptions;
use std::io::Write;

use crate::formal;
use crate::install::Site;
use crate::mutants::checks::{self, Options};
use crate::repo::Repo;

use super::graph::{Bench, Slot, Stage, Verdict};
use super::stages::stage;

/// How many checks a run takes out: those that changed last. `cargo xtask mutants contracts` takes them all.
const RECENT: usize = 6;

pub(super) fn proofs(repo: &Repo) -> Vec<Stage<'_>> {
    let needs = &["install-foundry"];
    vec![
        stage("formal", Slot::Either, needs, 10, move |bench| {
            let site = Site {
                repo,
                log: bench.log,
                limits: bench.limits,
            };
            formal::run(repo, None, &site, &|line| tell(bench, line))?;
            Ok(Verdict::Passed)
        }),
        stage("contract-mutants", Slot::Either, needs, 11, move |bench| {
            let options = Options {
                recent: Some(RECENT),
                ..Options::default()
            };
            checks::run(repo, &options, bench.limits, &|line| tell(bench, line))?;
            Ok(Verdict::Passed)
        }),
    ]
}

/// Adds a line to the log of a stage. One that cannot be written is lost: the end of the stage does not depend on it.
fn tell(bench: &Bench<'_>, line: &str) {
    if let Ok(mut log) = OpenOptions::new().create(true).append(true).open(bench.log) {
        let _ = writeln!(log, "{line}");
    }
}
