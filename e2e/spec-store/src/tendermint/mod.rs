//! Replays traces that other implementations recorded for light clients of CometBFT chains.
//!
//! Two kinds of files: steps with a verdict each, from a model (`initial`, `input`), and the way to a height through a
//! primary and its witnesses (`primary`, `trust_options`). Of the latter some are from before Tendermint 0.34, in an encoding that no client
//! reads any more: they are told anew, with keys of our own (`renew`), and each line says so. A file of neither kind is skipped, and told; one
//! that is no JSON differs.
//!
//! The chains in them are toys: their application hashes prove nothing, and some have blocks of version 0. So the core of
//! the law judges (`tendermint_client::verify_header`), which asks for neither.

mod bisection;
mod light_block;
mod renew;
mod trace;

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::verdict::{Tally, Verdict};

/// Replays every trace below `root` and prints a line for each to `out`.
///
/// # Errors
/// `root` cannot be listed, or `out` cannot be written to.
pub fn run_tendermint(root: &Path, out: &mut impl io::Write) -> Result<Tally> {
    let mut tally = Tally::default();
    for path in files(root)? {
        let (kind, verdict) = run(&path)?;
        tally.count(&verdict);
        writeln!(out, "{kind} {}: {verdict}", path.display())?;
    }
    writeln!(out, "{tally}")?;
    Ok(tally)
}

/// What kind of case the file is, and what became of it.
fn run(path: &Path) -> Result<(&'static str, Verdict)> {
    let text = fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let value = match serde_json::from_str::<Value>(&text) {
        Ok(value) => value,
        Err(error) => return Ok(("file", Verdict::Differed(format!("it is no JSON: {error}")))),
    };
    let has = |key: &str| value.get(key).is_some();
    Ok(if has("initial") && has("input") {
        ("trace", Verdict::of(trace::run(value)))
    } else if has("primary") && has("trust_options") {
        let (kind, found) = bisection::run(value);
        (kind, Verdict::of(found))
    } else {
        let why = "it is neither a trace nor a bisection";
        ("file", Verdict::Skipped(why.to_owned()))
    })
}

/// All JSON files below `root`, in the order of their names.
fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("list {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
