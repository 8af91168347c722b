//! Replays published ICS-23 proofs through the law: proofs of single trees, checks of their form, and the chained
//! proofs that a Tendermint client is shown.
//!
//! Every proof that is accepted is tried again under another root and for another key, and must be refused. What the
//! law has no part in (batches, sparse trees, operations of other trees) is skipped with the reason, never agreed.

mod client;
mod form;
mod proof;

use std::path::{Path, PathBuf};
use std::{fs, io};

use alloy_primitives::B256;
use anyhow::{Context, Result, ensure};
use merkle::{Proven, Reject};
use serde_json::Value;

use crate::verdict::{Tally, Verdict};

/// Replays every file of proofs at or below `root` and prints a line for each case to `out`.
///
/// # Errors
/// `root` cannot be listed, or `out` cannot be written to.
pub fn run_ics23(root: &Path, out: &mut impl io::Write) -> Result<Tally> {
    let mut tally = Tally::default();
    for path in find(root)? {
        for (kind, case, verdict) in replay(&path) {
            tally.count(&verdict);
            writeln!(out, "{kind} {}{case}: {verdict}", path.display())?;
        }
    }
    writeln!(out, "{tally}")?;
    Ok(tally)
}

/// Kind, name within its file, and verdict of a case.
type Case = (&'static str, String, Verdict);

fn replay(path: &Path) -> Vec<Case> {
    let read = || -> Result<Value> {
        let text = fs::read_to_string(path)?;
        serde_json::from_str(&text).context("read JSON")
    };
    let file = match read() {
        Ok(file) => file,
        Err(error) => return vec![("file", String::new(), Verdict::Differed(format!("{error:#}")))],
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let has = |fields: &[&str]| fields.iter().all(|field| file.get(field).is_some());
    let one = |kind, verdict| vec![(kind, String::new(), verdict)];
    if name.starts_with("Test") {
        form::replay(&name, &file)
    } else if has(&["root", "proof", "items"]) {
        let why = "a batch: ibc-go neither makes nor accepts one where a packet is proven";
        one("batch", proof::replay_batch(&file, why))
    } else if has(&["root", "proof", "key"]) {
        one("proof", proof::replay(path, &file))
    } else if has(&["consensus_state_hex", "membership_msg"]) {
        one("membership", Verdict::of(client::replay(&file)))
    } else if has(&["consensus_state_hex", "update_client_message"]) {
        one(
            "update",
            Verdict::Skipped("an update of a client holds no proof of a store".into()),
        )
    } else {
        one("file", Verdict::Differed("the file is of no known form".into()))
    }
}

/// Checks that `prove` shows `expected`, and shows nothing under another root or for another key.
fn check_alone<'a>(
    root: B256,
    key: &[u8],
    expected: Proven<'_>,
    prove: impl Fn(B256, &[u8]) -> Result<Proven<'a>, Reject>,
) -> Result<()> {
    let proven = prove(root, key)?;
    ensure!(proven == expected, "proven {proven:?}, expected {expected:?}");
    let mut other_root = root;
    other_root.0[0] ^= 1;
    ensure!(prove(other_root, key).is_err(), "accepted under another root");
    let other_key = [key, &[0]].concat();
    ensure!(prove(root, &other_key).is_err(), "accepted for another key");
    Ok(())
}

/// A value that a file leaves out or leaves empty is absent.
const fn expected(value: &[u8]) -> Proven<'_> {
    if value.is_empty() {
        Proven::Absent
    } else {
        Proven::Present(value)
    }
}

/// The bytes of a hexadecimal field; empty if the file has none.
fn bytes(file: &Value, field: &str) -> Result<Vec<u8>> {
    let digits = file.get(field).and_then(Value::as_str).unwrap_or_default();
    alloy_primitives::hex::decode(digits).with_context(|| format!("read {field}"))
}

/// Files of JSON at or below `root`, in order.
fn find(root: &Path) -> Result<Vec<PathBuf>> {
    if root.is_file() {
        return Ok(vec![root.to_path_buf()]);
    }
    let mut found = Vec::new();
    let listed = fs::read_dir(root).with_context(|| format!("list {}", root.display()))?;
    let mut below = listed
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    below.sort();
    for path in below {
        if path.is_dir() {
            found.extend(find(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    Ok(found)
}
