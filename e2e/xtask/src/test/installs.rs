//! The stages that install what no crate brings. What the cache holds takes them no time.

use crate::install::{self, Site};
use crate::repo::Repo;

use super::Scope;
use super::graph::{Bench, Slot, Stage, Verdict};
use super::stages::{giving_way, stage};

use anyhow::Result;

pub(super) fn installs<'a>(repo: &'a Repo, scope: &Scope) -> Vec<Stage<'a>> {
    let site = move |bench: &Bench<'_>, install: fn(&Site<'_>) -> Result<std::path::PathBuf>| {
        install(&Site {
            repo,
            log: bench.log,
            limits: bench.limits,
        })?;
        Ok(Verdict::Passed)
    };
    let mut stages = vec![stage("install-foundry", Slot::One, &[], 3, move |bench| {
        site(bench, install::foundry)
    })];
    // What the cache holds takes no time: else the real chains would be left out for the sake of builds that are not made.
    let build = |is_there: bool, minutes: u64| if is_there { 0 } else { minutes };
    if !scope.quick {
        type Install = fn(&Site<'_>) -> Result<std::path::PathBuf>;
        let chains: [(_, _, Install); 3] = [
            ("install-geth", build(install::has_geth(repo), 5), install::geth),
            (
                "install-prysm",
                build(install::has_prysm(repo), 5),
                install::prysm,
            ),
            ("install-simd", build(install::has_simd(repo), 9), install::simd),
        ];
        stages.extend(chains.map(|(name, minutes, install)| {
            giving_way(stage(name, Slot::One, &[], minutes, move |bench| {
                site(bench, install)
            }))
        }));
    }
    let deny_minutes = build(install::has_cargo_deny(repo), 3);
    stages.push(stage(
        "install-cargo-deny",
        Slot::One,
        &[],
        deny_minutes,
        move |bench| site(bench, install::cargo_deny),
    ));
    stages
}
