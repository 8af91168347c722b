//! What builds code for wasm32: Debian's compiler beside ours, with the source of its standard library, a linker and an optimiser.
//!
//! The target is not among those that rustup has everywhere, and the machines of Cosmos chains know no instructions beyond the
//! first ones, so even `core` is built. Packages are fetched by apt, which checks them, and unpacked into the cache: nothing is
//! installed into the system, and no rights are needed. Versions are exact, because the code that is checked in has to come out
//! again.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::{Kept, Site};
use crate::job::Job;
use crate::repo::Repo;

/// The compiler, which gives the folder its name.
pub(crate) const RUSTC: &str = "1.96.0";
/// Packages and their versions, with what they need beyond a system that compiles C.
pub(crate) const PACKAGES: [(&str, &str); 14] = [
    ("rustc-web", "1.96.0+dfsg1-1~deb12u2"),
    ("cargo-web", "1.96.0+dfsg1-1~deb12u2"),
    ("rust-web-src", "1.96.0+dfsg1-1~deb12u2"),
    ("libstd-rust-web-1.96", "1.96.0+dfsg1-1~deb12u2"),
    ("libstd-rust-web-dev", "1.96.0+dfsg1-1~deb12u2"),
    ("libllvm22", "1:22.1.8-1~deb12u1"),
    ("lld-19", "1:19.1.7-3~deb12u1"),
    ("libllvm19", "1:19.1.7-3~deb12u1"),
    ("binaryen", "108-1"),
    ("libgit2-1.5", "1.5.1+ds-1+deb12u2"),
    ("libhttp-parser2.9", "2.9.4-5"),
    ("libmbedcrypto7", "2.28.3-1"),
    ("libmbedtls14", "2.28.3-1"),
    ("libmbedx509-1", "2.28.3-1"),
];

/// The unpacked tools.
pub(crate) struct WasmTools {
    usr: PathBuf,
}

fn kept(repo: &Repo) -> Kept {
    let packages: Vec<String> = PACKAGES
        .iter()
        .map(|(name, version)| format!("{name}={version}"))
        .collect();
    Kept::new(repo, "wasm-tools", RUSTC, &packages.join(" "))
}

/// Unpacks the tools and returns the folder with the programs.
///
/// # Errors
/// If apt is missing or no longer has these versions, or the compiler does not start.
pub(crate) fn wasm_tools(at: &Site<'_>) -> Result<PathBuf> {
    let kept = kept(at.repo);
    let tools = WasmTools {
        usr: kept.folder.join("usr"),
    };
    if kept.is_complete() && tools.program("rustc").is_file() {
        return Ok(tools.usr.join("bin"));
    }
    kept.prepare()?;
    let packages = kept.folder.join("packages");
    std::fs::create_dir_all(&packages).with_context(|| format!("create {}", packages.display()))?;
    Job::new("apt-get", &packages)
        .arg("download")
        .args(PACKAGES.iter().map(|(name, version)| format!("{name}={version}")))
        .run_logged(at.log, at.limits)
        .context(
            "the contract for 08-wasm is built with packages of Debian 12: run this there, after `apt-get update`",
        )?;
    for entry in std::fs::read_dir(&packages).with_context(|| format!("list {}", packages.display()))? {
        let package = entry?.path();
        Job::niced("dpkg-deb", &kept.folder)
            .arg("--extract")
            .arg(&package)
            .arg(&kept.folder)
            .run_logged(at.log, at.limits)?;
    }
    std::fs::remove_dir_all(&packages).with_context(|| format!("remove {}", packages.display()))?;
    let said = tools.job("rustc", &kept.folder).arg("--version").output()?;
    ensure!(
        said.starts_with(&format!("rustc {RUSTC} ")),
        "the compiler that was unpacked says `{}`, not {RUSTC}",
        said.trim()
    );
    kept.complete()?;
    Ok(tools.usr.join("bin"))
}

impl WasmTools {
    /// The tools, unpacked if they are not yet.
    ///
    /// # Errors
    /// As [`wasm_tools`].
    pub(crate) fn installed(at: &Site<'_>) -> Result<Self> {
        let bin = wasm_tools(at)?;
        let usr = bin.parent().context("programs lie in a folder")?;
        Ok(Self { usr: usr.to_owned() })
    }

    /// One of the programs.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.usr.join("bin").join(name)
    }

    /// Runs one of the programs in `dir`, where it finds its libraries and the others.
    pub(crate) fn job(&self, name: &str, dir: &Path) -> Job {
        let libraries = format!(
            "{0}/lib/{1}-linux-gnu:{0}/lib",
            self.usr.display(),
            std::env::consts::ARCH
        );
        let path = std::env::var("PATH").unwrap_or_default();
        Job::niced(self.program(name), dir)
            .env("LD_LIBRARY_PATH", libraries)
            .env("PATH", format!("{}:{path}", self.usr.join("bin").display()))
    }
}
