//! What is asked: each file of properties as it is, and each planted violation.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};

use super::{Answer, SPEC};
use crate::mutants::patch::Change;

/// What the name of a property begins with.
const MARK: &str = "function check_";
/// Where the planted violations are.
const VIOLATIONS: &str = "spec/violations/";

/// One run of the prover.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// The file of the properties, without folder and ending.
    pub(crate) theme: String,
    pub(crate) contract: String,
    /// A pattern of the properties that are asked about.
    pub(crate) pattern: String,
    pub(crate) sources: BTreeMap<String, String>,
    /// The properties, and what must be said of them.
    expected: Vec<(String, Answer)>,
}

impl Case {
    /// Whether it has a violation in it. Then the first counterexample is the answer; and as it is the source that is
    /// violated, it need not be compiled as it is shipped, which takes five times as long.
    pub(crate) fn is_planted(&self) -> bool {
        let found = |(_, answer): &(String, Answer)| *answer == Answer::Counterexample;
        self.expected.iter().all(found)
    }

    /// What is to be told of each property, and whether it ended as it must.
    pub(crate) fn judge(&self, answers: &BTreeMap<String, Answer>) -> Vec<(String, bool)> {
        let one = |(property, expected): &(String, Answer)| {
            let answer = answers.get(property).copied().unwrap_or(Answer::Unknown);
            let place = format!("{SPEC}/{}.sol {property}", self.theme);
            let told = match (expected, answer) {
                (Answer::Proven, Answer::Proven) => format!("proven     {place}"),
                (Answer::Proven, Answer::Counterexample) => format!("DOES NOT HOLD  {place}"),
                (Answer::Proven, Answer::Unknown) => format!("NOT PROVEN  {place}"),
                (_, Answer::Counterexample) => format!("found      the violation of {place}"),
                (_, Answer::Proven) => format!("PROVEN IN SPITE OF ITS VIOLATION  {place}"),
                (_, Answer::Unknown) => format!("VIOLATION NOT FOUND  {place}"),
            };
            (told, answer == *expected)
        };
        self.expected.iter().map(one).collect()
    }
}

/// All cases in `sources`, which are texts by path: src, spec and the violations.
///
/// # Errors
/// If a property has no violation, a violation no property, or one does not fit the source.
pub(crate) fn cases(sources: &BTreeMap<String, String>) -> Result<Vec<Case>> {
    let code: BTreeMap<String, String> = sources
        .iter()
        .filter(|(path, _)| path.ends_with(".sol"))
        .map(|(path, text)| (path.clone(), text.clone()))
        .collect();
    let mut cases = Vec::new();
    for (path, text) in &code {
        let theme = path
            .strip_prefix("spec/")
            .and_then(|name| name.strip_suffix(".sol"));
        if let Some(theme) = theme.filter(|_| !properties(text).is_empty()) {
            let contract =
                contract(text).with_context(|| format!("{path} has properties and no contract"))?;
            // The other themes need not be compiled.
            let others = |other: &String| {
                other.starts_with("spec/") && other != path && !properties_in(&code, other).is_empty()
            };
            let whole = Case {
                name: theme.to_owned(),
                theme: theme.to_owned(),
                contract,
                pattern: "^check_".to_owned(),
                sources: code
                    .iter()
                    .filter(|(other, _)| !others(other))
                    .map(|(path, text)| (path.clone(), text.clone()))
                    .collect(),
                expected: properties(text)
                    .into_iter()
                    .map(|property| (property, Answer::Proven))
                    .collect(),
            };
            let planted: Result<Vec<Case>> = properties(text)
                .iter()
                .map(|property| planted(&whole, property, sources))
                .collect();
            cases.push(whole);
            cases.extend(planted?);
        }
    }
    let places: BTreeSet<String> = cases
        .iter()
        .map(|case| case.name.replacen('-', "/", 1))
        .map(|name| format!("{VIOLATIONS}{name}.diff"))
        .collect();
    let lost = sources
        .keys()
        .find(|path| path.starts_with(VIOLATIONS) && !places.contains(*path));
    if let Some(lost) = lost {
        bail!("contracts/{lost} violates no property: none has its name");
    }
    Ok(cases)
}

