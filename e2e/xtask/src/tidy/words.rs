//! Words that must not be committed: unfinished code, switched-off tests,
//! folders of one machine, hosts of package registries.
//!
//! It looks at code and comments apart, so that a sentence may speak of what
//! code must not contain.

use super::scan::{Language, line_of, split, words};
use super::{Finding, Source};

/// Macros that stand for code that was never written.
const UNWRITTEN: [&str; 2] = ["todo", "unimplemented"];
/// Attributes that switch a test off or around.
const SWITCHES: [&str; 2] = ["ignore", "should_panic"];
/// Notes to oneself.
const NOTES: [&str; 3] = ["TODO", "FIXME", "XXX"];
/// First folders of paths that exist on one machine only.
const MACHINE_FOLDERS: [&str; 3] = ["work", "root", "farm"];
/// First and last part of the hosts of package registries.
const REGISTRIES: [(&str, &str); 10] = [
    ("registry", "npmjs.org"),
    ("registry", "yarnpkg.com"),
    ("index", "crates.io"),
    ("static", "crates.io"),
    ("proxy", "golang.org"),
    ("sum", "golang.org"),
    ("files", "pythonhosted.org"),
    ("pypi", "org"),
    ("repo", "maven.apache.org"),
    ("deb", "debian.org"),
];

/// Checks one source of any kind.
pub(crate) fn check(source: &Source, findings: &mut Vec<Finding>) {
    check_places(source, findings);
    let Some(language) = Language::of(&source.path) else {
        return;
    };
    let views = split(&source.text, language);
    for note in NOTES {
        for at in words(&views.comments, note) {
            let what = format!("a note to oneself: {note}");
            let remedy = "do it, or file an issue and say why it can wait";
            findings.push(Finding::error(
                &source.path,
                line_of(&source.text, at),
                "unfinished",
                what,
                remedy,
            ));
        }
    }
    match language {
        Language::Rust => check_rust(source, &views.code, findings),
        Language::Solidity => check_solidity(source, findings),
    }
}

fn check_rust(source: &Source, code: &str, findings: &mut Vec<Finding>) {
    for name in UNWRITTEN {
        for at in words(code, name)
            .into_iter()
            .filter(|at| follows(code, at + name.len(), "!"))
        {
            let what = format!("`{name}!` stands for code that is not there");
            let line = line_of(code, at);
            findings.push(Finding::error(
                &source.path,
                line,
                "unfinished",
                what,
                "write the code",
            ));
        }
    }
    for name in SWITCHES {
        for at in words(code, name).into_iter().filter(|&at| is_attribute(code, at)) {
            let what = format!("the attribute `{name}` hides what a test says");
            let remedy = "test a returned error, or move the test below e2e/ where it can run";
            findings.push(Finding::error(
                &source.path,
                line_of(code, at),
                "switched-off",
                what,
                remedy,
            ));
        }
    }
}

/// True if the text from `at` on starts with `wanted`, blanks aside.
fn follows(code: &str, at: usize, wanted: &str) -> bool {
    code.get(at..)
        .is_some_and(|rest| rest.trim_start().starts_with(wanted))
}

/// True if the word at `at` is the name of an attribute, or stands inside a
/// conditional one.
fn is_attribute(code: &str, at: usize) -> bool {
    let Some(before) = code.get(..at) else {
        return false;
    };
    let Some(open) = before.rfind("#[") else {
        return false;
    };
    !before.get(open..).is_some_and(|inside| inside.contains(']'))
}

fn check_solidity(source: &Source, findings: &mut Vec<Finding>) {
    if source.text.lines().next() != Some("// SPDX-License-Identifier: Apache-2.0") {
        let what = "the first line does not name the licence".to_owned();
        let remedy = "begin with `// SPDX-License-Identifier: Apache-2.0`";
        findings.push(Finding::error(&source.path, 1, "licence", what, remedy));
    }
}

