//! Keeps a folder of shared vectors and its generator in step.
//!
//! Included by the `vectors` tests of the law crates with `#[path]`. A generator answers with all files of its
//! folder; with `WEIGHBRIDGE_BLESS` set they are written, else compared with what is there. Then every file on
//! disk is judged.

use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Files by path relative to their folder, for example `accept/packet_01.json`.
pub(crate) type Files = BTreeMap<String, Value>;

/// Writes `generated` to the folder `name` when blessing; fails when the folder holds anything else.
pub(crate) fn check_in_step(name: &str, generated: &Files) {
    let folder = folder(name);
    if std::env::var_os("WEIGHBRIDGE_BLESS").is_some() {
        write_all(&folder, generated);
    }
    let present = read_all(&folder);
    for (path, file) in generated {
        let found = present
            .get(path)
            .unwrap_or_else(|| panic!("{name}/{path} is missing: bless the vectors"));
        assert_eq!(
            found, file,
            "{name}/{path} is not what the generator writes: bless the vectors"
        );
    }
    for path in present.keys() {
        assert!(
            generated.contains_key(path),
            "{name}/{path} has no generator: remove it or bless the vectors"
        );
    }
}

/// Judges every file of the folder `name` and checks that each of `rules` refuses at least one.
///
/// - `judge`: `Ok` when the file's input is accepted with the result that the file names, else the broken rule.
pub(crate) fn judge_all(name: &str, rules: &[&str], judge: impl Fn(&Value) -> Result<(), String>) {
    let files = read_all(&folder(name));
    let mut accepted = 0usize;
    let mut refused = BTreeMap::<String, usize>::new();
    for (path, file) in &files {
        let verdict = judge(file);
        match path.split('/').collect::<Vec<_>>().as_slice() {
            ["accept", _] => {
                assert_eq!(verdict, Ok(()), "{name}/{path}");
                accepted += 1;
            }
            ["reject", rule, _] => {
                assert_eq!(verdict, Err(rule.to_string()), "{name}/{path}");
                *refused.entry(rule.to_string()).or_default() += 1;
            }
            _ => panic!("{name}/{path} is neither accept/FILE nor reject/RULE/FILE"),
        }
    }
    assert!(accepted > 0, "{name}/accept is empty");
    for rule in rules {
        assert!(refused.contains_key(*rule), "{name}/reject/{rule} has no vector");
    }
    for rule in refused.keys() {
        assert!(
            rules.contains(&rule.as_str()),
            "{name}/reject/{rule} is no rule that vectors can break"
        );
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../light-clients/vectors")
        .join(name)
}

fn write_all(folder: &Path, files: &Files) {
    if folder.exists() {
        fs::remove_dir_all(folder).expect("remove the old vectors");
    }
    for (path, file) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("files lie in folders")).expect("create a vector folder");
        let text = serde_json::to_string_pretty(file).expect("a JSON value has a text");
        fs::write(path, text + "\n").expect("write a vector");
    }
}

fn read_all(folder: &Path) -> Files {
    let mut files = Files::new();
    read_into(folder, "", &mut files);
    assert!(!files.is_empty(), "no vectors under {}", folder.display());
    files
}

fn read_into(folder: &Path, prefix: &str, files: &mut Files) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("read {}: {error}", folder.display()));
    for entry in entries {
        let entry = entry.expect("read a folder entry");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().expect("know a file's type").is_dir() {
            read_into(&entry.path(), &format!("{name}/"), files);
        } else {
            let text = fs::read_to_string(entry.path()).expect("read a vector");
            let value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            files.insert(name, value);
        }
    }
}
