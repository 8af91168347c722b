//! simd, the chain of ibc-go with 08-wasm, built from Go modules.
//!
//! The main module is ours (e2e/networks/simd): it names exact versions and
//! starts the foreign command. The Go tool checks every module against its
//! checksum database. The virtual machine for wasm is a shared library inside
//! one of the modules: it is put beside the program, which looks for it there,
//! so that an installation outlives the cache of modules.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::go::{check_go, dependency};
use super::{Kept, Site};
use crate::job::Job;
use crate::repo::Repo;

/// The version of ibc-go, which gives the program its name; go.mod names the module that brings it.
const IBC_GO: &str = "v10.7.0";
const GO_MOD: &str = include_str!("../../../networks/simd/go.mod");
const MAIN_GO: &str = include_str!("../../../networks/simd/main.go");
/// The module with the virtual machine.
const WASMVM: &str = "github.com/CosmWasm/wasmvm/v2";

fn kept(repo: &Repo) -> Kept {
    let recipe = format!("go build -mod=mod -trimpath, library beside\n{GO_MOD}\n{MAIN_GO}");
    Kept::new(repo, "simd", IBC_GO, &recipe)
}

/// Whether simd need not be built.
pub(crate) fn has_simd(repo: &Repo) -> bool {
    kept(repo).is_complete()
}

/// Builds simd and returns its program.
///
/// # Errors
/// If Go or a C compiler is missing, a module can't be fetched, or the build fails or holds another ibc-go.
pub(crate) fn simd(at: &Site<'_>) -> Result<PathBuf> {
    let kept = kept(at.repo);
    let program = kept.bin("simd");
    if kept.is_complete() && program.is_file() {
        return Ok(program);
    }
    check_go(&at.repo.root)?;
    kept.prepare()?;
    let module = kept.folder.join("module");
    write_module(&module)?;
    build(at, &module, &program)?;
    copy_library(&module, &kept.folder.join("bin"))?;
    check(at, &module, &program)?;
    kept.complete()?;
    Ok(program)
}

fn write_module(folder: &Path) -> Result<()> {
    // Nothing that Go itself wrote there for an earlier recipe may be left.
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("clear {}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
    for (name, text) in [("go.mod", GO_MOD), ("main.go", MAIN_GO)] {
        std::fs::write(folder.join(name), text).with_context(|| format!("write simd's {name}"))?;
    }
    Ok(())
}

fn build(at: &Site<'_>, module: &Path, program: &Path) -> Result<()> {
    let version = "github.com/cosmos/cosmos-sdk/version";
    let names =
        format!("-X {version}.Name=sim -X {version}.AppName=simd -X {version}.Version=ibc-go-{IBC_GO}");
    // No shell reads this: the loader gets $ORIGIN as it is.
    let flags = format!("-s -w {names} -extldflags '-Wl,-rpath,$ORIGIN'");
    Job::niced("go", module)
        .args(["build", "-mod=mod", "-trimpath", "-ldflags", &flags, "-o"])
        .arg(program)
        .arg(".")
        .env("GOFLAGS", "-buildvcs=false")
        .env("CGO_ENABLED", "1")
        .run_logged(at.log, at.limits)
        .context("simd is Go and a shared library of C: its build needs the modules and a C compiler")
}

fn copy_library(module: &Path, bin: &Path) -> Result<()> {
    let said = Job::new("go", module)
        .args(["list", "-mod=mod", "-m", "-f", "{{.Dir}}", WASMVM])
        .output()?;
    let name = format!("libwasmvm.{}.so", std::env::consts::ARCH);
    let source = Path::new(said.trim()).join("internal/api").join(&name);
    // Read and written, not copied: files of the module cache are read-only.
    let library = std::fs::read(&source).with_context(|| {
        format!(
            "read {}: simd runs where {WASMVM} brings its library for the machine",
            source.display()
        )
    })?;
    std::fs::write(bin.join(&name), library).with_context(|| format!("write {name}"))
}

/// Checks that the program starts and holds the ibc-go it is named after.
fn check(at: &Site<'_>, module: &Path, program: &Path) -> Result<()> {
    let parts = Job::new("go", module)
        .args(["version", "-m"])
        .arg(program)
        .output()?;
    let ibc = dependency(&parts, "github.com/cosmos/ibc-go/v10");
    ensure!(
        ibc == Some(IBC_GO),
        "{} holds ibc-go {}, not {IBC_GO}: e2e/networks/simd/go.mod names other versions than install/simd.rs",
        program.display(),
        ibc.unwrap_or("of no version")
    );
    Job::new(program, module)
        .arg("version")
        .run_logged(at.log, at.limits)
}
