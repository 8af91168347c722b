//! Trie vectors whose proofs are packed, and accepted.

use super::{
    harness::Files,
    mpt::{Question, accept_proof},
};
use crate::support::{Entries, Tape, proof_by_alloy};
use alloy_primitives::B256;

/// Tries whose upper nodes are branches of sixteen hashes, which the proof packs.
pub(crate) fn add(files: &mut Files) {
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
            let name = format!("packed_{levels}_{name}");
            accept_proof(
                files,
                &name,
                about,
                &Question::trie(key),
                &trie,
                B256::ZERO,
                root,
                &packed,
            );
        }
    }
}
