//! Where the contracts behind proxies keep what: an upgrade may append, and must never move, retype or drop (T-34).
//!
//! The compiler says what the layout is; contracts/snapshots/layout says what it was. A variable that only stands behind
//! others is one that no earlier code wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::job::Job;
use crate::repo::Repo;

/// What is to be done about a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    /// Nothing: tell it.
    Check,
    /// Record what was appended; refuse anything else.
    Append,
    /// Record it whatever it is: for layouts that no chain has yet.
    Rewrite,
}

/// A variable of a contract, or a member of a struct.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    name: String,
    slot: u64,
    offset: u64,
    kind: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Struct {
    bytes: u64,
    members: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Layout {
    storage: Vec<Entry>,
    structs: BTreeMap<String, Struct>,
}

/// How two layouts differ: one line each, with the entry's name.
#[derive(Debug, Default, PartialEq, Eq)]
struct Difference {
    appended: Vec<String>,
    broken: Vec<String>,
}

/// Compares what the sources say with what is recorded; `perform` runs the compiler.
///
/// # Errors
/// If something moved, changed its type or is gone, or was appended and is not recorded.
pub(crate) fn run(repo: &Repo, intent: Intent, perform: &dyn Fn(&Job) -> Result<()>) -> Result<()> {
    let contracts = repo.root.join("contracts");
    let fresh = repo.target().join("layouts");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).with_context(|| format!("clear {}", fresh.display()))?;
    }
    let export = Job::new("node", &contracts)
        .args(["toolchain/export-artifacts.mjs", "--layouts"])
        .arg(&fresh);
    perform(&export)?;
    settle(&fresh, &contracts.join("snapshots/layout"), intent)
}

/// Does what `intent` says about the differences between two folders of layouts.
fn settle(fresh: &Path, recorded: &Path, intent: Intent) -> Result<()> {
    let names = contracts_in(fresh)?;
    if recorded.exists() && intent != Intent::Rewrite {
        for name in contracts_in(recorded)? {
            ensure!(
                names.contains(&name),
                "{name} has a recorded layout and is not upgraded any more"
            );
        }
    }
    let mut all = Difference::default();
    for name in &names {
        let text = read(&fresh.join(name))?;
        let place = recorded.join(name);
        if place.exists() {
            let one = compare(&parse(&read(&place)?)?, &parse(&text)?);
            let contract = name.trim_end_matches(".json");
            let told = |lines: Vec<String>| lines.into_iter().map(move |line| format!("{contract}: {line}"));
            all.appended.extend(told(one.appended));
            all.broken.extend(told(one.broken));
        } else {
            all.appended.push(format!("{name} is not recorded"));
        }
    }
    if !all.broken.is_empty() && intent != Intent::Rewrite {
        bail!(
            "an upgrade would read something else than was written:\n{}\nput new variables behind all others; \
             if no chain has the recorded layout yet: cargo xtask layout --rewrite",
            all.broken.join("\n")
        );
    }
    if intent == Intent::Check {
        let appended = all.appended.join("\n");
        ensure!(
            all.appended.is_empty(),
            "appended, and not recorded yet:\n{appended}\nrun cargo xtask layout"
        );
        return Ok(());
    }
    fs::create_dir_all(recorded).with_context(|| format!("create {}", recorded.display()))?;
    for name in &names {
        let place = recorded.join(name);
        fs::copy(fresh.join(name), &place).with_context(|| format!("write {}", place.display()))?;
    }
    for line in all.appended.iter().chain(&all.broken) {
        println!("recorded: {line}");
    }
    Ok(())
}

/// What became of the entries of `old` in `new`.
fn compare(old: &Layout, new: &Layout) -> Difference {
    let mut found = Difference::default();
    compare_entries("", &old.storage, &new.storage, &mut found);
    for (name, was) in &old.structs {
        let Some(is) = new.structs.get(name) else {
            found.broken.push(format!("`{name}` is gone"));
            continue;
        };
        compare_entries(&format!("{name}."), &was.members, &is.members, &mut found);
        // Behind a struct in a mapping there is nothing; behind one in an array there is the next.
        if was.bytes != is.bytes && is_element(name, old) {
            let (before, now) = (was.bytes, is.bytes);
            found.broken.push(format!(
                "`{name}` lies in an array and grew from {before} to {now} bytes"
            ));
        }
    }
    found
}

fn compare_entries(prefix: &str, old: &[Entry], new: &[Entry], found: &mut Difference) {
    for (position, was) in old.iter().enumerate() {
        let here = new.get(position).filter(|is| is.name == was.name);
        let Some(is) = here.or_else(|| new.iter().find(|is| is.name == was.name)) else {
            found.broken.push(format!("`{prefix}{}` is gone", was.name));
            continue;
        };
        if (is.slot, is.offset) != (was.slot, was.offset) {
            found.broken.push(format!(
                "`{prefix}{}` moved from slot {} byte {} to slot {} byte {}",
                was.name, was.slot, was.offset, is.slot, is.offset
            ));
        }
        if is.kind != was.kind {
            found.broken.push(format!(
                "`{prefix}{}` was `{}` and is `{}`",
                was.name, was.kind, is.kind
            ));
        }
    }
    let known = |is: &&Entry| old.iter().all(|was| was.name != is.name);
    for is in new.iter().filter(known) {
        let line = format!("`{prefix}{}` at slot {} byte {}", is.name, is.slot, is.offset);
        found.appended.push(line);
    }
}

/// Whether structs of this name stand one behind another.
fn is_element(name: &str, layout: &Layout) -> bool {
    let array = format!("{name}[");
    let members = layout.structs.values().flat_map(|one| &one.members);
    let mut all = layout.storage.iter().chain(members);
    all.any(|entry| entry.kind.contains(&array))
}

fn parse(json: &str) -> Result<Layout> {
    let value: Value = serde_json::from_str(json).context("a layout is not JSON")?;
    let structs = value["structs"].as_object().context("a layout has no structs")?;
    let mut described = BTreeMap::new();
    for (name, one) in structs {
        let bytes = one["bytes"]
            .as_u64()
            .with_context(|| format!("{name} has no size"))?;
        let members = entries(&one["members"])?;
        described.insert(name.clone(), Struct { bytes, members });
    }
    Ok(Layout {
        storage: entries(&value["storage"])?,
        structs: described,
    })
}

fn entries(value: &Value) -> Result<Vec<Entry>> {
    let list = value.as_array().context("a layout has no list of entries")?;
    list.iter().map(entry).collect()
}

fn entry(value: &Value) -> Result<Entry> {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    let number = |key: &str| value[key].as_u64();
    let whole = || {
        Some(Entry {
            name: text("name")?,
            slot: number("slot")?,
            offset: number("offset")?,
            kind: text("type")?,
        })
    };
    whole().with_context(|| format!("{value} is no entry of a layout"))
}

fn contracts_in(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for one in fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))? {
        names.push(one?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
