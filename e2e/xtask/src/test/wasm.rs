//! The stage that compares the code for 08-wasm with what it is made from.

use std::fs::OpenOptions;
use std::io::Write as _;

use super::graph::{Bench, Slot, Stage, Verdict};
use super::stages::stage;
use crate::install::Site;
use crate::repo::Repo;
use crate::wasm::{self, Intent};

/// Compares hashes. Only where they differ is anything built, and then much: a library of the compiler too.
pub(super) fn wasm(repo: &Repo) -> Stage<'_> {
    stage("wasm", Slot::One, &[], 2, move |bench: &Bench<'_>| {
        let site = Site {
            repo,
            log: bench.log,
            limits: bench.limits,
        };
        let say = |line: &str| {
            let log = OpenOptions::new().append(true).create(true).open(bench.log);
            // What can't be logged is no reason to fail: the verdict is what counts.
            if let Ok(mut log) = log {
                let _ = writeln!(log, "{line}");
            }
        };
        wasm::run(&site, Intent::Check, &say)?;
        Ok(Verdict::Passed)
    })
}
