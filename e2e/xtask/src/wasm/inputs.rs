//! Everything that the code for 08-wasm is made from, one line each, and their hash.
//!
//! Our sources by the hash of each file; crates of the registry by name, version, features and checksum; flags, profiles and the
//! versions of the tools. A crate that the code does not link changes nothing here, whatever the lockfile says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::install::PACKAGES;
use crate::job::Job;
use crate::repo::{Repo, cargo};

/// What of the workspace's manifest shapes the code, beside versions and features.
const SECTIONS: [&str; 3] = ["workspace.package", "profile.release", "profile.contract"];

/// The list, its hash in the first line.
///
/// # Errors
/// If a file can't be read or cargo does not know its dependencies.
pub(crate) fn list(repo: &Repo, flags: &[&str]) -> Result<String> {
    let mut lines = BTreeSet::new();
    for flags in flags {
        lines.insert(format!(
            "flags {}",
            flags.split_whitespace().collect::<Vec<_>>().join(" ")
        ));
    }
    for (name, version) in PACKAGES {
        lines.insert(format!("tool {name} {version}"));
    }
    let manifest = read(&repo.root.join("Cargo.toml"))?;
    for name in SECTIONS {
        let section = section(&manifest, name)?;
        lines.insert(format!("manifest {name} {}", hash(section.as_bytes())));
    }
    let checksums = checksums(&read(&repo.root.join("Cargo.lock"))?);
    for linked in linked(repo)? {
        match linked.folder {
            Some(folder) => files(repo, Path::new(&folder), &mut lines)?,
            None => {
                let key = (linked.name.clone(), linked.version.clone());
                let checksum = checksums
                    .get(&key)
                    .with_context(|| format!("the lockfile has no checksum of {} {}", key.0, key.1))?;
                lines.insert(format!(
                    "crate {} {} [{}] {checksum}",
                    linked.name, linked.version, linked.features
                ));
            }
        }
    }
    let body: String = lines.into_iter().map(|line| line + "\n").collect();
    Ok(format!("inputs {}\n{body}", hash(body.as_bytes())))
}

/// The lines that differ, with what became of them.
pub(crate) fn difference(recorded: &str, now: &str) -> Vec<String> {
    let body = |text: &str| -> BTreeSet<String> { text.lines().skip(1).map(str::to_owned).collect() };
    let (old, new) = (body(recorded), body(now));
    let gone = old.difference(&new).map(|line| format!("- {line}"));
    gone.chain(new.difference(&old).map(|line| format!("+ {line}")))
        .collect()
}

/// A crate that is linked into the code.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Linked {
    name: String,
    version: String,
    features: String,
    /// Where it lies, if it is ours.
    folder: Option<String>,
}

fn linked(repo: &Repo) -> Result<BTreeSet<Linked>> {
    let tree = "tree --locked -p wasm-host --target wasm32-unknown-unknown -e normal,build --prefix none --format {p}|{f}";
    let said = Job::new(cargo(), &repo.root)
        .args(tree.split_whitespace())
        .env_remove("CARGO_RESOLVER_FEATURE_UNIFICATION")
        .env_remove("CARGO_UNSTABLE_FEATURE_UNIFICATION")
        .output()?;
    said.lines().filter(|line| !line.is_empty()).map(parse).collect()
}

/// Reads `name vVERSION (where)|features`.
fn parse(line: &str) -> Result<Linked> {
    let (package, features) = line
        .split_once('|')
        .with_context(|| format!("cargo tree printed `{line}`"))?;
    // A crate that was printed before has a star behind its features.
    let features = features.trim_end_matches("(*)").trim();
    let mut words = package.split(' ');
    let (Some(name), Some(version)) = (words.next(), words.next()) else {
        bail!("cargo tree printed `{line}`");
    };
    let place = words.collect::<Vec<_>>().join(" ");
    let folder = place.trim_matches(['(', ')']);
    Ok(Linked {
        name: name.to_owned(),
        version: version.trim_start_matches('v').to_owned(),
        features: features.to_owned(),
        folder: folder.starts_with('/').then(|| folder.to_owned()),
    })
}

