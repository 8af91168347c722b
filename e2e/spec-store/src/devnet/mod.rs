//! Replays captures of real networks: through the law itself, from the REST interface's JSON to the storage proof.
//!
//! An honest network makes no false signatures, so what has to come out follows from the capture alone: two thirds or
//! not, committee known or not, proof recorded or not. Every case is compared with that expectation.

mod capture;
mod judge;

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Result, ensure};

use crate::verdict::{Tally, Verdict};
use capture::Capture;
use judge::Judge;

/// Replays every capture at or below `root` and prints a line for each case to `out`.
///
/// # Errors
/// `root` holds no capture or one that cannot be read, or `out` cannot be written to.
pub fn run_devnet(root: &Path, out: &mut impl io::Write) -> Result<Tally> {
    let captures = find(root)?;
    ensure!(
        !captures.is_empty(),
        "no folder below {} has spec.json and updates.json",
        root.display()
    );
    let mut tally = Tally::default();
    for folder in captures {
        for (name, verdict) in replay(&folder) {
            tally.count(&verdict);
            writeln!(out, "{} {name}: {verdict}", folder.display())?;
        }
    }
    writeln!(out, "{tally}")?;
    Ok(tally)
}

fn replay(folder: &Path) -> Vec<(String, Verdict)> {
    match Capture::read(folder).and_then(|capture| Judge::new(&capture).map(Judge::run)) {
        Ok(cases) => cases,
        Err(error) => vec![("capture".into(), Verdict::of(Err(error)))],
    }
}

fn find(root: &Path) -> Result<Vec<PathBuf>> {
    let has = |path: &Path| path.join("spec.json").is_file() && path.join("updates.json").is_file();
    if has(root) {
        return Ok(vec![root.to_path_buf()]);
    }
    let mut below = Vec::new();
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        if path.is_dir() {
            below.extend(find(&path)?);
        }
    }
    below.sort();
    Ok(below)
}
