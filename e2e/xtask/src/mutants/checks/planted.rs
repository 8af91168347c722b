//! Violations of the invariants (contracts/test/invariant/violations): each is planted into the contracts, and the
//! invariants that it names must fail then. An invariant that nothing can break would say nothing.
//!
//! A violation is a change in the notation of contracts/mutants that moves no line. `PLANTED` in it is true when it is tried.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::{found, weave};
use crate::mutants::patch::Change;
use crate::mutants::read_tree;

/// Where they are, below contracts/.
const FOLDER: &str = "test/invariant/violations";
/// The line that names an invariant: its contract and its function.
const INVARIANT: &str = "Invariant: ";
/// Violations have numbers from here on; checks have those below.
const NUMBERS_FROM: usize = 100_000;

/// A function that must hold after any sequence of moves, and the test contract that makes the moves.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Promise {
    contract: String,
    function: String,
}

impl Promise {
    /// What forge finds it by: patterns of its contract and of its function.
    pub(crate) fn patterns(&self) -> (String, String) {
        (format!("^{}$", self.contract), format!("^{}\\b", self.function))
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.contract, self.function)
    }
}

/// A violation.
#[derive(Debug)]
pub(crate) struct Planted {
    pub(crate) name: String,
    /// The invariants that must fail.
    pub(crate) promises: Vec<Promise>,
    /// What switches it on.
    pub(crate) number: usize,
    change: Change,
}

/// All violations.
///
/// # Errors
/// If one names no invariant or one that is not there, or an invariant has none.
pub(crate) fn load(contracts: &Path) -> Result<Vec<Planted>> {
    let mut files = BTreeMap::new();
    read_tree(contracts, Path::new("test/invariant"), &mut files)?;
    let mut all = Vec::new();
    for (path, text) in &files {
        let name = path
            .strip_prefix(FOLDER)
            .and_then(|name| name.strip_suffix(".diff"));
        if let Some(name) = name {
            let number = NUMBERS_FROM + all.len();
            let one = parse(name.trim_start_matches('/'), text, number);
            all.push(one.with_context(|| format!("read contracts/{path}"))?);
        }
    }
    check(&all, &files)?;
    Ok(all)
}

fn parse(name: &str, text: &str, number: usize) -> Result<Planted> {
    let promise = |line: &str| -> Option<Promise> {
        let (contract, function) = line.strip_prefix(INVARIANT)?.trim().split_once(' ')?;
        Some(Promise {
            contract: contract.to_owned(),
            function: function.to_owned(),
        })
    };
    let promises: Vec<Promise> = text.lines().filter_map(promise).collect();
    ensure!(!promises.is_empty(), "no line `{INVARIANT}Contract function`");
    ensure!(text.contains("PLANTED"), "it never asks whether it is `PLANTED`");
    let change = Change::parse(&text.replace("PLANTED", &format!("{}{number}", weave::PLANTED)))?;
    Ok(Planted {
        name: name.to_owned(),
        promises,
        number,
        change,
    })
}

/// Every invariant can be broken, and nothing else is.
fn check(all: &[Planted], files: &BTreeMap<String, String>) -> Result<()> {
    let written: Vec<&str> = files.values().flat_map(|text| functions(text)).collect();
    let broken: Vec<&Promise> = all.iter().flat_map(|planted| &planted.promises).collect();
    if let Some(lost) = broken
        .iter()
        .find(|promise| !written.contains(&promise.function.as_str()))
    {
        bail!("contracts/test/invariant holds no {lost}, which a violation is for");
    }
    let free = written
        .iter()
        .find(|function| broken.iter().all(|promise| promise.function != **function));
    if let Some(free) = free {
        bail!("{free} has no violation that it finds: write one in contracts/{FOLDER}");
    }
    Ok(())
}

/// The invariants in a file.
fn functions(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let name = line.trim_start().strip_prefix("function ")?.split('(').next()?;
        name.starts_with("invariant_").then_some(name)
    })
}

/// The sources with all violations in them, each behind its switch.
///
/// # Errors
/// If one does not fit, or moves a line or a check: then the checks could not be found any more.
pub(crate) fn plant(sources: &BTreeMap<String, String>, all: &[Planted]) -> Result<BTreeMap<String, String>> {
    let mut changed = sources.clone();
    for planted in all {
        let broken = || format!("contracts/{FOLDER}/{}.diff does not fit", planted.name);
        planted.change.apply(&mut changed).with_context(broken)?;
    }
    for (file, text) in &changed {
        let before = sources.get(file).map_or("", String::as_str);
        if before == text {
            continue;
        }
        let lines = |text: &str| -> Result<Vec<(usize, usize)>> {
            Ok(found(file, text)?
                .checks
                .iter()
                .map(|check| check.lines)
                .collect())
        };
        ensure!(
            before.lines().count() == text.lines().count() && lines(before)? == lines(text)?,
            "a violation moves a line or a check of contracts/{file}: write it into a condition that is there"
        );
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::{check, load, parse, plant};
    use crate::mutants::checks::weave;
    use crate::mutants::read_tree;
    use std::collections::BTreeMap;
    use std::path::Path;

    const CHANGE: &str =
        "Invariant: I invariant_i1\nContract: A\n\n--- src/A.sol\n-return a;\n+return a || PLANTED;\n";

    #[test]
    fn a_violation_is_planted_behind_its_switch() {
        let planted = [parse("i1_a", CHANGE, 7).unwrap()];
        let sources = [("src/A.sol".to_owned(), "x\nreturn a;\ny\n".to_owned())].into();
        let changed = plant(&sources, &planted).unwrap();
        let text = weave::switched_planted(&changed["src/A.sol"], 3);
        assert!(
            text.starts_with("x\nreturn a || __off3(7);\ny\nfunction __off3("),
            "{text}"
        );
        assert_eq!(weave::switched_planted("x\n", 3), "x\n");
    }

    #[test]
    fn refuses_what_moves_lines_or_never_asks() {
        let sources = [("src/A.sol".to_owned(), "return a;\n".to_owned())].into();
        let moved = CHANGE.replace("+return", "+\n+return");
        assert!(
            plant(
                &sources,
                &[parse("i1_a", &moved.replace("+\n", "+x\n"), 7).unwrap()]
            )
            .is_err()
        );
        assert!(parse("i1_a", &CHANGE.replace("PLANTED", "b"), 7).is_err());
        assert!(parse("i1_a", &CHANGE.replace("Invariant", "x"), 7).is_err());
    }

    #[test]
    fn every_invariant_needs_one_and_every_one_an_invariant() {
        let files = |text: &str| -> BTreeMap<String, String> { [("a".to_owned(), text.to_owned())].into() };
        let planted = [parse("i1_a", CHANGE, 7).unwrap()];
        assert!(check(&planted, &files("  function invariant_i1() public {")).is_ok());
        assert!(check(&planted, &files("function invariant_i2() public")).is_err());
        assert!(check(&[], &files("function invariant_i1() public")).is_err());
    }

    /// All six invariants of the design are broken by something, and every violation fits.
    #[test]
    fn every_violation_fits_the_sources() {
        let contracts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts");
        let mut sources = BTreeMap::new();
        read_tree(&contracts, Path::new("src"), &mut sources).unwrap();
        let planted = load(&contracts).unwrap();
        plant(&sources, &planted).unwrap();
        for number in 1..=6 {
            let begin = format!("i{number}_");
            assert!(planted.iter().any(|one| one.name.starts_with(&begin)), "{begin}");
        }
    }
}
