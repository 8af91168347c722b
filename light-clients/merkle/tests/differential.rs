//! Random tries: what alloy-trie proves is accepted with its value, and nothing else is.

mod support;

use alloy_primitives::{B256, Bytes, keccak256};
use alloy_trie::{Nibbles, proof::verify_proof};
use merkle::mpt::{Proven, prove, prove_variable};
use proptest::{collection::vec, prelude::*, sample::Index};
use support::{Entries, proof_by_alloy, prove_by_alloy, reference_trie::ReferenceTrie};

/// Tries whose keys share prefixes of any length and whose values are often tiny, so that nodes are embedded.
fn entries() -> impl Strategy<Value = Entries> {
    let key = (any::<[u8; 32]>(), any::<[u8; 32]>(), 0usize..=32, any::<bool>());
    let value = prop_oneof![
        vec(any::<u8>(), 1..4),
        vec(any::<u8>(), 30..36),
        vec(any::<u8>(), 1..120)
    ];
    let shared = any::<[u8; 32]>();
    (shared, vec((key, value), 1..24)).prop_map(|(shared, entries)| {
        let spread = entries.into_iter().map(|((own, low, prefix, few), value)| {
            let mut key = own;
            key[..prefix].copy_from_slice(&shared[..prefix]);
            // Few different last bytes make forks near the leaves.
            if few {
                key = shared;
                key[31] = low[31] & 0x13;
            }
            (B256::new(key), value)
        });
        spread.collect()
    })
}

/// A key of the trie, or one that shares a prefix with such a key, or any.
fn key_near(entries: &Entries, choice: Index, change: Option<(usize, u8)>) -> B256 {
    let mut key = *entries.keys().nth(choice.index(entries.len())).unwrap();
    if let Some((at, bits)) = change {
        key.0[at] ^= bits;
    }
    key
}

fn change() -> impl Strategy<Value = Option<(usize, u8)>> {
    proptest::option::of((0usize..32, 1u8..))
}

fn agrees(proven: Proven<'_>, entries: &Entries, key: B256) -> bool {
    match proven {
        Proven::Present(value) => entries.get(&key).is_some_and(|expected| expected == value),
        Proven::Absent => !entries.contains_key(&key),
    }
}

