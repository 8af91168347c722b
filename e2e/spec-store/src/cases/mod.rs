//! Finds the official cases below a folder and runs each by its kind.
//!
//! A case is a folder with the files of a handler; the layout above it may be
//! `<preset>/<fork>/light_client/<handler>/<suite>/<case>` or any part of it.

mod collection;
mod folder;
mod ranking;
mod single_proof;
mod sync;

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Result, bail};

use crate::verdict::{Tally, Verdict};
use folder::Folder;

/// Replays every case below `root` and prints a line for each to `out`.
///
/// # Errors
/// `root` cannot be listed, or `out` cannot be written to.
pub fn run_consensus(root: &Path, out: &mut impl io::Write) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut folders = vec![root.to_path_buf()];
    while let Some(path) = folders.pop() {
        let (mut below, has_files) = list(&path)?;
        if has_files && let Some(kind) = Kind::of(&path) {
            let verdict = Verdict::of(run(kind, &path));
            tally.count(&verdict);
            writeln!(out, "{} {}: {verdict}", kind.name(), path.display())?;
            continue;
        }
        below.sort_by(|one, other| other.cmp(one));
        folders.append(&mut below);
    }
    writeln!(out, "{tally}")?;
    Ok(tally)
}

/// The handlers of the official format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sync,
    SingleProof,
    Ranking,
    Collection,
    /// Looks like a case, and is of no kind that is known.
    Unknown,
}

impl Kind {
    /// What the files in `path` are; none if it is no case.
    fn of(path: &Path) -> Option<Self> {
        let has = |name: &str| path.join(name).is_file();
        let starts = |prefix: &str| {
            let entries = fs::read_dir(path).into_iter().flatten().flatten();
            entries
                .into_iter()
                .any(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        };
        if has("proof.yaml") {
            Some(Self::SingleProof)
        } else if has("steps.yaml") && starts("bootstrap.ssz") {
            Some(Self::Sync)
        } else if has("steps.yaml") && starts("initial_state.ssz") {
            Some(Self::Collection)
        } else if starts("updates_0.ssz") {
            Some(Self::Ranking)
        } else if has("steps.yaml") || has("meta.yaml") || has("manifest.yaml") || starts("object.ssz") {
            Some(Self::Unknown)
        } else {
            None
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::SingleProof => "single_merkle_proof",
            Self::Ranking => "update_ranking",
            Self::Collection => "data_collection",
            Self::Unknown => "unknown",
        }
    }
}

/// Runs a case under each preset that it may be of; the first result is reported unless another agrees.
fn run(kind: Kind, path: &Path) -> Result<()> {
    let mut result = None;
    for folder in Folder::open(path)? {
        match run_in(kind, &folder) {
            Ok(()) => return Ok(()),
            Err(error) => result = result.or(Some(error)),
        }
    }
    result.map_or(Ok(()), Err)
}

fn run_in(kind: Kind, folder: &Folder) -> Result<()> {
    folder.fork.indices()?;
    match kind {
        Kind::Sync => sync::run(folder),
        Kind::SingleProof => single_proof::run(folder),
        Kind::Ranking => ranking::run(folder),
        Kind::Collection => collection::run(folder),
        Kind::Unknown => bail!("the files are of no known handler"),
    }
}

/// Folders in `path`, and whether it has files.
fn list(path: &Path) -> Result<(Vec<PathBuf>, bool)> {
    let mut folders = Vec::new();
    let mut has_files = false;
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        } else {
            has_files = true;
        }
    }
    Ok((folders, has_files))
}
