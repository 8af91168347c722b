//! Misbehaviour: what freezes a client, and what does not.

use client::{Advance, Status};
use ethereum::testing::{Draft, Keys, World};
use ethereum::{Blst, Evidence, Period, Reject, Slot, Update, check_misbehaviour, status};

use crate::fixture::*;

fn bare(update: Update) -> Update {
    Update {
        account_proof: Vec::new(),
        ..update
    }
}

fn check(world: &World, first: Update, second: Update) -> Result<(), Reject> {
    let trusted = started(world);
    let now = world.time(START + 6 * EPOCH);
    let frozen = check_misbehaviour(&Blst, &trusted, &Evidence { first, second }, now)?;
    assert!(frozen.frozen);
    assert_eq!(status(&frozen, now), Status::Frozen);
    assert_eq!(
        status(&trusted, now),
        Status::Active,
        "the state that was passed in is left alone"
    );
    Ok(())
}

/// The same committees on another fork.
fn fork(world: &World) -> World {
    world.changed(|world| world.salt = 1)
}

/// The same current committee, and another next one.
fn liar(world: &World) -> World {
    let liar = World::new(world.network.clone());
    liar.set_keys(Period(4), (*world.keys(Period(4))).clone());
    liar.set_keys(Period(5), Keys::new(7, 32));
    liar
}

/// What freezes a client of `world` at any later time.
pub(crate) fn two_finalized_headers(world: &World) -> Evidence {
    Evidence {
        first: bare(world.update(&draft())),
        second: bare(fork(world).update(&draft())),
    }
}

#[test]
fn two_finalized_headers_of_one_slot_freeze() {
    let world = world();
    let Evidence {
        first: one,
        second: other,
    } = two_finalized_headers(&world);
    assert_eq!(check(&world, one.clone(), other.clone()), Ok(()));
    assert_eq!(check(&world, other, one), Ok(()));
}

#[test]
fn two_checkpoints_of_one_epoch_freeze() {
    let world = world();
    let at = |slot: u64| bare(world.update(&Draft::new(slot, START + 3 * EPOCH)));
    // The first and the last slot whose block can be the checkpoint of the epoch that begins with the last.
    let (first, last) = (at(START + 1), at(START + EPOCH));
    assert_eq!(check(&world, first.clone(), last.clone()), Ok(()));
    assert_eq!(check(&world, last.clone(), first.clone()), Ok(()));
    // Each beside its neighbour, which has another epoch.
    for (one, other) in [(at(START), first), (last, at(START + EPOCH + 1))] {
        assert_eq!(check(&world, one, other), Err(Reject::NotMisbehaviour));
    }
}

#[test]
fn another_checkpoint_of_an_epoch_than_the_one_held_freezes_through_update() {
    let world = world();
    let at = |slot: u64| world.update(&Draft::new(slot, START + 3 * EPOCH));
    let edges = [START + 1, START + EPOCH];
    for (held, offered) in [(edges[0], edges[1]), (edges[1], edges[0])] {
        let trusted = advanced(&world, &started(&world), &at(held));
        let mut expected = trusted.clone();
        expected.frozen = true;
        let judged = judge(&world, &trusted, &at(offered));
        assert_eq!(
            judged,
            Ok(Advance::Misbehaviour(expected)),
            "nothing else is written"
        );
        // Who does not know where the client started cannot say that what is held is a checkpoint.
        let mut unknown = trusted.clone();
        unknown.bootstrap = None;
        let (held, offered) = (Slot(held), Slot(offered));
        let expected = Reject::ConflictingCheckpoint { held, offered };
        assert_eq!(refusal(&world, &unknown, &at(offered.0)), expected);
    }
}

#[test]
fn two_next_committees_of_one_period_freeze() {
    let world = world();
    let liar = liar(&world);
    let one = bare(world.update(&draft().rotating()));
    let elsewhere = Draft::new(START + 2 * EPOCH, START + 4 * EPOCH).rotating();
    let other = bare(liar.update(&elsewhere));
    assert_eq!(check(&world, one.clone(), other), Ok(()));
    // Without its next committee the second update contradicts nothing.
    let other = bare(liar.update(&Draft {
        next: false,
        ..elsewhere
    }));
    assert_eq!(check(&world, one, other), Err(Reject::NotMisbehaviour));
}

