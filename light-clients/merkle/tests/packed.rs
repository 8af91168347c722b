//! Packed proofs: they prove what the proof with all its nodes proves, and no other bytes do.

mod support;

use alloy_primitives::{B256, keccak256};
use merkle::mpt::{Proven, pack, pack_present, prove};
use proptest::prelude::*;
use support::{Entries, Tape, proof_by_alloy};

/// A trie so large that its upper nodes have sixteen children, and two keys: one of its own, one that is not there.
fn large(label: &str, count: usize) -> (Entries, [B256; 2]) {
    let mut tape = Tape::new(label);
    let mut trie: Entries = (0..count).map(|_| (tape.word(), tape.bytes(33))).collect();
    let keys = [tape.word(), tape.word()];
    trie.insert(keys[0], tape.bytes(33));
    (trie, keys)
}

proptest! {
    #![proptest_config(support::cases(64))]

    #[test]
    fn packed_and_plain_prove_the_same(seed in 0u32..1000, count in 1usize..900) {
        let (trie, keys) = large(&format!("packed {seed}"), count);
        for key in keys {
            let (root, proof) = proof_by_alloy(&trie, key);
            let packed = pack(&proof);
            prop_assert_eq!(prove(root, key, &packed), prove(root, key, &proof));
            let value = trie.get(&key).map_or(Proven::Absent, |value| Proven::Present(value));
            prop_assert_eq!(prove(root, key, &packed), Ok(value));
            prop_assert!(prove(keccak256(root), key, &packed).is_err());
            if trie.contains_key(&key) {
                let shorter = pack_present(&proof);
                prop_assert_eq!(prove(root, key, &shorter), Ok(value));
                prop_assert!(shorter.len() < packed.len());
                prop_assert!(prove(keccak256(root), key, &shorter).is_err());
            }
        }
    }

    /// Every byte counts, and so does the number of them.
    #[test]
    fn changed_packed_proofs_are_refused(at in any::<prop::sample::Index>(), bits in 1u8.., cut in any::<prop::sample::Index>()) {
        let (trie, keys) = large("changed", 700);
        for key in keys {
            let (root, proof) = proof_by_alloy(&trie, key);
            let mut packed = pack(&proof).into_owned();
            prop_assert!(packed[0] >= 1);
            prop_assert!(prove(root, key, &packed[..cut.index(packed.len())]).is_err());
            let place = at.index(packed.len());
            packed[place] ^= bits;
            prop_assert!(prove(root, key, &packed).is_err());
        }
    }

    /// The same of proofs whose leaf is told by its value.
    #[test]
    fn changed_proofs_by_value_are_refused(at in any::<prop::sample::Index>(), bits in 1u8.., cut in any::<prop::sample::Index>()) {
        let (trie, keys) = large("changed", 700);
        let (root, proof) = proof_by_alloy(&trie, keys[0]);
        let mut packed = pack_present(&proof).into_owned();
        prop_assert!(prove(root, keys[0], &packed[..cut.index(packed.len())]).is_err());
        let place = at.index(packed.len());
        packed[place] ^= bits;
        prop_assert!(prove(root, keys[0], &packed).is_err());
    }

    /// Values of all sizes are proven, in this form if it has one for them.
    #[test]
    fn values_of_all_sizes_are_proven(seed in 0u32..1000, count in 0usize..300, size in 1usize..300) {
        let (mut trie, keys) = large(&format!("sizes {seed}"), count);
        trie.insert(keys[0], Tape::new("value").bytes(size));
        let (root, proof) = proof_by_alloy(&trie, keys[0]);
        let packed = pack_present(&proof);
        prop_assert_eq!(prove(root, keys[0], &packed), Ok(Proven::Present(&trie[&keys[0]])));
        // By how deep the leaf lies its path has a byte or two more or less.
        if (24..=219).contains(&size) {
            prop_assert!(packed != pack(&proof), "a value of {} bytes", size);
        } else if !(21..=222).contains(&size) {
            prop_assert!(packed == pack(&proof), "a value of {} bytes", size);
        }
    }

    /// What is packed for one key shows nothing of another that goes another way.
    #[test]
    fn a_packed_proof_is_bound_to_its_key(other in any::<[u8; 32]>()) {
        let (trie, keys) = large("bound", 700);
        let (root, proof) = proof_by_alloy(&trie, keys[0]);
        let other = B256::new(other);
        if let Ok(proven) = prove(root, other, &pack(&proof)) {
            prop_assert_eq!(proven, trie.get(&other).map_or(Proven::Absent, |value| Proven::Present(value)));
        }
        prop_assert!(other == keys[0] || prove(root, other, &pack_present(&proof)).is_err());
    }
}

/// What is no proof is left as it is, or stays none.
#[test]
fn packs_nothing_that_is_no_proof() {
    let (trie, keys) = large("nothing", 700);
    let (root, proof) = proof_by_alloy(&trie, keys[0]);
    for bytes in [&[][..], &[1], &proof[..532], &proof[..531], &[0xf9; 1064]] {
        assert_eq!(pack(bytes).as_ref(), bytes);
    }
    // The first child hash is another: the node below is no child any more, or the root is another.
    for place in [4usize, 37, 300, 499] {
        let mut wrong = proof.clone();
        wrong[place] ^= 1;
        assert!(prove(root, keys[0], &pack(&wrong)).is_err());
    }
    let packed = pack(&proof);
    assert_eq!(pack(&packed), packed, "packing twice is packing once");
    let packed = pack_present(&proof);
    assert_eq!(pack_present(&packed), packed, "packing twice is packing once");
    // Several proofs behind something else, as a policy has them, end in a leaf, too.
    for before in [&[0, 0, 7, 2][..], &[0xc0], &proof] {
        let several = [before, &proof].concat();
        assert_eq!(pack_present(&several), pack(&several));
    }
    // A proof of absence that ends in another key's leaf shows nothing once its path is left out.
    let mut near = keys[0];
    near[31] ^= 1;
    let (root, proof) = proof_by_alloy(&trie, near);
    assert_eq!(prove(root, near, &pack(&proof)), Ok(Proven::Absent));
    assert!(prove(root, near, &pack_present(&proof)).is_err());
}
