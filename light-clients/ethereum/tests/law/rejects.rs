//! One test for each rule of `verify_update`: the good fixture with one thing broken.

use alloy_primitives::B256;
use ethereum::testing::{Draft, Keys, Router};
use ethereum::{Bls, Blst, Epoch, Fork, G2, Layout, Period, Reject, Slot, Update, start, verify_update};
use wire::Seconds;

use crate::fixture::*;

/// The good update after `change`, as refused by the good client.
fn broken(change: impl FnOnce(&mut Update)) -> Reject {
    broken_from(&draft(), change)
}

fn broken_from(draft: &Draft, change: impl FnOnce(&mut Update)) -> Reject {
    let world = world();
    let mut update = world.update(draft);
    change(&mut update);
    refusal(&world, &started(&world), &update)
}

#[test]
fn rejects_malformed() {
    let part = "the sync bits";
    assert_eq!(
        broken(|update| update.signers.push(0xff)),
        Reject::Malformed { part }
    );
    assert_eq!(
        broken(|update| update.signers.truncate(3)),
        Reject::Malformed { part }
    );
}

#[test]
fn rejects_frozen() {
    let world = world();
    let mut trusted = started(&world);
    trusted.frozen = true;
    assert_eq!(refusal(&world, &trusted, &world.update(&draft())), Reject::Frozen);
}

#[test]
fn rejects_expired() {
    let world = world();
    let (trusted, update) = (started(&world), world.update(&draft()));
    let until = Seconds(world.time(START).0 + world.config().trust_period.0);
    let last = Seconds(until.0 - 1);
    assert!(verify_update(&Blst, &trusted, &update, last).is_ok());
    let refused = verify_update(&Blst, &trusted, &update, until);
    assert_eq!(refused, Err(Reject::Expired { until, now: until }));
}

#[test]
fn rejects_unknown_fork() {
    let world = world();
    let update = world.update(&draft());
    let mut config = world.config();
    let epoch = Epoch(update.attested.slot.0 / EPOCH);
    config
        .network
        .append_fork(Fork {
            epoch,
            version: [9; 4],
            layout: Layout::Unknown,
        })
        .unwrap();
    let trusted = start(&Blst, config, &bootstrap(&world), world.time(START)).unwrap();
    let refused = refusal(&world, &trusted, &update);
    assert_eq!(refused, Reject::UnknownFork { epoch });
    let text = refused.to_string();
    assert!(
        text.contains("append the fork") && text.contains("migrate"),
        "the remedy is named: {text}"
    );
}

#[test]
fn rejects_from_the_future() {
    let world = world();
    let (trusted, update) = (started(&world), world.update(&draft()));
    let begin = world.time(update.signature_slot.0);
    assert!(verify_update(&Blst, &trusted, &update, begin).is_ok());
    let signed = update.signature_slot;
    let current = signed.before();
    let refused = verify_update(&Blst, &trusted, &update, Seconds(begin.0 - 1));
    assert_eq!(refused, Err(Reject::FromTheFuture { signed, current }));
}

#[test]
fn rejects_slot_order() {
    let refused = broken(|update| update.signature_slot = update.attested.slot);
    let attested = Slot(START + 3 * EPOCH);
    let finalized = Slot(START + EPOCH);
    assert_eq!(
        refused,
        Reject::SlotOrder {
            signature: attested,
            attested,
            finalized
        }
    );
}

#[test]
fn rejects_older_than_ring() {
    let world = world();
    let mut config = world.config();
    config.capacity = 3;
    let trusted = start(&Blst, config, &bootstrap(&world), world.time(START)).unwrap();
    let trusted = advanced(
        &world,
        &trusted,
        &world.update(&Draft::new(START + 4 * EPOCH, START + 5 * EPOCH)),
    );
    let inside = world.update(&Draft::new(START + 2 * EPOCH, START + 5 * EPOCH));
    assert!(judge(&world, &trusted, &inside).is_ok());
    let finalized = Slot(START + EPOCH);
    let newest = Slot(START + 4 * EPOCH);
    assert_eq!(
        refusal(&world, &trusted, &world.update(&draft())),
        Reject::OlderThanRing { finalized, newest }
    );
}

#[test]
fn rejects_not_enough_signers() {
    // 22 of 32 is the least that counts: 66 >= 64.
    let world = world();
    let enough = world.update(&draft().without(0..10));
    assert!(judge(&world, &started(&world), &enough).is_ok());
    let few = world.update(&draft().without(0..11));
    let refused = refusal(&world, &started(&world), &few);
    assert_eq!(
        refused,
        Reject::NotEnoughSigners {
            signers: 21,
            size: 32
        }
    );
}

#[test]
fn rejects_unknown_committee() {
    let world = world();
    let update = world.update(&Draft::new(START + EPOCH, START + PERIOD));
    assert_eq!(
        refusal(&world, &started(&world), &update),
        Reject::UnknownCommittee { period: Period(5) }
    );
}

#[test]
fn rejects_wrong_committee() {
    let world = world();
    let foreign = world.changed(|world| world.committee_salt = 1).update(&draft());
    let period = Period(4);
    let trusted = bootstrap(&world).current.committee.commitment(period);
    let found = foreign.committee.commitment(period);
    assert_eq!(
        refusal(&world, &started(&world), &foreign),
        Reject::WrongCommittee {
            period,
            trusted,
            found
        }
    );
}

