//! A change of one contract, or of several, that takes one check out (`contracts/mutants/*.diff`), in the notation of a diff
//! without line numbers: what it takes away must stand in its file exactly once.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};

/// The line that names the contracts whose code the change is for, one or several with commas between them.
const CONTRACT: &str = "Contract: ";
/// The line that begins a place and names its file.
const FILE: &str = "--- ";

/// A change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// The contracts to compile.
    pub(crate) contracts: Vec<String>,
    places: Vec<Place>,
}

/// One place of a change.
#[derive(Debug, Default, PartialEq, Eq)]
struct Place {
    file: String,
    before: String,
    after: String,
}

impl Change {
    /// Reads a change.
    ///
    /// # Errors
    /// If it names no contract, changes nothing, or has a line that is none of a diff.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut contracts = Vec::new();
        let mut places: Vec<Place> = Vec::new();
        for (at, line) in text.lines().enumerate() {
            if let Some(file) = line.strip_prefix(FILE) {
                places.push(Place {
                    file: file.trim().to_owned(),
                    ..Place::default()
                });
            } else if let Some(place) = places.last_mut() {
                place
                    .push(line)
                    .with_context(|| format!("line {}: {line:?}", at + 1))?;
            } else if let Some(names) = line.strip_prefix(CONTRACT) {
                contracts.extend(names.split(',').map(|name| name.trim().to_owned()));
            }
        }
        ensure!(
            !places.is_empty(),
            "it changes no file: write `{FILE}src/File.sol`"
        );
        for place in &places {
            ensure!(
                place.before != place.after && !place.before.is_empty(),
                "its place in {} changes nothing, or does not say where it is",
                place.file
            );
        }
        let named = !contracts.is_empty() && contracts.iter().all(|name| !name.is_empty());
        ensure!(named, "no line `{CONTRACT}Name`");
        Ok(Self { contracts, places })
    }

    /// Makes the change in `sources`, texts by path.
    ///
    /// # Errors
    /// If a file is not there, or does not hold the old text of a place exactly once.
    pub(crate) fn apply(&self, sources: &mut BTreeMap<String, String>) -> Result<()> {
        for place in &self.places {
            let text = sources
                .get_mut(&place.file)
                .with_context(|| format!("there is no {}", place.file))?;
            let found = text.matches(&place.before).count();
            if found != 1 {
                bail!(
                    "{} holds this {found} times, not once; adapt the change to the source:\n{}",
                    place.file,
                    place.before
                );
            }
            *text = text.replacen(&place.before, &place.after, 1);
        }
        Ok(())
    }
}

impl Place {
    fn push(&mut self, line: &str) -> Result<()> {
        let mut whole = |to: [bool; 2], text: &str| {
            for (side, wanted) in [&mut self.before, &mut self.after].into_iter().zip(to) {
                if wanted {
                    side.push_str(text);
                    side.push('\n');
                }
            }
        };
        match line.split_at_checked(1) {
            // Between two places.
            None => {}
            Some(("-", text)) => whole([true, false], text),
            Some(("+", text)) => whole([false, true], text),
            Some((" ", text)) => whole([true, true], text),
            Some(_) => bail!("a line of a place begins with `-`, `+` or a space"),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Change;
    use std::collections::BTreeMap;

    const CHANGE: &str =
        "Takes out: b.\nContract: A\n\n--- src/a.sol\n one\n-two\n+three\n\n--- src/b.sol\n-x\n";

    fn sources(a: &str) -> BTreeMap<String, String> {
        [("src/a.sol", a), ("src/b.sol", "x\ny\n")]
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .into()
    }

    #[test]
    fn changes_each_place_once() {
        let change = Change::parse(CHANGE).unwrap();
        assert_eq!(change.contracts, ["A"]);
        let mut sources = sources("zero\none\ntwo\n");
        change.apply(&mut sources).unwrap();
        assert_eq!(sources["src/a.sol"], "zero\none\nthree\n");
        assert_eq!(sources["src/b.sol"], "y\n");
    }

    #[test]
    fn refuses_a_source_that_does_not_hold_the_old_text_exactly_once() {
        let change = Change::parse(CHANGE).unwrap();
        for text in ["one\nthree\n", "one\ntwo\none\ntwo\n"] {
            let refused = change.apply(&mut sources(text)).unwrap_err().to_string();
            assert!(refused.contains("src/a.sol holds this"), "{refused}");
        }
        let mut missing = BTreeMap::new();
        assert!(
            change
                .apply(&mut missing)
                .unwrap_err()
                .to_string()
                .contains("src/a.sol")
        );
    }

    #[test]
    fn names_each_contract_that_is_compiled() {
        let text = CHANGE.replace("Contract: A", "Contract: A, B");
        assert_eq!(Change::parse(&text).unwrap().contracts, ["A", "B"]);
    }

    #[test]
    fn refuses_what_is_no_change() {
        for text in [
            "Contract: A\n",
            "Contract: A,\n--- src/a.sol\n-a\n",
            "--- src/a.sol\n-a\n",
            "Contract: A\n--- src/a.sol\n+a\n",
            "Contract: A\n--- src/a.sol\n a\n",
            "Contract: A\n--- src/a.sol\n-a\nb\n",
        ] {
            assert!(Change::parse(text).is_err(), "{text}");
        }
    }
}
