//! The vectors that Rust and Solidity share: written here, judged here, and by whatever else is a client of these chains.
//!
//! Every case says which error it expects, or what it does, so no verdict is taken from the code under test. What is signed
//! and hashed in them comes from `testing`, which uses none of the law.

mod accept;
pub(crate) mod format;
mod milestones;
mod packed;
mod proofs;
mod reject;
mod reject_form;
mod reject_sets;
pub(crate) mod replay;

use std::collections::BTreeSet;

#[path = "../../../../vectors/harness.rs"]
mod harness;
#[path = "../../../../vectors/rules.rs"]
mod rules;

use format::Vector;

/// All rules that bytes can break, in the order of `Reject`.
const RULES: [&str; 39] = [
    "Malformed",
    "TooManyValidators",
    "KeyKind",
    "Frozen",
    "Expired",
    "BlockVersion",
    "BadAppHash",
    "UnknownHeight",
    "NoValidators",
    "VoteCount",
    "ChainMismatch",
    "AnchorExpired",
    "HeightOrder",
    "TimeOrder",
    "FromTheFuture",
    "CommitHeight",
    "CommitBlock",
    "DuplicateValidator",
    "AddressMismatch",
    "PowerOverflow",
    "ValidatorsHash",
    "TrustedValidatorsHash",
    "VoteAddress",
    "NextValidators",
    "NotEnoughOverlap",
    "NotEnoughSigners",
    "BadSignature",
    "OlderThanRing",
    "BadConfig",
    "BootstrapTooOld",
    "NoNextValidators",
    "BadValue",
    "StoreProof",
    "KeyAbsent",
    "KeyPresent",
    "ValueMismatch",
    "NotMisbehaviour",
    // Beside the vectors: a megabyte that says nothing, and what is asked outside of any message.
    "TooLong",
    "UntrustedHeader",
];
/// How many of them vectors break.
const IN_VECTORS: usize = 37;

fn files() -> harness::Files {
    let mut files = harness::Files::new();
    let cases = [
        accept::cases(),
        milestones::accepted(),
        milestones::refused(),
        proofs::cases(),
        reject::cases(),
        reject_form::cases(),
        reject_sets::cases(),
    ]
    .concat();
    for (name, case) in cases {
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
        // What has no packed form is refused by the rule that says why.
        let why = &filled.packed_error;
        assert!(why.is_empty() || *why == case.error, "{path}: {why}");
        let value = serde_json::to_value(&filled).unwrap();
        assert!(
            files.insert(path.clone(), value).is_none(),
            "two cases are called {path}"
        );
    }
    files
}

#[test]
fn tendermint_vectors() {
    harness::check_in_step("tendermint", &files());
    harness::judge_all("tendermint", &RULES[..IN_VECTORS], |file| {
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
    let names: BTreeSet<&str> = rules::of_client(include_str!("../../../src/reject.rs"))
        .into_iter()
        .collect();
    assert_eq!(names, RULES.into_iter().collect());
}
