//! The checks that no test can miss, each with its reason (contracts/mutants/exceptions.json).

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::Mutant;
use crate::mutants::read;

/// Where the list is.
pub(crate) const LIST: &str = "contracts/mutants/exceptions.json";

/// A check that may survive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Exception {
    file: String,
    text: String,
    pub(crate) reason: String,
}

impl Exception {
    /// Whether a mutant is what this exception is for.
    pub(crate) fn is_for(&self, mutant: &Mutant) -> bool {
        self.file == mutant.file && self.text == mutant.check.text
    }
}

/// Reads the list and holds it against all mutants there are.
///
/// # Errors
/// If an entry lacks a part, or is for nothing.
pub(crate) fn load(root: &Path, mutants: &[Mutant]) -> Result<Vec<Exception>> {
    let path = root.join(LIST);
    let exceptions = parse(&read(&path)?).with_context(|| format!("read {}", path.display()))?;
    for exception in &exceptions {
        if !mutants.iter().any(|mutant| exception.is_for(mutant)) {
            bail!(
                "{LIST}: {} holds no check `{}`; `cargo xtask mutants contracts --list` prints what there is",
                exception.file,
                exception.text
            );
        }
    }
    Ok(exceptions)
}

fn parse(text: &str) -> Result<Vec<Exception>> {
    let value: Value = serde_json::from_str(text)?;
    let entries = value.as_array().context("it is a list")?;
    let exception = |entry: &Value| -> Result<Exception> {
        let part = |name: &str| -> Result<String> {
            let part = entry.get(name).and_then(Value::as_str).unwrap_or_default();
            ensure!(!part.trim().is_empty(), "an entry has no `{name}`: {entry}");
            Ok(part.to_owned())
        };
        let known = entry.as_object().is_some_and(|fields| fields.len() == 3);
        ensure!(
            known,
            "an entry has file, text and reason, and nothing else: {entry}"
        );
        Ok(Exception {
            file: part("file")?,
            text: part("text")?,
            reason: part("reason")?,
        })
    };
    entries.iter().map(exception).collect()
}

#[cfg(test)]
mod tests {
    use super::{load, parse};
    use crate::mutants::checks::mutants_of;

    #[test]
    fn an_exception_needs_a_file_a_text_and_a_reason() {
        let good = r#"[{"file": "src/A.sol", "text": "require(a)", "reason": "b"}]"#;
        assert_eq!(parse(good).unwrap().len(), 1);
        for bad in [
            good.replace("\"b\"", "\" \""),
            good.replace("reason", "why"),
            good.replace("}]", ", \"more\": 1}]"),
            "{}".to_owned(),
        ] {
            assert!(parse(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_exception_for_nothing_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("contracts/mutants");
        std::fs::create_dir_all(&folder).unwrap();
        let list = r#"[{"file": "src/A.sol", "text": "require(a)", "reason": "b"}]"#;
        std::fs::write(folder.join("exceptions.json"), list).unwrap();
        let source = |check: &str| {
            let text = format!("contract A {{ function f() external {{ {check}; }} }}");
            mutants_of(&[("src/A.sol".to_owned(), text)].into()).unwrap()
        };
        assert!(load(root.path(), &source("require(a)")).is_ok());
        let refused = load(root.path(), &source("require(b)")).unwrap_err().to_string();
        assert!(
            refused.contains("src/A.sol holds no check `require(a)`"),
            "{refused}"
        );
    }
}
