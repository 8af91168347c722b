//! Where mutants are built and tested: a copy of the contracts in the folder that cargo builds in.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::mutants::{read, read_tree, write};
use crate::repo::Repo;

/// What is copied besides the sources.
const FOLDERS: [&str; 4] = ["test", "script", "sdk", "examples"];
/// What of the cache remembers the failures of earlier runs: another mutant's must not be tried again on this one.
const REMEMBERED: [&str; 3] = ["cache/fuzz", "cache/invariant", "cache/test-failures"];

/// The copy.
pub(crate) struct Place {
    pub(crate) contracts: PathBuf,
}

impl Place {
    /// Makes the copy, or brings it up to date. What was built of it stays.
    pub(crate) fn prepare(repo: &Repo) -> Result<Self> {
        let home = repo.target().join("mutants/checks");
        let place = Self {
            contracts: home.join("contracts"),
        };
        fs::create_dir_all(&place.contracts)
            .with_context(|| format!("create {}", place.contracts.display()))?;
        let original = repo.root.join("contracts");
        for folder in FOLDERS {
            let mut files = BTreeMap::new();
            read_tree(&original, Path::new(folder), &mut files)?;
            place.replace(folder, &files)?;
        }
        let settings = read(&original.join("foundry.toml"))?;
        place.update("foundry.toml", &settings)?;
        // Paths lead to the vectors as in the checkout.
        for (target, name) in [
            (repo.root.join("light-clients"), home.join("light-clients")),
            (original.join("toolchain"), place.contracts.join("toolchain")),
            (
                repo.cache.join("foundry/node_modules"),
                place.contracts.join("node_modules"),
            ),
        ] {
            if name.symlink_metadata().is_ok() {
                fs::remove_file(&name).with_context(|| format!("clear {}", name.display()))?;
            }
            std::os::unix::fs::symlink(&target, &name)
                .with_context(|| format!("link {}", target.display()))?;
        }
        Ok(place)
    }

    /// Makes the copy's sources these.
    pub(crate) fn set_sources(&self, sources: &BTreeMap<String, String>) -> Result<()> {
        self.replace("src", sources)
    }

    /// Writes what the tests read of `artifacts/` from the copy's own build, so that the deployment is tested with it.
    pub(crate) fn export(&self, repo: &Repo) -> Result<()> {
        let mut originals = BTreeMap::new();
        read_tree(
            &repo.root.join("contracts"),
            Path::new("artifacts"),
            &mut originals,
        )?;
        for (path, original) in originals {
            let name = Path::new(&path)
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let built = self.contracts.join(format!("out/{name}.sol/{name}.json"));
            let text = if built.is_file() {
                artifact(&read(&built)?)?
            } else {
                original
            };
            self.update(&path, &text)?;
        }
        Ok(())
    }

    /// Forgets how earlier runs failed.
    pub(crate) fn forget(&self) -> Result<()> {
        for path in REMEMBERED {
            let path = self.contracts.join(path);
            let gone = if path.is_dir() {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            };
            if path.exists() {
                gone.with_context(|| format!("clear {}", path.display()))?;
            }
        }
        Ok(())
    }

    /// Makes the files of a folder these and no others.
    fn replace(&self, folder: &str, files: &BTreeMap<String, String>) -> Result<()> {
        let mut there = BTreeMap::new();
        if self.contracts.join(folder).is_dir() {
            read_tree(&self.contracts, Path::new(folder), &mut there)?;
        }
        for path in there.keys().filter(|path| !files.contains_key(*path)) {
            let path = self.contracts.join(path);
            fs::remove_file(&path).with_context(|| format!("remove {}", path.display()))?;
        }
        files.iter().try_for_each(|(path, text)| self.update(path, text))
    }

    /// Writes a file if it differs: the compiler looks at times.
    fn update(&self, path: &str, text: &str) -> Result<()> {
        let path = self.contracts.join(path);
        if path.is_file() && read(&path)? == text {
            return Ok(());
        }
        write(&path, text)
    }
}

/// A checked-in artifact (toolchain/export-artifacts.mjs) of what forge built.
fn artifact(built: &str) -> Result<String> {
    let built: Value = serde_json::from_str(built).context("read what forge built")?;
    let object = |name: &str| json!({ "object": built[name]["object"] });
    let references = built["deployedBytecode"]["immutableReferences"].as_object();
    let mut places: Vec<Value> = references
        .into_iter()
        .flat_map(|all| all.values())
        .flat_map(|list| list.as_array().cloned().unwrap_or_default())
        .collect();
    places.sort_by_key(|place| place["start"].as_u64());
    let artifact = json!({
        "abi": built["abi"],
        "bytecode": object("bytecode"),
        "deployedBytecode": object("deployedBytecode"),
        "immutableReferences": places,
    });
    serde_json::to_string(&artifact).context("write an artifact")
}

#[cfg(test)]
mod tests {
    use super::artifact;

    #[test]
    fn an_artifact_has_what_the_tests_read() {
        let built = r#"{"abi": [1], "bytecode": {"object": "0x01", "linkReferences": {}}, "deployedBytecode": {"object": "0x02",
            "immutableReferences": {"9": [{"start": 7, "length": 32}], "8": [{"start": 3, "length": 32}]}}}"#;
        let made: serde_json::Value = serde_json::from_str(&artifact(built).unwrap()).unwrap();
        assert_eq!(made["bytecode"]["object"], "0x01");
        assert_eq!(made["immutableReferences"][0]["start"], 3);
        assert_eq!(made["immutableReferences"][1]["start"], 7);
    }
}
