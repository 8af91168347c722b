//! Trees as they are: every entry is proven with its value, every gap by its neighbours, and both judges say so.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use cosmos_store::{iavl, simple};
use merkle::Proven;
use merkle::ics23::prove;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use prost::Message;

use crate::judge::{Taken, compare};
use crate::support::{Question, cases, chain, chain_proof, entries, key, tree};

/// Keys that share prefixes and differ in length, with values.
fn written() -> impl Strategy<Value = Vec<(Vec<u8>, Option<Vec<u8>>)>> {
    let key = vec(0u8..4, 1..6);
    let value = proptest::option::weighted(0.8, vec(any::<u8>(), 1..40));
    vec((key, value), 1..60)
}

#[test]
fn every_entry_and_every_gap_of_iavl_trees_is_proven() {
    for size in [1, 2, 3, 4, 7, 8, 20, 100] {
        let tree = tree(size);
        for number in 0..=2 * size {
            let asked = key(number);
            // Before the first entry, too.
            let asked = if number == 2 * size { b"0".to_vec() } else { asked };
            let question = Question::of_iavl(&tree, &asked);
            let expected = tree
                .get(&asked)
                .map_or(Taken::Absent, |value| Taken::Present(value.to_vec()));
            assert_eq!(compare(&question, &question.bytes()), Ok(expected));
        }
    }
}

#[test]
fn every_entry_and_every_gap_of_simple_trees_is_proven() {
    for size in 1..=70 {
        let entries = entries(size);
        for number in 0..=2 * size {
            let asked = if number == 2 * size {
                b"0".to_vec()
            } else {
                key(number)
            };
            let question = Question::of_simple(&entries, &asked);
            let expected = entries
                .get(&asked)
                .map_or(Taken::Absent, |value| Taken::Present(value.clone()));
            assert_eq!(compare(&question, &question.bytes()), Ok(expected));
        }
    }
}

#[test]
fn a_chain_of_proofs_leads_from_the_app_hash_to_the_key() {
    let (stores, app_hash) = chain();
    for number in 0..80 {
        let proof = chain_proof(&stores, &key(number)).encode_to_vec();
        let expected = stores.get("ibc").unwrap().get(&key(number));
        let proven = prove(B256::new(app_hash), b"ibc", &key(number), &proof);
        assert_eq!(proven, Ok(expected.map_or(Proven::Absent, Proven::Present)));
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn iavl_trees_of_any_history_prove_what_they_hold(
        steps in written(),
        saved in vec(any::<bool>(), 60),
        asked in vec(vec(0u8..5, 1..6), 1..8),
    ) {
        let (mut tree, mut expected) = (iavl::Tree::default(), BTreeMap::new());
        for ((key, value), save) in steps.iter().zip(&saved) {
            match value {
                Some(value) => {
                    tree.set(key, value);
                    expected.insert(key.clone(), value.clone());
                }
                None => prop_assert_eq!(tree.remove(key), expected.remove(key).is_some()),
            }
            if *save {
                tree.save();
            }
        }
        let found: BTreeMap<_, _> = tree.entries().into_iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(tree.size(), expected.len() as u64);
        for key in asked.iter().chain(expected.keys()).filter(|_| !expected.is_empty()) {
            let question = Question::of_iavl(&tree, key);
            let proven = compare(&question, &question.bytes());
            prop_assert_eq!(proven, Ok(expected.get(key).map_or(Taken::Absent, |value| Taken::Present(value.clone()))));
        }
    }

    #[test]
    fn simple_trees_of_any_names_prove_what_they_hold(
        entries in btree_map(vec(0u8..4, 1..6), vec(any::<u8>(), 1..40), 1..40),
        asked in vec(vec(0u8..5, 1..6), 1..8),
    ) {
        let entries: simple::Entries = entries;
        for key in asked.iter().chain(entries.keys()) {
            let question = Question::of_simple(&entries, key);
            let proven = compare(&question, &question.bytes());
            prop_assert_eq!(proven, Ok(entries.get(key).map_or(Taken::Absent, |value| Taken::Present(value.clone()))));
        }
    }
}
