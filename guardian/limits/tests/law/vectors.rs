//! The shared vectors of limits: written by their generator, judged by this crate.

use alloy_primitives::U256;
use limits::{Price, Verdict, value_of, weigh};
use serde_json::Value;

use crate::generate::{files, harness, read_situation, verdict_code};
use crate::trace::{Machine, STEP_WORDS, code_of, decode};

const RULES: [&str; 7] = [
    "limit_absent",
    "above_capacity",
    "above_value_capacity",
    "no_headroom",
    "too_small_to_hold",
    "too_many_held",
    "not_a_lowering",
];

#[test]
fn limits_vectors() {
    harness::check_in_step("limits", &files());
    harness::judge_all("limits", &RULES, |file| match text(file, "kind") {
        "trace" => judge_trace(file),
        "weigh" => judge_weighing(file),
        "value" => {
            let worth = value_of(word(file, "amount").to(), word(file, "price").to());
            assert_eq!(worth, word(file, "value"), "{}", text(file, "about"));
            Ok(())
        }
        "price" => {
            let price = Price {
                price: word(file, "price"),
                updated_at: word(file, "updatedAt").to(),
            };
            let usable = price.usable(word(file, "now").to(), word(file, "ageSecondsMax").to());
            let usable = usable.map_or(U256::ZERO, U256::from);
            assert_eq!(usable, word(file, "usable"), "{}", text(file, "about"));
            Ok(())
        }
        other => panic!("no kind {other}"),
    });
}

/// Every step leaves what is written; the verdict is that of the last.
fn judge_trace(file: &Value) -> Result<(), String> {
    let steps = bytes(file, "steps");
    assert!(!steps.is_empty() && steps.len().is_multiple_of(STEP_WORDS * 32));
    let mut machine = Machine::new();
    let mut last = Ok(());
    for chunk in steps.chunks(STEP_WORDS * 32) {
        let (step, answer, available, bucket) = decode(chunk);
        let outcome = machine.apply(&step);
        let about = text(file, "about");
        assert_eq!(outcome.refused.map_or(0, code_of), answer, "{about}: {step:?}");
        assert_eq!(
            (outcome.available, outcome.bucket),
            (available, bucket),
            "{about}: {step:?}"
        );
        last = outcome.refused.map_or(Ok(()), |rule| Err(rule.to_string()));
    }
    last
}

fn judge_weighing(file: &Value) -> Result<(), String> {
    let verdict = weigh(&read_situation(&bytes(file, "situation")));
    assert_eq!(
        u64::from(verdict_code(&verdict)),
        file["verdict"].as_u64().expect("a verdict"),
        "{}",
        text(file, "about")
    );
    match verdict {
        Verdict::Pay | Verdict::Hold(_) => Ok(()),
        Verdict::Refuse(reject) => Err(reject.rule().to_string()),
    }
}

fn text<'a>(file: &'a Value, field: &str) -> &'a str {
    file[field]
        .as_str()
        .unwrap_or_else(|| panic!("{field} is no text"))
}

fn bytes(file: &Value, field: &str) -> Vec<u8> {
    let digits = text(file, field)
        .strip_prefix("0x")
        .expect("hexadecimal starts with 0x");
    hex::decode(digits).expect("hexadecimal")
}

fn word(file: &Value, field: &str) -> U256 {
    U256::from_be_slice(&bytes(file, field))
}
