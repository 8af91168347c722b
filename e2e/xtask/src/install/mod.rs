//! What the tests need beyond Rust: installed once, by version, into the cache.
//!
//! Every tool has a folder of its own and a stamp in it, written last: a folder
//! without its stamp is built again. Sources come through the ordinary package
//! clients (cargo, go, npm), which check what they fetch.

mod go;
mod peers;
mod real_chains;
mod simd;
mod wasm_tools;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::job::{Job, Limits};
use crate::repo::{Repo, cargo};

pub(crate) use peers::{hermes, rly};
pub(crate) use real_chains::{geth, has_geth, has_prysm, prysm};
pub(crate) use simd::{has_simd, simd};
pub(crate) use wasm_tools::{PACKAGES, WasmTools, wasm_tools};

/// The version of cargo-deny that reads deny.toml.
const CARGO_DENY: &str = "0.20.2";

/// What an installer writes to and stops at.
pub(crate) struct Site<'a> {
    pub(crate) repo: &'a Repo,
    pub(crate) log: &'a Path,
    pub(crate) limits: &'a Limits,
}

/// The folder of one version of a tool, and whether it is complete.
struct Kept {
    folder: PathBuf,
    recipe: String,
}

impl Kept {
    fn new(repo: &Repo, name: &str, version: &str, recipe: &str) -> Self {
        Self {
            folder: repo.tool(name, version),
            recipe: format!("{name} {version}: {recipe}\n"),
        }
    }

    fn bin(&self, program: &str) -> PathBuf {
        self.folder.join("bin").join(program)
    }

    /// True if this very recipe was carried out to its end here.
    fn is_complete(&self) -> bool {
        std::fs::read_to_string(self.folder.join("stamp")).is_ok_and(|stamp| stamp == self.recipe)
    }

    fn prepare(&self) -> Result<()> {
        let bin = self.folder.join("bin");
        std::fs::create_dir_all(&bin).with_context(|| format!("create {}", bin.display()))
    }

    fn complete(&self) -> Result<()> {
        let stamp = self.folder.join("stamp");
        std::fs::write(&stamp, &self.recipe).with_context(|| format!("write {}", stamp.display()))
    }
}

fn kept_cargo_deny(repo: &Repo) -> Kept {
    Kept::new(repo, "cargo-deny", CARGO_DENY, "cargo install --locked --debug")
}

/// Whether cargo-deny need not be built.
pub(crate) fn has_cargo_deny(repo: &Repo) -> bool {
    kept_cargo_deny(repo).is_complete()
}

/// The job that builds this version of a crate's programs into the folder of `kept`.
fn cargo_install(at: &Site<'_>, kept: &Kept, name: &str, version: &str) -> Job {
    Job::niced(cargo(), &at.repo.cache)
        .args(["install", "--locked", "--force", "--version", version, name])
        .arg("--root")
        .arg(&kept.folder)
        .env_remove("CARGO_TARGET_DIR")
}

/// Installs cargo-deny and returns its program.
pub(crate) fn cargo_deny(at: &Site<'_>) -> Result<PathBuf> {
    let kept = kept_cargo_deny(at.repo);
    let program = kept.bin("cargo-deny");
    if kept.is_complete() && program.is_file() {
        return Ok(program);
    }
    kept.prepare()?;
    // A check of seconds needs no optimised checker; its build would take minutes more.
    cargo_install(at, &kept, "cargo-deny", CARGO_DENY)
        .arg("--debug")
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .run_logged(at.log, at.limits)?;
    if !program.is_file() {
        bail!("cargo install left no {}", program.display());
    }
    kept.complete()?;
    Ok(program)
}

/// Installs Foundry, solc and the Solidity libraries and returns the folder
/// with forge in it.
pub(crate) fn foundry(at: &Site<'_>) -> Result<PathBuf> {
    Job::new("sh", &at.repo.root)
        .arg("contracts/toolchain/install")
        .env("WEIGHBRIDGE_CACHE", &at.repo.cache)
        .run_logged(at.log, at.limits)?;
    let bin = at.repo.cache.join("foundry/bin");
    let forge = bin.join("forge");
    Job::new(&forge, &at.repo.root)
        .arg("--version")
        .run_logged(at.log, at.limits)?;
    Ok(bin)
}

/// Installs the prover, with the solver it asks, and returns its program.
pub(crate) fn halmos(at: &Site<'_>) -> Result<PathBuf> {
    let list = at.repo.root.join("contracts/toolchain/prover.txt");
    let wanted = std::fs::read_to_string(&list).with_context(|| format!("read {}", list.display()))?;
    let version = wanted.lines().find_map(|line| line.strip_prefix("halmos=="));
    let version = version.with_context(|| format!("{} names no halmos", list.display()))?;
    let kept = Kept::new(at.repo, "halmos", version, &wanted);
    let program = kept.bin("halmos");
    if kept.is_complete() && program.is_file() {
        return Ok(program);
    }
    Job::niced("python3", &at.repo.cache)
        .args(["-m", "venv", "--clear"])
        .arg(&kept.folder)
        .run_logged(at.log, at.limits)
        .context("the prover is a Python program: install Python 3.11 or later with venv and pip")?;
    // The list is complete: what it does not name is not installed.
    Job::niced(kept.bin("python3"), &at.repo.cache)
        .args(["-m", "pip", "install", "--no-deps", "--no-input", "--requirement"])
        .arg(&list)
        .run_logged(at.log, at.limits)?;
    if !program.is_file() {
        bail!("pip install left no {}", program.display());
    }
    kept.complete()?;
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::Kept;
    use crate::repo::Repo;

    #[test]
    fn a_tool_counts_as_installed_only_with_the_stamp_of_its_own_recipe() {
        let cache = tempfile::tempdir().unwrap();
        let repo = Repo {
            root: cache.path().into(),
            cache: cache.path().into(),
            in_ci: false,
        };
        let kept = Kept::new(&repo, "tool", "v1", "make");
        kept.prepare().unwrap();
        assert!(!kept.is_complete());
        kept.complete().unwrap();
        assert!(kept.is_complete());
        assert!(!Kept::new(&repo, "tool", "v1", "make harder").is_complete());
        assert!(!Kept::new(&repo, "tool", "v2", "make").is_complete());
    }
}