/// The checksums of a lockfile by name and version.
fn checksums(lockfile: &str) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    for package in lockfile.split("[[package]]") {
        let value = |key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(key))?;
            Some(line.trim_matches('"').to_owned())
        };
        if let (Some(name), Some(version), Some(checksum)) =
            (value("name = "), value("version = "), value("checksum = "))
        {
            found.insert((name, version), checksum);
        }
    }
    found
}

/// The text of a section of a manifest.
fn section<'a>(manifest: &'a str, name: &str) -> Result<&'a str> {
    let head = format!("[{name}]\n");
    let (_, rest) = manifest
        .split_once(&head)
        .with_context(|| format!("Cargo.toml has no section {name}"))?;
    Ok(rest.split("\n[").next().unwrap_or(rest))
}

/// The manifest of a crate of ours and everything under its `src`.
fn files(repo: &Repo, folder: &Path, lines: &mut BTreeSet<String>) -> Result<()> {
    let mut waiting = vec![folder.join("src")];
    let mut found = vec![folder.join("Cargo.toml")];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(&next).with_context(|| format!("list {}", next.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push(path);
            }
        }
    }
    for path in found {
        let bytes = std::fs::read(&path).with_context(|| format!("read {}", path.display()))?;
        let name = path.strip_prefix(&repo.root).unwrap_or(&path);
        lines.insert(format!("file {} {}", name.display(), hash(&bytes)));
    }
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}

fn hash(bytes: &[u8]) -> String {
    super::hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_cargo_prints() {
        let ours = parse("wire v0.1.0 (/some/where/light-clients/wire)|default (*)").unwrap();
        assert_eq!(ours.folder.as_deref(), Some("/some/where/light-clients/wire"));
        let theirs = parse("serde_derive v1.0.229 (proc-macro)|default").unwrap();
        assert_eq!(
            theirs,
            Linked {
                name: "serde_derive".into(),
                version: "1.0.229".into(),
                features: "default".into(),
                folder: None,
            }
        );
        assert_eq!(parse("subtle v2.6.1|").unwrap().features, "");
        assert!(parse("subtle v2.6.1").is_err());
    }

    #[test]
    fn reads_checksums_of_a_lockfile() {
        let lockfile = "version = 4\n\n[[package]]\nname = \"wire\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \
                        \"subtle\"\nversion = \"2.6.1\"\nsource = \"registry\"\nchecksum = \"13c2\"\n";
        let found = checksums(lockfile);
        assert_eq!(found.len(), 1);
        assert_eq!(found[&("subtle".to_owned(), "2.6.1".to_owned())], "13c2");
    }

    #[test]
    fn a_section_ends_where_the_next_begins() {
        let manifest = "[a]\nx = 1\n\n[profile.contract]\nlto = true\n\n[b]\ny = 2\n";
        assert_eq!(section(manifest, "profile.contract").unwrap(), "lto = true\n");
        assert!(section(manifest, "profile").is_err());
    }

    #[test]
    fn tells_which_inputs_differ() {
        let recorded = "inputs 1\nfile a 1\nfile b 1\n";
        let now = "inputs 2\nfile a 2\nfile b 1\n";
        assert_eq!(difference(recorded, now), ["- file a 1", "+ file a 2"]);
        assert!(difference(now, now).is_empty());
        assert_eq!(difference("", now).len(), 2);
    }

    #[test]
    fn the_list_names_no_place_and_every_crate_of_ours_that_is_linked() {
        let repo = Repo::find().unwrap();
        let list = list(&repo, &["-x  -y"]).unwrap();
        assert!(!list.contains(&repo.root.to_string_lossy().into_owned()));
        assert!(list.contains("flags -x -y\n"));
        for krate in ["wasm", "wasm/host", "ethereum", "client", "merkle", "wire"] {
            assert!(
                list.contains(&format!("file light-clients/{krate}/src/lib.rs ")),
                "{krate}"
            );
        }
        assert!(list.contains("file guardian/core/src/lib.rs "));
        assert!(list.contains("crate bls12_381 "));
        // Native code's curve is not linked.
        assert!(!list.contains("crate blst "));
    }
}
