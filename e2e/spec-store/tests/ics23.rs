//! The runner of proofs of Cosmos stores: what agrees, what differs, and what is skipped and why.

use std::fs;
use std::path::Path;

use alloy_primitives::hex;
use ics23::commitment_proof::Proof;
use ics23::{BatchEntry, BatchProof, CommitmentProof, batch_entry};
use prost::Message;
use serde_json::{Value, json};
use spec_store::{Tally, run_ics23};

/// A proof of an IAVL tree, from the shared vectors: key, value, root, proof.
fn good() -> Value {
    let text = include_str!("../../../light-clients/vectors/ics23/accept/iavl_of_007_middle.json");
    let file: Value = serde_json::from_str(text).unwrap();
    let digits = |field: &str| file[field].as_str().unwrap().trim_start_matches("0x").to_owned();
    json!({
        "root": digits("root"),
        "key": digits("key"),
        "value": digits("value"),
        "proof": digits("proof"),
    })
}

/// Replays one file in a folder of this name.
fn replay(folder: &str, name: &str, file: &Value) -> (Tally, String) {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join(folder);
    fs::create_dir(&folder).unwrap();
    write(&folder.join(name), file);
    let mut out = Vec::new();
    let tally = run_ics23(&folder, &mut out).unwrap();
    (tally, String::from_utf8(out).unwrap())
}

fn write(path: &Path, file: &Value) {
    fs::write(path, file.to_string()).unwrap();
}

fn tally(agreed: usize, differed: usize, skipped: usize) -> Tally {
    Tally {
        agreed,
        differed,
        skipped,
    }
}

#[test]
fn a_right_proof_agrees() {
    let (found, out) = replay("iavl", "exist.json", &good());
    assert_eq!(found, tally(1, 0, 0), "{out}");
}

#[test]
fn a_proof_of_something_else_differs() {
    for (field, other) in [
        ("value", "00"),
        ("value", ""),
        ("key", "00"),
        ("root", &"11".repeat(32)),
        ("root", "11"),
        ("proof", "0a00"),
        ("proof", "zz"),
    ] {
        let mut file = good();
        file[field] = json!(other);
        let (found, out) = replay("iavl", "exist.json", &file);
        assert_eq!(found, tally(0, 1, 0), "{field}: {out}");
    }
    let (found, out) = replay("tendermint", "exist.json", &good());
    assert_eq!(found, tally(0, 1, 0), "{out}");
}

#[test]
fn a_file_of_no_known_tree_or_form_differs() {
    for (folder, name, file) in [
        ("unknown", "exist.json", good()),
        ("iavl", "other.json", json!({ "root": "00" })),
        ("iavl", "TestOfNothing.json", json!("text")),
        ("iavl", "TestCheckAgainstSpecData.json", json!({ "case": {} })),
    ] {
        let (found, out) = replay(folder, name, &file);
        assert_eq!(found, tally(0, 1, 0), "{folder}/{name}: {out}");
    }
}

#[test]
fn sparse_trees_and_batches_are_skipped_with_the_reason() {
    let (found, out) = replay("smt", "exist.json", &good());
    assert_eq!(found, tally(0, 0, 1));
    assert!(out.contains("skipped: of a sparse tree"), "{out}");

    let proof = hex::decode(good()["proof"].as_str().unwrap()).unwrap();
    let Some(Proof::Exist(exists)) = CommitmentProof::decode(proof.as_slice()).unwrap().proof else {
        panic!("an existence");
    };
    let entry = BatchEntry {
        proof: Some(batch_entry::Proof::Exist(exists)),
    };
    let batch = CommitmentProof {
        proof: Some(Proof::Batch(BatchProof { entries: vec![entry] })),
    };
    let compressed = ics23::compress(&batch).unwrap();
    for batch in [batch, compressed] {
        let items = json!([{ "key": good()["key"], "value": good()["value"] }]);
        let file =
            json!({ "root": good()["root"], "proof": hex::encode(batch.encode_to_vec()), "items": items });
        let (found, out) = replay("iavl", "batch_exist.json", &file);
        assert_eq!(found, tally(0, 0, 1));
        assert!(out.contains("skipped: a batch"), "{out}");
    }
    // What calls itself a batch and is none is no reason to skip.
    let mut file = good();
    file["items"] = json!([]);
    let (found, out) = replay("iavl", "batch_exist.json", &file);
    assert_eq!(found, tally(0, 1, 0), "{out}");
}
