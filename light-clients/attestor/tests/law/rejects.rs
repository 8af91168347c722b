//! One test for each way to be refused, with both values: a good message with one flaw.

use alloy_primitives::B256;
use attestor::{
    Attestor, ConfigFault, Reject, Set, SetFault, Trusted, Update, check_misbehaviour, complete_rotation,
    start, verify_absent, verify_member, verify_update, veto_rotation,
};
use client::StorageReject;
use wire::{Height, Seconds};

use crate::fixture::*;

const DAY: u64 = 86_400;

fn learned(world: &World) -> Trusted {
    advanced(&world.started(), &world.state(HEIGHT, &[0, 1, 2]), NOW)
}

fn frozen(world: &World) -> Trusted {
    check_misbehaviour(
        &world.started(),
        &world.evidence(HEIGHT, &[0, 1, 2], &[2, 3, 4]),
        NOW,
    )
    .unwrap()
}

fn waiting(world: &World) -> Trusted {
    advanced(
        &world.started(),
        &Update::Rotation(world.rotation(0, &[0, 1, 2])),
        NOW,
    )
}

fn later(seconds: u64) -> Seconds {
    Seconds(NOW.0 + seconds)
}

#[track_caller]
fn refuses(trusted: &Trusted, update: &Update, now: Seconds, reject: Reject) {
    assert_eq!(verify_update(trusted, update, now).unwrap_err(), reject);
}

#[test]
fn rejects_bad_set() {
    let world = World::new();
    let mut attestors = world.set().attestors().to_vec();
    attestors.swap(0, 1);
    let (previous, signer) = (attestors[0].signer, attestors[1].signer);
    let fault = SetFault::Order { previous, signer };
    assert_eq!(Set::new(3, attestors), Err(Reject::BadSet(fault)));
    let alone = vec![Attestor { signer, weight: 1 }];
    let fault = SetFault::Alone { signer, threshold: 1 };
    assert_eq!(Set::new(1, alone), Err(Reject::BadSet(fault)));
    let fault = SetFault::Unreachable {
        total: 5,
        threshold: 6,
    };
    assert_eq!(world.keys.set(6), Err(Reject::BadSet(fault)));
}

#[test]
fn rejects_frozen() {
    let world = World::new();
    refuses(
        &frozen(&world),
        &world.state(HEIGHT, &[0, 1, 2]),
        NOW,
        Reject::Frozen,
    );
}

#[test]
fn rejects_expired() {
    let world = World::new();
    let until = Seconds(time(HEIGHT).0 + 7 * DAY);
    let reject = Reject::Expired { until, now: until };
    refuses(
        &learned(&world),
        &world.state(HEIGHT + INTERVAL, &[0, 1, 2]),
        until,
        reject,
    );
}

#[test]
fn t49_rejects_rotation_due() {
    let world = World::new();
    let due = later(2 * DAY);
    let reject = Reject::RotationDue { due, now: due };
    refuses(&waiting(&world), &world.state(HEIGHT, &[0, 1, 2]), due, reject);
}

#[test]
fn rejects_off_interval() {
    let world = World::new();
    let (height, interval) = (HEIGHT + 1, INTERVAL);
    let reject = Reject::OffInterval { height, interval };
    refuses(&world.started(), &world.state(height, &[0, 1, 2]), NOW, reject);
}

#[test]
fn t33_rejects_empty_storage_root() {
    let world = World::new();
    for root in [B256::ZERO, merkle::mpt::EMPTY_ROOT] {
        let mut attestation = world.attestation(HEIGHT, &[0, 1, 2]);
        attestation.claim.storage_root = root;
        refuses(
            &world.started(),
            &Update::State(attestation),
            NOW,
            Reject::EmptyStorageRoot { root },
        );
    }
}

#[test]
fn rejects_from_the_future() {
    let world = World::new();
    let timestamp = time(HEIGHT);
    let now = Seconds(timestamp.0 - 1);
    let reject = Reject::FromTheFuture { timestamp, now };
    refuses(&world.started(), &world.state(HEIGHT, &[0, 1, 2]), now, reject);
}

