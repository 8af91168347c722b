//! The contracts without one check each, for `cargo xtask attacks`, and without all guards, for `cargo xtask gas`.
//!
//! Every change under contracts/mutants is made in a copy of the sources, compiled as the checked-in artifacts are, and kept
//! in the cache under the hash of everything that the result follows from. The checkout is never changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::patch::Change;
use super::{read, read_tree, write};
use crate::job::Job;
use crate::repo::Repo;

/// Besides the sources: what the bytecode follows from.
const RECIPE: [&str; 3] = [
    "foundry.toml",
    "toolchain/export-artifacts.mjs",
    "toolchain/package-lock.json",
];

/// What `guards_per_packet` is measured against.
const WITHOUT_GUARDS: &str = "snapshots/without-guards.diff";

/// Where the mutants of the last build are.
pub(crate) fn folder(repo: &Repo) -> PathBuf {
    repo.target().join("mutants/artifacts")
}

/// Builds all mutants, or the one named `only`; `perform` runs the compiler. The folder that comes back holds
/// `<change>/<Contract>.json`.
///
/// # Errors
/// If a change does not fit the sources any more, or does not compile.
pub(crate) fn build(
    repo: &Repo,
    only: Option<&str>,
    perform: &dyn Fn(&Job) -> Result<()>,
) -> Result<PathBuf> {
    let contracts = repo.root.join("contracts");
    let results = emptied(folder(repo))?;
    let sources = sources(&contracts)?;
    for (name, text) in changes(&contracts.join("mutants"))? {
        let change = Planned::parse(&format!("mutants/{name}.diff"), &text, &sources)?;
        if only.is_none_or(|only| only == name) {
            change.build(repo, &name, &results.join(&name), perform)?;
        }
    }
    Ok(results)
}

/// Builds the contracts whose guards are taken out. The folder that comes back holds `<Contract>.json`.
///
/// # Errors
/// If the change does not fit the sources any more, or does not compile.
pub(crate) fn build_without_guards(repo: &Repo, perform: &dyn Fn(&Job) -> Result<()>) -> Result<PathBuf> {
    let contracts = repo.root.join("contracts");
    let results = emptied(without_guards(repo))?;
    let text = read(&contracts.join(WITHOUT_GUARDS))?;
    let change = Planned::parse(WITHOUT_GUARDS, &text, &sources(&contracts)?)?;
    change.build(repo, "without-guards", &results, perform)?;
    Ok(results)
}

/// Where they are.
pub(crate) fn without_guards(repo: &Repo) -> PathBuf {
    repo.target().join("mutants/without-guards")
}

/// A change that fits, with the sources that it makes.
struct Planned {
    path: String,
    contracts: Vec<String>,
    sources: BTreeMap<String, String>,
}

impl Planned {
    /// Makes the change of `path`, a file under contracts, in a copy of `sources`.
    fn parse(path: &str, text: &str, sources: &BTreeMap<String, String>) -> Result<Self> {
        let broken = || format!("contracts/{path} does not fit");
        let change = Change::parse(text).with_context(broken)?;
        let mut changed = sources.clone();
        change.apply(&mut changed).with_context(broken)?;
        Ok(Self {
            path: path.to_owned(),
            contracts: change.contracts,
            sources: changed,
        })
    }

    /// Puts the artifacts into `results`; the copy of the sources is called `name`.
    fn build(
        &self,
        repo: &Repo,
        name: &str,
        results: &Path,
        perform: &dyn Fn(&Job) -> Result<()>,
    ) -> Result<()> {
        for contract in &self.contracts {
            let artifact = artifact(repo, name, contract, &self.sources, perform)
                .with_context(|| format!("build contracts/{}", self.path))?;
            write(&results.join(format!("{contract}.json")), &artifact)?;
        }
        Ok(())
    }
}

/// The sources by path, and what else the bytecode follows from.
fn sources(contracts: &Path) -> Result<BTreeMap<String, String>> {
    let mut sources = BTreeMap::new();
    read_tree(contracts, Path::new("src"), &mut sources)?;
    for file in RECIPE {
        sources.insert(file.to_owned(), read(&contracts.join(file))?);
    }
    Ok(sources)
}

fn emptied(folder: PathBuf) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("clear {}", folder.display()))?;
    }
    Ok(folder)
}

/// The artifact of `contract` from `sources`: out of the cache, or compiled.
fn artifact(
    repo: &Repo,
    name: &str,
    contract: &str,
    sources: &BTreeMap<String, String>,
    perform: &dyn Fn(&Job) -> Result<()>,
) -> Result<String> {
    let cached = repo
        .cache
        .join("mutants")
        .join(format!("{contract}-{}.json", fingerprint(sources)));
    if cached.is_file() {
        return read(&cached);
    }
    let copy = repo.target().join("mutants/sources").join(name);
    if copy.exists() {
        fs::remove_dir_all(&copy).with_context(|| format!("clear {}", copy.display()))?;
    }
    for (path, text) in sources {
        write(&copy.join(path), text)?;
    }
    let libraries = repo.cache.join("foundry/node_modules");
    std::os::unix::fs::symlink(&libraries, copy.join("node_modules"))
        .with_context(|| format!("link {}", libraries.display()))?;
    let job = Job::new("node", &copy)
        .arg("toolchain/export-artifacts.mjs")
        .arg(contract);
    perform(&job)?;
    let made = read(&copy.join("artifacts").join(format!("{contract}.json")))?;
    let original = read(
        &repo
            .root
            .join("contracts/artifacts")
            .join(format!("{contract}.json")),
    )?;
    ensure!(
        made != original,
        "the change leaves the bytecode of {contract} as it is"
    );
    write(&cached, &made)?;
    Ok(made)
}

/// The changes by name.
fn changes(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut changes = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(name) = name.and_then(|name| name.strip_suffix(".diff")) {
            changes.insert(name.to_owned(), read(&path)?);
        }
    }
    ensure!(!changes.is_empty(), "{} holds no change", folder.display());
    Ok(changes)
}

fn fingerprint(sources: &BTreeMap<String, String>) -> String {
    let mut hash = Sha256::new();
    for (path, text) in sources {
        for part in [path, text] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Planned, WITHOUT_GUARDS, changes, sources};
    use crate::mutants::read;
    use std::path::Path;

    #[test]
    fn every_change_fits_the_sources() {
        let contracts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts");
        let sources = sources(&contracts).unwrap();
        let mut changes = changes(&contracts.join("mutants")).unwrap();
        changes.insert(
            WITHOUT_GUARDS.into(),
            read(&contracts.join(WITHOUT_GUARDS)).unwrap(),
        );
        for (name, text) in changes {
            let planned = Planned::parse(&name, &text, &sources);
            assert!(planned.is_ok(), "{name}: {:?}", planned.err());
        }
    }
}
