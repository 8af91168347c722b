//! geth and Prysm, built from their Go modules.
//!
//! Versions are exact: other releases are refused by the module proxy or speak
//! another dialect. The Go tool checks every module against its checksum
//! database; Prysm is built with a copy of its own go.mod and go.sum, because
//! its `replace` lines count only in the main module.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::go::check_go;
use super::{Kept, Site};
use crate::job::Job;
use crate::repo::Repo;

const GETH: &str = "v1.16.9";
const PRYSM: &str = "v5.3.2";
const PRYSM_MODULE: &str = "github.com/prysmaticlabs/prysm/v5";
/// What a network of Prysm's consists of, and what makes its genesis.
const PRYSM_PROGRAMS: [&str; 3] = ["beacon-chain", "validator", "prysmctl"];

fn kept_geth(repo: &Repo) -> Kept {
    Kept::new(repo, "geth", GETH, "go install -trimpath")
}

fn kept_prysm(repo: &Repo) -> Kept {
    Kept::new(repo, "prysm", PRYSM, "go build -trimpath with its own go.mod")
}

/// Whether geth need not be built.
pub(crate) fn has_geth(repo: &Repo) -> bool {
    kept_geth(repo).is_complete()
}

/// Whether Prysm need not be built.
pub(crate) fn has_prysm(repo: &Repo) -> bool {
    kept_prysm(repo).is_complete()
}

/// Builds geth and returns its program.
///
/// # Errors
/// If Go is missing, or the build fails or gives another version.
pub(crate) fn geth(at: &Site<'_>) -> Result<PathBuf> {
    let kept = kept_geth(at.repo);
    let program = kept.bin("geth");
    if kept.is_complete() && program.is_file() {
        return Ok(program);
    }
    check_go(&at.repo.root)?;
    kept.prepare()?;
    Job::niced("go", &at.repo.cache)
        .args([
            "install",
            "-trimpath",
            &format!("github.com/ethereum/go-ethereum/cmd/geth@{GETH}"),
        ])
        .env("GOBIN", kept.folder.join("bin"))
        .env("GOFLAGS", "-buildvcs=false")
        .run_logged(at.log, at.limits)?;
    let said = Job::new(&program, &at.repo.cache).arg("version").output()?;
    if !said.contains(GETH.trim_start_matches('v')) {
        bail!("{} is not {GETH}: it says {}", program.display(), said.trim());
    }
    kept.complete()?;
    Ok(program)
}

/// Builds Prysm and returns the folder with its programs.
///
/// # Errors
/// If Go is missing, the module cannot be fetched, or a build fails.
pub(crate) fn prysm(at: &Site<'_>) -> Result<PathBuf> {
    let kept = kept_prysm(at.repo);
    let bin = kept.folder.join("bin");
    if kept.is_complete() && PRYSM_PROGRAMS.iter().all(|program| kept.bin(program).is_file()) {
        return Ok(bin);
    }
    check_go(&at.repo.root)?;
    kept.prepare()?;
    let module = kept.folder.join("module");
    write_module(at, &module)?;
    for program in PRYSM_PROGRAMS {
        Job::niced("go", &module)
            .args(["build", "-mod=mod", "-trimpath", "-o"])
            .arg(kept.bin(program))
            .arg(format!("{PRYSM_MODULE}/cmd/{program}"))
            .env("GOFLAGS", "-buildvcs=false")
            .run_logged(at.log, at.limits)?;
        Job::new(kept.bin(program), &module)
            .arg("--help")
            .run_logged(at.log, at.limits)?;
    }
    kept.complete()?;
    Ok(bin)
}

/// Writes a small module at `folder` that requires Prysm and replaces what
/// Prysm replaces.
fn write_module(at: &Site<'_>, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
    let wanted = format!("{PRYSM_MODULE}@{PRYSM}");
    let said = Job::new("go", &at.repo.cache)
        .args(["mod", "download", "-json", &wanted])
        .output()?;
    let about: Value = serde_json::from_str(&said).context("parse what `go mod download -json` printed")?;
    let source = about
        .get("Dir")
        .and_then(Value::as_str)
        .context("`go mod download` names no folder")?;
    for file in ["go.mod", "go.sum"] {
        // Read and written, not copied: files of the module cache are read-only.
        let text =
            std::fs::read(Path::new(source).join(file)).with_context(|| format!("read Prysm's {file}"))?;
        std::fs::write(folder.join(file), text).with_context(|| format!("write {file}"))?;
    }
    std::fs::write(folder.join("module.go"), "package module\n").context("write module.go")?;
    Job::new("go", folder)
        .args([
            "mod",
            "edit",
            "-module",
            "weighbridge.invalid/prysm",
            "-require",
            &wanted,
        ])
        .run_logged(at.log, at.limits)
}