#[test]
fn a_committee_learned_before_does_not_protect_a_liar() {
    let world = world();
    let liar = liar(&world);
    let trusted = advanced(&world, &started(&world), &world.update(&draft().rotating()));
    let evidence = Evidence {
        first: bare(world.update(&draft().rotating())),
        second: bare(liar.update(&draft().rotating())),
    };
    let now = world.time(START + 6 * EPOCH);
    assert!(
        check_misbehaviour(&Blst, &trusted, &evidence, now)
            .unwrap()
            .frozen
    );
}

/// Whoever comes first: the true one afterwards freezes the client that was taught a forged one.
#[test]
fn another_next_committee_than_the_one_held_freezes_through_update() {
    let world = world();
    let liar = liar(&world);
    // Finalized where the other is, elsewhere, and at another slot of an epoch whose state is held.
    let drafts = [
        draft(),
        Draft::new(START + 2 * EPOCH, START + 4 * EPOCH),
        Draft::new(START - 1, START + 3 * EPOCH),
    ];
    for (taught, shown) in [(&world, &liar), (&liar, &world)] {
        let trusted = advanced(&world, &started(&world), &taught.update(&draft().rotating()));
        for draft in &drafts {
            let update = shown.update(&draft.clone().rotating());
            for update in [bare(update.clone()), update] {
                let mut expected = trusted.clone();
                expected.frozen = true;
                let judged = judge(&world, &trusted, &update);
                assert_eq!(
                    judged,
                    Ok(Advance::Misbehaviour(expected)),
                    "nothing else is written"
                );
            }
        }
    }
}

#[test]
fn another_next_committee_has_to_pass_every_check_to_freeze() {
    let world = world();
    let liar = liar(&world);
    let trusted = advanced(&world, &started(&world), &world.update(&draft().rotating()));
    let name = |update: &Update| format!("{:?}", refusal(&world, &trusted, update));
    let mut update = liar.update(&draft().rotating());
    update.signature = world.update(&draft().rotating()).signature;
    assert!(name(&update).starts_with("BadSignature"));
    let few = liar.update(&draft().rotating().without(0..11));
    assert!(name(&few).starts_with("NotEnoughSigners"));
    let mut update = liar.update(&draft().rotating());
    update.next.as_mut().unwrap().branch[0] = flipped(update.finality_branch[0]);
    assert!(name(&update).starts_with("NextCommitteeBranch"));
    let mut update = liar.update(&draft().rotating());
    update.account_proof.pop();
    assert!(name(&update).starts_with("AccountProof"));
    // Without it, the update contradicts nothing.
    let none = liar.update(&Draft::new(START + 2 * EPOCH, START + 4 * EPOCH));
    assert!(matches!(judge(&world, &trusted, &none), Ok(Advance::Updated(_))));
}

/// A chain whose head is not final may change its mind about that head, and not about the next committee: it is decided
/// before the period begins, and both headers lie in it.
#[test]
fn two_heads_over_one_finalized_header_teach_one_committee() {
    let world = world();
    let other_head = world.update(&Draft::new(START + EPOCH, START + 4 * EPOCH).rotating());
    let trusted = advanced(&world, &started(&world), &world.update(&draft().rotating()));
    assert_eq!(judge(&world, &trusted, &other_head), Ok(Advance::NoOp));
    // Another fork of the same period that shares what came before it.
    let elsewhere = fork(&world).update(&Draft::new(START + 2 * EPOCH, START + 4 * EPOCH).rotating());
    assert!(matches!(
        judge(&world, &trusted, &elsewhere),
        Ok(Advance::Updated(_))
    ));
}

