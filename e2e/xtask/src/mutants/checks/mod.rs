//! `cargo xtask mutants contracts`: the contracts without each of their checks, one at a time. Some test must fail each time.
//!
//! It decides what was missed. A mutant counts as killed only by a run that the unchanged code passes, and as a survivor
//! only after the tests ran as thoroughly as they usually do.

mod exceptions;
mod find;
mod header;
mod place;
mod planted;
mod recent;
pub(crate) mod tokens;
mod trial;
mod weave;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use lexopt::prelude::{Long, ValueExt};

use super::read_tree;
use crate::job::Limits;
use crate::repo::Repo;
use exceptions::Exception;
use find::{Check, Found, find};
use place::Place;
use planted::{Planted, Promise};
use trial::{End, Trial, Verdict};

/// A contract without one check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Mutant {
    /// The file, below contracts/.
    pub(crate) file: String,
    /// Which check of the file.
    pub(crate) at: usize,
    pub(crate) check: Check,
    /// Its own number, from 1.
    pub(crate) number: usize,
}

impl std::fmt::Display for Mutant {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "contracts/{}:{}  {}",
            self.file, self.check.lines.0, self.check.text
        )
    }
}

/// What to try.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Only this many, those whose lines changed last.
    pub(crate) recent: Option<usize>,
    /// Only those in files whose path contains this.
    pub(crate) file: Option<String>,
    /// No checks, only the violations of invariants.
    pub(crate) invariants: bool,
    /// Print, do not try.
    pub(crate) list: bool,
}