proptest! {
    #![proptest_config(support::cases(256))]

    #[test]
    fn accepts_what_alloy_proves(entries in entries(), choice in any::<Index>(), change in change()) {
        let key = key_near(&entries, choice, change);
        let (root, proof) = proof_by_alloy(&entries, key);
        let proven = prove(root, key, &proof).unwrap();
        prop_assert!(agrees(proven, &entries, key), "{:?}", proven);
        prop_assert_eq!(prove_variable(root, key.as_slice(), &proof), Ok(proven));
    }

    /// A proof for one key proves nothing wrong about another: it is refused, or it decides that key too (a proof of
    /// absence by an empty child holds for every key that goes there).
    #[test]
    fn t09_a_proof_is_bound_to_its_key(
        entries in entries(),
        choices in (any::<Index>(), any::<Index>()),
        changes in (change(), change()),
    ) {
        let key = key_near(&entries, choices.0, changes.0);
        let other = key_near(&entries, choices.1, changes.1);
        let (root, proof) = proof_by_alloy(&entries, key);
        if let Ok(proven) = prove(root, other, &proof) {
            prop_assert!(agrees(proven, &entries, other), "{:?}", proven);
        }
    }

    /// The same proof under the root of another contract's storage is refused.
    #[test]
    fn t28_a_proof_is_bound_to_its_root(entries in entries(), choice in any::<Index>(), change in change()) {
        let key = key_near(&entries, choice, change);
        let (_, proof) = proof_by_alloy(&entries, key);
        let mut foreign = entries;
        foreign.insert(key, vec![0xee; 33]);
        let (root, _) = proof_by_alloy(&foreign, key);
        prop_assume!(prove_by_alloy(&foreign, key).1.concat() != proof);
        prop_assert!(prove(root, key, &proof).is_err());
    }

    /// T-03 in its trie form: a present key has no proof of absence, whichever nodes of the trie one picks.
    #[test]
    fn t03_a_present_key_is_never_absent(
        entries in entries(),
        choice in any::<Index>(),
        picks in vec((any::<Index>(), change(), any::<Index>()), 1..5),
    ) {
        let key = key_near(&entries, choice, None);
        let (root, _) = proof_by_alloy(&entries, key);
        let mut forged = Vec::new();
        for (choice, change, length) in picks {
            let (_, nodes) = prove_by_alloy(&entries, key_near(&entries, choice, change));
            forged.extend(nodes.into_iter().take(1 + length.index(8)));
            let proof = forged.concat();
            prop_assert_ne!(prove(root, key, &proof), Ok(Proven::Absent));
        }
    }

    /// Rebuilt nodes: take a valid proof apart, change bytes, and hash everything anew. The root is then one that no
    /// honest trie has; whatever is still accepted must also satisfy alloy's verifier.
    #[test]
    fn t12_rehashed_mutants_satisfy_the_other_verifier(
        entries in entries(),
        choice in any::<Index>(),
        at in any::<Index>(),
        bits in 1u8..,
    ) {
        let key = key_near(&entries, choice, None);
        let (_, nodes) = prove_by_alloy(&entries, key);
        let mut leaf = nodes.last().unwrap().clone();
        let at = at.index(leaf.len());
        leaf[at] ^= bits;
        let mut mutants = vec![leaf];
        for node in nodes.iter().rev().skip(1) {
            let child = keccak256(nodes[nodes.len() - mutants.len()].as_slice());
            let Some(at) = node.windows(32).position(|window| window == child.as_slice()) else { return Ok(()) };
            let mut parent = node.clone();
            parent[at..at + 32].copy_from_slice(keccak256(mutants.last().unwrap()).as_slice());
            mutants.push(parent);
        }
        mutants.reverse();
        let root = keccak256(&mutants[0]);
        if let Ok(proven) = prove(root, key, &mutants.concat()) {
            let value = match proven {
                Proven::Present(value) => Some(value.to_vec()),
                Proven::Absent => None,
            };
            let nodes = mutants.into_iter().map(Bytes::from).collect::<Vec<_>>();
            prop_assert_eq!(verify_proof(root, Nibbles::unpack(key), value, &nodes), Ok(()));
        }
    }

    #[test]
    fn t23_random_bytes_do_not_panic(root in any::<[u8; 32]>(), key in any::<[u8; 32]>(), proof in vec(any::<u8>(), 0..700)) {
        prop_assert!(prove(B256::new(root), B256::new(key), &proof).is_err());
        // With the fitting root the walk goes beyond the first hash.
        let _ = prove(keccak256(&proof), B256::new(key), &proof);
        let _ = prove_variable(keccak256(&proof), &key[..5], &proof);
    }

    /// Random lists of random items under their own root: deep into the reading of nodes without a panic.
    #[test]
    fn t23_random_nodes_do_not_panic(
        items in vec((any::<bool>(), vec(any::<u8>(), 0..40)), 0..19),
        key in any::<[u8; 32]>(),
    ) {
        use support::rlp_writer as rlp;
        let items = items.iter().map(|(list, bytes)| match list {
            true => rlp::list(&[rlp::string(bytes)]),
            false => rlp::string(bytes),
        });
        let node = rlp::list(&items.collect::<Vec<_>>());
        let _ = prove(keccak256(&node), B256::new(key), &node);
        let _ = prove_variable(keccak256(&node), &key[..3], &node);
    }

    /// Tries whose keys differ in length, so that branches hold values.
    #[test]
    fn keys_of_any_length(
        entries in vec((vec(0u8..3, 0..6), vec(any::<u8>(), 1..40)), 1..12),
        asked in vec(0u8..3, 0..6),
    ) {
        let mut trie = ReferenceTrie::default();
        for (key, value) in &entries {
            trie.insert(key, value);
        }
        for key in entries.iter().map(|(key, _)| key).chain([&asked]) {
            let expected = entries.iter().rev().find(|(other, _)| other == key).map(|(_, value)| &value[..]);
            let proof = trie.prove(key);
            let proven = prove_variable(trie.root(), key, &proof);
            prop_assert_eq!(proven, Ok(expected.map_or(Proven::Absent, Proven::Present)));
        }
    }
}

// Each case of these judges hundreds of mutants, so fewer cases do.
proptest! {
    #![proptest_config(support::cases(48))]

    /// Whatever single byte is changed, no mutant of a valid proof proves anything.
    #[test]
    fn t02_no_mutant_is_a_proof(entries in entries(), choice in any::<Index>(), change in change()) {
        let key = key_near(&entries, choice, change);
        let (root, proof) = proof_by_alloy(&entries, key);
        for at in 0..proof.len() {
            for bits in [1, 0x80, 0xff] {
                let mut mutant = proof.clone();
                mutant[at] ^= bits;
                prop_assert!(prove(root, key, &mutant).is_err(), "byte {} of {}", at, proof.len());
            }
        }
    }

    /// T-08 in its trie form: nothing may be left over, and nothing may be missing.
    #[test]
    fn t08_a_proof_is_consumed_exactly(
        entries in entries(),
        choice in any::<Index>(),
        change in change(),
        extra in vec(any::<u8>(), 1..40),
    ) {
        let key = key_near(&entries, choice, change);
        let (root, nodes) = prove_by_alloy(&entries, key);
        let proof = nodes.concat();
        for length in 0..proof.len() {
            prop_assert!(prove(root, key, &proof[..length]).is_err());
        }
        prop_assert!(prove(root, key, &[&proof[..], &extra].concat()).is_err());
        prop_assert!(prove(root, key, &[&extra[..], &proof].concat()).is_err());
        prop_assert!(prove(root, key, &[&proof[..], nodes.last().unwrap()].concat()).is_err());
        for missing in 0..nodes.len() {
            let rest = nodes.iter().enumerate().filter(|(index, _)| *index != missing).map(|(_, node)| &node[..]);
            prop_assert!(prove(root, key, &rest.collect::<Vec<_>>().concat()).is_err());
        }
    }
}
