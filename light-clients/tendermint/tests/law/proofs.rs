//! Proofs about packets, under a header that was learned.

use client::{Advance, LightClient, Status};
use ics23::commitment_proof::Proof;
use ics23::{ExistenceProof, NonExistenceProof};
use merkle::Proven;
use prost::Message;
use tendermint_client::{
    Evidence, Reject, Tendermint, Trusted, prove_key, start, verify_absent, verify_member, verify_update,
};
use wire::path::Path;
use wire::{Height, Seconds};

use crate::fixture::*;
use crate::store::{MerkleProof, Store, commitment, value};

/// A client that learned block 101, under which the store lies.
pub(crate) fn client() -> (Trusted, Height, Seconds) {
    let world = world();
    let block = altered(&world, 101, |header| header.app_hash = Store::new().app_hash());
    let after = advanced(&started(&world), &read(&world.show(&block, START)), now(&world));
    (after, height(&world, 101), now(&world))
}

fn member(path: &Path, value: &[u8], proof: &[u8]) -> Result<Seconds, Reject> {
    let (trusted, height, now) = client();
    verify_member(&trusted, height, path, value, proof, now)
}

fn absent(path: &Path, proof: &[u8]) -> Result<Seconds, Reject> {
    let (trusted, height, now) = client();
    verify_absent(&trusted, height, path, proof, now)
}

fn time() -> Seconds {
    Seconds(u64::try_from(world().time_at(101).seconds).unwrap())
}

/// Why the proof is refused by the law of stores.
fn fault(judged: Result<Seconds, Reject>) -> merkle::Reject {
    match judged {
        Err(Reject::StoreProof { app_hash, fault }) => {
            assert_eq!(app_hash.to_vec(), Store::new().app_hash());
            fault
        }
        other => panic!("not refused as a proof: {other:?}"),
    }
}

#[test]
fn what_is_stored_is_there_and_what_is_not_is_absent() {
    let store = Store::new();
    for sequence in [2, 4, 6, 8] {
        let path = commitment(sequence);
        assert_eq!(member(&path, &value(sequence), &store.proof(&path)), Ok(time()));
    }
    // Before the first, in each gap, behind the last.
    for sequence in [1, 3, 5, 7, 9] {
        let path = commitment(sequence);
        assert_eq!(absent(&path, &store.proof(&path)), Ok(time()));
    }
}

#[test]
fn any_key_of_the_store_can_be_asked_for() {
    let (trusted, height, now) = client();
    let store = Store::new();
    let path = commitment(4);
    let proof = store.proof(&path);
    let found = prove_key(&trusted, height, &path.to_bytes(), &proof, now);
    assert_eq!(found, Ok((time(), Proven::Present(&value(4)))));
}

#[test]
fn rejects_bad_value() {
    let path = commitment(4);
    let proof = Store::new().proof(&path);
    for value in [vec![], vec![1; 31], vec![1; 33], vec![0; 32]] {
        let length = value.len();
        assert_eq!(member(&path, &value, &proof), Err(Reject::BadValue { length }));
    }
}

#[test]
fn rejects_store_proof() {
    let store = Store::new();
    let path = commitment(4);
    let proof = store.proof(&path);
    fault(member(&path, &value(4), &[]));
    fault(absent(&commitment(3), &[]));
    for at in 0..proof.len() {
        let mut mutant = proof.clone();
        mutant[at] ^= 1;
        assert!(member(&path, &value(4), &mutant).is_err(), "byte {at}");
    }
    // A valid proof of something else.
    fault(member(&commitment(6), &value(4), &proof));
    fault(absent(&commitment(3), &store.proof(&commitment(5))));
}

#[test]
fn rejects_key_absent() {
    let path = commitment(3);
    let key = path.to_bytes().into();
    let judged = member(&path, &value(3), &Store::new().proof(&path));
    assert_eq!(judged, Err(Reject::KeyAbsent { key }));
}

#[test]
fn rejects_key_present() {
    let path = commitment(4);
    let (key, held) = (path.to_bytes().into(), value(4).into());
    let judged = absent(&path, &Store::new().proof(&path));
    assert_eq!(judged, Err(Reject::KeyPresent { key, value: held }));
}

#[test]
fn rejects_value_mismatch() {
    let path = commitment(4);
    let (expected, proven) = (word(&value(5)), value(4).into());
    let judged = member(&path, &value(5), &Store::new().proof(&path));
    assert_eq!(judged, Err(Reject::ValueMismatch { expected, proven }));
}

