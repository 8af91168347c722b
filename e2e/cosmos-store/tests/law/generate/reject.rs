//! What is refused because of what it says: other keys and roots, other kinds of proofs.
//!
//! Each file breaks one rule. Where an edit changes what a path leads to, the root of the file is the changed one, so
//! that nothing else than the rule stands in its way.

use cosmos_store::MerkleProof;
use ics23::commitment_proof::Proof;
use ics23::{BatchEntry, BatchProof, batch_entry};
use prost::Message;

use super::{Files, Vector, put};
use crate::support::{Question, chain, chain_proof, entries, existence, key, tree, wrap};

pub(super) fn put_all(files: &mut Files) {
    put_questions(files);
    put_chains(files);
    put_kinds(files);
}

pub(super) fn put_rejected(files: &mut Files, path: &str, about: &str, vector: &Vector) {
    put(files, &format!("reject/{path}"), vector.to_json(about));
}

fn put_question(files: &mut Files, path: &str, about: &str, question: &Question) {
    put_rejected(files, path, about, &Vector::from(question));
}

fn put_questions(files: &mut Files) {
    let good = Question::of_iavl(&tree(13), &key(6));
    let mut with = |path: &str, about: &str, change: &dyn Fn(&mut Question)| {
        let mut bad = good.clone();
        change(&mut bad);
        put_question(files, path, about, &bad);
    };
    with("zero_root/zero", "a root of zero", &|bad| bad.root = vec![0; 32]);
    with("no_key/asked", "an empty key is asked for", &|bad| {
        bad.key.clear()
    });
    with("long_key/asked", "a key of 1,025 bytes is asked for", &|bad| {
        bad.key = vec![7; 1025]
    });
    with("other_key/neighbour", "a proof of the next entry", &|bad| {
        bad.key = key(8)
    });
    with("other_key/longer", "the key goes on", &|bad| bad.key.push(0));
    with("other_key/shorter", "the key ends earlier", &|bad| {
        bad.key.truncate(4)
    });
    with("other_root/bit", "a bit of the root is another", &|bad| {
        bad.root[31] ^= 1
    });
    with("other_root/value", "another value", &|bad| {
        bad.existence().value.push(0)
    });
    with("other_root/sibling", "a bit of a sibling is another", &|bad| {
        let step = &mut bad.existence().path[1];
        let side = if step.suffix.is_empty() {
            &mut step.prefix
        } else {
            &mut step.suffix
        };
        side[20] ^= 1;
    });
    with("other_root/version", "another version of the leaf", &|bad| {
        bad.existence().leaf.as_mut().unwrap().prefix = vec![0, 2, 0];
    });
    with("other_root/cut", "the path ends below the root", &|bad| {
        drop(bad.existence().path.pop())
    });
    with("empty_value/entry", "the entry has an empty value", &|bad| {
        bad.existence().value.clear()
    });
    let absent = Question::of_simple(&entries(5), &key(5));
    let mut bad = absent.clone();
    bad.key = key(7);
    put_question(
        files,
        "other_key/absent",
        "the gap beside the one asked for",
        &bad,
    );
}

/// The question about key 20 in the store `ibc`, answered by `proof`.
fn chain_vector(proof: &MerkleProof, store: &str, root: &[u8]) -> Vector {
    Vector {
        kind: "chain",
        root: root.to_vec(),
        store: store.as_bytes().to_vec(),
        key: key(20),
        proof: proof.encode_to_vec(),
    }
}

fn put_chains(files: &mut Files) {
    let (stores, app_hash) = chain();
    let good = chain_proof(&stores, &key(20));
    let mut with = |path: &str, about: &str, proof: &MerkleProof, store: &str, root: &[u8]| {
        put_rejected(files, path, about, &chain_vector(proof, store, root));
    };
    let of = |proofs: &[usize]| MerkleProof {
        proofs: proofs.iter().map(|number| good.proofs[*number].clone()).collect(),
    };
    let (none, one, three, reversed) = (of(&[]), of(&[0]), of(&[0, 1, 1]), of(&[1, 0]));
    with("chain_length/none", "no proofs", &none, "ibc", &app_hash);
    with(
        "chain_length/one",
        "the store's proof alone",
        &one,
        "ibc",
        &app_hash,
    );
    with("chain_length/three", "a proof too many", &three, "ibc", &app_hash);
    with(
        "other_key/chain_reversed",
        "the wrong order",
        &reversed,
        "ibc",
        &app_hash,
    );
    with(
        "other_key/store",
        "another store is asked for",
        &good,
        "bank",
        &app_hash,
    );
    with("no_key/store", "a store without a name", &good, "", &app_hash);
    let root = stores.get("ibc").unwrap().root();
    with(
        "other_root/store",
        "the store's root for the app hash",
        &good,
        "ibc",
        &root,
    );
    let absent = chain_proof(&stores, &key(21)).proofs[0].clone();
    let proofs = vec![good.proofs[0].clone(), absent];
    with(
        "proof_kind/store_absent",
        "absence of a store",
        &MerkleProof { proofs },
        "ibc",
        &app_hash,
    );
    put_stores(files, &good);
}

/// Values that stand under a store's name and are not the root of this store.
fn put_stores(files: &mut Files, good: &MerkleProof) {
    for (path, about, value) in [
        ("store_root/short", "a root of 31 bytes", vec![7; 31]),
        ("store_root/long", "a root of 33 bytes", vec![7; 33]),
        ("other_root/chain_link", "the root of another store", vec![7; 32]),
    ] {
        let simple = [(b"ibc".to_vec(), value), (b"bank".to_vec(), vec![1; 32])];
        let of_store = Question::of_simple(&simple.into_iter().collect(), b"ibc");
        let proofs = vec![good.proofs[0].clone(), of_store.proof];
        put_rejected(
            files,
            path,
            about,
            &chain_vector(&MerkleProof { proofs }, "ibc", &of_store.root),
        );
    }
}

fn put_kinds(files: &mut Files) {
    let good = Question::of_iavl(&tree(13), &key(6));
    let entry = |exists| BatchEntry {
        proof: Some(batch_entry::Proof::Exist(exists)),
    };
    let batch = wrap(Proof::Batch(BatchProof {
        entries: vec![entry(existence(&good))],
    }));
    let compressed = ics23::compress(&batch).unwrap();
    let mut with = |path: &str, about: &str, proof: Vec<u8>| {
        let vector = Vector {
            proof,
            ..Vector::from(&good)
        };
        put_rejected(files, path, about, &vector);
    };
    with(
        "proof_kind/batch",
        "a batch that holds the right proof",
        batch.encode_to_vec(),
    );
    with(
        "proof_kind/compressed",
        "the same, compressed",
        compressed.encode_to_vec(),
    );
    with("proof_kind/nothing", "no bytes", Vec::new());
    let absent = Question::of_iavl(&tree(13), &key(7));
    with(
        "proof_kind/both",
        "existence, then absence",
        [good.bytes(), absent.bytes()].concat(),
    );
}
