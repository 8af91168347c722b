//! Which contracts are measured.

use std::path::{Path, PathBuf};

use alloy::primitives::Bytes;
use anyhow::{Context, Result};
use serde_json::Value;

/// Where the contracts' code is. Read when it is needed, so that what is measured is what the checkout holds.
const ARTIFACTS: &str = "contracts/artifacts";

/// Which contracts are on the chain.
#[derive(Clone, Debug)]
pub(super) enum Code {
    /// Those that are shipped.
    Shipped,
    /// The same, but for those that are in this folder.
    With(PathBuf),
}

impl Code {
    /// What creates the contract called `name`, without the arguments of its constructor.
    ///
    /// # Errors
    /// Its artifact cannot be read.
    pub(super) fn of(&self, name: &str) -> Result<Bytes> {
        let path = self.artifact(name);
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
        let artifact: Value =
            serde_json::from_str(&text).with_context(|| format!("{} is not readable", path.display()))?;
        let code = artifact["bytecode"]["object"]
            .as_str()
            .with_context(|| format!("{} has no bytecode", path.display()))?;
        Ok(code.parse()?)
    }

    fn artifact(&self, name: &str) -> PathBuf {
        let shipped = Path::new(ARTIFACTS).join(name).with_extension("json");
        match self {
            Self::Shipped => shipped,
            Self::With(folder) => {
                let own = folder.join(name).with_extension("json");
                if own.exists() { own } else { shipped }
            }
        }
    }
}