#[test]
fn proofs_need_a_usable_client_and_a_height_that_it_holds() {
    let (trusted, height, now) = client();
    let path = commitment(4);
    let (value, proof) = (value(4), Store::new().proof(&path));
    let gap = commitment(3);
    let absence = Store::new().proof(&gap);
    let mut frozen = trusted.clone();
    frozen.frozen = true;
    let both = |trusted: &Trusted, height, now| {
        let member = verify_member(trusted, height, &path, &value, &proof, now);
        assert_eq!(verify_absent(trusted, height, &gap, &absence, now), member);
        member
    };
    assert_eq!(both(&frozen, height, now), Err(Reject::Frozen));
    let until = trusted.expiry();
    assert!(both(&trusted, height, Seconds(until.0 - 1)).is_ok());
    assert_eq!(
        both(&trusted, height, until),
        Err(Reject::Expired { until, now: until })
    );
    for (revision_number, revision_height) in [(3, 102), (2, 101), (0, 101)] {
        let height = Height {
            revision_number,
            revision_height,
        };
        assert_eq!(both(&trusted, height, now), Err(Reject::UnknownHeight { height }));
    }
    // Block 100 has another root.
    let other = Height {
        revision_height: 100,
        ..height
    };
    assert!(matches!(
        both(&trusted, other, now),
        Err(Reject::StoreProof { .. })
    ));
}

#[test]
fn t01_a_step_with_two_siblings_or_none_is_no_step() {
    let store = Store::new();
    let path = commitment(4);
    let edited = |edit: fn(&mut ExistenceProof)| {
        let mut existence = store.existence(1);
        edit(&mut existence);
        member(&path, &value(4), &store.chained(Proof::Exist(existence)))
    };
    fault(edited(|proof| {
        proof.path[0].suffix = [&[32][..], &[7; 32]].concat()
    }));
    fault(edited(|proof| proof.path[0].prefix.truncate(4)));
    fault(edited(|proof| drop(proof.path.remove(0))));
}

#[test]
fn t03_t04_an_absence_that_is_forged_times_out_nothing() {
    let store = Store::new();
    // Packet 4 is there. Its neighbours are shown as if they were each other's; one of them alone; or none.
    let forged = |left: Option<usize>, right: Option<usize>| {
        let absence = NonExistenceProof {
            key: commitment(4).to_bytes(),
            left: left.map(|at| store.existence(at)),
            right: right.map(|at| store.existence(at)),
        };
        absent(&commitment(4), &store.chained(Proof::Nonexist(absence)))
    };
    for (left, right) in [
        (Some(0), Some(2)),
        (Some(0), None),
        (None, Some(2)),
        (None, None),
        (Some(1), Some(2)),
        (Some(0), Some(1)),
        (Some(3), None),
        (None, Some(0)),
    ] {
        fault(forged(left, right));
    }
    // The absence of a neighbour is not its own.
    fault(absent(&commitment(4), &store.proof(&commitment(3))));
    // Nor is an absence one of another height, whose time may be later.
    let mut cut = MerkleProof::decode(store.proof(&commitment(3)).as_slice()).unwrap();
    cut.proofs.truncate(1);
    fault(absent(&commitment(3), &cut.encode_to_vec()));
}

/// What a relayer or a test does that knows no client by name.
fn walk<C: LightClient<Reject: core::fmt::Debug>>(
    client: &C,
    config: C::Config,
    bootstrap: &C::Bootstrap,
    update: &C::Update,
    now: Seconds,
) -> (C::Trusted, Status) {
    let trusted = client.start(config, bootstrap, now).unwrap();
    let Ok(Advance::Updated(after)) = client.verify_update(&trusted, update, now) else {
        panic!("an honest update is news");
    };
    let status = client.status(&after, now);
    (after, status)
}

#[test]
fn the_six_functions_answer_as_the_free_ones_do() {
    let world = world();
    let block = altered(&world, 101, |header| header.app_hash = Store::new().app_hash());
    let update = read(&world.show(&block, START));
    let (first, now) = (bootstrap(&world, START), now(&world));
    let (trusted, status) = walk(&Tendermint, config(), &first, &update, now);
    assert_eq!(status, Status::Active);
    let began = start(config(), &first, now).unwrap();
    assert_eq!(
        verify_update(&began, &update, now),
        Ok(Advance::Updated(trusted.clone()))
    );
    let at = height(&world, 101);
    let (there, gone) = (commitment(4), commitment(3));
    let store = Store::new();
    let member = Tendermint.verify_member(&trusted, at, &there, &value(4), &store.proof(&there), now);
    assert_eq!(member, Ok(time()));
    assert_eq!(
        Tendermint.verify_absent(&trusted, at, &gone, &store.proof(&gone), now),
        Ok(time())
    );
    let evidence = Evidence {
        first: Box::new(update.clone()),
        second: Box::new(update),
    };
    let innocent = Tendermint.check_misbehaviour(&trusted, &evidence, now);
    assert_eq!(innocent, Err(Reject::NotMisbehaviour));
}
