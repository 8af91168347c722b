//! The code for 08-wasm: built, checked, and compared with what is checked in.
//!
//! `light-clients/wasm/artifact` holds the optimised code, its checksum, and a list of everything that it was made from. Each run
//! makes the list again. Where it is the same, the code is the one that would be built; where it differs, the code is built and
//! compared.

mod code;
mod inputs;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use crate::install::{Site, WasmTools};
use crate::repo::Repo;

/// What the compiler is told beyond the profile `contract`. Names no folder: the code must not depend on where it is built.
const FLAGS: &str = "-Ctarget-cpu=mvp -Clinker=wasm-ld-19 -Zlocation-detail=none";
/// What cargo is told.
const BUILD: &str = "build --locked --profile contract -p wasm-host --target wasm32-unknown-unknown \
                     -Zbuild-std=core,alloc -Zbuild-std-features=compiler-builtins-mem";
/// What the optimiser is told.
const OPTIMISE: &str = "--mvp-features -Os";
/// The most that the code may weigh.
const BYTES_MAX: usize = 800 * 1024;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    /// Fail where what is checked in is not what would be built.
    Check,
    /// Check in what is built.
    Record,
    /// The same, even where nothing changed.
    Rebuild,
}

/// The files that are checked in.
struct Artifact {
    code: PathBuf,
    checksum: PathBuf,
    inputs: PathBuf,
}

impl Artifact {
    fn of(repo: &Repo) -> Self {
        let folder = repo.root.join("light-clients/wasm/artifact");
        Self {
            code: folder.join("ethereum.wasm"),
            checksum: folder.join("ethereum.wasm.sha256"),
            inputs: folder.join("inputs.txt"),
        }
    }
}

/// Builds and compares the code as far as that is needed; `say` is told what was found.
///
/// # Errors
/// If the code can't be built, weighs too much, asks for what the host lacks, or, with [`Intent::Check`], is not the one that is
/// checked in.
pub(crate) fn run(at: &Site<'_>, intent: Intent, say: &dyn Fn(&str)) -> Result<()> {
    let artifact = Artifact::of(at.repo);
    let inputs = inputs::list(at.repo, &[FLAGS, BUILD, OPTIMISE])?;
    let recorded = std::fs::read_to_string(&artifact.inputs).unwrap_or_default();
    let kept = std::fs::read(&artifact.code).unwrap_or_default();
    let is_whole = std::fs::read_to_string(&artifact.checksum).is_ok_and(|said| said == checksum_file(&kept));
    let changed = inputs::difference(&recorded, &inputs);
    if changed.is_empty() && is_whole && intent != Intent::Rebuild {
        say("made from the same as before");
        return describe(&kept, say);
    }
    for line in &changed {
        say(line);
    }
    let built = build(at)?;
    describe(&built, say)?;
    say(if built == kept {
        "the code is the same"
    } else {
        "the code is another"
    });
    if intent == Intent::Check {
        ensure!(
            built == kept && is_whole,
            "what is built is not what is checked in under {}: run `cargo xtask wasm` and commit it",
            artifact.code.display()
        );
        say("the list of inputs is out of date: run `cargo xtask wasm` and commit it");
        return Ok(());
    }
    write(&artifact.code, &built)?;
    write(&artifact.checksum, checksum_file(&built).as_bytes())?;
    write(&artifact.inputs, inputs.as_bytes())
}

/// Checks the code's size, imports and exports, and tells its size and checksum.
fn describe(code: &[u8], say: &dyn Fn(&str)) -> Result<()> {
    ensure!(
        code.len() <= BYTES_MAX,
        "the code weighs {} bytes: at most {BYTES_MAX}",
        code.len()
    );
    code::check(code)?;
    say(&format!(
        "{} bytes, sha-256 {}",
        code.len(),
        hex(&Sha256::digest(code))
    ));
    Ok(())
}

fn build(at: &Site<'_>) -> Result<Vec<u8>> {
    let tools = WasmTools::installed(at)?;
    let target = at.repo.cache.join("wasm-target");
    let mut job = tools
        .job("cargo", &at.repo.root)
        .args(BUILD.split_whitespace())
        .env("RUSTC", tools.program("rustc"))
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", FLAGS)
        .env("CARGO_TARGET_DIR", &target);
    // What the caller's own cargo was told is not for this one.
    for name in [
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_INCREMENTAL",
        "CARGO_RESOLVER_FEATURE_UNIFICATION",
        "CARGO_UNSTABLE_FEATURE_UNIFICATION",
        "RUSTC_WRAPPER",
        "RUSTUP_TOOLCHAIN",
    ] {
        job = job.env_remove(name);
    }
    job.run_logged(at.log, at.limits)?;
    let raw = target.join("wasm32-unknown-unknown/contract/wasm_host.wasm");
    let optimised = target.join("ethereum.wasm");
    tools
        .job("wasm-opt", &at.repo.root)
        .args(OPTIMISE.split_whitespace())
        .arg(&raw)
        .arg("-o")
        .arg(&optimised)
        .run_logged(at.log, at.limits)?;
    std::fs::read(&optimised).with_context(|| format!("read {}", optimised.display()))
}

/// A line that `sha256sum --check` reads.
fn checksum_file(code: &[u8]) -> String {
    format!("{}  ethereum.wasm\n", hex(&Sha256::digest(code)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("an artifact lies in a folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
    std::fs::write(path, bytes).with_context(|| format!("write {}", path.display()))
}
