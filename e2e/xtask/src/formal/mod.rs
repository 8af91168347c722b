//! `cargo xtask formal`: the properties under contracts/spec, proven of the code that is shipped; and of each a violation,
//! planted into the source, for which the prover must find a counterexample.
//!
//! It decides whether everything was proven that is listed. What is true of the contracts it leaves to the prover.

mod cases;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::install::{self, Site};
use crate::job::{Job, Limits};
use crate::mutants::{read, read_tree, write};
use crate::repo::Repo;
use cases::{Case, cases};

/// Where the properties are, and in `violations/` below it a change of the source for each.
const SPEC: &str = "contracts/spec";
/// How long one question to the solver may take.
const PATIENCE: &str = "180s";
/// How often a loop is followed: what goes round more often counts as not proven.
const LOOPS: &str = "16";

/// Proves everything, or the properties in files whose name contains `part`.
///
/// # Errors
/// If a property is not proven, a planted violation is not found, or one has no other.
pub(crate) fn run(repo: &Repo, part: Option<&str>, site: &Site<'_>, tell: &dyn Fn(&str)) -> Result<()> {
    let halmos = install::halmos(site).context("install the prover")?;
    let python = halmos.with_file_name("python3");
    let contracts = repo.root.join("contracts");
    let mut sources = BTreeMap::new();
    for folder in ["src", "spec"] {
        read_tree(&contracts, Path::new(folder), &mut sources)?;
    }
    let settings = read(&contracts.join("foundry.toml"))?;
    let mut all = cases(&sources)?;
    if let Some(part) = part {
        all.retain(|case| case.theme.to_lowercase().contains(&part.to_lowercase()));
    }
    ensure!(!all.is_empty(), "there is no such file in {SPEC}");
    let bench = Bench {
        repo,
        python,
        settings,
        limits: site.limits,
        log: site.log,
    };
    let mut wrong = 0;
    for case in &all {
        let begun = Instant::now();
        let answers = bench.ask(case)?;
        for (what, good) in case.judge(&answers) {
            wrong += usize::from(!good);
            tell(&what);
        }
        tell(&format!("  ({} in {} s)", case.name, begun.elapsed().as_secs()));
    }
    if wrong != 0 {
        bail!("{wrong} properties or planted violations did not end as they must; see above");
    }
    Ok(())
}

/// What the prover said of one property.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    /// It holds for every input and every state.
    Proven,
    /// There is an input for which it does not.
    Counterexample,
    /// No answer: out of time, a loop too long, nothing but reverts, or something that the prover does not know.
    Unknown,
}

struct Bench<'a> {
    repo: &'a Repo,
    /// The Python that the prover is installed for.
    python: PathBuf,
    settings: String,
    limits: &'a Limits,
    log: &'a Path,
}

impl Bench<'_> {
    /// Asks the prover about the properties of a case, by name.
    fn ask(&self, case: &Case) -> Result<BTreeMap<String, Answer>> {
        let home = self.lay_out(case)?;
        let told = home.join("answers.json");
        let foundry = self.repo.cache.join("foundry/bin");
        let path = std::env::join_paths(std::iter::once(foundry).chain(std::env::split_paths(
            &std::env::var_os("PATH").unwrap_or_default(),
        )))?;
        let solver = home.join("toolchain/solver.py");
        let solver = format!("{} {}", self.python.display(), solver.display());
        let job = Job::niced(&self.python, &home)
            .arg("toolchain/prover.py")
            .args([
                "--contract",
                case.contract.as_str(),
                "--match-test",
                case.pattern.as_str(),
            ])
            .args([
                "--forge-build-out",
                "cache/spec-out",
                "--no-status",
                "--loop",
                LOOPS,
            ])
            .args([
                "--solver-command",
                &solver,
                "--solver-timeout-assertion",
                PATIENCE,
                "--json-output",
            ])
            .arg(&told)
            .args(case.is_planted().then_some("--early-exit"))
            .env("FOUNDRY_VIA_IR", if case.is_planted() { "false" } else { "true" })
            .env("PATH", path)
            .env("FOUNDRY_PROFILE", "spec")
            .env("FOUNDRY_DISABLE_NIGHTLY_WARNING", "1");
        let ended = job.run_logged(self.log, self.limits);
        let late = self
            .limits
            .deadline
            .is_some_and(|deadline| Instant::now() >= deadline);
        if late || self.limits.interrupted.load(Ordering::Relaxed) || !told.is_file() {
            ended?;
            bail!("the prover gave no answers; see {}", self.log.display());
        }
        answers(&read(&told)?)
    }

    /// Writes the sources of a case into a folder of its own.
    fn lay_out(&self, case: &Case) -> Result<PathBuf> {
        let home = self.repo.target().join("formal").join(&case.name);
        if home.exists() {
            fs::remove_dir_all(&home).with_context(|| format!("clear {}", home.display()))?;
        }
        for (path, text) in &case.sources {
            write(&home.join(path), text)?;
        }
        write(&home.join("foundry.toml"), &self.settings)?;
        for (target, name) in [
            (self.repo.cache.join("foundry/node_modules"), "node_modules"),
            (self.repo.root.join("contracts/toolchain"), "toolchain"),
        ] {
            std::os::unix::fs::symlink(&target, home.join(name))
                .with_context(|| format!("link {}", target.display()))?;
        }
        Ok(home)
    }
}

/// The answers in what the prover wrote.
fn answers(told: &str) -> Result<BTreeMap<String, Answer>> {
    let told: Value = serde_json::from_str(told).context("read the prover's answers")?;
    let mut answers = BTreeMap::new();
    for results in told["test_results"]
        .as_object()
        .into_iter()
        .flat_map(|all| all.values())
    {
        for result in results.as_array().into_iter().flatten() {
            let name = result["name"].as_str().and_then(|name| name.split('(').next());
            let whole = result["num_bounded_loops"] == 0;
            let answer = match result["exitcode"].as_u64() {
                Some(0) if whole => Answer::Proven,
                Some(1) => Answer::Counterexample,
                _ => Answer::Unknown,
            };
            answers.insert(name.context("an answer has no name")?.to_owned(), answer);
        }
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use super::{Answer, answers};

    #[test]
    fn only_a_whole_proof_is_one() {
        let told = |exitcode: u8, loops: &str| {
            let text = format!(
                "{{\"test_results\": {{\"spec/A.sol:A\": [{{\"name\": \"check_a(uint8)\", \"exitcode\": {exitcode}, \
                 \"num_bounded_loops\": {loops}}}]}}}}"
            );
            answers(&text).unwrap()["check_a"]
        };
        assert_eq!(told(0, "0"), Answer::Proven);
        assert_eq!(told(0, "1"), Answer::Unknown);
        assert_eq!(told(0, "null"), Answer::Unknown);
        assert_eq!(told(1, "0"), Answer::Counterexample);
        assert_eq!(told(2, "0"), Answer::Unknown);
    }
}
