//! The commands that pass their work on to another program of the repository.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::job::Job;
use crate::repo::Repo;
use crate::test::build;

/// Replays a folder of vectors: `consensus DIR`, `devnet DIR`, `ics23 DIR` or `tendermint DIR`.
pub(crate) fn vectors(repo: &Repo, args: &[OsString]) -> Job {
    build(
        repo,
        &[
            "run",
            "--quiet",
            "--locked",
            "-p",
            "spec-store",
            "--bin",
            "vectors",
            "--",
        ],
    )
    .args(args)
}

/// Tries every attack with the rule that refuses it and without; `mutants` holds the contracts for that.
pub(crate) fn attacks(repo: &Repo, mutants: &Path) -> Job {
    let program = [
        "run",
        "--quiet",
        "--locked",
        "-p",
        "scenarios",
        "--bin",
        "attacks",
        "--",
    ];
    build(repo, &program).arg("--mutants").arg(mutants)
}

/// Writes, or compares, what Rust needs of the contracts.
pub(crate) fn artifacts(repo: &Repo, check: bool) -> Job {
    let job = Job::new("node", &repo.root.join("contracts")).arg("toolchain/export-artifacts.mjs");
    if check { job.arg("--check") } else { job }
}

/// Measures gas: `gas [--check] [--seed N]`; `without_guards` holds the contracts to compare with.
pub(crate) fn gas(repo: &Repo, without_guards: &Path) -> Job {
    let args = ["gas".into(), "--without-guards".into(), without_guards.into()];
    benches(repo, &[], &args)
}

/// Measures: `bench [..]`, in the profile of what is run for long.
pub(crate) fn bench(repo: &Repo, args: &[OsString]) -> Job {
    benches(repo, &["--release"], args)
}

fn benches(repo: &Repo, profile: &[&str], args: &[OsString]) -> Job {
    let cargo = [
        &["run", "--quiet", "--locked"][..],
        profile,
        &["-p", "bench", "--"],
    ]
    .concat();
    build(repo, &cargo)
        .args(args)
        .env("WEIGHBRIDGE_CACHE", &repo.cache)
}

/// The sets of a vectors folder that we replay, each with its kind: folders of
/// the official test format hold `<preset>/<fork>/light_client`, captures of a
/// network a `genesis.json`, proofs of Cosmos stores and traces are files of JSON.
pub(crate) fn vector_sets(folder: &Path) -> Result<Vec<(&'static str, PathBuf)>> {
    let mut sets = Vec::new();
    for (kind, set) in [
        ("consensus", "consensus-lc-generated"),
        ("consensus", "helios/ethereum/consensus-core/testdata"),
        ("tendermint", "tendermint-rs/light-client"),
        ("ics23", "ics23"),
        (
            "ics23",
            "solidity-ibc-eureka/packages/tendermint-light-client/fixtures",
        ),
    ] {
        let path = folder.join(set);
        if path.is_dir() {
            sets.push((kind, path));
        }
    }
    let captures = folder.join("ethereum-devnet");
    if captures.is_dir() {
        for entry in std::fs::read_dir(&captures).with_context(|| format!("list {}", captures.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                sets.push(("devnet", path));
            }
        }
    }
    sets.sort();
    Ok(sets)
}
