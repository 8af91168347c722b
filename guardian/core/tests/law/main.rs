//! What guardians may do, rule by rule: shared vectors, written here and replayed by the contracts too, and random traces
//! from a fresh seed.

mod fresh;
mod generate;
mod rejects;
mod replay;
mod snapshot;
mod trace;
mod world;

#[path = "../../../../light-clients/vectors/harness.rs"]
mod harness;

/// The rules that a trace can break, the last four by the forms of a signature.
pub(crate) const RULES: [&str; 25] = [
    "too_many_guardians",
    "small_quorum",
    "large_quorum",
    "guardian_order",
    "invalid_scope",
    "unknown_path",
    "wrong_duration",
    "nothing_added",
    "over_budget",
    "expired",
    "expiry_too_far",
    "nonce_used",
    "not_enough_signers",
    "too_many_signers",
    "not_a_guardian",
    "signer_order",
    "not_halted",
    "halted_again",
    "no_resume",
    "resume_of_other_set",
    "resume_too_early",
    "signature_length",
    "recovery_byte",
    "high_s",
    "unrecoverable",
];

#[test]
fn guardian_vectors() {
    harness::check_in_step("guardian", &generate::files());
    harness::judge_all("guardian", &RULES, replay::judge);
}
