//! The contracts without one of their checks.
//!
//! `changes`: chosen by hand, one for each attack of docs/attacks.md, and compiled as they are shipped. `checks`: every check
//! that the sources hold, found by a scanner, each of which some test must miss. The checkout is never changed.

pub(crate) mod changes;
pub(crate) mod checks;
pub(crate) mod patch;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Reads every file below `root/path`.
pub(crate) fn read_tree(root: &Path, path: &Path, into: &mut BTreeMap<String, String>) -> Result<()> {
    let folder = root.join(path);
    for entry in fs::read_dir(&folder).with_context(|| format!("list {}", folder.display()))? {
        let entry = entry?;
        let path = path.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            read_tree(root, &path, into)?;
        } else {
            into.insert(path.to_string_lossy().into_owned(), read(&root.join(&path))?);
        }
    }
    Ok(())
}

pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}

pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("write {}", path.display()))
}