fn check_places(source: &Source, findings: &mut Vec<Finding>) {
    for (number, line) in source.text.lines().enumerate() {
        if let Some(path) = machine_path(line) {
            let what = format!("`{path}` exists on one machine only");
            let remedy = "name it relative to the repository, or take it from the environment";
            findings.push(Finding::error(
                &source.path,
                number + 1,
                "machine-path",
                what,
                remedy,
            ));
        }
        for (first, last) in REGISTRIES {
            let host = format!("{first}.{last}");
            if line.contains(&host) {
                let what = format!("`{host}` is the host of a package registry");
                let remedy = "leave it to the package client's own configuration";
                findings.push(Finding::error(
                    &source.path,
                    number + 1,
                    "registry-host",
                    what,
                    remedy,
                ));
            }
        }
    }
}

/// The first path in `line` that leads into a folder of one machine: it starts
/// at the root of the file system, not inside another path.
fn machine_path(line: &str) -> Option<String> {
    MACHINE_FOLDERS.iter().find_map(|folder| {
        let needle = format!("/{folder}/");
        let mut places = line.match_indices(&needle);
        places.any(|(at, _)| starts_path(line, at)).then_some(needle)
    })
}

fn starts_path(line: &str, at: usize) -> bool {
    let before = line.get(..at).and_then(|before| before.chars().next_back());
    before.is_none_or(|c| !c.is_alphanumeric() && !"._-~)}>]*/$".contains(c))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::{Finding, Source};

    fn findings(path: &str, text: &str) -> Vec<Finding> {
        let mut found = Vec::new();
        check(
            &Source {
                path: path.into(),
                text: text.into(),
            },
            &mut found,
        );
        found
    }

    fn rules(path: &str, text: &str) -> Vec<&'static str> {
        findings(path, text).iter().map(|found| found.rule).collect()
    }

    #[test]
    fn unwritten_code_is_found_in_code_only() {
        let macros = ["todo", "unimplemented"];
        for name in macros {
            let found = findings("a.rs", &format!("fn a() {{\n    {name}!()\n}}"));
            assert_eq!((found.len(), found[0].line, found[0].rule), (1, 2, "unfinished"));
            assert!(rules("a.rs", &format!("// {name}!\nlet a = \"{name}!\"; {name}_now();")).is_empty());
        }
    }

    #[test]
    fn switched_off_tests_are_found() {
        assert_eq!(rules("a.rs", "#[test]\n#[ignore]\nfn a() {}"), ["switched-off"]);
        assert_eq!(rules("a.rs", "#[ignore = \"slow\"] fn a() {}"), ["switched-off"]);
        assert_eq!(
            rules(
                "a.rs",
                "#[cfg_attr(all(), should_panic(expected = \"a\"))] fn a() {}"
            ),
            ["switched-off"]
        );
        assert!(rules("a.rs", "#[test] fn ignore() { ignore(); }").is_empty());
    }

    #[test]
    fn notes_to_oneself_are_found_in_comments_of_both_languages() {
        let note = ["TO", "DO"].concat();
        assert_eq!(rules("a.rs", &format!("// {note}: later")), ["unfinished"]);
        let head = "// SPDX-License-Identifier: Apache-2.0\n";
        assert_eq!(rules("a.sol", &format!("{head}/* {note} */")), ["unfinished"]);
        assert!(rules("a.rs", &format!("const {note}: &str = \"{note}\";")).is_empty());
    }

    #[test]
    fn a_contract_without_a_licence_is_found() {
        assert_eq!(rules("a.sol", "contract A {}"), ["licence"]);
        assert!(rules("a.sol", "// SPDX-License-Identifier: Apache-2.0\ncontract A {}").is_empty());
    }

    #[test]
    fn machine_paths_are_found_unless_inside_a_longer_path() {
        let planted = format!("cd /{}/main", "work");
        assert_eq!(rules("a.md", &planted), ["machine-path"]);
        assert_eq!(rules("a.sh", &format!("X=\"/{}/x\"", "root")), ["machine-path"]);
        assert!(rules("a.md", &format!("docs/{}/main and ../{}/x", "work", "root")).is_empty());
    }

    #[test]
    fn registry_hosts_are_found() {
        let host = ["registry", "npmjs.org"].join(".");
        assert_eq!(
            rules("a.json", &format!("\"https://{host}/x\"")),
            ["registry-host"]
        );
    }
}
