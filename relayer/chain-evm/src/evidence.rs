//! Evidence against attestors on disk: what was found outlives the process that found it, until the client has been told.
//!
//! One small file for each contradiction, named by whom it was signed for and about which block, or which two. They are never deleted: when
//! the client takes one, the attestor counts no more and nothing further is found about him, and operators want to show it.
//!
//! What this module must never do: call a file evidence that the law crate does not.

use crate::witness::{Audience, audience_of};
use alloy_primitives::hex;
use attestor::{Evidence, Trusted, codec};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use wire::Seconds;

const EXTENSION: &str = "evidence";

/// The folder.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Opens the folder at `path`, and makes it where it is missing.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        fs::create_dir_all(path)
            .map_err(|error| format!("evidence cannot be kept in {}: {error}", path.display()))?;
        Ok(Self(path.to_owned()))
    }

    /// Writes `evidence` down, unless it is there. What cannot be written is said in the log and goes on without.
    pub(crate) fn keep(&self, trusted: &Trusted, evidence: &Evidence) {
        let path = self.path_of(&audience_of(trusted), evidence);
        if path.exists() {
            return;
        }
        match write(&path, &codec::encode_evidence(evidence)) {
            Ok(()) => {
                tracing::warn!(path = %path.display(), "attestors contradict themselves: evidence is kept")
            }
            Err(error) => {
                tracing::error!(path = %path.display(), %error, "evidence cannot be kept: a restart would lose it");
            }
        }
    }

    /// What was kept for the client of `trusted`, if it still proves something.
    pub(crate) fn find(&self, trusted: &Trusted, now: Seconds) -> Option<Evidence> {
        let audience = prefix(&audience_of(trusted));
        let mut paths: Vec<PathBuf> = self.files(&audience).collect();
        paths.sort();
        paths.iter().find_map(|path| {
            let evidence = read(path)?;
            attestor::check_misbehaviour(trusted, &evidence, now).ok()?;
            Some(evidence)
        })
    }

    fn files(&self, audience: &str) -> impl Iterator<Item = PathBuf> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        paths.filter(move |path| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with(audience))
                && path.extension().is_some_and(|end| end == EXTENSION)
        })
    }

    fn path_of(&self, audience: &Audience, evidence: &Evidence) -> PathBuf {
        let (first, second) = (evidence.first.height, evidence.second.height);
        let of = if first == second {
            first.to_string()
        } else {
            format!("{first}-{second}")
        };
        self.0.join(format!("{}{of}.{EXTENSION}", prefix(audience)))
    }
}

/// Chain and contract of the client, and the number of its set.
fn prefix((host, contract, set_id): &Audience) -> String {
    format!("{}-{}-{set_id}-", hex::encode(host), hex::encode(contract))
}

/// Whole or not at all, also when the machine stops.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("part");
    let mut file = fs::File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)
}

fn read(path: &Path) -> Option<Evidence> {
    let bytes = fs::read(path).map_err(|error| error.to_string());
    let evidence =
        bytes.and_then(|bytes| codec::decode_evidence(&bytes).map_err(|reject| reject.to_string()));
    evidence
        .inspect_err(|text| {
            tracing::error!(path = %path.display(), %text, "evidence is damaged: look at it, or move it away");
        })
        .ok()
}

#[cfg(test)]
mod tests {
    use super::{EXTENSION, Folder};
    use crate::witness::Witness;
    use crate::witness::tests::{HEIGHT, NOW, claim, client};
    use attestor::testing::Keys;

    /// What the first attestor signs is contradicted by himself.
    fn contradict(keys: &Keys, witness: &Witness) -> attestor::Trusted {
        let trusted = client(keys);
        let domain = trusted.config.domain(1);
        for byte in [1, 2] {
            let signed = keys.attest(&domain, HEIGHT, &claim(byte), &[0]);
            witness.note(&trusted, HEIGHT, &claim(byte), &signed[0]);
        }
        trusted
    }

    fn witness(path: &std::path::Path) -> Witness {
        Witness::keeping(Folder::open(path).unwrap())
    }

    #[test]
    fn what_was_found_is_found_again_after_a_restart_until_the_client_has_taken_it() {
        let (keys, dir) = (Keys::new(1, 3), tempfile::tempdir().unwrap());
        let path = dir.path().join("evidence");
        let before = witness(&path);
        let trusted = contradict(&keys, &before);
        let found = before.evidence(&trusted, NOW).unwrap();
        let after = witness(&path);
        assert_eq!(after.evidence(&trusted, NOW), Some(found.clone()));
        let struck = attestor::check_misbehaviour(&trusted, &found, NOW).unwrap();
        assert_eq!(after.evidence(&struck, NOW), None);
        let other = client(&Keys::new(2, 3));
        assert_eq!(
            after.evidence(&other, NOW),
            None,
            "signatures of nobody in its set"
        );
        assert_eq!(
            after.evidence(&trusted, NOW),
            Some(found),
            "an endpoint may have lied: nothing is deleted"
        );
    }

    #[test]
    fn a_damaged_or_unfinished_file_is_passed_over_and_left() {
        let (keys, dir) = (Keys::new(1, 3), tempfile::tempdir().unwrap());
        let first = witness(dir.path());
        let trusted = contradict(&keys, &first);
        let found = first.evidence(&trusted, NOW).unwrap();
        let file = dir.path().read_dir().unwrap().next().unwrap().unwrap().path();
        let bytes = std::fs::read(&file).unwrap();
        // Earlier in the order, so that it is met first.
        let name = file.file_name().unwrap().to_str().unwrap();
        let damaged = dir
            .path()
            .join(name.replace(&format!("-{HEIGHT}."), &format!("-{}.", HEIGHT - 1)));
        std::fs::write(&damaged, &bytes[..bytes.len() - 1]).unwrap();
        std::fs::write(file.with_extension("part"), b"half").unwrap();
        assert_eq!(witness(dir.path()).evidence(&trusted, NOW), Some(found));
        assert!(damaged.exists() && damaged.extension().unwrap() == EXTENSION);
    }

    #[test]
    fn a_folder_that_cannot_be_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, b"").unwrap();
        let error = Folder::open(&path).unwrap_err();
        assert!(error.contains("evidence cannot be kept in"), "{error}");
    }
}
