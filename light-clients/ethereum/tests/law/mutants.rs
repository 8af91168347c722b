//! Mutants of valid updates and proofs from fresh seeds: each is refused, or teaches nothing else than the original.

#[path = "../../../vectors/changes.rs"]
mod changes;

use client::Advance;
use ethereum::codec::{decode_update, encode_update};
use ethereum::testing::{Draft, World, filler, tries};
use ethereum::{Blst, Reject, Slot, Trusted, verify_update};
use proptest::prelude::*;
use wire::Seconds;

use crate::fixture::*;
use changes::change;

/// An honest step of at most five epochs, with or without the next committee, with at most ten absent seats.
fn honest() -> impl Strategy<Value = Draft> {
    let absent = prop::collection::btree_set(0..32_usize, 0..=10);
    (1..3_u64, 1..3_u64, 0..EPOCH, any::<bool>(), absent).prop_map(
        |(finalized, after, slots, next, absent)| {
            let finalized = START + finalized * EPOCH;
            let draft = Draft::new(finalized, finalized + after * EPOCH + slots).without(absent);
            if next { draft.rotating() } else { draft }
        },
    )
}

fn judged(world: &World, trusted: &Trusted, bytes: &[u8]) -> Result<Advance<Trusted>, Reject> {
    let update = decode_update(&world.network, bytes)?;
    verify_update(&Blst, trusted, &update, Seconds(world.time(START + 7 * EPOCH).0))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutants_of_updates(draft in honest(), salt in any::<u64>(), changes in prop::collection::vec(change(), 1..4)) {
        let world = world().changed(|world| world.salt = salt);
        let trusted = started(&world);
        let bytes = encode_update(&world.update(&draft));
        let expected = judged(&world, &trusted, &bytes);
        prop_assert!(matches!(expected, Ok(Advance::Updated(_))), "the original counts: {expected:?}");
        let mut mutant = bytes.clone();
        for change in &changes {
            if !mutant.is_empty() {
                change.apply(&mut mutant);
            }
        }
        let verdict = judged(&world, &trusted, &mutant);
        // The signature slot is not signed: bytes 2 to 9 may change without changing the verdict.
        let is_same = mutant.len() == bytes.len() && mutant[..2] == bytes[..2] && mutant[10..] == bytes[10..];
        prop_assert!(verdict.is_err() || (is_same && verdict == expected), "{verdict:?}");
    }

    #[test]
    fn mutants_of_storage_proofs(target in 0..30_u64, changes in prop::collection::vec(change(), 1..3)) {
        let world = world();
        let slot = filler("storage slot", &[target]);
        let proven = world.storage_proof(slot);
        let good = proven.bytes();
        let mut mutant = good.clone();
        for change in &changes {
            if !mutant.is_empty() {
                change.apply(&mut mutant);
            }
        }
        prop_assume!(mutant != good);
        prop_assert!(merkle::mpt::storage(proven.root, slot, &mutant).is_err());
    }

    #[test]
    fn original_proofs_say_what_the_trie_holds(target in 0..40_u64) {
        let world = world();
        let slot = filler("storage slot", &[target]);
        let proven: tries::Proven = world.storage_proof(slot);
        let found = merkle::mpt::storage(proven.root, slot, &proven.bytes()).unwrap();
        let expected = match world.storage.get(&slot) {
            Some(value) => merkle::mpt::Slot::Present(*value),
            None => merkle::mpt::Slot::Absent,
        };
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn random_bytes_are_no_update(bytes in prop::collection::vec(any::<u8>(), 0..4000)) {
        let world = world();
        prop_assert!(judged(&world, &started(&world), &bytes).is_err());
    }
}

#[test]
fn the_original_moves_the_client() {
    let world = world();
    let after = advanced(&world, &started(&world), &world.update(&draft()));
    assert_eq!(after.newest, Slot(START + EPOCH));
}
