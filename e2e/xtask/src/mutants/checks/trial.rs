//! The trials: one build for all checks that can be switched, one for each of the others, and a run of the tests for each.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::find::Found;
use super::place::Place;
use super::planted::{Planted, Promise};
use super::{Mutant, found, weave};
use crate::job::{Job, Limits};
use crate::mutants::read;
use crate::repo::Repo;

/// How often the tests that draw their inputs draw them at first. What survives is tried with the usual numbers.
const FEW: [(&str, &str); 3] = [
    ("FOUNDRY_FUZZ_RUNS", "16"),
    ("FOUNDRY_INVARIANT_RUNS", "4"),
    ("FOUNDRY_INVARIANT_DEPTH", "50"),
];
/// How often a build may fail before it is given up: each time the checks that the compiler named are built alone.
const BUILDS_MAX: usize = 12;

/// How a mutant ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// The first test that failed.
    Killed(String),
    /// All tests passed, as many runs as they usually have.
    Survived,
    /// It does not compile; the compiler's words.
    NotViable(String),
}

/// What ended, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End<'a> {
    Check(&'a Mutant, &'a Verdict),
    /// A violation; whether the invariant failed.
    Planted(&'a Planted, &'a Promise, bool),
}

/// How thoroughly the tests run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Runs {
    Few,
    Usual,
}

/// What a trial needs.
pub(crate) struct Trial<'a> {
    pub(crate) repo: &'a Repo,
    pub(crate) place: &'a Place,
    pub(crate) sources: &'a BTreeMap<String, String>,
    /// The same with violations planted into them, if any are to be tried.
    pub(crate) planted_sources: &'a BTreeMap<String, String>,
    pub(crate) limits: &'a Limits,
    pub(crate) tell: &'a dyn Fn(&str),
}

