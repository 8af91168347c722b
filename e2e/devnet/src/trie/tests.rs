//! The trie against alloy-trie's own roots and verifier.

use super::{Leaf, Trie};
use alloy_primitives::{B256, Bytes, U256, keccak256};
use alloy_trie::{EMPTY_ROOT_HASH, Nibbles, proof::verify_proof, root::storage_root_unsorted};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::collections::BTreeMap;

fn reference_root(map: &BTreeMap<B256, U256>) -> B256 {
    storage_root_unsorted(map.iter().map(|(key, value)| (*key, *value)))
}

/// Keys that share long prefixes, so that extensions, splits and short leaves all occur.
fn close_key(rng: &mut StdRng) -> B256 {
    let mut key = B256::repeat_byte(0x11);
    key[rng.random_range(0..3)] = rng.random_range(0..4);
    key[31] = rng.random_range(0..40);
    key
}

#[test]
fn empty_trie_has_the_empty_root_and_an_empty_proof() {
    let trie: Trie<U256> = Trie::default();
    assert_eq!(trie.root(), EMPTY_ROOT_HASH);
    assert_eq!(trie.prove(&[B256::ZERO]).unwrap(), vec![Vec::<Bytes>::new()]);
}

#[test]
fn roots_agree_with_alloy_trie_over_writes_and_removals() {
    let mut rng = StdRng::seed_from_u64(1);
    for spread in [false, true] {
        let (mut trie, mut map) = (Trie::default(), BTreeMap::new());
        for step in 0u32..1500 {
            let key = if spread {
                keccak256(rng.random_range(0u32..300).to_be_bytes())
            } else {
                close_key(&mut rng)
            };
            if rng.random_ratio(2, 5) {
                trie.remove(&key);
                map.remove(&key);
            } else {
                let value = U256::from(rng.random_range(1u64..u64::MAX));
                trie.insert(&key, value);
                map.insert(key, value);
            }
            assert_eq!(trie.get(&key), map.get(&key));
            if step % 10 == 0 {
                assert_eq!(trie.root(), reference_root(&map), "after step {step}");
            }
        }
        for key in map.keys().copied().collect::<Vec<_>>() {
            trie.remove(&key);
        }
        assert_eq!(trie.root(), EMPTY_ROOT_HASH);
    }
}

#[test]
fn old_versions_keep_their_root_and_their_proofs() {
    let mut rng = StdRng::seed_from_u64(2);
    let mut trie = Trie::default();
    let mut versions = Vec::new();
    for _ in 0..60 {
        let key = close_key(&mut rng);
        if rng.random_ratio(1, 4) {
            trie.remove(&key)
        } else {
            trie.insert(&key, U256::from(7))
        }
        versions.push((trie.clone(), trie.root()));
    }
    for (version, root) in versions {
        assert_eq!(version.root(), root);
        let key = close_key(&mut rng);
        check_proof(&version, key);
    }
}

fn check_proof(trie: &Trie<U256>, key: B256) {
    let proof = trie.prove(&[key]).unwrap().remove(0);
    let expected = trie.get(&key).map(Leaf::encoded);
    verify_proof(trie.root(), Nibbles::unpack(key), expected, &proof).unwrap();
}

#[test]
fn proofs_of_presence_and_absence_verify() {
    let mut rng = StdRng::seed_from_u64(3);
    for size in [1u32, 2, 3, 17, 400] {
        let mut trie = Trie::default();
        for _ in 0..size {
            trie.insert(&close_key(&mut rng), U256::from(rng.random_range(1u8..9)));
            trie.insert(
                &keccak256(rng.random::<[u8; 4]>()),
                U256::from(rng.random::<u64>() | 1),
            );
        }
        for _ in 0..200 {
            check_proof(&trie, close_key(&mut rng));
            check_proof(&trie, keccak256(rng.random::<[u8; 2]>()));
        }
    }
}

#[test]
fn one_walk_serves_many_keys() {
    let mut trie = Trie::default();
    for n in 0u32..500 {
        trie.insert(&keccak256(n.to_be_bytes()), U256::from(n + 1));
    }
    let keys: Vec<B256> = (490u32..510).map(|n| keccak256(n.to_be_bytes())).collect();
    for (key, proof) in keys.iter().zip(trie.prove(&keys).unwrap()) {
        let expected = trie.get(key).map(Leaf::encoded);
        verify_proof(trie.root(), Nibbles::unpack(key), expected, &proof).unwrap();
    }
}

#[test]
fn a_node_that_stands_inside_its_parent_is_not_repeated_in_the_proof() {
    // Two keys that part at their last nibble: leaves of a few bytes, inlined in one branch.
    let mut trie = Trie::default();
    let (mut a, mut b) = (B256::repeat_byte(0x22), B256::repeat_byte(0x22));
    (a[31], b[31]) = (0x20, 0x21);
    trie.insert(&a, U256::from(1));
    trie.insert(&b, U256::from(2));
    let proof = trie.prove(&[a]).unwrap().remove(0);
    assert_eq!(
        proof.len(),
        1,
        "the root extension holds branch and leaves: {proof:?}"
    );
    check_proof(&trie, a);
}
