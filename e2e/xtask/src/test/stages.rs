//! The stages: what is checked, in which slot, after what.
//!
//! Slot one installs what no crate brings (real chains in Go, Foundry) and
//! checks the contracts; slot two has cargo to itself. Beside both run the real
//! chains, which mostly wait. Networks whose slots last seconds must miss none,
//! so nothing runs beside them. Whatever measures time comes last.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::graph::{Bench, Slot, Stage, Verdict};
use super::{Scope, installs, proofs, wasm};
use crate::commands;
use crate::guide;
use crate::install::{self, Site};
use crate::job::Job;
use crate::layout::{self, Intent};
use crate::mutants;
use crate::repo::{Repo, cargo};

/// The stages that the user asked for: all of them, or those named and what they need.
///
/// # Errors
/// If a name is no stage's.
pub(crate) fn chosen<'a>(repo: &'a Repo, scope: &Scope) -> Result<Vec<Stage<'a>>> {
    let mut stages = all(repo, scope);
    let names: Vec<&str> = stages.iter().map(|stage| stage.name).collect();
    for name in &scope.only {
        anyhow::ensure!(
            names.contains(&name.as_str()),
            "no stage `{name}`; there are {}",
            names.join(", ")
        );
    }
    if scope.only.is_empty() {
        return Ok(stages);
    }
    let mut wanted: Vec<String> = scope.only.clone();
    let mut at = 0;
    while let Some(name) = wanted.get(at).cloned() {
        let needs = stages
            .iter()
            .filter(|stage| stage.name == name)
            .flat_map(|stage| stage.needs);
        wanted.extend(needs.map(|need| (*need).to_owned()));
        at += 1;
    }
    stages.retain(|stage| wanted.iter().any(|name| name == stage.name));
    Ok(stages)
}

/// All stages of one run.
pub(crate) fn all<'a>(repo: &'a Repo, scope: &Scope) -> Vec<Stage<'a>> {
    let mut stages = installs::installs(repo, scope);
    stages.extend(contracts(repo));
    stages.extend(proofs::proofs(repo));
    stages.push(wasm::wasm(repo));
    if !scope.quick {
        stages.extend([real_cosmos(repo), real_networks(repo)]);
    }
    stages.extend(rust(repo));
    stages.extend(whole(repo));
    stages
}

/// The last stage of either slot, and what may go into both: when these have ended, all has that works and does not wait.
const REST: &[&str] = &["wasm", "attacks", "formal", "contract-mutants"];

pub(super) fn stage<'a>(
    name: &'static str,
    slot: Slot,
    needs: &'static [&'static str],
    minutes: u64,
    work: impl Fn(&Bench<'_>) -> Result<Verdict> + Send + Sync + 'a,
) -> Stage<'a> {
    Stage {
        name,
        slot,
        needs,
        after: &[],
        minutes,
        gives_way: false,
        alone: false,
        work: Box::new(work),
    }
}

/// A stage that is left out before any other: without the real chains the rest still says a lot.
pub(super) fn giving_way(stage: Stage<'_>) -> Stage<'_> {
    Stage {
        gives_way: true,
        ..stage
    }
}

fn forge(repo: &Repo, bench: &Bench<'_>, args: &[&str]) -> Result<Verdict> {
    forge_job(repo, args).run_logged(bench.log, bench.limits)?;
    Ok(Verdict::Passed)
}

fn forge_job(repo: &Repo, args: &[&str]) -> Job {
    Job::niced(repo.cache.join("foundry/bin/forge"), &repo.root.join("contracts"))
        .args(args)
        .env("FOUNDRY_DISABLE_NIGHTLY_WARNING", "1")
}

fn contracts(repo: &Repo) -> Vec<Stage<'_>> {
    let needs = &["install-foundry"];
    vec![
        stage("forge-fmt", Slot::One, needs, 1, move |bench| {
            forge(repo, bench, &["fmt", "--check"])
        }),
        stage("forge-build", Slot::One, needs, 10, move |bench| {
            forge(repo, bench, &["build"])
        }),
        stage("forge-test", Slot::One, &["forge-build"], 3, move |bench| {
            forge(repo, bench, &["test"])
        }),
        stage("artifacts", Slot::One, needs, 3, move |bench| {
            commands::artifacts(repo, true).run_logged(bench.log, bench.limits)?;
            Ok(Verdict::Passed)
        }),
        stage("layout", Slot::One, needs, 1, move |bench| {
            layout::run(repo, Intent::Check, &|job| {
                job.run_logged(bench.log, bench.limits)
            })?;
            Ok(Verdict::Passed)
        }),
        page(repo, guide::FIRST_DAPP),
        page(repo, guide::GUARDIAN),
        stage("mutants", Slot::One, needs, 9, move |bench| {
            let perform = |job: &Job| job.run_logged(bench.log, bench.limits);
            mutants::changes::build(repo, None, &perform)?;
            mutants::changes::build_without_guards(repo, &perform)?;
            Ok(Verdict::Passed)
        }),
    ]
}

