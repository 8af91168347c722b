//! Bytes that nobody meant: refused, never a panic, and nothing is written.

use proptest::prelude::*;
use serde_json::json;
use wasm_client::{HostBls, Message, contract};

use crate::guardians::{Council, guarded};
use crate::host::{Chain, Memory, Native};
use crate::scene::{prove, vector};

/// All four entry points with these bytes as environment or message; the store stays as it is.
fn call(chain: &Chain, env: &[u8], message: &[u8]) {
    let bls = HostBls(Native);
    let mut store = chain.store.clone();
    let answers = [
        contract::instantiate(&mut Memory::default(), &bls, env, message),
        contract::sudo(&mut store, &bls, env, message),
        contract::query(&store, &bls, env, message),
        contract::migrate(&mut store, env, message),
    ];
    for answer in answers {
        let outcome: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        assert!(outcome.get("error").is_some(), "{outcome}");
    }
    assert_eq!(store, chain.store);
}

proptest! {
    #[test]
    fn noise_is_refused(bytes: Vec<u8>, text in "[\\[\\]{}\",:a-z0-9._ -]{0,80}") {
        let (chain, _) = guarded(&Council::new(1));
        let env = chain.env();
        for noise in [bytes.as_slice(), text.as_bytes()] {
            // What is no message with a sound environment, and no environment with a sound message.
            if serde_json::from_slice::<serde_json::Value>(noise).is_err() {
                call(&chain, &env, noise);
                call(&chain, noise, br#"{"status":{}}"#);
            }
        }
    }

    #[test]
    fn noise_behind_a_kind_is_refused(kind in 0_u8..12, body: Vec<u8>) {
        let (mut chain, _) = guarded(&Council::new(1));
        let before = chain.store.clone();
        prop_assert!(chain.bring(&[&[1, kind][..], &body].concat()).is_err());
        prop_assert_eq!(chain.store, before);
    }

    #[test]
    fn an_update_with_one_changed_byte_moves_nothing(at in 0_usize..1000, by in 1_u8..=255) {
        let vector = vector("accept/finality_absent_1_last_seat.json");
        let mut chain = Chain::new();
        crate::scene::create(&mut chain, &vector).unwrap();
        chain.now = vector.times[0];
        let mut update = vector.updates[0].to_vec();
        let place = update.len() * at / 1000;
        update[place] ^= by;
        let before = chain.store.clone();
        prop_assert!(chain.bring(&Message::Update(update).to_bytes()).is_err());
        prop_assert_eq!(chain.store, before);
    }

    #[test]
    fn a_proof_with_one_changed_byte_proves_nothing(at in 0_usize..1000, by in 1_u8..=255) {
        let (mut chain, mut vector) = guarded(&Council::new(1));
        let mut proof = vector.proof.to_vec();
        let place = proof.len() * at / 1000;
        proof[place] ^= by;
        vector.proof = proof.into();
        prop_assert!(prove(&mut chain, &vector).is_err());
    }
}

#[test]
fn a_migration_may_say_nothing_at_all_and_no_less() {
    let (mut chain, _) = guarded(&Council::new(1));
    chain.migrate(&json!({})).unwrap();
    assert_eq!(chain.migrate(&json!([])), Err("Json".into()));
    assert_eq!(chain.migrate(&json!(null)), Err("Json".into()));
}