impl Options {
    /// Reads what stands behind `mutants contracts`.
    ///
    /// # Errors
    /// If an option is not known, or lacks its value.
    pub(crate) fn parse(args: &[OsString]) -> Result<Self> {
        let mut options = Self::default();
        let mut parser = lexopt::Parser::from_args(args);
        while let Some(arg) = parser.next()? {
            match arg {
                Long("recent") => options.recent = Some(parser.value()?.parse()?),
                Long("file") => options.file = Some(parser.value()?.string()?),
                Long("invariants") => options.invariants = true,
                Long("list") => options.list = true,
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

/// Tries the mutants; `tell` gets a line for each.
///
/// # Errors
/// If one survives that is no exception, or nothing can be said.
pub(crate) fn run(repo: &Repo, options: &Options, limits: &Limits, tell: &dyn Fn(&str)) -> Result<()> {
    let mut sources = BTreeMap::new();
    read_tree(&repo.root.join("contracts"), Path::new("src"), &mut sources)?;
    let all = mutants_of(&sources)?;
    let exceptions = exceptions::load(&repo.root, &all)?;
    let planted = match &options.file {
        None => planted::load(&repo.root.join("contracts"))?,
        Some(_) => Vec::new(),
    };
    let planted_sources = planted::plant(&sources, &planted)?;
    let mut chosen = all;
    if let Some(part) = &options.file {
        chosen.retain(|mutant| mutant.file.contains(part.as_str()));
    }
    if let Some(count) = options.recent {
        chosen = recent::recent(&repo.root, chosen, count)?;
    }
    ensure!(!chosen.is_empty(), "there is no such check under contracts/src");
    if options.invariants {
        chosen.clear();
    }
    if options.list {
        chosen.iter().for_each(|mutant| tell(&mutant.to_string()));
        tell(&format!("{} mutants", chosen.len()));
        return Ok(());
    }
    let place = Place::prepare(repo)?;
    let trial = Trial {
        repo,
        place: &place,
        sources: &sources,
        planted_sources: &planted_sources,
        limits,
        tell,
    };
    let mut counts = Counts::default();
    trial.run(chosen, &planted, &mut |end| {
        tell(&match end {
            End::Check(mutant, verdict) => {
                let exception = exceptions.iter().find(|exception| exception.is_for(mutant));
                counts.count(mutant, verdict, exception)
            }
            End::Planted(violation, promise, found) => counts.count_planted(violation, promise, found),
        });
    })?;
    tell(&counts.summary());
    if counts.survived != 0 {
        bail!(
            "{} checks can be taken out and no test fails: write a test for each, or say in {} why none can",
            counts.survived,
            exceptions::LIST
        );
    }
    ensure!(
        counts.overlooked == 0,
        "{} invariants hold although they are violated: they look at too little",
        counts.overlooked
    );
    Ok(())
}

/// All mutants of sources by path, numbered.
pub(crate) fn mutants_of(sources: &BTreeMap<String, String>) -> Result<Vec<Mutant>> {
    let mut mutants = Vec::new();
    for (file, text) in sources {
        let found = found(file, text)?;
        for (at, check) in found.checks.into_iter().enumerate() {
            mutants.push(Mutant {
                file: file.clone(),
                at,
                check,
                number: mutants.len() + 1,
            });
        }
    }
    Ok(mutants)
}

fn found(file: &str, text: &str) -> Result<Found> {
    find(text).with_context(|| format!("read contracts/{file}"))
}

/// How many ended how.
#[derive(Debug, Default)]
struct Counts {
    killed: usize,
    survived: usize,
    excepted: usize,
    not_viable: usize,
    /// Violations that their invariant found, and those that it did not.
    broken: usize,
    overlooked: usize,
}

impl Counts {
    /// Counts a planted violation, and says in a line whether an invariant found it.
    fn count_planted(&mut self, violation: &Planted, promise: &Promise, found: bool) -> String {
        let name = &violation.name;
        if found {
            self.broken += 1;
            format!("broken      {promise}  by {name}")
        } else {
            self.overlooked += 1;
            format!("OVERLOOKED  {promise}  holds in spite of {name}")
        }
    }

    /// Counts a mutant, and says in a line how it ended.
    fn count(&mut self, mutant: &Mutant, verdict: &Verdict, exception: Option<&Exception>) -> String {
        match (verdict, exception) {
            (Verdict::Killed(test), None) => {
                self.killed += 1;
                format!("killed      {mutant}  by {test}")
            }
            (Verdict::Killed(test), Some(_)) => {
                self.killed += 1;
                format!(
                    "KILLED AFTER ALL: take it off {}: {mutant}  by {test}",
                    exceptions::LIST
                )
            }
            (Verdict::Survived, Some(exception)) => {
                self.excepted += 1;
                format!("exception   {mutant}  because {}", exception.reason)
            }
            (Verdict::Survived, None) => {
                self.survived += 1;
                format!("SURVIVED    {mutant}")
            }
            (Verdict::NotViable(words), _) => {
                self.not_viable += 1;
                format!("not viable  {mutant}  the compiler says: {words}")
            }
        }
    }

    fn summary(&self) -> String {
        let Self {
            killed,
            survived,
            excepted,
            not_viable,
            broken,
            overlooked,
        } = self;
        format!(
            "{killed} killed, {survived} survived, {excepted} exceptions, {not_viable} not viable; \
             invariants: {broken} violations found, {overlooked} overlooked"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, Options, Verdict, exceptions, mutants_of};
    use crate::mutants::read_tree;
    use std::collections::BTreeMap;
    use std::path::Path;

    #[test]
    fn reads_its_options() {
        let parse = |line: &str| {
            let args: Vec<_> = line.split_whitespace().map(Into::into).collect();
            Options::parse(&args)
        };
        let all = parse("--recent 10 --file Router --list").unwrap();
        assert_eq!(
            (all.recent, all.file.as_deref(), all.list),
            (Some(10), Some("Router"), true)
        );
        assert_eq!(parse("").unwrap(), Options::default());
        assert!(parse("--invariants").unwrap().invariants);
        assert!(parse("--recent few").is_err() && parse("all").is_err());
    }

    #[test]
    fn only_a_survivor_without_exception_fails() {
        let text = "contract A { function f() external { require(a); } }";
        let mutants = mutants_of(&[("src/A.sol".to_owned(), text.to_owned())].into()).unwrap();
        let mutant = mutants.first().unwrap();
        let mut counts = Counts::default();
        let said = counts.count(mutant, &Verdict::Survived, None);
        assert_eq!(said, "SURVIVED    contracts/src/A.sol:1  require(a)");
        let said = counts.count(mutant, &Verdict::Killed("t".into()), None);
        assert!(said.ends_with("by t"), "{said}");
        counts.count(mutant, &Verdict::NotViable("no".into()), None);
        assert_eq!(
            counts.summary(),
            "1 killed, 1 survived, 0 exceptions, 1 not viable; invariants: 0 violations found, 0 overlooked"
        );
    }

    /// The scanner reads what we have, and misses no `require`.
    #[test]
    fn every_require_of_the_contracts_is_found_and_every_exception_is_for_one() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut sources = BTreeMap::new();
        read_tree(&root.join("contracts"), Path::new("src"), &mut sources).unwrap();
        let mutants = mutants_of(&sources).unwrap();
        for (file, text) in &sources {
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let written = code
                .filter(|line| line.trim_start().starts_with("require("))
                .count();
            let found = mutants.iter().filter(|mutant| mutant.file == *file);
            let found = found
                .filter(|mutant| mutant.check.text.starts_with("require("))
                .count();
            assert!(
                found >= written && (written != 0 || found == 0),
                "{file}: {found} of {written}"
            );
        }
        exceptions::load(&root, &mutants).unwrap();
    }
}
