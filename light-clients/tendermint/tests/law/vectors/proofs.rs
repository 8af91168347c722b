//! Cases of proofs about packets, accepted and refused.

use ics23::NonExistenceProof;
use ics23::commitment_proof::Proof;
use tendermint_client::{batch_order, build_pool};
use wire::Seconds;
use wire::path::Path;

use super::format::{Table, Vector};
use crate::fixture::*;
use crate::proofs::client;
use crate::store::{Store, commitment, value};

/// A client that learned block 101, under which the store lies.
fn begin() -> (Vector, Seconds) {
    let world = world();
    let now = now(&world);
    let block = altered(&world, 101, |header| header.app_hash = Store::new().app_hash());
    let case = Vector::new(&world).update(&world.show(&block, 100), now);
    (case, now)
}

pub(crate) fn cases() -> Vec<(String, Vector)> {
    [accepted(), refused(), unusable(), batches()].concat()
}

fn accepted() -> Vec<(String, Vector)> {
    let (begin, now) = begin();
    let store = Store::new();
    let mut table = Table::new(begin);
    for sequence in [2, 4, 6, 8] {
        let path = commitment(sequence);
        table.accept(
            "Member",
            &format!("member_{sequence}"),
            "A commitment that is stored.",
            |case| case.member(&path, &value(sequence), &store.proof(&path), now),
        );
    }
    for sequence in [1, 5, 9] {
        let path = commitment(sequence);
        table.accept(
            "Absent",
            &format!("absent_{sequence}"),
            "Nothing is stored there.",
            |case| case.proof("absent", 101, &path, &store.proof(&path), now),
        );
    }
    table.cases
}

fn refused() -> Vec<(String, Vector)> {
    let (begin, now) = begin();
    let store = Store::new();
    let (there, gone) = (commitment(4), commitment(5));
    let (proof, absence) = (store.proof(&there), store.proof(&gone));
    let mut table = Table::new(begin);
    table.refuse("BadValue", "value_zero", "A commitment of zeros.", |case| {
        case.member(&there, &[0; 32], &proof, now)
    });
    table.refuse("BadValue", "value_short", "A commitment of 31 bytes.", |case| {
        case.member(&there, &[1; 31], &proof, now)
    });
    table.refuse("ValueMismatch", "value_other", "Another commitment.", |case| {
        case.member(&there, &value(5), &proof, now)
    });
    table.refuse("KeyAbsent", "absent", "Its absence is proven.", |case| {
        case.member(&gone, &value(5), &absence, now)
    });
    table.refuse("KeyPresent", "present", "Its presence is proven.", |case| {
        case.proof("absent", 101, &there, &proof, now)
    });
    table.refuse("StoreProof", "proof_empty", "No proof.", |case| {
        case.proof("absent", 101, &gone, &[], now)
    });
    table.refuse("StoreProof", "proof_other", "The proof of another key.", |case| {
        case.member(&commitment(6), &value(4), &proof, now)
    });
    table.refuse(
        "StoreProof",
        "proof_height",
        "Asked of the height before.",
        |case| case.proof("absent", 100, &gone, &absence, now),
    );
    table.refuse(
        "StoreProof",
        "forged_absence",
        "The neighbours of an entry that is there.",
        |case| {
            let forged = NonExistenceProof {
                key: there.to_bytes(),
                left: Some(store.existence(0)),
                right: Some(store.existence(2)),
            };
            let forged = store.chained(Proof::Nonexist(forged));
            case.proof("absent", 101, &there, &forged, now)
        },
    );
    table.cases
}

/// The proof is good, and the client or the height is not.
fn unusable() -> Vec<(String, Vector)> {
    let (begin, now) = begin();
    let gone = commitment(5);
    let absence = Store::new().proof(&gone);
    let mut table = Table::new(begin);
    table.refuse(
        "UnknownHeight",
        "proof_unknown",
        "A height that is not held.",
        |case| case.proof("absent", 102, &gone, &absence, now),
    );
    table.refuse(
        "Expired",
        "proof_expired",
        "The first second without trust.",
        |case| {
            let until = u64::try_from(world().time_at(101).seconds).unwrap() + 7 * 86_400;
            case.proof("absent", 101, &gone, &absence, Seconds(until))
        },
    );
    table.refuse("Frozen", "proof_frozen", "After misbehaviour.", |case| {
        let world = world();
        let rival = world.show(&world.block_at(101), 100);
        case.update(&rival, now)
            .proof("absent", 101, &gone, &absence, now)
    });
    table.cases
}

/// The paths of packets in the order of a pool, and the pool.
fn pooled(sequences: &[u64]) -> (Vec<Path>, Vec<u8>) {
    let (trusted, height, _) = client();
    let store = Store::new();
    let asked: Vec<Path> = sequences.iter().copied().map(commitment).collect();
    let paths: Vec<Path> = batch_order(&asked)
        .into_iter()
        .map(|at| asked[at].clone())
        .collect();
    let proofs: Vec<Vec<u8>> = paths.iter().map(|path| store.proof(path)).collect();
    let pool = build_pool(&trusted, height, &paths, proofs.iter().map(Vec::as_slice)).unwrap();
    (paths, pool)
}

/// Many paths under one proof.
fn batches() -> Vec<(String, Vector)> {
    let (begin, now) = begin();
    let mut table = Table::new(begin);
    for (name, about, sequences) in [
        ("batch_of_one", "A commitment that is stored.", vec![4]),
        ("batch_of_all", "All that are stored.", vec![2, 4, 6, 8]),
        (
            "batch_mixed",
            "Stored and absent, one twice.",
            vec![8, 3, 4, 3, 9],
        ),
        ("batch_absent", "Nothing is stored there.", vec![1, 9]),
    ] {
        let (paths, pool) = pooled(&sequences);
        let stored = |path: &Path| [2, 4, 6, 8].into_iter().find(|at| commitment(*at) == *path);
        let words = paths.iter().map(|path| stored(path).map_or(vec![0; 32], value));
        let words: Vec<Vec<u8>> = words.collect();
        table.accept("Batch", name, about, |case| Vector {
            value: words.concat().into(),
            ..case.batch(101, &paths, &pool, now)
        });
    }
    let (paths, pool) = pooled(&[4, 5]);
    table.refuse("StoreProof", "batch_cut", "The last byte is missing.", |case| {
        case.batch(101, &paths, &pool[..pool.len() - 1], now)
    });
    table.refuse("StoreProof", "batch_order", "In another order.", |case| {
        let descending: Vec<Path> = paths.iter().rev().cloned().collect();
        case.batch(101, &descending, &pool, now)
    });
    table.refuse("StoreProof", "batch_none", "No paths.", |case| {
        case.batch(101, &[], &pool, now)
    });
    table.refuse(
        "StoreProof",
        "batch_height",
        "Asked of the height before.",
        |case| case.batch(100, &paths, &pool, now),
    );
    table.refuse(
        "UnknownHeight",
        "batch_unknown",
        "A height that is not held.",
        |case| case.batch(102, &paths, &pool, now),
    );
    table.refuse(
        "Expired",
        "batch_expired",
        "The first second without trust.",
        |case| {
            let until = u64::try_from(world().time_at(101).seconds).unwrap() + 7 * 86_400;
            case.batch(101, &paths, &pool, Seconds(until))
        },
    );
    table.refuse("Frozen", "batch_frozen", "After misbehaviour.", |case| {
        let rival = world().show(&world().block_at(101), 100);
        case.update(&rival, now).batch(101, &paths, &pool, now)
    });
    table.cases
}