/// Follows a how-to page word for word.
fn page(repo: &Repo, page: guide::Page) -> Stage<'_> {
    stage(page.name, Slot::One, &["install-foundry"], 1, move |bench| {
        guide::follow(repo, page, &|job| job.run_logged(bench.log, bench.limits))?;
        Ok(Verdict::Passed)
    })
}

/// The bridge on two networks of geth and Prysm, and a chain of ibc-go across from one: left out first when time is short. It mostly
/// waits, but for slots of seconds: on a busy machine a committee signs nothing for a whole period, and no client can leave that period.
fn real_networks(repo: &Repo) -> Stage<'_> {
    let needs = &["install-geth", "install-prysm", "install-simd", "build"];
    let networks = stage("real-networks", Slot::Beside, needs, 14, move |bench| {
        let dir = repo.logs().join("networks");
        program(repo, "networks")
            .args(["--dir", &dir.to_string_lossy(), "scenarios"])
            .run_logged(bench.log, bench.limits)?;
        Ok(Verdict::Passed)
    });
    giving_way(Stage {
        alone: true,
        after: REST,
        ..networks
    })
}

/// Two chains of ibc-go with the relayer between them, and between each of them and an EVM chain, looked at as a light client does.
/// They have no slots to miss, so others may run beside them.
fn real_cosmos(repo: &Repo) -> Stage<'_> {
    let needs = &["install-simd", "build"];
    giving_way(stage("real-cosmos", Slot::Beside, needs, 13, move |bench| {
        let dir = repo.logs().join("cosmos");
        program(repo, "networks")
            .args(["--dir", &dir.to_string_lossy(), "cosmos-check"])
            .run_logged(bench.log, bench.limits)?;
        Ok(Verdict::Passed)
    }))
}

fn rust(repo: &Repo) -> Vec<Stage<'_>> {
    let run = move |bench: &Bench<'_>, line: &str| {
        let args: Vec<&str> = line.split_whitespace().collect();
        niced(repo, &args).run_logged(bench.log, bench.limits)?;
        Ok(Verdict::Passed)
    };
    vec![
        stage("fmt", Slot::Two, &[], 1, move |bench| {
            run(bench, "fmt --all --check")
        }),
        stage("tidy", Slot::Two, &[], 1, move |bench| {
            let own = std::env::current_exe().context("find our own program")?;
            Job::new(own, &repo.root)
                .arg("tidy")
                .run_logged(bench.log, bench.limits)?;
            Ok(Verdict::Passed)
        }),
        // Programs and tests at once: then they share what they are made of, features included. Tests run later, because
        // stages of the other slot wait for the programs.
        stage("build", Slot::Two, &[], 40, move |bench| {
            run(bench, "build --locked --workspace --all-targets")
        }),
        stage("rust-test", Slot::Two, &["build"], 10, move |bench| {
            run(bench, "test --locked --workspace --no-fail-fast")
        }),
        stage("clippy", Slot::Two, &[], 5, move |bench| {
            run(bench, "clippy --locked --workspace --all-targets -- -D warnings")
        }),
        stage("vectors", Slot::Two, &["build"], 1, move |bench| {
            vectors(repo, bench)
        }),
        stage("deny", Slot::Two, &["install-cargo-deny"], 1, move |bench| {
            deny(repo, bench)
        }),
    ]
}

