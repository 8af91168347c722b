//! The Go tool, with which the real chains are built.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::job::Job;

/// The oldest minor version of Go 1 that builds them all.
const MINOR: u32 = 24;

/// Checks that Go is there and new enough.
///
/// # Errors
/// If it is not; the error says what may be done.
pub(super) fn check_go(dir: &Path) -> Result<()> {
    let said = Job::new("go", dir)
        .args(["env", "GOVERSION"])
        .output()
        .with_context(|| {
            format!("the real chains are built from Go modules: install Go 1.{MINOR} or later, or run with --quick")
        })?;
    let minor = said
        .trim()
        .strip_prefix("go1.")
        .and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
    if minor.is_none_or(|minor| minor < MINOR) {
        bail!(
            "the real chains need Go 1.{MINOR} or later, this is {}: install it, or run with --quick",
            said.trim()
        );
    }
    Ok(())
}
