//! The relayers that ours is measured beside: Hermes, by cargo, and the Go relayer, from Go modules.
//!
//! Nothing but `bench cosmos` needs them, so they are installed only by name. Their versions are those that the bars were
//! set with.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::go::{check_go, dependency};
use super::{Kept, Site, cargo_install};
use crate::job::Job;
use crate::repo::Repo;

/// Later ones do not install: a build script of theirs downloads keys.
const HERMES: &str = "1.10.5";
const HERMES_CRATE: &str = "ibc-relayer-cli";
const RLY: &str = "v2.6.0";
const GO_MOD: &str = include_str!("../../../bench/rly/go.mod");
const MAIN_GO: &str = include_str!("../../../bench/rly/main.go");

fn kept_hermes(repo: &Repo) -> Kept {
    Kept::new(repo, "hermes", HERMES, "cargo install --locked, release profile")
}

fn kept_rly(repo: &Repo) -> Kept {
    let recipe = format!("go build -mod=mod -trimpath\n{GO_MOD}\n{MAIN_GO}");
    Kept::new(repo, "rly", RLY, &recipe)
}

/// Builds Hermes and returns its program.
///
/// # Errors
/// The build fails, or gives another version.
pub(crate) fn hermes(at: &Site<'_>) -> Result<PathBuf> {
    let kept = kept_hermes(at.repo);
    let program = kept.bin("hermes");
    if kept.is_complete() && program.is_file() {
        return Ok(program);
    }
    kept.prepare()?;
    cargo_install(at, &kept, HERMES_CRATE, HERMES).run_logged(at.log, at.limits)?;
    check(at, &program, &["--version"], HERMES)?;
    kept.complete()?;
    Ok(program)
}

/// Builds the Go relayer and returns its program.
///
/// # Errors
/// Go is missing, a module can't be fetched, or the build fails or holds another version.
pub(crate) fn rly(at: &Site<'_>) -> Result<PathBuf> {
    let kept = kept_rly(at.repo);
    let program = kept.bin("rly");
    if kept.is_complete() && program.is_file() {
        return Ok(program);
    }
    check_go(&at.repo.root)?;
    kept.prepare()?;
    let module = kept.folder.join("module");
    // Nothing that Go itself wrote there for an earlier recipe may be left.
    if module.exists() {
        std::fs::remove_dir_all(&module).with_context(|| format!("clear {}", module.display()))?;
    }
    std::fs::create_dir_all(&module).with_context(|| format!("create {}", module.display()))?;
    for (name, text) in [("go.mod", GO_MOD), ("main.go", MAIN_GO)] {
        std::fs::write(module.join(name), text).with_context(|| format!("write rly's {name}"))?;
    }
    Job::niced("go", &module)
        .args(["build", "-mod=mod", "-trimpath", "-o"])
        .arg(&program)
        .arg(".")
        .env("GOFLAGS", "-buildvcs=false")
        .run_logged(at.log, at.limits)?;
    let parts = Job::new("go", &module)
        .args(["version", "-m"])
        .arg(&program)
        .output()?;
    let built = dependency(&parts, "github.com/cosmos/relayer/v2");
    ensure!(
        built == Some(RLY),
        "{} holds the Go relayer {}, not {RLY}: e2e/bench/rly/go.mod names another version than install/peers.rs",
        program.display(),
        built.unwrap_or("of no version")
    );
    Job::new(&program, &module)
        .arg("version")
        .run_logged(at.log, at.limits)?;
    kept.complete()?;
    Ok(program)
}

/// Checks that a program says which version it is.
fn check(at: &Site<'_>, program: &Path, args: &[&str], version: &str) -> Result<()> {
    let said = Job::new(program, &at.repo.cache).args(args).output()?;
    ensure!(
        said.contains(version),
        "{} is not {version}: it says {}",
        program.display(),
        said.trim()
    );
    Ok(())
}
