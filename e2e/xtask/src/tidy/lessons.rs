//! The list of lessons and the tests: every row of docs/lessons.md is checked by a test that carries its number, every
//! such number has a row, and what this project owes is on the list.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Source};

/// The page.
const PAGE: &str = "docs/lessons.md";
/// The failures of proofs, light clients and messages that apply to what is built here so far.
const OWED: [u8; 48] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
    29, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49,
];
/// What a name of a Solidity test begins with.
const SOLIDITY: [&str; 3] = ["function test_", "function testFuzz_", "function invariant_"];

/// Where something stands.
type Place = (String, usize);

/// Compares the page with the tests of all sources.
pub(crate) fn check(sources: &[Source], findings: &mut Vec<Finding>) {
    let Some(page) = sources.iter().find(|source| source.path == PAGE) else {
        return;
    };
    let rows = rows(page, findings);
    let tests = tests(sources);
    for (number, line) in &rows {
        if !tests.contains_key(number) {
            findings.push(Finding::error(
                PAGE,
                *line,
                "lesson-without-test",
                format!("no test carries the number of T-{number:02}"),
                "name the test that checks it `t00_..` in Rust or `test_t00_..` in Solidity, with the row's number",
            ));
        }
    }
    for (number, (path, line)) in &tests {
        if !rows.contains_key(number) {
            findings.push(Finding::error(
                path,
                *line,
                "test-without-lesson",
                format!("docs/lessons.md has no row T-{number:02}"),
                "say there what happened and what the rule is here, or drop the number",
            ));
        }
    }
    let owed: BTreeSet<u8> = OWED.into();
    for number in owed.iter().filter(|number| !rows.contains_key(number)) {
        findings.push(Finding::error(
            PAGE,
            1,
            "lesson-missing",
            format!("there is no row T-{number:02}"),
            "a lesson is never taken off the list",
        ));
    }
}

/// The numbers of the page's rows, each with its line.
fn rows(page: &Source, findings: &mut Vec<Finding>) -> BTreeMap<u8, usize> {
    let mut rows = BTreeMap::new();
    for (at, line) in page.text.lines().enumerate() {
        let cell = line.strip_prefix("| T-").and_then(|rest| rest.split(' ').next());
        let Some(number) = cell.and_then(|digits| digits.parse().ok()) else {
            continue;
        };
        if rows.insert(number, at + 1).is_some() {
            findings.push(Finding::error(
                PAGE,
                at + 1,
                "lesson-twice",
                format!("T-{number:02} has two rows"),
                "one row a number",
            ));
        }
    }
    rows
}

/// The numbers in names of tests, each with the first place.
fn tests(sources: &[Source]) -> BTreeMap<u8, Place> {
    let mut tests = BTreeMap::new();
    for source in sources {
        let rust = source.path.ends_with(".rs");
        let solidity = source.path.starts_with("contracts/test/") && source.path.ends_with(".t.sol");
        if !rust && !solidity {
            continue;
        }
        let mut marked = false;
        for (at, line) in source.text.lines().map(str::trim).enumerate() {
            let name = if rust {
                let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
                name.filter(|_| marked)
            } else {
                SOLIDITY.iter().find_map(|prefix| line.strip_prefix(prefix))
            };
            for number in name.into_iter().flat_map(numbers) {
                tests.entry(number).or_insert((source.path.clone(), at + 1));
            }
            // Attributes and comments may stand between the mark and the name.
            marked = line == "#[test]"
                || line.starts_with("#[tokio::test")
                || (marked && (line.starts_with('#') || line.starts_with("//")));
        }
    }
    tests
}

/// The numbers that a name begins with: `t10_t32_packet_..` has two.
fn numbers(name: &str) -> Vec<u8> {
    let digits = |part: &str| {
        let digits = part.strip_prefix('t').filter(|digits| digits.len() == 2)?;
        digits.parse().ok()
    };
    name.split('_').map_while(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::{OWED, check, numbers};
    use crate::tidy::{Finding, Source};

    fn rules(page: &str, path: &str, text: &str) -> Vec<&'static str> {
        let source = |path: &str, text: &str| Source {
            path: path.into(),
            text: text.into(),
        };
        let mut all: Vec<Finding> = Vec::new();
        check(&[source("docs/lessons.md", page), source(path, text)], &mut all);
        all.into_iter().map(|finding| finding.rule).collect()
    }

    fn page(numbers: impl IntoIterator<Item = u8>) -> String {
        let rows = numbers
            .into_iter()
            .map(|number| format!("| T-{number:02} | a | b |\n"));
        rows.collect()
    }

    fn every_test() -> String {
        let test = |number: u8| format!("#[test]\nfn t{number:02}_x() {{}}\n");
        OWED.into_iter().map(test).collect()
    }

    #[test]
    fn a_page_and_tests_that_agree_are_in_order() {
        assert!(rules(&page(OWED), "a/tests/x.rs", &every_test()).is_empty());
    }

    #[test]
    fn finds_a_row_without_test_and_a_test_without_row() {
        let more = page(OWED) + "| T-77 | a | b |\n";
        assert_eq!(rules(&more, "a.rs", &every_test()), ["lesson-without-test"]);
        // Only a test counts, whatever the name of a function.
        let unmarked = every_test() + "fn t77_x() {}\n";
        assert_eq!(rules(&more, "a.rs", &unmarked), ["lesson-without-test"]);
        let marked = every_test() + "#[tokio::test]\n// Why.\nasync fn t77_x() {}\n";
        assert!(rules(&more, "a.rs", &marked).is_empty());
        assert_eq!(rules(&page(OWED), "a.rs", &marked), ["test-without-lesson"]);
    }

    #[test]
    fn finds_what_is_missing_or_twice() {
        let fewer: Vec<u8> = OWED.into_iter().filter(|number| *number != 29).collect();
        let found = rules(&page(fewer), "a.rs", &every_test());
        assert_eq!(found, ["test-without-lesson", "lesson-missing"]);
        let twice = page(OWED) + "| T-29 | a | b |\n";
        assert_eq!(rules(&twice, "a.rs", &every_test()), ["lesson-twice"]);
    }

    #[test]
    fn reads_numbers_of_solidity_tests_as_well() {
        assert_eq!(numbers("t10_t32_packet"), [10, 32]);
        assert!(numbers("tokens_12").is_empty() && numbers("t123_x").is_empty());
        let tests = "contract A {\n    function testFuzz_t77_t78_x() public {}\n}\n";
        let found = rules("| T-77 | a | b |\n", "contracts/test/a.t.sol", tests);
        assert_eq!(
            found
                .iter()
                .filter(|rule| **rule == "test-without-lesson")
                .count(),
            1
        );
        assert!(!found.contains(&"lesson-without-test"));
    }
}