impl Trial<'_> {
    /// Tries all; `ended` gets each with its verdict. Violations are tried in the build of the checks.
    ///
    /// # Errors
    /// If the unchanged code does not build or does not pass.
    pub(crate) fn run(
        &self,
        mutants: Vec<Mutant>,
        planted: &[Planted],
        ended: &mut dyn FnMut(End<'_>),
    ) -> Result<()> {
        let found = self.found()?;
        let (mut alone, mut together): (Vec<Mutant>, Vec<Mutant>) =
            mutants.into_iter().partition(|mutant| mutant.check.alone);
        self.build_together(&found, &mut together, &mut alone)?;
        self.try_planted(planted, ended)?;
        let mut base = Base::default();
        for mutant in &together {
            let verdict = self.verdict(mutant, mutant.number, &mut base)?;
            ended(End::Check(mutant, &verdict));
        }
        if alone.is_empty() {
            return Ok(());
        }
        self.place.set_sources(self.sources)?;
        self.build()?
            .map_err(|words| anyhow::anyhow!("the contracts do not compile: {words}"))?;
        // The base of these is the code as it is, without switches.
        let mut base = Base::default();
        self.check_base(Runs::Few, &mut base)?;
        self.check_base(Runs::Usual, &mut base)?;
        for mutant in &alone {
            let verdict = self.alone(mutant, &mut base)?;
            ended(End::Check(mutant, &verdict));
        }
        Ok(())
    }

    /// Each planted violation against the invariants that it breaks, each as often as it usually runs.
    fn try_planted(&self, planted: &[Planted], ended: &mut dyn FnMut(End<'_>)) -> Result<()> {
        let mut hold = BTreeSet::new();
        for violation in planted {
            for promise in &violation.promises {
                let (contract, test) = promise.patterns();
                let only = ["--match-contract", &contract, "--match-test", &test];
                if hold.insert(promise.clone())
                    && let Some(test) = self.test(0, Runs::Usual, &only)?
                {
                    bail!("nothing is planted and {test} fails: {promise} says nothing");
                }
                let broken = self.test(violation.number, Runs::Usual, &only)?;
                ended(End::Planted(violation, promise, broken.is_some()));
            }
        }
        Ok(())
    }

    /// One mutant in a build of its own.
    fn alone(&self, mutant: &Mutant, base: &mut Base) -> Result<Verdict> {
        let mut sources = self.sources.clone();
        if let Some(text) = sources.get_mut(&mutant.file) {
            *text = weave::without(text, &found(&mutant.file, text)?, &mutant.check);
        }
        self.place.set_sources(&sources)?;
        match self.build()? {
            Ok(()) => self.verdict(mutant, 0, base),
            Err(words) => Ok(Verdict::NotViable(first_error(&words))),
        }
    }

    fn found(&self) -> Result<BTreeMap<&str, Found>> {
        let one = |(file, text): (&'_ String, &String)| Ok((file.clone(), found(file, text)?));
        let all: Result<Vec<(String, Found)>> = self.planted_sources.iter().map(one).collect();
        let mut by_name = BTreeMap::new();
        for (file, found) in all? {
            if let Some((name, _)) = self.sources.get_key_value(&file) {
                by_name.insert(name.as_str(), found);
            }
        }
        Ok(by_name)
    }

    /// Builds the sources with a switch for each of `together`; those that do not compile so go to `alone`.
    fn build_together(
        &self,
        found: &BTreeMap<&str, Found>,
        together: &mut Vec<Mutant>,
        alone: &mut Vec<Mutant>,
    ) -> Result<()> {
        for _ in 0..BUILDS_MAX {
            let mut sources = self.planted_sources.clone();
            for (tag, (file, text)) in sources.iter_mut().enumerate() {
                let chosen: Vec<(usize, usize)> = together
                    .iter()
                    .filter(|mutant| mutant.file == *file)
                    .map(|mutant| (mutant.at, mutant.number))
                    .collect();
                if let (false, Some(found)) = (chosen.is_empty(), found.get(file.as_str())) {
                    *text = weave::switched(text, found, &chosen, tag);
                }
                *text = weave::switched_planted(text, tag);
            }
            self.place.set_sources(&sources)?;
            let Err(words) = self.build()? else {
                return Ok(());
            };
            let places = error_places(&words);
            let named = |mutant: &Mutant| {
                let text = self.planted_sources.get(&mutant.file).map_or("", String::as_str);
                let lines = found
                    .get(mutant.file.as_str())
                    .map(|found| weave::lines(text, found, &mutant.check));
                lines.is_some_and(|(first, last)| {
                    places
                        .iter()
                        .any(|(file, line)| *file == mutant.file && (first..=last).contains(line))
                })
            };
            let (wrong, right): (Vec<Mutant>, Vec<Mutant>) = together.drain(..).partition(named);
            ensure!(
                !wrong.is_empty(),
                "the contracts with switches do not compile: {words}"
            );
            for mutant in &wrong {
                (self.tell)(&format!(
                    "to be built alone: {mutant}  the compiler says: {}",
                    first_error(&words)
                ));
            }
            alone.extend(wrong);
            *together = right;
        }
        bail!("the contracts with switches did not compile {BUILDS_MAX} times");
    }

    /// Builds what is in the copy, tests included.
    ///
    /// # Errors
    /// If it was interrupted. What the compiler said comes as the inner error.
    fn build(&self) -> Result<std::result::Result<(), String>> {
        let begun = Instant::now();
        let (good, words) = self.forge(&["build"], &[])?;
        (self.tell)(&format!("built in {} s", begun.elapsed().as_secs()));
        if good {
            self.place.export(self.repo)?;
        }
        Ok(if good { Ok(()) } else { Err(words) })
    }

    /// Runs the tests with a check off: first those that killed others of its file, which are few and quick.
    fn verdict(&self, mutant: &Mutant, number: usize, base: &mut Base) -> Result<Verdict> {
        self.check_base(Runs::Few, base)?;
        let killers = base.killers.entry(mutant.file.clone()).or_default();
        if !killers.is_empty() {
            let pattern = format!("^({})$", killers.iter().cloned().collect::<Vec<_>>().join("|"));
            if let Some(test) = self.test(number, Runs::Few, &["--match-contract", &pattern])? {
                return Ok(Verdict::Killed(test));
            }
        }
        for runs in [Runs::Few, Runs::Usual] {
            self.check_base(runs, base)?;
            if let Some(test) = self.test(number, runs, &[])? {
                let killers = base.killers.entry(mutant.file.clone()).or_default();
                killers.extend(suite(&test).map(str::to_owned));
                return Ok(Verdict::Killed(test));
            }
        }
        Ok(Verdict::Survived)
    }

    /// Makes sure, once, that all tests pass while nothing is off.
    fn check_base(&self, runs: Runs, base: &mut Base) -> Result<()> {
        let known = match runs {
            Runs::Few => &mut base.few,
            Runs::Usual => &mut base.usual,
        };
        if !*known {
            let begun = Instant::now();
            if let Some(test) = self.test(0, runs, &[])? {
                bail!("nothing is switched off and {test} fails: no mutant can be judged");
            }
            (self.tell)(&format!(
                "all tests pass with nothing off, in {} s",
                begun.elapsed().as_secs()
            ));
        }
        *known = true;
        Ok(())
    }

    /// The first test that fails with a check off, if one does; of all tests, or of those that `chosen` names to forge.
    fn test(&self, number: usize, runs: Runs, chosen: &[&str]) -> Result<Option<String>> {
        self.place.forget()?;
        let off = format!("{number:#042x}");
        // Nobody reads the sequence that broke an invariant: it need not be made short.
        let mut env = vec![
            ("FOUNDRY_BLOCK_COINBASE", off.as_str()),
            ("FOUNDRY_INVARIANT_SHRINK_RUN_LIMIT", "0"),
        ];
        if runs == Runs::Few {
            env.extend(FEW);
        }
        let args = [&["test", "--json", "--fail-fast"], chosen].concat();
        let (good, words) = self.forge(&args, &env)?;
        // Events of invariants come before it, one a line as well.
        let told = words.lines().rfind(|line| line.starts_with('{'));
        let told = told.with_context(|| format!("forge ran no tests: {}", first_error(&words)))?;
        let failed = first_failure(&serde_json::from_str(told).context("read the answer of forge")?);
        ensure!(
            good == failed.is_none(),
            "forge ended otherwise than its tests: {words}"
        );
        Ok(failed)
    }

    /// Runs forge in the copy.
    ///
    /// # Errors
    /// If it was interrupted or cannot be started.
    fn forge(&self, args: &[&str], env: &[(&'static str, &str)]) -> Result<(bool, String)> {
        let log: PathBuf = self.place.contracts.join("forge.log");
        if log.exists() {
            std::fs::remove_file(&log).with_context(|| format!("clear {}", log.display()))?;
        }
        let mut job = Job::niced(self.repo.cache.join("foundry/bin/forge"), &self.place.contracts)
            .args(args)
            .env("FOUNDRY_DISABLE_NIGHTLY_WARNING", "1");
        for (name, value) in env {
            job = job.env(name, value);
        }
        let ended = job.run_logged(&log, self.limits);
        let late = self
            .limits
            .deadline
            .is_some_and(|deadline| Instant::now() >= deadline);
        let stopped = late || self.limits.interrupted.load(Ordering::Relaxed);
        let good = ended.is_ok();
        if stopped {
            ended?;
        }
        Ok((good, read(&log)?))
    }
}

/// What is known of the build that is tried.
#[derive(Debug, Default)]
struct Base {
    /// Whether the unchanged code passed, by how thoroughly it was tested.
    few: bool,
    usual: bool,
    /// By file the test contracts that killed a mutant of it.
    killers: BTreeMap<String, BTreeSet<String>>,
}

/// The contract in the name of a test.
fn suite(test: &str) -> Option<&str> {
    test.split_once(':')?.1.split(' ').next()
}

/// The first failure that forge tells of.
fn first_failure(told: &Value) -> Option<String> {
    for (suite, results) in told.as_object()? {
        for (test, result) in results["test_results"].as_object().into_iter().flatten() {
            if result["status"] == "Failure" {
                return Some(format!("{suite} {test}"));
            }
        }
    }
    None
}

/// The files and lines of errors in what the compiler said.
fn error_places(words: &str) -> Vec<(String, usize)> {
    let place = |line: &str| -> Option<(String, usize)> {
        let mut parts = line.trim_start().strip_prefix("--> ")?.split(':');
        Some((parts.next()?.to_owned(), parts.next()?.parse().ok()?))
    };
    let mut in_error = false;
    let mut places = Vec::new();
    for line in words.lines() {
        if line.starts_with("Error") || line.starts_with("Warning") {
            in_error = line.starts_with("Error");
        }
        places.extend(place(line).filter(|_| in_error));
    }
    places
}

/// The first error in what a program said, on one line.
fn first_error(words: &str) -> String {
    let of_error = words.lines().skip_while(|line| !line.starts_with("Error"));
    let told: Vec<&str> = of_error
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .take(3)
        .collect();
    if told.is_empty() {
        words.trim().lines().last().unwrap_or_default().to_owned()
    } else {
        told.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::{error_places, first_error, first_failure, suite};

    const WORDS: &str = "$ forge build\nWarning (1): a\n --> src/A.sol:3:1:\n\nError (2): Stack too deep\n  --> src/B.sol:7:9:\n   |\n";

    #[test]
    fn an_error_of_the_compiler_names_lines_and_a_warning_does_not_count() {
        assert_eq!(error_places(WORDS), [("src/B.sol".to_owned(), 7)]);
        assert!(first_error(WORDS).starts_with("Error (2): Stack too deep --> src/B.sol:7:9:"));
        assert_eq!(first_error("one\ntwo\n"), "two");
    }

    #[test]
    fn a_failed_test_is_named_with_its_contract() {
        let told = |status: &str| {
            let text = format!(
                "{{\"test/A.t.sol:A\": {{\"test_results\": {{\"test_a()\": {{\"status\": \"{status}\"}}}}}}}}"
            );
            first_failure(&serde_json::from_str(&text).unwrap())
        };
        assert_eq!(told("Failure").as_deref(), Some("test/A.t.sol:A test_a()"));
        assert_eq!(suite("test/A.t.sol:A test_a()"), Some("A"));
        assert_eq!(told("Skipped"), None);
        assert_eq!(told("Success"), None);
    }
}
