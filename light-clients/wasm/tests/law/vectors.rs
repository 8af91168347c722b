//! The vectors that all implementations share: every accept is accepted, every reject refused by the same rule.

use serde_json::json;
use wasm_client::Message;

use crate::host::{Chain, Said};
use crate::scene::{self, Vector, client_state, config, consensus_state, create, folder, prove};

/// What becomes of a case: the answer of its last step.
fn run(chain: &mut Chain, path: &str, vector: &Vector) -> Result<String, String> {
    create(chain, vector)?;
    let last = vector.updates.len().saturating_sub(1);
    let mut result = String::new();
    for (at, (update, now)) in vector.updates.iter().zip(&vector.times).enumerate() {
        chain.now = *now;
        let before = chain.store.clone();
        match chain.bring(&Message::Update(update.to_vec()).to_bytes()) {
            Ok(_) if chain.store == before => result = "NoOp".into(),
            Ok(_) if chain.status() == "Frozen" => result = "Misbehaviour".into(),
            Ok(_) => result = "Update".into(),
            Err(rule) if at == last && vector.kind == "update" => return Err(rule),
            Err(rule) => panic!("{path}: a step before the judged one was refused by {rule}"),
        }
    }
    if vector.kind == "update" {
        return Ok(result);
    }
    chain.now = vector.now;
    finish(chain, vector).map(|_| String::new())
}

fn finish(chain: &mut Chain, vector: &Vector) -> Said {
    match vector.kind.as_str() {
        "start" => Ok(json!({})),
        "misbehaviour" => chain.bring(&Message::Evidence(vector.evidence.to_vec()).to_bytes()),
        _ => prove(chain, vector),
    }
}

fn check(path: &str, vector: &Vector) {
    let mut chain = Chain::new();
    let outcome = run(&mut chain, path, vector);
    if !vector.error.is_empty() {
        assert_eq!(outcome, Err(vector.error.clone()), "{path}");
        return;
    }
    assert_eq!(outcome, Ok(vector.result.clone()), "{path}");
    let is_frozen = vector.result == "Misbehaviour" || vector.kind == "misbehaviour";
    assert_eq!(chain.status() == "Frozen", is_frozen, "{path}: frozen");
    let state = client_state(&chain);
    assert_eq!(state.checksum, [7; 32], "{path}: checksum");
    let latest = state.latest_height.unwrap();
    assert_eq!(
        (latest.revision_number, latest.revision_height),
        (0, vector.newest),
        "{path}: newest"
    );
    let held = consensus_state(&chain, vector.height).expect("a state at the judged height");
    let expected = [
        &[1][..],
        vector.storage_root.as_slice(),
        &vector.timestamp.to_be_bytes(),
        &vector.learned_at.to_be_bytes(),
    ];
    assert_eq!(held, expected.concat(), "{path}: state");
    assert_eq!(
        newest_committee(&state.data, vector),
        vector.next_committee.to_vec(),
        "{path}: committee"
    );
    let asked = json!({ "timestamp_at_height": { "height": { "revision_height": vector.height } } });
    let nanos = chain.query(&asked).unwrap()["timestamp"].as_u64().unwrap();
    assert_eq!(nanos, vector.timestamp * 1_000_000_000, "{path}: timestamp");
}

/// The commitment of the newest committee, from the bytes of docs/formats/wasm.md.
fn newest_committee(data: &[u8], vector: &Vector) -> Vec<u8> {
    let constants = config(vector);
    let at = 2 + 8 + 8 + 32 + 32;
    assert_eq!(data[at..at + constants.len()], constants);
    let list = &data[at + constants.len()..];
    assert_eq!(list.len(), 1 + usize::from(list[0]) * 40);
    let newest = list[1..]
        .chunks(40)
        .max_by_key(|held| held[..8].to_vec())
        .unwrap();
    newest[8..].to_vec()
}

/// All files, with their paths.
fn all() -> Vec<(String, Vector)> {
    let mut files = Vec::new();
    let mut folders = vec![folder()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(folder())
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                let vector = scene::vector(&name);
                files.push((name, vector));
            }
        }
    }
    files
}

#[test]
fn the_contract_judges_the_shared_vectors_as_they_say() {
    let (mut judged, mut batches) = (0, 0);
    for (path, vector) in all() {
        // 08-wasm never asks for a batch, so there is no entry point that could judge one.
        if vector.kind == "batch" {
            batches += 1;
            continue;
        }
        check(&path, &vector);
        judged += 1;
    }
    assert!(judged > 100, "{judged} vectors");
    assert_eq!(batches, 9, "vectors of kind batch");
}
