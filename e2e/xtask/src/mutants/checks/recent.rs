//! Which lines changed last, as the history of the repository tells.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

use super::Mutant;
use crate::job::Job;

/// The `count` mutants whose lines changed last, in the order of the sources. Of those that changed in the same second the
/// first by path and line are taken, so that a commit has one answer.
///
/// # Errors
/// If git does not know a file.
pub(crate) fn recent(root: &Path, mutants: Vec<Mutant>, count: usize) -> Result<Vec<Mutant>> {
    let mut times: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for mutant in &mutants {
        if !times.contains_key(&mutant.file) {
            times.insert(mutant.file.clone(), blame(root, &mutant.file)?);
        }
    }
    let changed = |mutant: &Mutant| -> u64 {
        let (first, last) = mutant.check.lines;
        let lines = times
            .get(&mutant.file)
            .and_then(|times| times.get(first - 1..last));
        lines.into_iter().flatten().copied().max().unwrap_or(0)
    };
    Ok(last(mutants, changed, count))
}

fn last(mutants: Vec<Mutant>, changed: impl Fn(&Mutant) -> u64, count: usize) -> Vec<Mutant> {
    let mut order: Vec<usize> = (0..mutants.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(mutants.get(*at).map_or(0, &changed)));
    order.truncate(count);
    let keep = |(at, mutant): (usize, Mutant)| order.contains(&at).then_some(mutant);
    mutants.into_iter().enumerate().filter_map(keep).collect()
}

/// When each line of a file was committed, in seconds.
fn blame(root: &Path, file: &str) -> Result<Vec<u64>> {
    let printed = Job::new("git", &root.join("contracts"))
        .args(["blame", "--line-porcelain", "--"])
        .arg(file)
        .output()
        .with_context(|| format!("ask git when the lines of {file} changed"))?;
    Ok(times(&printed))
}

fn times(printed: &str) -> Vec<u64> {
    let time = |line: &str| line.strip_prefix("committer-time ")?.parse().ok();
    printed.lines().filter_map(time).collect()
}

#[cfg(test)]
mod tests {
    use super::{last, times};
    use crate::mutants::checks::mutants_of;

    #[test]
    fn reads_one_time_a_line() {
        let printed =
            "abc 1 1\nauthor-time 5\ncommitter-time 7\n\tcommitter-time 9\nabc 2 2\ncommitter-time 8\n\tx\n";
        assert_eq!(times(printed), [7, 8]);
    }

    #[test]
    fn takes_the_newest_in_the_order_of_the_sources() {
        let text = "contract A { function f() external {\n require(a);\n require(b);\n require(c);\n require(d);\n } }";
        let mutants = mutants_of(&[("src/A.sol".to_owned(), text.to_owned())].into()).unwrap();
        // Lines 2 to 5 are as old as this; of the two that changed last the first one is taken.
        let ages = [0, 0, 9, 1, 9, 10];
        let newest = last(mutants, |mutant| ages[mutant.check.lines.0], 2);
        let texts: Vec<&str> = newest.iter().map(|mutant| mutant.check.text.as_str()).collect();
        assert_eq!(texts, ["require(a)", "require(d)"]);
    }
}
