//! Relative links in Markdown: the file must exist, the heading too.
//!
//! It never asks the network, so links to other sites are not judged.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::{Finding, Source};

/// Checks every relative link of one Markdown source, in a repository at `root`.
pub(crate) fn check(root: &Path, source: &Source, findings: &mut Vec<Finding>) {
    if !source.path.ends_with(".md") {
        return;
    }
    for (line, target) in targets(&source.text) {
        if let Some(what) = fault(root, source, &target) {
            let remedy = "correct the link or write what it points at";
            findings.push(Finding::error(&source.path, line, "dead-link", what, remedy));
        }
    }
}

/// What is wrong with a link target; nothing if it leads somewhere.
fn fault(root: &Path, source: &Source, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, fragment) = target
        .split_once('#')
        .map_or((target, None), |(file, part)| (file, Some(part)));
    let here = Path::new(&source.path);
    let relative = match (file.strip_prefix('/'), file) {
        (Some(from_root), _) => PathBuf::from(from_root),
        (None, "") => here.to_owned(),
        (None, file) => here.parent().unwrap_or(Path::new("")).join(file),
    };
    let Some(relative) = flatten(&relative) else {
        return Some(format!("`{target}` leads out of the repository"));
    };
    let path = root.join(&relative);
    if !path.exists() {
        return Some(format!("`{target}` leads nowhere"));
    }
    let fragment = fragment.filter(|_| relative.extension().is_some_and(|ending| ending == "md"))?;
    let text = if file.is_empty() {
        source.text.clone()
    } else {
        std::fs::read_to_string(path).ok()?
    };
    let known = anchors(&text).iter().any(|anchor| anchor == fragment);
    (!known).then(|| format!("`{target}`: no heading there makes `#{fragment}`"))
}

/// `path` without `.` and `..`; nothing if it leaves its root.
fn flatten(path: &Path) -> Option<PathBuf> {
    let mut flat = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => flat.push(name),
            Component::CurDir => {}
            Component::ParentDir if flat.pop() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(flat)
}

/// The lines outside code fences, numbered from one.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(number, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fenced && !fence).then_some((number + 1, line))
    })
}

/// Every link target with its line: inline links and reference definitions.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in prose(text) {
        let line = without_code(line);
        for (at, _) in line.match_indices("](") {
            let rest = line.get(at + 2..).unwrap_or_default();
            found.push((number, rest.split(')').next().unwrap_or_default().to_owned()));
        }
        if let Some((_, rest)) = line.strip_prefix('[').and_then(|rest| rest.split_once("]:")) {
            found.push((number, rest.trim().to_owned()));
        }
    }
    for (_, target) in &mut found {
        let bare = target.split_whitespace().next().unwrap_or_default();
        *target = bare.trim_start_matches('<').trim_end_matches('>').to_owned();
    }
    found
}

/// The line with every piece between backticks blanked.
fn without_code(line: &str) -> String {
    let pieces = line.split('`').enumerate();
    pieces
        .map(|(number, piece)| if number % 2 == 0 { piece } else { " " })
        .collect::<Vec<_>>()
        .join("`")
}

/// The anchors that a Markdown text offers, as code hosts make them.
fn anchors(text: &str) -> Vec<String> {
    let mut seen = BTreeMap::<String, usize>::new();
    let headings = prose(text).filter_map(|(_, line)| {
        let title = line.trim_start_matches('#');
        (title.len() < line.len() && title.starts_with(' ')).then_some(title)
    });
    headings
        .map(|title| {
            let slug = slug(title);
            let times = seen.entry(slug.clone()).or_default();
            *times += 1;
            if *times == 1 {
                slug
            } else {
                format!("{slug}-{}", *times - 1)
            }
        })
        .collect()
}

fn slug(title: &str) -> String {
    let kept = title
        .trim()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::{Finding, Source};

    fn findings(text: &str) -> Vec<Finding> {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("docs")).unwrap();
        std::fs::write(
            root.path().join("docs/other.md"),
            "# One `thing`\n## Again\n## Again\n",
        )
        .unwrap();
        std::fs::write(root.path().join("code.rs"), "").unwrap();
        let mut found = Vec::new();
        let source = Source {
            path: "docs/here.md".into(),
            text: text.into(),
        };
        std::fs::write(root.path().join("docs/here.md"), text).unwrap();
        check(root.path(), &source, &mut found);
        found
    }

    #[test]
    fn live_links_pass() {
        let text = "# Head\n[a](other.md) [b](../code.rs#L3) [c](#head) [d](other.md#one-thing)\n\
                    [e](https://example.org/x) [f](/code.rs) [g](other.md#again-1 \"title\")\n[r]: <other.md>\n";
        assert!(findings(text).is_empty(), "{:?}", findings(text));
    }

    #[test]
    fn dead_links_are_found_with_their_line() {
        let found = findings("first\n[a](gone.md) and [b](../../out.md)\n\n[c]: gone.rs\n");
        let lines: Vec<usize> = found.iter().map(|found| found.line).collect();
        assert_eq!(lines, [2, 2, 4]);
        assert!(found[0].what.contains("gone.md"));
    }

    #[test]
    fn dead_headings_are_found() {
        assert_eq!(findings("[a](#nothing)").len(), 1);
        assert_eq!(findings("[a](other.md#again-2)").len(), 1);
    }

    #[test]
    fn code_is_not_prose() {
        assert!(findings("```\n[a](gone.md)\n```\n`[b](gone.md)`\n").is_empty());
    }
}
