//! `cargo xtask tidy`: the rules of the house that no compiler checks.
//!
//! It reads tracked files and new ones that are not ignored, prints every
//! finding with its place and its remedy, and changes nothing.

#[cfg(test)]
mod clippy_tests;
mod layers;
mod lessons;
mod links;
mod packed;
mod scan;
mod sizes;
mod words;

use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Files whose lines are made by tools: their sizes and places are not ours.
const GENERATED: [&str; 2] = ["Cargo.lock", "contracts/artifacts/"];
/// Larger files are data, not text.
const TEXT_BYTES_MAX: u64 = 1 << 20;

/// A file as text, with its path relative to the repository.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Whether a finding fails the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Severity {
    /// The run fails.
    Error,
    /// The author decides.
    Warning,
}

/// One place that breaks a rule.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) rule: &'static str,
    pub(crate) what: String,
    pub(crate) remedy: &'static str,
}

impl Finding {
    pub(crate) fn error(
        path: &str,
        line: usize,
        rule: &'static str,
        what: String,
        remedy: &'static str,
    ) -> Self {
        Self {
            severity: Severity::Error,
            path: path.to_owned(),
            line,
            rule,
            what,
            remedy,
        }
    }

    pub(crate) fn warning(
        path: &str,
        line: usize,
        rule: &'static str,
        what: String,
        remedy: &'static str,
    ) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(path, line, rule, what, remedy)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            severity,
            path,
            line,
            rule,
            what,
            remedy,
        } = self;
        let severity = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(out, "{path}:{line}: {severity} [{rule}] {what}; remedy: {remedy}")
    }
}

/// Runs every rule over the repository at `root` and fails on any error.
pub(crate) fn run(root: &Path) -> Result<()> {
    let mut findings = Vec::new();
    let sources = sources(root)?;
    for source in &sources {
        sizes::check(source, &mut findings);
        words::check(source, &mut findings);
        packed::check(source, &mut findings);
        links::check(root, source, &mut findings);
        layers::check_law_source(source, &mut findings);
    }
    lessons::check(&sources, &mut findings);
    layers::check(root, &metadata(root)?, &mut findings)?;
    findings.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    for finding in &findings {
        println!("{finding}");
    }
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    let warnings = findings.len() - errors;
    println!(
        "tidy: {} files, {errors} errors, {warnings} warnings",
        sources.len()
    );
    if errors > 0 {
        bail!("{errors} places break a rule of the house");
    }
    Ok(())
}

/// Every text file that is tracked, or new and not ignored.
fn sources(root: &Path) -> Result<Vec<Source>> {
    let listing = output(
        Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root),
    )?;
    let mut sources = Vec::new();
    for path in listing.split('\0').filter(|path| !path.is_empty()) {
        let full = root.join(path);
        let generated = GENERATED
            .iter()
            .any(|one| path == *one || (one.ends_with('/') && path.starts_with(one)));
        // A file deleted from the checkout stays listed until the next commit.
        let Ok(about) = full.symlink_metadata() else {
            continue;
        };
        if generated || !about.is_file() || about.len() > TEXT_BYTES_MAX {
            continue;
        }
        let bytes = std::fs::read(&full).with_context(|| format!("read {path}"))?;
        if let Ok(text) = String::from_utf8(bytes) {
            sources.push(Source {
                path: path.to_owned(),
                text,
            });
        }
    }
    Ok(sources)
}

fn metadata(root: &Path) -> Result<Value> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root);
    serde_json::from_str(&output(&mut cargo)?).context("parse what cargo metadata printed")
}

/// What a command prints, if it succeeds.
fn output(command: &mut Command) -> Result<String> {
    let printed = command
        .output()
        .with_context(|| format!("start {:?}", command.get_program()))?;
    if !printed.status.success() {
        bail!(
            "{command:?} failed: {}",
            String::from_utf8_lossy(&printed.stderr).trim()
        );
    }
    String::from_utf8(printed.stdout).with_context(|| format!("read what {command:?} printed"))
}

#[cfg(test)]
mod tests {
    use super::{Finding, Severity, run};

    #[test]
    fn a_finding_prints_its_place_and_its_remedy() {
        let found = Finding::error("a/b.rs", 7, "rule", "broken".into(), "mend it");
        assert_eq!(
            found.to_string(),
            "a/b.rs:7: error [rule] broken; remedy: mend it"
        );
        assert_eq!(
            Finding::warning("a", 1, "r", String::new(), "m").severity,
            Severity::Warning
        );
    }

    #[test]
    fn a_planted_violation_fails_the_run_and_its_removal_mends_it() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let git = std::process::Command::new("git")
            .arg("init")
            .arg("-q")
            .current_dir(root.path())
            .status();
        assert!(git.unwrap().success());
        write(
            "Cargo.toml",
            "[workspace]\nmembers = [\"e2e/one\"]\nresolver = \"3\"\n",
        );
        write(
            "e2e/one/Cargo.toml",
            "[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition = \"2024\"\nlicense = \"Apache-2.0\"\n\
             description = \"One.\"\n[lints]\nworkspace = true\n",
        );
        write(
            "Cargo.toml",
            "[workspace]\nmembers = [\"e2e/one\"]\nresolver = \"3\"\n[workspace.lints]\n",
        );
        write("e2e/one/src/lib.rs", "");
        assert!(run(root.path()).is_ok());
        write("README.md", "[gone](gone.md)\n");
        assert!(run(root.path()).unwrap_err().to_string().contains("1 places"));
        write("gone.md", "");
        assert!(run(root.path()).is_ok());
    }
}