#[test]
fn rejects_finality_branch() {
    let refused = broken(|update| update.finality_branch[6] = flipped(update.finality_branch[6]));
    assert!(matches!(refused, Reject::FinalityBranch { .. }), "{refused}");
    let refused = broken(|update| update.finality_branch.truncate(6));
    assert!(matches!(refused, Reject::FinalityBranch { .. }), "{refused}");
}

#[test]
fn rejects_execution_branch() {
    let refused = broken(|update| update.execution.branch[0] = flipped(update.execution.branch[0]));
    assert!(matches!(refused, Reject::ExecutionBranch { .. }), "{refused}");
}

#[test]
fn rejects_next_committee_period() {
    let world = world();
    let trusted = advanced(&world, &started(&world), &world.update(&draft().rotating()));
    let mut update = world.update(&Draft::new(START + 6 * EPOCH, START + PERIOD));
    update.next = world
        .update(&Draft::new(START + 7 * EPOCH, START + PERIOD).rotating())
        .next;
    let (attested, finalized) = (Period(5), Period(4));
    assert_eq!(
        refusal(&world, &trusted, &update),
        Reject::NextCommitteePeriod { attested, finalized }
    );
}

#[test]
fn rejects_next_committee_branch() {
    let refused = broken_from(&draft().rotating(), |update| {
        let branch = &mut update.next.as_mut().unwrap().branch;
        branch[5] = flipped(branch[5]);
    });
    assert!(matches!(refused, Reject::NextCommitteeBranch { .. }), "{refused}");
}

#[test]
fn rejects_absentee_proof() {
    let draft = draft().without([2, 30]);
    let part = |change: fn(&mut Update)| {
        let refused = broken_from(&draft, change);
        assert!(matches!(refused, Reject::AbsenteeProof { .. }), "{refused}");
    };
    part(|update| update.absentees.siblings[0] = flipped(update.absentees.siblings[0]));
    part(|update| update.absentees.siblings.push(B256::ZERO));
    part(|update| update.absentees.siblings.truncate(1));
    part(|update| update.absentees.keys.truncate(1));
    part(|update| update.absentees.keys.swap(0, 1));
    part(|update| update.signers[0] = !(1 << 3));
}

#[test]
fn rejects_bad_point() {
    let zero = broken(|update| update.signature = G2([0; 192]));
    assert_eq!(
        zero,
        Reject::BadPoint {
            part: "the key or signature"
        }
    );
    let refused = broken_from(&draft().without([4]), |update| {
        update.absentees.keys[0].0[0] |= 0x80
    });
    assert_eq!(
        refused,
        Reject::BadPoint {
            part: "an absent key"
        }
    );
}

#[test]
fn rejects_aggregate_at_infinity() {
    let world = world();
    world.set_keys(Period(4), Keys::cancelling(3, 32));
    let keys = world.keys(Period(4));
    let mut update = world.update(&draft());
    let bits = keys.bits_without(&[0]);
    update.absentees = keys.committee().open_absent(&Blst, &bits).unwrap();
    update.signers = bits;
    assert_eq!(
        refusal(&world, &started(&world), &update),
        Reject::AggregateAtInfinity
    );
}

#[test]
fn rejects_bad_signature() {
    let world = world();
    let other = world
        .update(&Draft::new(START + EPOCH, START + 3 * EPOCH + 1))
        .signature;
    let refused = broken(|update| update.signature = other);
    assert!(matches!(refused, Reject::BadSignature { .. }), "{refused}");
}

#[test]
fn rejects_account_proof() {
    let refused = broken(|update| update.account_proof.push(0xc0));
    let Reject::AccountProof { fault, .. } = refused else {
        panic!("{refused}")
    };
    assert!(
        matches!(fault, merkle::Reject::TrailingBytes { left: 1, .. }),
        "{fault}"
    );
}

#[test]
fn rejects_account_absent() {
    let world = world();
    let update = world
        .changed(|world| world.router = Router::Absent)
        .update(&draft());
    let state_root = update.execution.state_root;
    assert_eq!(
        refusal(&world, &started(&world), &update),
        Reject::AccountAbsent { state_root }
    );
}

#[test]
fn rejects_empty_storage_root() {
    let world = world();
    let update = world
        .changed(|world| world.router = Router::Empty)
        .update(&draft());
    let state_root = update.execution.state_root;
    assert_eq!(
        refusal(&world, &started(&world), &update),
        Reject::EmptyStorageRoot { state_root }
    );
}

#[test]
fn rejects_conflicting_checkpoint() {
    let world = world();
    let update = world.update(&Draft::new(START - 1, START + EPOCH));
    let (held, offered) = (Slot(START), Slot(START - 1));
    assert_eq!(
        refusal(&world, &started(&world), &update),
        Reject::ConflictingCheckpoint { held, offered }
    );
}

#[test]
fn signature_that_does_not_decompress_is_no_point() {
    assert_eq!(Blst.decompress_signature(&[0xff; 96]), None);
    assert_eq!(Blst.decompress_signature(&infinity::<96>()), None);
    assert_eq!(Blst.decompress_keys(&[infinity::<48>()]), None);
}

/// The compressed point at infinity.
fn infinity<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    bytes[0] = 0xc0;
    bytes
}
