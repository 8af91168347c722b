//! Cases of proofs about packets, accepted and refused.

use ics23::NonExistenceProof;
use ics23::commitment_proof::Proof;
use wire::Seconds;

use super::format::{Table, Vector};
use crate::fixture::*;
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
    [accepted(), refused(), unusable()].concat()
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