fn whole(repo: &Repo) -> Vec<Stage<'_>> {
    let json = repo.logs().join("demo.json");
    let (needs, gas_needs) = (&["build"], &["install-foundry", "build", "mutants"]);
    let mut demo = stage("demo", Slot::Beside, needs, 2, move |bench| {
        program(repo, "demo")
            .args(["--headless", "--json", &json.to_string_lossy()])
            .run_logged(bench.log, bench.limits)?;
        Ok(Verdict::Passed)
    });
    // It tells how long it took: nothing else may compete for the processor.
    demo.after = REST;
    vec![
        // Draws its moments from a fresh seed, which is printed in its log. It asks for no speed.
        stage("crashes", Slot::Two, needs, 3, move |bench| {
            niced_program(repo, "crashes").run_logged(bench.log, bench.limits)?;
            Ok(Verdict::Passed)
        }),
        stage("lodestar", Slot::Two, needs, 1, move |bench| {
            lodestar(repo, bench)
        }),
        stage("gas", Slot::Two, gas_needs, 1, move |bench| {
            gas(repo, bench, &["--check"])
        }),
        stage("gas-fresh-seed", Slot::Two, gas_needs, 1, move |bench| {
            gas(repo, bench, &["--seed", &fresh_seed()])
        }),
        stage(
            "fresh-mutants",
            Slot::Two,
            &["build", "forge-build"],
            2,
            move |bench| fresh_mutants(repo, bench),
        ),
        stage("attacks", Slot::Two, &["build", "mutants"], 4, move |bench| {
            niced_program(repo, "attacks")
                .arg("--mutants")
                .arg(mutants::changes::folder(repo))
                .run_logged(bench.log, bench.limits)?;
            Ok(Verdict::Passed)
        }),
        demo,
    ]
}

/// A program that stage `build` made.
fn program(repo: &Repo, name: &str) -> Job {
    Job::new(built(repo, name), &repo.root).env("WEIGHBRIDGE_CACHE", &repo.cache)
}

/// The same with less claim on the processor than the real networks have.
fn niced_program(repo: &Repo, name: &str) -> Job {
    Job::niced(built(repo, name), &repo.root).env("WEIGHBRIDGE_CACHE", &repo.cache)
}

fn built(repo: &Repo, name: &str) -> PathBuf {
    repo.target().join("debug").join(name)
}

/// Cargo in the repository, with the target folder of this run.
pub(crate) fn build(repo: &Repo, args: &[&str]) -> Job {
    with_target(repo, Job::new(cargo(), &repo.root).args(args))
}

/// The same with less claim on the processor than the real networks have.
fn niced(repo: &Repo, args: &[&str]) -> Job {
    with_target(repo, Job::niced(cargo(), &repo.root).args(args))
}

fn with_target(repo: &Repo, job: Job) -> Job {
    let job = job.env("CARGO_TARGET_DIR", repo.target());
    if repo.in_ci {
        // Nobody steps through these programs: a panic says its line without the tables of a debugger.
        job.env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
    } else {
        job
    }
}

/// A seed that nobody chose. It is printed in the log of its stage.
fn fresh_seed() -> String {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    since.as_nanos().to_string().chars().rev().take(9).collect()
}

