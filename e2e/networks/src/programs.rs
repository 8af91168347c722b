//! Where geth, Prysm and simd were installed.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

/// What installs the programs of a network.
const ETHEREUM: &str = "cargo xtask install geth prysm";
/// What installs simd.
const SIMD: &str = "cargo xtask install simd";

/// The programs of a network.
#[derive(Clone, Debug)]
pub struct Programs {
    pub(crate) geth: PathBuf,
    pub(crate) beacon: PathBuf,
    pub(crate) validator: PathBuf,
    pub(crate) prysmctl: PathBuf,
}

impl Programs {
    /// The programs that `cargo xtask install` left in the cache: WEIGHBRIDGE_CACHE, or `.cache/weighbridge` in the
    /// home folder.
    ///
    /// # Errors
    /// There is no cache or one of them is missing; the error says how to install it.
    pub fn installed() -> Result<Self> {
        Self::under(&cache()?)
    }

    /// The programs under a given cache. The newest version of a tool wins: xtask decides which are there.
    ///
    /// # Errors
    /// One of them is missing.
    pub fn under(cache: &Path) -> Result<Self> {
        let geth = newest(cache, "geth-", ETHEREUM)?;
        let prysm = newest(cache, "prysm-", ETHEREUM)?;
        let programs = Self {
            geth: geth.join("bin/geth"),
            beacon: prysm.join("bin/beacon-chain"),
            validator: prysm.join("bin/validator"),
            prysmctl: prysm.join("bin/prysmctl"),
        };
        for program in [
            &programs.geth,
            &programs.beacon,
            &programs.validator,
            &programs.prysmctl,
        ] {
            check(program, ETHEREUM)?;
        }
        Ok(programs)
    }
}

/// The program of a chain of ibc-go's.
///
/// # Errors
/// There is no cache or simd is missing; the error says how to install it.
pub fn simd() -> Result<PathBuf> {
    simd_under(&cache()?)
}

fn simd_under(cache: &Path) -> Result<PathBuf> {
    let program = newest(cache, "simd-", SIMD)?.join("bin/simd");
    check(&program, SIMD)?;
    Ok(program)
}

/// A program that is measured against: `hermes` or `rly`. None if it was never installed, which nothing but a benchmark asks for.
pub fn tool(name: &str) -> Option<PathBuf> {
    tool_under(&cache().ok()?, name)
}

fn tool_under(cache: &Path, name: &str) -> Option<PathBuf> {
    let folder = newest(cache, &format!("{name}-"), "").ok()?;
    Some(folder.join("bin").join(name)).filter(|program| program.is_file())
}

/// WEIGHBRIDGE_CACHE, or `.cache/weighbridge` in the home folder.
fn cache() -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os("WEIGHBRIDGE_CACHE") {
        return Ok(chosen.into());
    }
    let home = std::env::var_os("HOME").context("neither WEIGHBRIDGE_CACHE nor HOME is set")?;
    Ok(Path::new(&home).join(".cache/weighbridge"))
}

fn check(program: &Path, remedy: &str) -> Result<()> {
    ensure!(
        program.is_file(),
        "{} is missing: run `{remedy}`",
        program.display()
    );
    Ok(())
}

/// The last folder of `cache` whose name starts with `prefix` and that was installed to its end.
fn newest(cache: &Path, prefix: &str, remedy: &str) -> Result<PathBuf> {
    let listing = std::fs::read_dir(cache)
        .with_context(|| format!("no tools in {}: run `{remedy}`", cache.display()))?;
    let mut found: Vec<PathBuf> = listing
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(prefix))
        })
        .filter(|path| path.join("stamp").is_file())
        .collect();
    found.sort();
    found
        .pop()
        .with_context(|| format!("no {prefix}* in {}: run `{remedy}`", cache.display()))
}

#[cfg(test)]
mod tests {
    use super::{Programs, simd_under, tool_under};

    #[test]
    fn finds_complete_installations_only_and_names_the_remedy() {
        let cache = tempfile::tempdir().unwrap();
        let remedy = |result: anyhow::Result<Programs>| result.unwrap_err().to_string();
        assert!(remedy(Programs::under(cache.path())).contains("cargo xtask install"));
        let write = |path: &str| {
            let path = cache.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        for path in [
            "geth-v1/bin/geth",
            "prysm-v5/bin/beacon-chain",
            "prysm-v5/bin/validator",
            "prysm-v5/stamp",
        ] {
            write(path);
        }
        assert!(remedy(Programs::under(cache.path())).contains("geth-*"));
        write("geth-v1/stamp");
        assert!(remedy(Programs::under(cache.path())).contains("prysmctl is missing"));
        write("prysm-v5/bin/prysmctl");
        assert!(
            Programs::under(cache.path())
                .unwrap()
                .geth
                .ends_with("geth-v1/bin/geth")
        );
        let simd = || simd_under(cache.path());
        write("simd-v10/stamp");
        assert!(
            simd()
                .unwrap_err()
                .to_string()
                .contains("cargo xtask install simd")
        );
        write("simd-v10/bin/simd");
        assert!(simd().unwrap().ends_with("simd-v10/bin/simd"));
        let rly = || tool_under(cache.path(), "rly");
        write("rly-v2/stamp");
        assert_eq!(rly(), None);
        write("rly-v2/bin/rly");
        assert!(rly().unwrap().ends_with("rly-v2/bin/rly"));
    }
}
