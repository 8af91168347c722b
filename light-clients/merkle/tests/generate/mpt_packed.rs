//! Trie vectors whose proofs are packed, and accepted.

use super::{
    harness::Files,
    mpt::{Question, accept_proof},
};
use crate::support::{Entries, Tape, proof_by_alloy};
use alloy_primitives::B256;

/// Tries whose upper nodes are branches of sixteen hashes, which the proof packs, and leaves told by their values.
pub(crate) fn add(files: &mut Files) {
    add_values(files);
    let mut tape = Tape::new("mpt packed");
    for (levels, count) in [(1, 120), (2, 1500)] {
        let mut trie: Entries = (0..count).map(|_| (tape.word(), tape.bytes(33))).collect();
        let (absent, key) = (tape.word(), tape.word());
        trie.insert(key, tape.bytes(33));
        for (name, about, key) in [
            ("present", "the upper nodes are packed", key),
            (
                "absent",
                "the upper nodes of a proof of absence are packed",
                absent,
            ),
        ] {
            let (root, proof) = proof_by_alloy(&trie, key);
            let packed = merkle::mpt::pack(&proof);
            assert_eq!(packed[0], levels, "packed nodes of a trie of {count} entries");
            let question = Question::trie(key);
            let mut put = |name: &str, about: &str, proof: &[u8]| {
                let name = format!("packed_{levels}_{name}");
                accept_proof(files, &name, about, &question, &trie, B256::ZERO, root, proof);
            };
            put(name, about, &packed);
            if key != absent {
                let shorter = merkle::mpt::pack_present(&proof);
                assert!(shorter.len() < packed.len(), "the leaf is told by its value");
                put(
                    "value",
                    "the upper nodes are packed, the leaf is told by its value",
                    &shorter,
                );
            }
        }
    }
}

/// Leaves told by their values, of all kinds of sizes, at an even and an odd depth, and at the root.
fn add_values(files: &mut Files) {
    let mut tape = Tape::new("mpt values");
    let key = tape.word();
    let mut near = key;
    near[0] ^= 0x01;
    let mut nearer = key;
    nearer[0] ^= 0x10;
    for (place, others) in [("root", &[][..]), ("odd", &[nearer]), ("even", &[near, nearer])] {
        for size in [24, 33, 55, 56, 70, 200] {
            let mut trie: Entries = others.iter().map(|other| (*other, tape.bytes(33))).collect();
            trie.insert(key, tape.bytes(size));
            let (root, proof) = proof_by_alloy(&trie, key);
            let told = merkle::mpt::pack_present(&proof);
            assert!(told.len() < proof.len(), "the leaf is told by its value");
            accept_proof(
                files,
                &format!("value_{place}_{size}"),
                "the leaf is told by its value",
                &Question::trie(key),
                &trie,
                B256::ZERO,
                root,
                &told,
            );
        }
    }
}