/// Mutants of valid messages and proofs from one fresh seed, refused by the law and by the contract alike, and traces of
/// limits that leave the same in both: the law's tests write them down with their verdicts, forge judges the same bytes.
fn fresh_mutants(repo: &Repo, bench: &Bench<'_>) -> Result<Verdict> {
    let folder = repo.root.join("contracts/cache/mutants");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("clear {}", folder.display()))?;
    }
    // The whole workspace, so that nothing is compiled with other features than for stage `build`.
    let law = "test --locked --workspace --test law -- fresh_mutants fresh_traces --nocapture";
    let law: Vec<&str> = law.split_whitespace().collect();
    niced(repo, &law)
        .env("WEIGHBRIDGE_SEED", fresh_seed())
        .env("WEIGHBRIDGE_MUTANTS", &folder)
        .run_logged(bench.log, bench.limits)?;
    forge_job(repo, &["test", "--match-contract", "Fresh"])
        .env("WEIGHBRIDGE_MUTANTS", "cache/mutants")
        .env("FOUNDRY_GAS_LIMIT", "1000000000000")
        .run_logged(bench.log, bench.limits)?;
    // An ordinary run draws the same inputs each time, so that it can be repeated; here nobody chose them.
    let seed = fresh_seed();
    forge_job(repo, &["test", "--match-test", "testFuzz", "--fuzz-seed", &seed])
        .run_logged(bench.log, bench.limits)?;
    Ok(Verdict::Passed)
}

/// Checks the dependencies, and that the check would notice.
fn deny(repo: &Repo, bench: &Bench<'_>) -> Result<Verdict> {
    let program = install::cargo_deny(&Site {
        repo,
        log: bench.log,
        limits: bench.limits,
    })?;
    let check = |config: &Path| {
        Job::new(&program, &repo.root)
            .args(["--all-features", "--config"])
            .arg(config)
            .args(["check", "bans", "licenses", "sources"])
            .run_logged(bench.log, bench.limits)
    };
    check(&repo.root.join("deny.toml"))?;
    let rules = std::fs::read_to_string(repo.root.join("deny.toml")).context("read deny.toml")?;
    let planted = rules.replacen("deny = [", "deny = [\n    { crate = \"anyhow\" },", 1);
    let path = repo.logs().join("deny-planted.toml");
    std::fs::write(&path, planted).with_context(|| format!("write {}", path.display()))?;
    anyhow::ensure!(
        check(&path).is_err(),
        "cargo deny let a banned crate pass: deny.toml is not what it reads"
    );
    Ok(Verdict::Passed)
}

/// Replays the vectors that are kept outside the repository.
fn vectors(repo: &Repo, bench: &Bench<'_>) -> Result<Verdict> {
    let Some(folder) = repo.vectors()? else {
        return Ok(Verdict::Skipped("WEIGHBRIDGE_VECTORS is not set".to_owned()));
    };
    let sets = commands::vector_sets(&folder)?;
    for (kind, set) in &sets {
        niced_program(repo, "vectors")
            .arg(kind)
            .arg(set)
            .run_logged(bench.log, bench.limits)?;
    }
    anyhow::ensure!(
        !sets.is_empty(),
        "{} holds no set that we replay",
        folder.display()
    );
    Ok(Verdict::Passed)
}

/// Lets the light client of Lodestar follow a simulated beacon chain from Deneb through Electra into Fulu, over at
/// least four rotations (e2e/devnet/README.md).
fn lodestar(repo: &Repo, bench: &Bench<'_>) -> Result<Verdict> {
    let folder = repo.root.join("e2e/devnet/lodestar");
    Job::new("npm", &folder)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .run_logged(bench.log, bench.limits)?;
    let chain = "--warm-up-slots 330 --electra-epoch 10 --fulu-epoch 20 --payments 50 --";
    niced_program(repo, "devnet")
        .args(chain.split_whitespace())
        .args(["node", "e2e/devnet/lodestar/check.mjs", "4"])
        .run_logged(bench.log, bench.limits)?;
    Ok(Verdict::Passed)
}

/// Measures gas: with `--check` against contracts/snapshots/gas.json, with a seed against the limits.
fn gas(repo: &Repo, bench: &Bench<'_>, args: &[&str]) -> Result<Verdict> {
    niced_program(repo, "bench")
        .args(["gas", "--without-guards"])
        .arg(mutants::changes::without_guards(repo))
        .args(args)
        .run_logged(bench.log, bench.limits)?;
    Ok(Verdict::Passed)
}

#[cfg(test)]
#[path = "stages_tests.rs"]
mod tests;
