//! Membership and absence: one test for each rule, from the one good proof.

use alloy_primitives::B256;
use client::StorageReject;
use ethereum::testing::{World, filler};
use ethereum::{Reject, Trusted, verify_absent, verify_member};
use wire::path::{self, Path};
use wire::{ClientId, Height, Seconds, Sequence};

use crate::fixture::*;

/// A client, and what its counterparty's router has stored.
struct Stored {
    world: World,
    trusted: Trusted,
    present: Path,
    absent: Path,
    value: B256,
}

fn stored() -> Stored {
    let client = ClientId::new("client-0").unwrap();
    let present = path::commitment(&client, Sequence::new(1).unwrap());
    let absent = path::receipt(&client, Sequence::new(1).unwrap());
    let value = filler("commitment", &[]);
    let mut world = world();
    world
        .storage
        .insert(present.evm_slot(wire::COMMITMENTS_SLOT), value);
    let trusted = started(&world);
    Stored {
        world,
        trusted,
        present,
        absent,
        value,
    }
}

impl Stored {
    fn proof(&self, path: &Path) -> Vec<u8> {
        self.world
            .storage_proof(path.evm_slot(wire::COMMITMENTS_SLOT))
            .bytes()
    }

    fn member(&self, height: Height, value: &[u8], proof: &[u8]) -> Result<Seconds, Reject> {
        let now = self.world.time(START + 9);
        verify_member(&self.trusted, height, &self.present, value, proof, now)
    }
}

fn height(slot: u64) -> Height {
    Height {
        revision_number: 0,
        revision_height: slot,
    }
}

#[test]
fn accepts_and_returns_the_states_own_time() {
    let stored = stored();
    let proof = stored.proof(&stored.present);
    let time = stored.world.time(START);
    assert_eq!(
        stored.member(height(START), stored.value.as_slice(), &proof),
        Ok(time)
    );
    let proof = stored.proof(&stored.absent);
    let now = stored.world.time(START + 9);
    assert_eq!(
        verify_absent(&stored.trusted, height(START), &stored.absent, &proof, now),
        Ok(time)
    );
}

#[test]
fn rejects_unknown_height() {
    let stored = stored();
    let proof = stored.proof(&stored.present);
    let revised = Height {
        revision_number: 1,
        revision_height: START,
    };
    // START + 64 epochs lies in the same place of a ring of 64.
    for height in [height(START + 1), height(START + 64 * EPOCH), height(0), revised] {
        let refused = stored.member(height, stored.value.as_slice(), &proof);
        assert_eq!(refused, Err(Reject::UnknownHeight { height }));
    }
}

#[test]
fn rejects_bad_value() {
    let stored = stored();
    let proof = stored.proof(&stored.present);
    for value in [&[][..], &[0; 32], &stored.value[1..], &[1; 33]] {
        let refused = stored.member(height(START), value, &proof);
        assert_eq!(
            refused,
            Err(Reject::Storage(StorageReject::BadValue { length: value.len() }))
        );
    }
}

#[test]
fn rejects_storage_proof() {
    let stored = stored();
    let good = stored.proof(&stored.present);
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let doubled = [good.clone(), good.clone()].concat();
    for proof in [&[][..], &flipped, &doubled, &good[1..]] {
        let refused = stored.member(height(START), stored.value.as_slice(), proof);
        assert!(
            matches!(refused, Err(Reject::Storage(StorageReject::StorageProof { .. }))),
            "{refused:?}"
        );
    }
}

#[test]
fn rejects_slot_absent() {
    let stored = stored();
    let slot = stored.absent.evm_slot(wire::COMMITMENTS_SLOT);
    let proof = stored.proof(&stored.absent);
    let now = stored.world.time(START + 9);
    let value = stored.value.as_slice();
    let refused = verify_member(&stored.trusted, height(START), &stored.absent, value, &proof, now);
    assert_eq!(refused, Err(Reject::Storage(StorageReject::SlotAbsent { slot })));
}

#[test]
fn rejects_slot_present() {
    let stored = stored();
    let slot = stored.present.evm_slot(wire::COMMITMENTS_SLOT);
    let proof = stored.proof(&stored.present);
    let now = stored.world.time(START + 9);
    let refused = verify_absent(&stored.trusted, height(START), &stored.present, &proof, now);
    assert_eq!(
        refused,
        Err(Reject::Storage(StorageReject::SlotPresent {
            slot,
            value: stored.value
        }))
    );
}

#[test]
fn rejects_value_mismatch() {
    let stored = stored();
    let expected = flipped(stored.value);
    let refused = stored.member(height(START), expected.as_slice(), &stored.proof(&stored.present));
    assert_eq!(
        refused,
        Err(Reject::Storage(StorageReject::ValueMismatch {
            expected,
            proven: stored.value
        }))
    );
}

#[test]
fn frozen_and_expired_clients_prove_nothing() {
    let mut stored = stored();
    let proof = stored.proof(&stored.absent);
    let until = Seconds(stored.world.time(START).0 + stored.world.config().trust_period.0);
    let late = verify_absent(&stored.trusted, height(START), &stored.absent, &proof, until);
    assert_eq!(late, Err(Reject::Expired { until, now: until }));
    stored.trusted.frozen = true;
    let now = stored.world.time(START + 9);
    let frozen = verify_absent(&stored.trusted, height(START), &stored.absent, &proof, now);
    assert_eq!(frozen, Err(Reject::Frozen));
}
