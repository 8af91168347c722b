//! The vectors that Rust and Solidity share: written here, judged here, and by forge.
//!
//! Every case says which error it expects, or what it does, so no verdict is taken from the code under test.

use std::collections::BTreeSet;

#[path = "../../../vectors/harness.rs"]
mod harness;
#[path = "../../../vectors/rules.rs"]
mod rules;

use crate::fixture::World;
use crate::format::Vector;
use crate::{accept, reject, reject_claims, reject_moves, reject_proofs, replay};

/// All rules that bytes can break, in the order of `Reject`; those of single signatures stand for `Signature`.
pub(crate) const RULES: [&str; 30] = [
    "Malformed",
    "BadSet",
    "Frozen",
    "Expired",
    "RotationDue",
    "OffInterval",
    "EmptyStorageRoot",
    "FromTheFuture",
    "StateExpired",
    "RotationPending",
    "WrongNonce",
    "RotationExpired",
    "RotationExpiryTooFar",
    "SignerOrder",
    "UnknownSigner",
    "RecoveryByte",
    "HighS",
    "Unrecoverable",
    "WrongSigner",
    "BelowThreshold",
    "OlderThanRing",
    "BadConfig",
    "NoRotation",
    "RotationEarly",
    "UnknownHeight",
    "BadValue",
    "StorageProof",
    "SlotAbsent",
    "SlotPresent",
    "ValueMismatch",
];
/// Beside those: for evidence.
const EVIDENCE: &str = "NotMisbehaviour";

/// Every case with its name.
pub(crate) fn cases(world: &World) -> Vec<(String, Vector)> {
    [
        accept::cases(world),
        reject::cases(world),
        reject_claims::cases(world),
        reject_moves::cases(world),
        reject_proofs::cases(world),
    ]
    .concat()
}

fn files() -> harness::Files {
    let mut files = harness::Files::new();
    for (name, case) in cases(&World::new()) {
        let path = if case.error.is_empty() {
            format!("accept/{name}.json")
        } else {
            format!("reject/{}/{name}.json", case.error)
        };
        let filled = replay::filled(&case);
        assert_eq!(
            (&filled.error, &filled.result),
            (&case.error, &case.result),
            "{path}"
        );
        let value = serde_json::to_value(&filled).unwrap();
        assert!(
            files.insert(path.clone(), value).is_none(),
            "two cases are called {path}"
        );
    }
    files
}

#[test]
fn attestor_vectors() {
    harness::check_in_step("attestor", &files());
    let rules: Vec<&str> = RULES.into_iter().chain([EVIDENCE]).collect();
    harness::judge_all("attestor", &rules, |file| {
        let vector: Vector = serde_json::from_value(file.clone()).unwrap();
        let judged = replay::filled(&vector);
        if judged.error.is_empty() {
            assert_eq!(judged, vector);
            return Ok(());
        }
        Err(judged.error)
    });
}

#[test]
fn the_list_of_rules_is_complete() {
    let names: BTreeSet<&str> = rules::of_client(include_str!("../../src/reject.rs"))
        .into_iter()
        .filter(|name| *name != "Signature")
        .collect();
    let known: BTreeSet<&str> = RULES
        .into_iter()
        .chain([EVIDENCE])
        .filter(|name| !["RecoveryByte", "HighS", "Unrecoverable"].contains(name))
        .collect();
    assert_eq!(names, known);
}
