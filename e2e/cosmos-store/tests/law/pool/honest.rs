//! What honest single proofs become.

use alloy_primitives::B256;
use merkle::Reject;
use merkle::ics23::pool::{PoolFault, batch_order, build, prove};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, subsequence};

use super::{Asked, all_keys, by_singles, key, single, stores};
use crate::support::cases;

#[test]
fn every_pair_of_keys_of_small_trees_is_answered_as_by_single_proofs() {
    for count in 1..=8 {
        let stores = stores(count);
        let keys = all_keys(count);
        for one in &keys {
            for other in &keys {
                let asked = Asked::of(&stores, &[one.clone(), other.clone()]);
                assert_eq!(
                    asked.judge(),
                    Ok(by_singles(&stores, &asked.keys)),
                    "{count}: {asked:?}"
                );
            }
        }
    }
}

#[test]
fn all_keys_together_are_answered_as_by_single_proofs() {
    for count in [1, 2, 3, 40, 300] {
        let stores = stores(count);
        let asked = Asked::of(&stores, &all_keys(count));
        assert_eq!(asked.judge(), Ok(by_singles(&stores, &asked.keys)), "{count}");
    }
}

#[test]
fn neighbouring_packets_share_their_path() {
    let stores = stores(1000);
    let keys: Vec<Vec<u8>> = (400..450).map(|number| key(2 * number)).collect();
    let pool = Asked::of(&stores, &keys).pool.len();
    let singles: usize = keys.iter().map(|key| single(&stores, key).len()).sum();
    assert!(
        pool < 5000 && singles > 30_000,
        "{pool} instead of {singles} bytes"
    );
}

#[test]
fn the_prover_names_the_key_that_no_proof_is_about() {
    let stores = stores(9);
    let proof = single(&stores, &key(4));
    let refused = build(&[key(4), key(6)], [proof.as_slice()]);
    let key = key(6).into();
    assert_eq!(refused, Err(Reject::StorePool(PoolFault::NoProof { key })));
}

#[test]
fn the_prover_refuses_proofs_of_two_trees() {
    let (one, other) = (stores(1), stores(9));
    let proofs = [single(&one, &key(0)), single(&other, &key(8))];
    let refused = build(&[key(0), key(8)], proofs.iter().map(Vec::as_slice));
    assert!(
        matches!(refused, Err(Reject::StorePool(PoolFault::OtherTree { .. }))),
        "{refused:?}"
    );
}

#[test]
fn refuses_a_pool_that_is_too_long() {
    let long = vec![0; (1 << 20) + 1];
    let refused = prove(B256::repeat_byte(1), b"ibc", &[key(0)], &long).unwrap_err();
    assert_eq!(refused.rule(), "long_pool");
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn any_keys_are_answered_as_by_single_proofs(count in 1u64..60, picked in vec(any::<Index>(), 1..12)) {
        let stores = stores(count);
        let all = all_keys(count);
        let keys: Vec<Vec<u8>> = picked.iter().map(|at| all[at.index(all.len())].clone()).collect();
        let asked = Asked::of(&stores, &keys);
        prop_assert_eq!(asked.judge(), Ok(by_singles(&stores, &asked.keys)));
    }

    /// The order in which proofs come, and more of them than are needed, change nothing.
    #[test]
    fn there_is_one_pool_for_a_set_of_keys(
        count in 1u64..30,
        keys in subsequence(all_keys(30), 1..10),
        more in subsequence(all_keys(30), 0..5),
    ) {
        let stores = stores(count);
        let asked = Asked::of(&stores, &keys);
        let proofs: Vec<Vec<u8>> = keys.iter().chain(&more).rev().map(|key| single(&stores, key)).collect();
        let keys: Vec<&Vec<u8>> = batch_order(&keys).into_iter().map(|at| &keys[at]).collect();
        let pool = build(&keys, proofs.iter().map(Vec::as_slice)).unwrap();
        prop_assert_eq!(pool, asked.pool);
    }
}