/// A case with the violation of one property planted into its source.
fn planted(whole: &Case, property: &str, sources: &BTreeMap<String, String>) -> Result<Case> {
    let theme = &whole.theme;
    let short = property.strip_prefix("check_").unwrap_or_default();
    let (spec, place) = (
        format!("spec/{theme}.sol"),
        format!("{VIOLATIONS}{theme}/{short}.diff"),
    );
    let change = sources
        .get(&place)
        .with_context(|| format!("{spec}: {property} has no planted violation: write contracts/{place}"))?;
    let broken = || format!("contracts/{place} does not fit");
    let change = Change::parse(change).with_context(broken)?;
    ensure!(
        change.contracts == [whole.contract.as_str()],
        "contracts/{place}: its contract is {}",
        whole.contract
    );
    let mut changed = whole.sources.clone();
    change.apply(&mut changed).with_context(broken)?;
    ensure!(
        changed.get(&spec) == whole.sources.get(&spec),
        "contracts/{place} changes the property, not the source"
    );
    Ok(Case {
        name: format!("{theme}-{short}"),
        pattern: format!("^{property}\\("),
        sources: changed,
        expected: vec![(property.to_owned(), Answer::Counterexample)],
        ..whole.clone()
    })
}

fn properties_in(code: &BTreeMap<String, String>, path: &str) -> Vec<String> {
    code.get(path).map(|text| properties(text)).unwrap_or_default()
}

/// The names of the properties in a file.
fn properties(text: &str) -> Vec<String> {
    let name = |line: &str| {
        let rest = line.trim_start().strip_prefix(MARK)?;
        Some(format!("check_{}", rest.split('(').next()?))
    };
    text.lines().filter_map(name).collect()
}

/// The contract that holds them.
fn contract(text: &str) -> Option<String> {
    let rest = text.lines().find_map(|line| line.strip_prefix("contract "))?;
    rest.split([' ', '{']).next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Answer, cases};
    use crate::mutants::read_tree;
    use std::collections::BTreeMap;
    use std::path::Path;

    const SPEC: &str = "contract ASpec is A {\n    function check_one() external {}\n}\n";
    const CHANGE: &str = "Contract: ASpec\n\n--- src/A.sol\n-b\n+c\n";

    fn sources(change: &str, place: &str) -> BTreeMap<String, String> {
        [
            ("src/A.sol", "a\nb\n"),
            ("spec/A.sol", SPEC),
            ("spec/Prover.sol", "x"),
            (place, change),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into()
    }

    #[test]
    fn every_property_is_asked_about_as_it_is_and_with_its_violation() {
        let all = cases(&sources(CHANGE, "spec/violations/A/one.diff")).unwrap();
        let [whole, planted] = all.as_slice() else {
            panic!("{all:?}")
        };
        assert_eq!(whole.sources["src/A.sol"], "a\nb\n");
        assert_eq!(planted.sources["src/A.sol"], "a\nc\n");
        let proven = [("check_one".to_owned(), Answer::Proven)].into();
        assert!(whole.judge(&proven).iter().all(|(_, good)| *good));
        assert!(planted.judge(&proven).iter().all(|(_, good)| !good));
        assert!(whole.judge(&BTreeMap::new()).iter().all(|(_, good)| !good));
    }

    #[test]
    fn refuses_what_has_no_other() {
        assert!(cases(&sources(CHANGE, "spec/violations/A/two.diff")).is_err());
        let mut more = sources(CHANGE, "spec/violations/A/one.diff");
        more.insert("spec/violations/A/two.diff".into(), CHANGE.into());
        let refused = cases(&more).unwrap_err().to_string();
        assert!(refused.contains("two.diff violates no property"), "{refused}");
        for wrong in [
            CHANGE.replace("-b", "-d"),
            CHANGE.replace("ASpec", "B"),
            CHANGE.replace("src/A", "spec/A"),
        ] {
            assert!(
                cases(&sources(&wrong, "spec/violations/A/one.diff")).is_err(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn every_violation_fits_the_sources() {
        let contracts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts");
        let mut sources = BTreeMap::new();
        for folder in ["src", "spec"] {
            read_tree(&contracts, Path::new(folder), &mut sources).unwrap();
        }
        assert!(cases(&sources).unwrap().len() > 1);
    }
}