#[test]
fn rejects_not_misbehaviour() {
    let world = world();
    let one = bare(world.update(&draft()));
    let honest = [
        one.clone(),
        bare(world.update(&draft().without([1]))),
        // Another attested header over the same finalized one.
        bare(world.update(&Draft::new(START + EPOCH, START + 4 * EPOCH))),
        // Another fork, finalized in another epoch: cannot be judged.
        bare(fork(&world).update(&Draft::new(START + 2 * EPOCH, START + 4 * EPOCH))),
    ];
    for other in honest {
        assert_eq!(check(&world, one.clone(), other), Err(Reject::NotMisbehaviour));
    }
}

#[test]
fn honest_rotations_are_no_misbehaviour() {
    let world = world();
    let one = world.update(&draft().rotating());
    let again = world.update(&Draft::new(START + 2 * EPOCH, START + 4 * EPOCH).rotating());
    assert_eq!(
        check(&world, bare(one.clone()), bare(one.clone())),
        Err(Reject::NotMisbehaviour)
    );
    assert_eq!(
        check(&world, bare(one.clone()), bare(again)),
        Err(Reject::NotMisbehaviour)
    );
    // Of two periods: two committees, as it has to be.
    let trusted = advanced(&world, &started(&world), &one);
    let at = START + PERIOD;
    let other = world.update(&Draft::new(at, at + EPOCH).rotating());
    let evidence = Evidence {
        first: bare(one),
        second: bare(other),
    };
    let honest = check_misbehaviour(&Blst, &trusted, &evidence, world.time(at + 2 * EPOCH));
    assert_eq!(honest.unwrap_err(), Reject::NotMisbehaviour);
}

#[test]
fn evidence_has_to_pass_every_check() {
    let world = world();
    let one = bare(world.update(&draft()));
    let name = |result: Result<(), Reject>| format!("{:?}", result.unwrap_err());
    let few = bare(fork(&world).update(&draft().without(0..11)));
    assert!(name(check(&world, one.clone(), few)).starts_with("NotEnoughSigners"));
    let foreign = fork(&world).changed(|world| world.committee_salt = 2);
    let foreign = bare(foreign.update(&draft()));
    assert!(name(check(&world, foreign, one.clone())).starts_with("WrongCommittee"));
    let mut unsigned = bare(fork(&world).update(&draft()));
    unsigned.signature = one.signature;
    assert!(name(check(&world, one.clone(), unsigned)).starts_with("BadSignature"));
    let with_account = fork(&world).update(&draft());
    assert!(name(check(&world, one, with_account)).starts_with("Malformed"));
}

#[test]
fn a_contradicting_storage_root_freezes_through_update() {
    let world = world();
    let trusted = started(&world);
    let lie = fork(&world).changed(|world| {
        world
            .storage
            .insert(flipped(Default::default()), flipped(Default::default()));
    });
    let update = lie.update(&Draft::new(START, START + 2 * EPOCH));
    let Ok(Advance::Misbehaviour(after)) = judge(&world, &trusted, &update) else {
        panic!("the same slot with another storage root is misbehaviour");
    };
    assert!(after.frozen);
    assert_eq!(
        after.state_at(Slot(START)),
        trusted.state_at(Slot(START)),
        "nothing else is written"
    );
    // Signed by too few, it is nothing.
    let few = lie.update(&Draft::new(START, START + 2 * EPOCH).without(0..11));
    assert!(matches!(
        refusal(&world, &trusted, &few),
        Reject::NotEnoughSigners { .. }
    ));
}

#[test]
fn frozen_and_expired_clients_take_no_evidence() {
    let world = world();
    let evidence = Evidence {
        first: bare(world.update(&draft())),
        second: bare(fork(&world).update(&draft())),
    };
    let mut trusted = started(&world);
    let until = trusted.expiry().unwrap();
    let late = check_misbehaviour(&Blst, &trusted, &evidence, until);
    assert_eq!(late.unwrap_err(), Reject::Expired { until, now: until });
    trusted.frozen = true;
    let again = check_misbehaviour(&Blst, &trusted, &evidence, world.time(START + 6 * EPOCH));
    assert_eq!(again.unwrap_err(), Reject::Frozen);
}
