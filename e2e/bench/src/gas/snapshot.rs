//! contracts/snapshots/gas.json: the seed, and the figures that it gave.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use super::limits::Figures;

/// Where the snapshot lies, from the root of the repository.
pub(super) const PATH: &str = "contracts/snapshots/gas.json";

/// The seed of the first snapshot.
const SEED_FIRST: u64 = 1;

/// The key that is not a figure.
const SEED: &str = "seed";

/// One measurement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Snapshot {
    /// What the fixture was made from.
    pub(super) seed: u64,
    /// What was measured.
    pub(super) figures: Figures,
}

impl Snapshot {
    /// Reads the file.
    ///
    /// # Errors
    /// It can't be read, or holds something that is no number.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| {
            format!(
                "failed to read {}: run in the root of the repository; `cargo xtask gas` writes it",
                path.display()
            )
        })?;
        Self::parse(&text).with_context(|| format!("{} is not a snapshot", path.display()))
    }

    /// Writes the file.
    ///
    /// # Errors
    /// It can't be written.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("failed to create {}", folder.display()))?;
        }
        std::fs::write(path, self.text()?).with_context(|| format!("failed to write {}", path.display()))
    }

    /// Checks that `fresh`, measured with the same seed, is the same.
    ///
    /// # Errors
    /// Names every key that differs, with both values.
    pub(super) fn compare(&self, fresh: &Self) -> Result<()> {
        let number = |value: Option<&u64>| value.map_or_else(|| "nothing".to_owned(), u64::to_string);
        let mut differences = Vec::new();
        if self.seed != fresh.seed {
            differences.push(format!("seed was {}, is {}", self.seed, fresh.seed));
        }
        let keys = self.figures.keys().chain(fresh.figures.keys());
        for key in keys.collect::<std::collections::BTreeSet<_>>() {
            let (was, is) = (self.figures.get(key), fresh.figures.get(key));
            if was != is {
                differences.push(format!("{key} was {}, is {}", number(was), number(is)));
            }
        }
        if !differences.is_empty() {
            bail!(
                "{PATH} differs: {}. If that is meant, run `cargo xtask gas` and commit the file",
                differences.join("; ")
            );
        }
        Ok(())
    }

    fn parse(text: &str) -> Result<Self> {
        let mut numbers = Figures::new();
        let fields: Map<String, Value> = serde_json::from_str(text)?;
        for (key, value) in fields {
            let number = value
                .as_u64()
                .with_context(|| format!("{key} is {value}, which is no number"))?;
            numbers.insert(key, number);
        }
        let seed = numbers.remove(SEED).context("it names no seed")?;
        Ok(Self {
            seed,
            figures: numbers,
        })
    }

    fn text(&self) -> Result<String> {
        let mut fields: Map<String, Value> = Map::new();
        fields.insert(SEED.to_owned(), self.seed.into());
        fields.extend(
            self.figures
                .iter()
                .map(|(key, gas)| (key.clone(), Value::from(*gas))),
        );
        Ok(serde_json::to_string_pretty(&fields)? + "\n")
    }
}

/// The seed to rebuild the file with: its own, or the first if there is no file.
///
/// # Errors
/// There is a file that can't be read.
pub(super) fn seed_of(path: &Path) -> Result<u64> {
    if path.exists() {
        Ok(Snapshot::read(path)?.seed)
    } else {
        Ok(SEED_FIRST)
    }
}

#[cfg(test)]
mod tests {
    use super::{SEED_FIRST, Snapshot, seed_of};

    fn snapshot() -> Snapshot {
        Snapshot {
            seed: 7,
            figures: [("a".to_owned(), 5), ("b".to_owned(), 6)].into(),
        }
    }

    #[test]
    fn a_written_snapshot_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("snapshots/gas.json");
        assert_eq!(seed_of(&path).unwrap(), SEED_FIRST);
        snapshot().write(&path).unwrap();
        assert_eq!(Snapshot::read(&path).unwrap(), snapshot());
        assert_eq!(seed_of(&path).unwrap(), 7);
    }

    #[test]
    fn refuses_a_file_that_is_no_snapshot() {
        for text in ["", "[]", "{}", r#"{"seed": "7"}"#, r#"{"seed": 7, "a": -1}"#] {
            assert!(Snapshot::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_difference_is_named_with_both_values() {
        snapshot().compare(&snapshot()).unwrap();
        let fresh = Snapshot {
            seed: 8,
            figures: [("a".to_owned(), 4), ("c".to_owned(), 6)].into(),
        };
        let text = snapshot().compare(&fresh).unwrap_err().to_string();
        for part in [
            "seed was 7, is 8",
            "a was 5, is 4",
            "b was 6, is nothing",
            "c was nothing, is 6",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}
