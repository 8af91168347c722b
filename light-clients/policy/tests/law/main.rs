//! The law of policies: shared vectors, fresh cases, and what holds for every tree.

mod cases;
mod format;
mod fresh;
mod rejects;

#[path = "../../../vectors/harness.rs"]
mod harness;

use format::Vector;

/// Rules that bytes and leaves can break, in the order of `Reject`.
const RULES: [&str; 4] = ["Malformed", "BadPolicy", "NotSatisfied", "WrongHeight"];

#[test]
fn policy_vectors() {
    let mut files = harness::Files::new();
    for (name, case) in cases::cases() {
        let filled = case.filled();
        assert_eq!(
            (&filled.error, filled.proven_at, filled.status),
            (&case.error, case.proven_at, case.status),
            "{name}"
        );
        let path = if case.error.is_empty() {
            format!("accept/{name}.json")
        } else {
            format!("reject/{}/{name}.json", case.error)
        };
        let value = serde_json::to_value(&filled).unwrap();
        assert!(files.insert(path, value).is_none(), "two cases are called {name}");
    }
    harness::check_in_step("policy", &files);
    harness::judge_all("policy", &RULES, |file| {
        let vector: Vector = serde_json::from_value(file.clone()).unwrap();
        let judged = vector.filled();
        if judged.error.is_empty() {
            assert_eq!(judged, vector);
            return Ok(());
        }
        Err(judged.error)
    });
}
