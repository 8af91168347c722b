//! Many paths under one proof: the same verdicts as one by one, and each refusal of a batch.

use alloy_primitives::B256;
use client::StorageReject;
use ethereum::testing::{World, filler};
use ethereum::{
    Blst, Reject, Trusted, batch_order, build_pool, check_misbehaviour, verify_absent, verify_batch,
    verify_member,
};
use wire::path::{self, Path};
use wire::{ClientId, Height, Seconds, Sequence};

use crate::fixture::*;

/// A client, and paths of which its counterparty's router has stored every second one.
struct Batch {
    world: World,
    trusted: Trusted,
    /// In the order of a batch, each with its value.
    paths: Vec<(Path, Option<B256>)>,
}

fn batch() -> Batch {
    let client = ClientId::new("client-0").unwrap();
    let mut world = world();
    let mut paths = Vec::new();
    for n in 1..=20u64 {
        let path = path::commitment(&client, Sequence::new(n).unwrap());
        let value = (n % 2 == 0).then(|| filler("commitment", &[n]));
        if let Some(value) = value {
            world.storage.insert(slot(&path), value);
        }
        paths.push((path, value));
    }
    let trusted = started(&world);
    let asked: Vec<Path> = paths.iter().map(|(path, _)| path.clone()).collect();
    let order = batch_order(&trusted, &asked);
    let paths = order.into_iter().map(|at| paths[at].clone()).collect();
    Batch {
        world,
        trusted,
        paths,
    }
}

fn slot(path: &Path) -> B256 {
    path.evm_slot(wire::COMMITMENTS_SLOT)
}

impl Batch {
    fn asked(&self) -> Vec<Path> {
        self.paths.iter().map(|(path, _)| path.clone()).collect()
    }

    fn pool(&self, paths: &[Path]) -> Vec<u8> {
        let proofs: Vec<Vec<u8>> = paths
            .iter()
            .map(|path| self.world.storage_proof(slot(path)).bytes())
            .collect();
        let proofs = proofs.iter().map(Vec::as_slice);
        build_pool(&self.trusted, Height::of(START), paths, proofs).unwrap()
    }

    fn verify(&self, paths: &[Path], pool: &[u8]) -> Result<(Seconds, Vec<Option<B256>>), Reject> {
        let now = self.world.time(START + 9);
        verify_batch(&self.trusted, Height::of(START), paths, pool, now)
    }
}

#[test]
fn a_batch_says_what_single_proofs_say() {
    let batch = batch();
    let paths = batch.asked();
    let (time, values) = batch.verify(&paths, &batch.pool(&paths)).unwrap();
    assert_eq!(time, batch.world.time(START));
    let (height, now) = (Height::of(START), batch.world.time(START + 9));
    for ((path, expected), found) in batch.paths.iter().zip(&values) {
        assert_eq!(found, expected);
        let proof = batch.world.storage_proof(slot(path)).bytes();
        let single = match found {
            Some(value) => verify_member(&batch.trusted, height, path, value.as_slice(), &proof, now),
            None => verify_absent(&batch.trusted, height, path, &proof, now),
        };
        assert_eq!(single, Ok(time));
    }
}

#[test]
fn rejects_storage_proof() {
    let batch = batch();
    let paths = batch.asked();
    let pool = batch.pool(&paths);
    let refused = |paths: &[Path], pool: &[u8]| match batch.verify(paths, pool) {
        Err(Reject::Storage(StorageReject::StorageProof { fault, .. })) => fault.rule(),
        other => panic!("expected a refused proof, got {other:?}"),
    };
    assert_eq!(refused(&paths, &[&pool[..], &[0]].concat()), "trailing_bytes");
    assert_eq!(refused(&paths, &pool[..pool.len() - 1]), "pool_truncated");
    assert_eq!(refused(&[], &pool), "no_leaves");
    let reversed: Vec<Path> = paths.iter().rev().cloned().collect();
    assert_eq!(refused(&reversed, &pool), "key_order");
    // The pool of all paths is none of some.
    let some = &paths[..paths.len() / 2];
    assert!(batch.verify(some, &pool).is_err());
    assert!(batch.verify(some, &batch.pool(some)).is_ok());
}

#[test]
fn rejects_unknown_height() {
    let batch = batch();
    let paths = batch.asked();
    let (pool, now) = (batch.pool(&paths), batch.world.time(START + 9));
    for height in [
        Height::of(START + 1),
        Height {
            revision_number: 1,
            ..Height::of(START)
        },
    ] {
        assert_eq!(
            verify_batch(&batch.trusted, height, &paths, &pool, now),
            Err(Reject::UnknownHeight { height })
        );
        assert_eq!(
            build_pool(&batch.trusted, height, &paths, []),
            Err(Reject::UnknownHeight { height })
        );
    }
}

#[test]
fn rejects_expired_and_frozen() {
    let batch = batch();
    let paths = batch.asked();
    let (pool, until) = (batch.pool(&paths), batch.trusted.expiry().unwrap());
    let at = |trusted: &Trusted, now| verify_batch(trusted, Height::of(START), &paths, &pool, now);
    assert!(at(&batch.trusted, Seconds(until.0 - 1)).is_ok());
    assert_eq!(
        at(&batch.trusted, until),
        Err(Reject::Expired { until, now: until })
    );
    let evidence = crate::evidence::two_finalized_headers(&batch.world);
    let now = batch.world.time(START + 5 * EPOCH);
    let frozen = check_misbehaviour(&Blst, &batch.trusted, &evidence, now).unwrap();
    assert_eq!(at(&frozen, now), Err(Reject::Frozen));
}
