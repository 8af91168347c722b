//! The contracts without one check each, for `cargo xtask attacks`.
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
    let results = folder(repo);
    if results.exists() {
        fs::remove_dir_all(&results).with_context(|| format!("clear {}", results.display()))?;
    }
    let mut sources = BTreeMap::new();
    read_tree(&contracts, Path::new("src"), &mut sources)?;
    for file in RECIPE {
        sources.insert(file.to_owned(), read(&contracts.join(file))?);
    }
    for (name, change) in changes(&contracts.join("mutants"))? {
        let mut changed = sources.clone();
        let broken = || format!("contracts/mutants/{name}.diff does not fit");
        let change = Change::parse(&change).with_context(broken)?;
        change.apply(&mut changed).with_context(broken)?;
        if only.is_some_and(|only| only != name) {
            continue;
        }
        for contract in &change.contracts {
            let artifact = artifact(repo, &name, contract, &changed, perform)
                .with_context(|| format!("build contracts/mutants/{name}.diff"))?;
            write(&results.join(&name).join(format!("{contract}.json")), &artifact)?;
        }
    }
    Ok(results)
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
    use super::{Change, changes, read_tree};
    use std::collections::BTreeMap;
    use std::path::Path;

    #[test]
    fn every_change_fits_the_sources() {
        let contracts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts");
        let mut sources = BTreeMap::new();
        read_tree(&contracts, Path::new("src"), &mut sources).unwrap();
        for (name, text) in changes(&contracts.join("mutants")).unwrap() {
            let applied = Change::parse(&text).and_then(|change| change.apply(&mut sources.clone()));
            assert!(applied.is_ok(), "{name}: {applied:?}");
        }
    }
}
