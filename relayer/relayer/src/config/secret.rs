//! Secrets by reference. The configuration names a file; what is in it is read here and never printed.

use alloy::signers::local::PrivateKeySigner;
use alloy_primitives::B256;
use reqwest::Url;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The largest secret that is read, in bytes.
const BYTES_MAX: u64 = 4_096;
/// The mark of a reference to a file.
const FILE: &str = "file:";

/// A secret key of 32 bytes. It is never printed.
#[derive(Clone)]
pub(super) struct Secret(pub(super) [u8; 32]);

/// What is in the file that `reference` names, relative to `base`.
fn read(reference: &str, base: &Path) -> Result<String, String> {
    let Some(path) = reference.strip_prefix(FILE) else {
        return Err(format!(
            "a secret is given by reference, as {FILE}path/to/file, never by value"
        ));
    };
    let path: PathBuf = base.join(path);
    let shown = path.display();
    let facts = fs::metadata(&path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    if !facts.is_file() {
        return Err(format!("{shown} is no file"));
    }
    let mode = facts.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(format!(
            "{shown} has mode {mode:o} and can be read by others; run chmod 600 {shown}"
        ));
    }
    if facts.len() > BYTES_MAX {
        return Err(format!(
            "{shown} has {} bytes, a secret has at most {BYTES_MAX}",
            facts.len()
        ));
    }
    let text = fs::read_to_string(&path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    Ok(text.trim().to_owned())
}

/// The account whose key, 64 hexadecimal digits, is in the file that `reference` names.
pub(crate) fn signer(reference: &str, base: &Path) -> Result<PrivateKeySigner, String> {
    // The parser's own words could repeat what it read.
    read(reference, base)?.parse().map_err(|_| {
        format!("{reference} holds no key: 64 hexadecimal digits are needed, with or without 0x")
    })
}

/// The secret key, 64 hexadecimal digits, that is in the file that `reference` names.
pub(super) fn key(reference: &str, base: &Path) -> Result<Secret, String> {
    read(reference, base)?
        .parse::<B256>()
        .map(|key| Secret(key.0))
        .map_err(|_| {
            format!("{reference} holds no key: 64 hexadecimal digits are needed, with or without 0x")
        })
}

/// A url as it stands, or the one in the file that a reference names: urls of hosted endpoints hold keys.
pub(super) fn url(text: &str, base: &Path) -> Result<Url, String> {
    let owned;
    let (text, what) = if text.starts_with(FILE) {
        owned = read(text, base)?;
        (owned.as_str(), "the url in that file")
    } else {
        (text, "it")
    };
    let url = Url::parse(text).map_err(|error| format!("{what} is no url: {error}"))?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        other => Err(format!("{what} starts with {other}:, http: or https: is needed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";

    fn file(content: &str, mode: u32) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        fs::write(&path, content).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
        (folder, "file:key".into())
    }

    #[test]
    fn a_key_is_read_from_a_file_of_the_owner() {
        let (folder, reference) = file(&format!("0x{KEY}\n"), 0o600);
        assert!(signer(&reference, folder.path()).is_ok());
        let secret = key(&reference, folder.path()).expect("a key");
        assert_eq!(secret.0[..2], [0x4c, 0x08]);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let (folder, reference) = file(KEY, 0o640);
        let error = signer(&reference, folder.path()).expect_err("refused");
        assert!(error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn no_message_repeats_the_secret() {
        let broken = format!("{}zz", &KEY[..62]);
        let (folder, reference) = file(&broken, 0o600);
        for error in [
            signer(&reference, folder.path()).expect_err("no key"),
            signer(KEY, folder.path()).expect_err("no reference"),
            key(&reference, folder.path()).err().expect("no key"),
            key(KEY, folder.path()).err().expect("no reference"),
            url(&reference, folder.path()).expect_err("no url"),
        ] {
            assert!(!error.contains(&KEY[..16]), "{error}");
        }
    }
}
