//! The runner of traces: what agrees, what differs, and what is no case.

use std::fs;

use serde_json::{Value, json};
use spec_store::{Tally, run_tendermint};
use tempfile::TempDir;
use tendermint_client::testing::{Kind, Validators, World};

/// A chain of one set after another.
fn world() -> World {
    let set = |seed| Validators::new(Kind::Ed25519, seed, &[10, 10, 10]);
    World::new("toy", 0, set(1)).with_set(5, set(2))
}

fn block(world: &World, height: i64) -> Value {
    let block = world.block_at(height);
    json!({
        "signed_header": { "header": block.header, "commit": block.commit },
        "validator_set": block.validators.message(),
        "next_validator_set": world.set_at(height + 1).message(),
    })
}

fn step(world: &World, height: i64, verdict: &str) -> Value {
    json!({ "block": block(world, height), "now": "2023-11-14T23:00:00Z", "verdict": verdict })
}

/// From block 1: too far, the next but one, the same again, one of another chain.
fn trace() -> Value {
    let world = world();
    let other = World::new("other", 0, world.set_at(1).clone());
    let mut initial = block(&world, 1);
    initial["trusting_period"] = json!("86400000000000");
    initial["now"] = json!("2023-11-14T23:00:00Z");
    json!({
        "description": "made here",
        "initial": initial,
        "input": [
            step(&world, 9, "NOT_ENOUGH_TRUST"),
            step(&world, 3, "SUCCESS"),
            step(&world, 3, "INVALID"),
            step(&other, 4, "INVALID"),
        ],
    })
}

/// From block 1 to block 9, through the last block of the first set.
fn bisection(steps: usize) -> Value {
    let world = world();
    let provider = |world: &World| {
        let blocks: Vec<Value> = (1..=9).map(|height| block(world, height)).collect();
        json!({ "chain_id": "toy", "lite_blocks": blocks })
    };
    json!({
        "description": "made here",
        "trust_options": {
            "period": "86400000000000",
            "height": "1",
            "hash": hex(&world.block_at(1).hash()),
            "trust_level": { "numerator": "1", "denominator": "3" },
        },
        "primary": provider(&world),
        "witnesses": [{ "value": provider(&world) }],
        "height_to_verify": "9",
        "now": "2023-11-14T23:00:00Z",
        "expected_output": "no error",
        "expected_num_of_bisections": steps,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn run(file: &Value) -> (Tally, String) {
    let folder = TempDir::new().unwrap();
    let below = folder.path().join("below");
    fs::create_dir(&below).unwrap();
    fs::write(below.join("case.json"), file.to_string()).unwrap();
    let mut out = Vec::new();
    let tally = run_tendermint(folder.path(), &mut out).unwrap();
    (tally, String::from_utf8(out).unwrap())
}

fn agrees(file: &Value) {
    let (tally, out) = run(file);
    assert_eq!((tally.agreed, tally.differed), (1, 0), "{out}");
    assert!(tally.is_good());
}

fn differs(file: &Value) {
    let (tally, out) = run(file);
    assert_eq!((tally.agreed, tally.differed), (0, 1), "{out}");
    assert!(!tally.is_good());
}

#[test]
fn a_file_that_is_no_case_is_told_and_one_that_cannot_be_read_differs() {
    let (tally, out) = run(&json!({ "tests": ["a list of names"] }));
    assert_eq!((tally.skipped, tally.differed), (1, 0), "{out}");
    assert!(
        out.contains("neither a trace nor a bisection") && !tally.is_good(),
        "{out}"
    );
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("cut.json"), &trace().to_string()[1..]).unwrap();
    let mut out = Vec::new();
    let tally = run_tendermint(folder.path(), &mut out).unwrap();
    assert_eq!((tally.agreed, tally.differed), (0, 1));
}

#[test]
fn a_trace_agrees() {
    agrees(&trace());
}

#[test]
fn a_trace_with_another_verdict_differs() {
    for (step, verdict) in [
        (0, "SUCCESS"),
        (0, "INVALID"),
        (1, "NOT_ENOUGH_TRUST"),
        (1, "INVALID"),
        (2, "SUCCESS"),
        (3, "SUCCESS"),
        (3, "NOT_ENOUGH_TRUST"),
    ] {
        let mut file = trace();
        file["input"][step]["verdict"] = json!(verdict);
        differs(&file);
    }
}

#[test]
fn a_trace_with_another_block_differs() {
    let edits: [(&str, Value); 3] = [
        ("/input/1/block/signed_header/header/data_hash", json!("")),
        (
            "/input/1/block/next_validator_set/validators/0/voting_power",
            json!("11"),
        ),
        ("/input/1/now", json!("2023-11-16T23:00:00Z")),
    ];
    for (place, value) in edits {
        let mut file = trace();
        *file.pointer_mut(place).unwrap() = value;
        differs(&file);
    }
}

#[test]
fn a_way_has_the_fewest_steps() {
    agrees(&bisection(2));
    differs(&bisection(1));
    differs(&bisection(3));
}

#[test]
fn a_way_that_ends_elsewhere_is_none() {
    let mut another_root = bisection(2);
    another_root["trust_options"]["hash"] = json!("00".repeat(32));
    differs(&another_root);
    another_root["expected_output"] = json!("error");
    agrees(&another_root);

    let mut witness = bisection(2);
    let mut world = world();
    world.rhythm = 7;
    witness["witnesses"][0]["value"]["lite_blocks"][8] = block(&world, 9);
    differs(&witness);
    witness["expected_output"] = json!("error");
    agrees(&witness);

    let mut gap = bisection(2);
    for height in 0..6 {
        gap["primary"]["lite_blocks"]
            .as_array_mut()
            .unwrap()
            .remove(if height == 0 { 3 } else { 1 });
    }
    gap["expected_output"] = json!("error");
    agrees(&gap);
}