#[test]
fn rejects_state_expired() {
    let world = World::new();
    let until = Seconds(time(HEIGHT).0 + 7 * DAY);
    let reject = Reject::StateExpired { until, now: until };
    refuses(&world.started(), &world.state(HEIGHT, &[0, 1, 2]), until, reject);
}

#[test]
fn rejects_older_than_ring() {
    let world = World::new();
    let newest = HEIGHT + 8 * INTERVAL;
    let trusted = advanced(&world.started(), &world.state(newest, &[0, 1, 2]), NOW);
    let reject = Reject::OlderThanRing {
        height: HEIGHT,
        newest,
    };
    refuses(&trusted, &world.state(HEIGHT, &[0, 1, 2]), NOW, reject);
    // It is the last rule of all: who did not sign it is told that.
    let reject = Reject::BelowThreshold {
        weight: 2,
        threshold: 3,
    };
    refuses(&trusted, &world.state(HEIGHT, &[0, 1]), NOW, reject);
    advanced(&trusted, &world.state(HEIGHT + INTERVAL, &[0, 1, 2]), NOW);
}

#[test]
fn rejects_rotation_pending() {
    let world = World::new();
    let reject = Reject::RotationPending { due: later(2 * DAY) };
    refuses(
        &waiting(&world),
        &Update::Rotation(world.rotation(1, &[0, 1, 2])),
        NOW,
        reject,
    );
}

#[test]
fn t49_rejects_wrong_nonce() {
    let world = World::new();
    let vetoed = veto_rotation(&waiting(&world)).unwrap();
    let reject = Reject::WrongNonce {
        expected: 1,
        given: 0,
    };
    refuses(
        &vetoed,
        &Update::Rotation(world.rotation(0, &[0, 1, 2])),
        NOW,
        reject,
    );
}

#[test]
fn t49_rejects_rotation_expired() {
    let world = World::new();
    let now = later(DAY);
    let reject = Reject::RotationExpired { expiry: now, now };
    refuses(
        &world.started(),
        &Update::Rotation(world.rotation(0, &[0, 1, 2])),
        now,
        reject,
    );
}

#[test]
fn rejects_rotation_expiry_too_far() {
    let world = World::new();
    let expiry = later(DAY);
    let now = Seconds(expiry.0 - 30 * DAY - 1);
    let reject = Reject::RotationExpiryTooFar {
        expiry,
        latest: Seconds(expiry.0 - 1),
    };
    refuses(
        &world.started(),
        &Update::Rotation(world.rotation(0, &[0, 1, 2])),
        now,
        reject,
    );
}

#[test]
fn rejects_signer_order() {
    let world = World::new();
    let mut attestation = world.attestation(HEIGHT, &[0, 1, 2]);
    attestation.signatures[2] = attestation.signatures[1].clone();
    let reject = Reject::SignerOrder {
        previous: 1,
        index: 1,
    };
    refuses(&world.started(), &Update::State(attestation), NOW, reject);
}

#[test]
fn rejects_unknown_signer() {
    let world = World::new();
    let mut attestation = world.attestation(HEIGHT, &[0, 1, 2]);
    attestation.signatures[2].index = 5;
    let reject = Reject::UnknownSigner { index: 5, size: 5 };
    refuses(&world.started(), &Update::State(attestation), NOW, reject);
}

#[test]
fn rejects_signature() {
    let world = World::new();
    let mut attestation = world.attestation(HEIGHT, &[0, 1, 2]);
    attestation.signatures[0].signature[..32].fill(0);
    let digest = attestation.claim.digest(&config().domain(1), HEIGHT);
    let reject = Reject::Signature(wire::Reject::Unrecoverable { digest });
    refuses(&world.started(), &Update::State(attestation), NOW, reject);
}

#[test]
fn rejects_wrong_signer() {
    let world = World::new();
    let mut attestation = world.attestation(HEIGHT, &[0, 1, 2]);
    attestation.signatures[2].index = 3;
    let addresses = world.keys.addresses();
    let reject = Reject::WrongSigner {
        expected: addresses[3],
        found: addresses[2],
    };
    refuses(&world.started(), &Update::State(attestation), NOW, reject);
}

