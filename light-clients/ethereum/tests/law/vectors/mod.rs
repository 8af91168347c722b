//! The vectors that Rust and Solidity share: written here, replayed here, and by forge.
//!
//! `WEIGHBRIDGE_BLESS=1` writes `light-clients/vectors/beacon`; without it the files have to be what would be written.
//! Every case says which error it expects, so no verdict is taken from the code under test.

mod accept;
mod conflicts;
mod format;
mod fresh;
mod point;
mod proofs;
mod reject;
mod reject_signed;
mod replay;
#[path = "../../../../vectors/rules.rs"]
mod rules;
mod scene;
mod start;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::{env, fs};

use format::Vector;

/// Rules that no contract call can break: the caller's own trusted root is compared outside the contract.
const NOT_IN_CONTRACT: [&str; 1] = ["UntrustedHeader"];

/// All rules, in the order of `Reject`.
const RULES: [&str; 34] = [
    "Malformed",
    "Frozen",
    "Expired",
    "UnknownFork",
    "FromTheFuture",
    "SlotOrder",
    "OlderThanRing",
    "NotEnoughSigners",
    "UnknownCommittee",
    "WrongCommittee",
    "FinalityBranch",
    "ExecutionBranch",
    "NextCommitteePeriod",
    "NextCommitteeBranch",
    "AbsenteeProof",
    "BadPoint",
    "AggregateAtInfinity",
    "BadSignature",
    "AccountProof",
    "AccountAbsent",
    "EmptyStorageRoot",
    "ConflictingCheckpoint",
    "BadConfig",
    "BootstrapTooOld",
    "UntrustedHeader",
    "CommitteeBranch",
    "UnknownHeight",
    "BadValue",
    "StorageProof",
    "SlotAbsent",
    "SlotPresent",
    "ValueMismatch",
    "NotMisbehaviour",
    "ForkOrder",
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../vectors/beacon")
}

/// Every case by its path below the folder.
fn all() -> BTreeMap<String, Vector> {
    let scene = scene::Scene::new();
    let cases = [
        accept::cases(&scene),
        conflicts::cases(&scene),
        reject::cases(&scene),
        reject_signed::cases(&scene),
        start::cases(&scene),
        proofs::cases(&scene),
    ];
    let mut all = BTreeMap::new();
    for (name, vector) in cases.into_iter().flatten() {
        let path = if vector.error.is_empty() {
            format!("accept/{name}.json")
        } else {
            format!("reject/{}/{name}.json", vector.error)
        };
        assert!(
            all.insert(path.clone(), vector).is_none(),
            "two cases are called {path}"
        );
    }
    all
}

/// Every file below the folder.
fn written() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(folder())
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('\\', "/");
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn vectors_are_judged_as_they_say_and_cover_every_rule() {
    let cases = all();
    let mut covered = BTreeSet::new();
    for (path, vector) in &cases {
        replay::check(path, vector);
        covered.insert(vector.error.clone());
    }
    for rule in RULES {
        let expected = !NOT_IN_CONTRACT.contains(&rule);
        assert_eq!(covered.contains(rule), expected, "vectors for {rule}");
    }
    let files: BTreeMap<String, String> = cases
        .iter()
        .map(|(path, vector)| (path.clone(), vector.to_json()))
        .collect();
    if env::var_os("WEIGHBRIDGE_BLESS").is_some() {
        let _ = fs::remove_dir_all(folder());
        for (path, text) in &files {
            let path = folder().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    let written = written();
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(&written),
        names(&files),
        "bless the vectors: WEIGHBRIDGE_BLESS=1"
    );
    for (path, text) in &files {
        assert!(written[path] == *text, "{path} is outdated: WEIGHBRIDGE_BLESS=1");
        replay::check(path, &Vector::from_json(&written[path]));
    }
}

#[test]
fn the_list_of_rules_is_complete() {
    assert_eq!(rules::of_client(include_str!("../../../src/reject.rs")), RULES);
}
