//! Follows a how-to page word for word: its blocks become one shell script, run in an empty folder.
//!
//! A page that is followed uses four kinds of blocks: `sh` is run, `text` must be in what the block before it printed, and
//! any other is a file, which the line above it names: "Save as `path`:". It never fills in what the page forgot.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::job::Job;
use crate::repo::Repo;

/// A page that is followed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    /// Of its folder, and of the stage that follows it.
    pub(crate) name: &'static str,
    path: &'static str,
}

/// The page that developers of applications start with.
pub(crate) const FIRST_DAPP: Page = Page {
    name: "first-dapp",
    path: "docs/howto/first-dapp.md",
};
/// The page that guardians rehearse.
pub(crate) const GUARDIAN: Page = Page {
    name: "guardian-page",
    path: "docs/howto/guardian.md",
};
/// All of them.
pub(crate) const PAGES: [Page; 2] = [FIRST_DAPP, GUARDIAN];

/// Ends a file within the script; no page contains it.
const END: &str = "WEIGHBRIDGE_END_OF_FILE";

/// One block of a page that asks for something to be done.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Commands.
    Run(String),
    /// A file: where, and what is in it.
    Save(String, String),
    /// Lines that the last commands printed.
    Expect(Vec<String>),
}

/// Follows `page` in a folder of the logs, which it empties first.
///
/// # Errors
/// If the page cannot be read as steps, a step fails, or prints something else than the page says.
pub(crate) fn follow(repo: &Repo, page: Page, run: &dyn Fn(&Job) -> Result<()>) -> Result<()> {
    follow_in(repo, page, &repo.logs().join(page.name), run).with_context(|| format!("follow {}", page.path))
}

fn follow_in(repo: &Repo, page: Page, folder: &Path, run: &dyn Fn(&Job) -> Result<()>) -> Result<()> {
    let path = repo.root.join(page.path);
    let text = std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    let steps = steps(&text)?;
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("clear {}", folder.display()))?;
    }
    let (work, logs) = (folder.join("work"), folder.join("logs"));
    for dir in [&work, &logs] {
        std::fs::create_dir_all(dir).with_context(|| format!("create {}", dir.display()))?;
    }
    let script = folder.join("script.sh");
    std::fs::write(&script, script_of(&steps)).with_context(|| format!("write {}", script.display()))?;
    let job = Job::niced("bash", &work)
        .arg(&script)
        .env("WEIGHBRIDGE", &repo.root)
        .env("WEIGHBRIDGE_CACHE", &repo.cache)
        .env("LOGS", &logs)
        .env("FOUNDRY_DISABLE_NIGHTLY_WARNING", "1")
        .env("FOUNDRY_OFFLINE", "true");
    let failed = run(&job).err();
    let printed =
        |index: usize| std::fs::read_to_string(logs.join(format!("{index}.log"))).unwrap_or_default();
    if let Some(error) = failed {
        let last = steps
            .len()
            .checked_sub(1)
            .and_then(|last| (0..=last).rev().find(|at| !printed(*at).is_empty()));
        let last = last.map(printed).unwrap_or_default();
        return Err(error.context(format!("the last step printed\n{last}")));
    }
    check_printed(&steps, printed)
}

/// Reads the blocks of a page.
fn steps(page: &str) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    let mut above = "";
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            steps.push(step(language, above, &body)?);
        }
        if !line.is_empty() {
            above = line;
        }
    }
    Ok(steps)
}

fn step(language: &str, above: &str, body: &[&str]) -> Result<Step> {
    let text: String = body.iter().flat_map(|line| [line, "\n"]).collect();
    match language {
        "" => bail!("a block after `{above}` has no language"),
        "sh" => Ok(Step::Run(text)),
        "text" => Ok(Step::Expect(body.iter().map(|line| (*line).to_owned()).collect())),
        _ => {
            let path = above
                .strip_prefix("Save as `")
                .and_then(|rest| rest.strip_suffix("`:"));
            let path = path.with_context(|| {
                format!("the line above a block of {language} must be \"Save as `path`:\", not `{above}`")
            })?;
            ensure!(!text.contains(END), "{path} contains {END}");
            Ok(Step::Save(path.to_owned(), text))
        }
    }
}

/// One script, so that a `cd` or an `export` of one block holds for the next, as it does for a reader. What each step
/// prints goes into a log of its own.
fn script_of(steps: &[Step]) -> String {
    let mut script = String::from("set -euo pipefail\n");
    for (index, step) in steps.iter().enumerate() {
        match step {
            Step::Run(commands) => script += &format!("exec > \"$LOGS/{index}.log\" 2>&1\n{commands}"),
            Step::Save(path, text) => script += &format!("cat > '{path}' <<'{END}'\n{text}{END}\n"),
            Step::Expect(_) => {}
        }
    }
    script
}

/// Every expected line is in what the last commands before it printed.
fn check_printed(steps: &[Step], printed: impl Fn(usize) -> String) -> Result<()> {
    let mut last = None;
    let mut expected = 0usize;
    for (index, step) in steps.iter().enumerate() {
        match step {
            Step::Run(_) => last = Some(index),
            Step::Save(..) => {}
            Step::Expect(lines) => {
                let text = printed(last.context("output is expected before anything was run")?);
                for line in lines {
                    ensure!(
                        text.contains(line.as_str()),
                        "`{line}` is expected, and this was printed:\n{text}"
                    );
                    expected += 1;
                }
            }
        }
    }
    ensure!(
        expected > 0,
        "no output is expected, so nothing would show that it works"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Step, check_printed, script_of, steps};

    const PAGE: &str =
        "Text\n```sh\necho one\n```\nSave as `a/b.txt`:\n```toml\nx = 1\n```\n\n```text\none\n```\n";

    #[test]
    fn reads_commands_files_and_expectations() {
        let expected = [
            Step::Run("echo one\n".into()),
            Step::Save("a/b.txt".into(), "x = 1\n".into()),
            Step::Expect(vec!["one".into()]),
        ];
        assert_eq!(steps(PAGE).unwrap(), expected);
        assert!(steps("```\nx\n```\n").is_err());
        assert!(steps("no name above\n```toml\nx\n```\n").is_err());
    }

    #[test]
    fn writes_one_script() {
        let script = script_of(&steps(PAGE).unwrap());
        let file = "cat > 'a/b.txt' <<'WEIGHBRIDGE_END_OF_FILE'\nx = 1\nWEIGHBRIDGE_END_OF_FILE\n";
        assert_eq!(
            script,
            format!("set -euo pipefail\nexec > \"$LOGS/0.log\" 2>&1\necho one\n{file}")
        );
    }

    #[test]
    fn refuses_other_output_and_pages_without_any() {
        let page = steps(PAGE).unwrap();
        assert!(check_printed(&page, |at| ["one\n", "", ""][at].into()).is_ok());
        assert!(check_printed(&page, |_| "two\n".into()).is_err());
        assert!(check_printed(&page[..2], |_| "one\n".into()).is_err());
        assert!(check_printed(&page[2..], |_| "one\n".into()).is_err());
    }

    #[test]
    fn the_pages_can_be_followed() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for page in super::PAGES {
            let text = std::fs::read_to_string(root.join(page.path)).unwrap();
            let steps = steps(&text).unwrap();
            let runs = steps.iter().filter(|step| matches!(step, Step::Run(_))).count();
            assert!(runs > 2, "{}", page.path);
        }
    }
}
