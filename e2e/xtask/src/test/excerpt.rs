//! What of a failed stage's log a reader needs at once: the places that tell of a failure, and the end.
//!
//! The end alone is not enough: where tests go on after a failure, as cargo's do, the reason stands far above it.

use std::path::Path;

/// How tools begin a line, or go on in it, when they tell of a failure: Rust's tests, forge, compilers, our programs.
const MARKS: [&str; 5] = ["panicked at", "... FAILED", "[FAIL", "error[", "error: "];
/// How many lines after such a place belong to it.
const PASSAGE: usize = 12;

/// At most `lines` lines that tell of failures, from the first on, and the last `lines` lines of the log at `path`.
pub(super) fn excerpt(path: &Path, lines: usize) -> String {
    let text = std::fs::read(path)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    let end = all.len().saturating_sub(lines);
    let mut shown = String::new();
    let mut expected = 0;
    for at in telling(all.get(..end).unwrap_or_default())
        .take(lines)
        .chain(end..all.len())
    {
        if at != expected {
            shown.push_str("    ...\n");
        }
        expected = at + 1;
        let line = all.get(at).copied().unwrap_or_default();
        shown.push_str(&format!("    {line}\n"));
    }
    shown
}

/// The numbers of the lines that tell of a failure.
fn telling<'a>(lines: &'a [&str]) -> impl Iterator<Item = usize> + 'a {
    let mut left = 0;
    lines.iter().enumerate().filter_map(move |(at, line)| {
        if MARKS.iter().any(|mark| line.contains(mark)) {
            left = PASSAGE;
        }
        let tells = left > 0;
        left = left.saturating_sub(1);
        tells.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::{PASSAGE, excerpt};

    fn of(lines: &[String]) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        std::fs::write(&path, lines.join("\n")).unwrap();
        excerpt(&path, 20)
    }

    fn dull(count: usize) -> Vec<String> {
        (0..count).map(|line| format!("line {line}")).collect()
    }

    #[test]
    fn a_failure_far_above_the_end_is_shown_before_it() {
        let mut lines = dull(100);
        lines[30] = "thread 'rule' panicked at rules.rs:7: left 1, right 2".into();
        let shown = of(&lines);
        assert!(
            shown.starts_with("    ...\n    thread 'rule' panicked at"),
            "{shown}"
        );
        assert!(shown.ends_with("    line 98\n    line 99\n"), "{shown}");
        assert_eq!(shown.lines().count(), 1 + PASSAGE + 1 + 20);
    }

    #[test]
    fn many_failures_leave_the_first_ones_and_the_end() {
        let mut lines = dull(400);
        for line in lines.iter_mut().take(300) {
            line.push_str(" ... FAILED");
        }
        let shown = of(&lines);
        assert!(shown.starts_with("    line 0 ... FAILED\n"), "{shown}");
        assert_eq!(shown.lines().count(), 20 + 1 + 20);
    }

    #[test]
    fn a_short_log_is_shown_once_and_a_missing_one_is_empty() {
        let mut lines = dull(3);
        lines[0] = "error: no".into();
        assert_eq!(of(&lines), "    error: no\n    line 1\n    line 2\n");
        assert_eq!(excerpt(std::path::Path::new("/no/such/log"), 20), "");
    }
}