#[test]
fn rejects_below_threshold() {
    let world = World::new();
    let reject = Reject::BelowThreshold {
        weight: 2,
        threshold: 3,
    };
    refuses(&world.started(), &world.state(HEIGHT, &[3, 4]), NOW, reject);
}

#[test]
fn rejects_bad_config() {
    let world = World::new();
    let (delay, min) = (Seconds(3_599), Seconds(3_600));
    let config = attestor::Config {
        rotation_delay: delay,
        ..config()
    };
    let reject = Reject::BadConfig(ConfigFault::RotationDelay { delay, min });
    assert_eq!(start(config, world.set()), Err(reject));
}

#[test]
fn rejects_no_rotation() {
    let world = World::new();
    assert_eq!(complete_rotation(&world.started(), NOW), Err(Reject::NoRotation));
    assert_eq!(veto_rotation(&world.started()), Err(Reject::NoRotation));
}

#[test]
fn rejects_rotation_early() {
    let world = World::new();
    let (due, now) = (later(2 * DAY), later(2 * DAY - 1));
    assert_eq!(
        complete_rotation(&waiting(&world), now),
        Err(Reject::RotationEarly { due, now })
    );
}

#[test]
fn rejects_unknown_height() {
    let world = World::new();
    let of = |revision_number, revision_height| Height {
        revision_number,
        revision_height,
    };
    for height in [of(0, HEIGHT + 1), of(1, HEIGHT), of(0, 0)] {
        let verdict = verify_absent(&learned(&world), height, &world.absent, &[], NOW);
        assert_eq!(verdict, Err(Reject::UnknownHeight { height }));
    }
}

fn member(world: &World, path: &wire::Path, value: &[u8]) -> Result<Seconds, Reject> {
    let proof = world.proof(HEIGHT, path);
    verify_member(&learned(world), Height::of(HEIGHT), path, value, &proof, NOW)
}

#[test]
fn rejects_bad_value() {
    let world = World::new();
    assert_eq!(
        member(&world, &world.present, &[1; 31]),
        Err(Reject::Storage(StorageReject::BadValue { length: 31 }))
    );
    assert_eq!(
        member(&world, &world.present, &[0; 32]),
        Err(Reject::Storage(StorageReject::BadValue { length: 32 }))
    );
}

#[test]
fn rejects_storage_proof() {
    let world = World::new();
    let verdict = verify_absent(&learned(&world), Height::of(HEIGHT), &world.absent, &[], NOW);
    assert!(
        matches!(verdict, Err(Reject::Storage(StorageReject::StorageProof { storage_root, .. })) if storage_root == world.claim(HEIGHT).storage_root)
    );
}

#[test]
fn rejects_slot_absent() {
    let world = World::new();
    let slot = world.absent.evm_slot(wire::COMMITMENTS_SLOT);
    assert_eq!(
        member(&world, &world.absent, &[1; 32]),
        Err(Reject::Storage(StorageReject::SlotAbsent { slot }))
    );
}

#[test]
fn t04_rejects_slot_present() {
    let world = World::new();
    let slot = world.present.evm_slot(wire::COMMITMENTS_SLOT);
    let proof = world.proof(HEIGHT, &world.present);
    let verdict = verify_absent(&learned(&world), Height::of(HEIGHT), &world.present, &proof, NOW);
    assert_eq!(
        verdict,
        Err(Reject::Storage(StorageReject::SlotPresent {
            slot,
            value: world.value
        }))
    );
}

#[test]
fn rejects_value_mismatch() {
    let world = World::new();
    let (expected, proven) = (B256::repeat_byte(1), world.value);
    assert_eq!(
        member(&world, &world.present, expected.as_slice()),
        Err(Reject::Storage(StorageReject::ValueMismatch { expected, proven }))
    );
}

#[test]
fn rejects_not_misbehaviour() {
    let world = World::new();
    let apart = world.evidence(HEIGHT, &[0, 1], &[2, 3]);
    assert_eq!(
        check_misbehaviour(&learned(&world), &apart, NOW),
        Err(Reject::NotMisbehaviour)
    );
}
