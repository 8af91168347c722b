//! Stores that hold something else than the contract wrote.

use serde_json::json;
use wasm_client::Message;

use crate::guardians::{Council, HOUR, guarded, say};
use crate::host::{Chain, Said};
use crate::scene::{Vector, prove, slots, updated, vector};

fn refused(rule: &str) -> Said {
    Err(rule.into())
}

/// A guarded client that was halted once, with a set that waits: every key is there.
fn full() -> (Chain, Vector) {
    let council = Council::new(1);
    let (mut chain, vector) = guarded(&council);
    let word = council.halt(2, HOUR, 1, chain.now);
    say(&mut chain, word).unwrap();
    let word = council.rotation(3, &Council::new(2), 2, chain.now);
    say(&mut chain, word).unwrap();
    chain.now += HOUR;
    prove(&mut chain, &vector).unwrap();
    (chain, vector)
}

fn keys(chain: &Chain) -> Vec<Vec<u8>> {
    chain.store.0.keys().cloned().collect()
}

#[test]
fn a_value_cut_short_or_continued_is_corrupt() {
    let (chain, vector) = full();
    assert_eq!(keys(&chain).len(), 5);
    for key in keys(&chain) {
        let name = String::from_utf8(key.clone()).unwrap();
        let value = chain.store.0[&key].clone();
        let shortened = (0..value.len()).map(|length| value[..length].to_vec());
        for changed in shortened.chain([[value.as_slice(), &[0]].concat()]) {
            let mut chain = chain.clone();
            chain.store.0.insert(key.clone(), changed);
            let said = match name.as_str() {
                "rotation" => say(&mut chain, wasm_client::GuardWord::ExecuteRotation),
                _ => prove(&mut chain, &vector),
            };
            assert_eq!(said, refused("Corrupt"), "{name}");
            if !matches!(name.as_str(), "guardians" | "rotation") {
                assert_eq!(
                    chain.query(&json!({ "status": {} })),
                    refused("Corrupt"),
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn a_value_that_is_gone_is_missed() {
    let (chain, vector) = full();
    for key in keys(&chain) {
        let name = String::from_utf8(key.clone()).unwrap();
        let mut chain = chain.clone();
        chain.store.0.remove(&key);
        let said = prove(&mut chain, &vector);
        match name.split('/').next().unwrap() {
            "clientState" | "consensusStates" => assert_eq!(said, refused("Missing"), "{name}"),
            // The newest state is found by the client state itself; nobody guards, or no set waits.
            "ring" | "guardians" | "rotation" => assert_eq!(said, Ok(json!({})), "{name}"),
            other => panic!("an unknown key {other}"),
        }
    }
}

#[test]
fn no_flipped_bit_makes_the_contract_panic_or_prove_something_false() {
    let (chain, vector) = full();
    let mut false_proof = vector.clone();
    let mut value = false_proof.value.to_vec();
    value[31] ^= 1;
    false_proof.value = value.into();
    for key in keys(&chain) {
        for at in 0..chain.store.0[&key].len() {
            let mut chain = chain.clone();
            chain.store.0.get_mut(&key).unwrap()[at] ^= 1;
            assert!(prove(&mut chain, &false_proof).is_err());
            let _ = prove(&mut chain, &vector);
            let _ = chain.query(&json!({ "status": {} }));
            let _ = say(&mut chain, wasm_client::GuardWord::ExecuteRotation);
            let _ = say(&mut chain, wasm_client::GuardWord::ExecuteResume);
        }
    }
}

#[test]
fn an_envelope_of_another_type_or_encoding_is_corrupt() {
    let (chain, vector) = full();
    let state = chain.under("clientState").unwrap();
    let other = {
        let text = b"/ibc.lightclients.wasm.v1.ClientState";
        let at = state.windows(text.len()).position(|part| part == text).unwrap();
        let mut other = state.clone();
        other[at + text.len() - 1] ^= 1;
        other
    };
    // A length of two bytes where one is enough.
    let long = [&[0x0a, 0xa5, 0x00][..], &state[2..]].concat();
    let doubled = [state.as_slice(), &[0x12, 0x00]].concat();
    for changed in [other, long, doubled] {
        let mut chain = chain.clone();
        chain.store.0.insert(b"clientState".to_vec(), changed);
        assert_eq!(prove(&mut chain, &vector), refused("Corrupt"));
    }
}

#[test]
fn the_ring_forgets_what_loses_its_place() {
    let (chain, vector) = updated("accept/five_periods.json");
    // Capacity 8, an epoch of 8 slots: updates eight epochs apart share one place.
    assert_eq!(slots(&chain), [264, 528]);
    let rings = keys(&chain)
        .iter()
        .filter(|key| key.starts_with(b"ring/"))
        .count();
    assert_eq!(rings, 2);
    assert_eq!(vector.height, 528);
}

#[test]
fn an_update_reads_and_writes_few_things() {
    let (chain, _) = updated("accept/gap_filled.json");
    let mut names: Vec<String> = keys(&chain)
        .into_iter()
        .map(|key| String::from_utf8(key).unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "clientState",
            "consensusStates/0-264",
            "consensusStates/0-280",
            "consensusStates/0-296",
            "ring/1",
            "ring/3",
            "ring/5",
        ]
    );
}

#[test]
fn a_state_newer_than_the_newest_is_corrupt() {
    let (mut chain, _) = updated("accept/gap_filled.json");
    let (older, _) = updated("accept/absent.json");
    let state = older.under("clientState").unwrap();
    chain.store.0.insert(b"clientState".to_vec(), state);
    // The place of slot 296 is asked for by an update to an epoch that shares it.
    let vector = vector("accept/gap_filled.json");
    chain.now = vector.times[0];
    let told = Message::Update(vector.updates[0].to_vec()).to_bytes();
    assert_eq!(chain.bring(&told), refused("Corrupt"));
}

#[test]
fn an_envelope_that_contradicts_its_content_is_corrupt() {
    let (chain, vector) = full();
    // The last byte of the client state is that of the latest height, 264 in two bytes.
    let mut other_height = chain.clone();
    let state = other_height.store.0.get_mut(b"clientState".as_slice()).unwrap();
    *state.last_mut().unwrap() = 3;
    assert_eq!(prove(&mut other_height, &vector), refused("Corrupt"));
    // A state ends with its timestamp and the time when it was learned.
    for (back, rule) in [(9, Err("Corrupt".to_owned())), (1, Ok(json!({})))] {
        let mut other_time = chain.clone();
        let state = other_time
            .store
            .0
            .get_mut(b"consensusStates/0-264".as_slice())
            .unwrap();
        let at = state.len() - back;
        state[at] ^= 1;
        assert_eq!(prove(&mut other_time, &vector), rule);
    }
}
