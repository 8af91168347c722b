//! Where things are: the repository, the cache, the logs, the tools.
//!
//! It names places and creates folders; it installs and starts nothing.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The places of one run.
#[derive(Clone, Debug)]
pub(crate) struct Repo {
    /// The folder of the workspace's Cargo.toml.
    pub(crate) root: PathBuf,
    /// Tools built once and kept between clones.
    pub(crate) cache: PathBuf,
    /// Whether a build server runs this (CI=true).
    pub(crate) in_ci: bool,
}

impl Repo {
    /// The repository that this program was built in, or that cargo runs it in.
    ///
    /// # Errors
    /// If neither WEIGHBRIDGE_CACHE nor HOME says where tools may be kept.
    pub(crate) fn find() -> Result<Self> {
        let manifest =
            std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&manifest)
            .ancestors()
            .nth(2)
            .context("xtask lies two folders deep")?
            .to_owned();
        Ok(Self {
            root,
            cache: cache()?,
            in_ci: std::env::var_os("CI").is_some_and(|value| value == "true"),
        })
    }

    /// Logs of the last test run.
    pub(crate) fn logs(&self) -> PathBuf {
        self.root.join("target/xtask")
    }

    /// The folder of one version of one tool in the cache.
    pub(crate) fn tool(&self, name: &str, version: &str) -> PathBuf {
        self.cache.join(format!("{name}-{version}"))
    }

    /// Where cargo builds. On a build server the folder lies in the cache, so
    /// that the dependencies of the last run are still there.
    pub(crate) fn target(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR") {
            Some(chosen) => self.root.join(chosen),
            None if self.in_ci => self.cache.join("target"),
            None => self.root.join("target"),
        }
    }

    /// The vectors kept outside the repository, if WEIGHBRIDGE_VECTORS names them.
    ///
    /// # Errors
    /// If the variable names something that is no folder.
    pub(crate) fn vectors(&self) -> Result<Option<PathBuf>> {
        let Some(named) = std::env::var_os("WEIGHBRIDGE_VECTORS") else {
            return Ok(None);
        };
        let folder = self.root.join(named);
        if !folder.is_dir() {
            bail!(
                "WEIGHBRIDGE_VECTORS names {}, which is no folder: correct or unset it",
                folder.display()
            );
        }
        Ok(Some(folder))
    }
}

/// The cargo that runs us.
pub(crate) fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn cache() -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os("WEIGHBRIDGE_CACHE") {
        return std::path::absolute(chosen).context("make WEIGHBRIDGE_CACHE absolute");
    }
    let home =
        std::env::var_os("HOME").context("set WEIGHBRIDGE_CACHE: there is no HOME to keep tools in")?;
    Ok(Path::new(&home).join(".cache/weighbridge"))
}
