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

/// The version of a module in what `go version -m` prints of a program.
pub(super) fn dependency<'a>(parts: &'a str, module: &str) -> Option<&'a str> {
    parts.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let is_it = words.next() == Some("dep") && words.next() == Some(module);
        words.next().filter(|_| is_it)
    })
}

#[cfg(test)]
mod tests {
    use super::dependency;

    #[test]
    fn the_version_of_a_module_is_read_and_that_of_another_is_not() {
        let parts = "rly: go1.26\n\tmod\tweighbridge.invalid/rly\t(devel)\n\
                     \tdep\tgithub.com/cosmos/relayer\tv1.0.0\th1:a\n\tdep\tgithub.com/cosmos/relayer/v2\tv2.6.0\th1:b\n";
        assert_eq!(dependency(parts, "github.com/cosmos/relayer/v2"), Some("v2.6.0"));
        assert_eq!(dependency(parts, "weighbridge.invalid/rly"), None);
    }
}
