//! What is believed after an update: the two rings, and the time at which something was learned.

use client::{Advance, Status};
use ethereum::testing::Draft;
use ethereum::{Blst, HeldCommittee, Period, Reject, Slot, State, Trusted, start, status, verify_update};
use wire::{Height, Seconds};

use crate::fixture::*;

#[test]
fn an_update_adds_a_state_and_keeps_the_others() {
    let world = world();
    let trusted = started(&world);
    let after = advanced(&world, &trusted, &world.update(&draft()));
    assert_eq!(after.newest, Slot(START + EPOCH));
    assert_eq!(after.state_at(Slot(START)), trusted.state_at(Slot(START)));
    let state = after.state_at(Slot(START + EPOCH)).unwrap();
    assert_eq!(state.learned_at, world.time(START + 3 * EPOCH + 1));
    assert_eq!(state.storage_root, world.storage_proof(Default::default()).root);
}

#[test]
fn a_known_state_is_no_news_and_keeps_its_time() {
    let world = world();
    let update = world.update(&draft());
    let after = advanced(&world, &started(&world), &update);
    let later = Seconds(world.time(START + 20 * EPOCH).0);
    assert_eq!(verify_update(&Blst, &after, &update, later), Ok(Advance::NoOp));
    // Another attested header over the same finalized one: no news either.
    let other = world.update(&Draft::new(START + EPOCH, START + 4 * EPOCH));
    assert_eq!(verify_update(&Blst, &after, &other, later), Ok(Advance::NoOp));
}

#[test]
fn a_new_committee_at_a_known_state_is_news_and_keeps_its_time() {
    let world = world();
    let before = advanced(&world, &started(&world), &world.update(&draft()));
    let after = advanced(&world, &before, &world.update(&draft().rotating()));
    assert_eq!(
        after.committee(Period(5)),
        Some(
            world
                .bootstrap(START + PERIOD)
                .current
                .committee
                .commitment(Period(5))
        )
    );
    assert_eq!(
        after.state_at(Slot(START + EPOCH)),
        before.state_at(Slot(START + EPOCH))
    );
}

#[test]
fn without_an_account_proof_only_the_committee_is_learned() {
    let world = world();
    let before = started(&world);
    let mut update = world.update(&draft().rotating());
    update.account_proof.clear();
    let after = advanced(&world, &before, &update);
    assert_eq!(after.newest_period(), Some(Period(5)));
    assert_eq!(after.newest, before.newest);
    assert!(after.states().eq(before.states()));
    assert_eq!(judge(&world, &after, &update), Ok(Advance::NoOp));
    // Every check up to the signature holds for it as well.
    let weak = draft().rotating().without(0..11);
    let mut weak = world.update(&weak);
    weak.account_proof.clear();
    assert!(matches!(
        refusal(&world, &before, &weak),
        Reject::NotEnoughSigners { .. }
    ));
    // Nothing to learn at all is no update.
    update.next = None;
    assert!(matches!(
        refusal(&world, &before, &update),
        Reject::AccountProof { .. }
    ));
}

#[test]
fn a_committee_that_gave_its_place_away_does_not_come_back() {
    let world = world();
    let rotation = |period: u64| {
        let at = START + period * PERIOD;
        let mut update = world.update(&Draft::new(at + EPOCH, at + 2 * EPOCH).rotating());
        update.account_proof.clear();
        update
    };
    let taught = (0..4).fold(started(&world), |trusted, period| {
        advanced(&world, &trusted, &rotation(period))
    });
    // Attested and final in period 3, signed in period 5, as after a period without blocks.
    let late = Draft {
        signature: START + PERIOD + 1,
        ..Draft::new(START - 3 * EPOCH, START - 2 * EPOCH).rotating()
    };
    let mut late = world.update(&late);
    let after = advanced(&world, &taught, &late);
    assert!(after.committees().eq(taught.committees()));
    assert!(after.state_at(late.finalized.slot).is_some());
    late.account_proof.clear();
    assert_eq!(judge(&world, &taught, &late), Ok(Advance::NoOp));
}

#[test]
fn an_older_state_fills_a_gap_and_replaces_nothing_newer() {
    let world = world();
    let mut config = world.config();
    config.capacity = 4;
    let trusted = start(&Blst, config, &bootstrap(&world), world.time(START)).unwrap();
    let step = |epochs: u64| world.update(&Draft::new(START + epochs * EPOCH, START + 6 * EPOCH));
    let after = advanced(&world, &trusted, &step(5));
    // START has lost its place to START + 4 epochs, were that to come; START + 1 is out of reach.
    assert_eq!(after.newest, Slot(START + 5 * EPOCH));
    assert!(matches!(
        judge(&world, &after, &step(1)),
        Err(Reject::OlderThanRing { .. })
    ));
    let filled = advanced(&world, &after, &step(2));
    assert_eq!(
        filled.newest,
        Slot(START + 5 * EPOCH),
        "an older state is never the newest"
    );
    assert!(filled.state_at(Slot(START + 2 * EPOCH)).is_some());
    assert_eq!(
        filled.state_at(Slot(START + 5 * EPOCH)),
        after.state_at(Slot(START + 5 * EPOCH))
    );
    let wrapped = advanced(&world, &filled, &step(4));
    assert_eq!(wrapped.state_at(Slot(START)), None, "the ring has four places");
    assert_eq!(wrapped.states().count(), 3);
}

#[test]
fn the_last_block_before_an_epoch_has_that_epochs_place() {
    let world = world();
    let trusted = started(&world);
    // The first slot of the epoch was missed: the checkpoint is the block before.
    let after = advanced(
        &world,
        &trusted,
        &world.update(&Draft::new(START + EPOCH - 1, START + 3 * EPOCH)),
    );
    assert!(after.state_at(Slot(START)).is_some(), "START keeps its own place");
    // Nor does it take that of the next: START + 1 epoch and a slot is another checkpoint.
    let next = world.update(&Draft::new(START + EPOCH + 1, START + 3 * EPOCH));
    let both = advanced(&world, &after, &next);
    assert!(both.state_at(Slot(START + EPOCH - 1)).is_some());
    assert!(both.state_at(Slot(START + EPOCH + 1)).is_some());
}

#[test]
fn four_committees_are_held_and_the_oldest_goes() {
    let world = world();
    let mut trusted = started(&world);
    for period in 0..4 {
        let at = START + period * PERIOD;
        trusted = advanced(
            &world,
            &trusted,
            &world.update(&Draft::new(at + EPOCH, at + 2 * EPOCH).rotating()),
        );
    }
    assert_eq!(trusted.committees().count(), 4);
    assert_eq!(trusted.committee(Period(4)), None);
    for period in 5..9 {
        let expected = world
            .bootstrap(START + (period - 4) * PERIOD)
            .current
            .committee
            .commitment(Period(period));
        assert_eq!(trusted.committee(Period(period)), Some(expected));
    }
}

#[test]
fn expiry_counts_from_the_newest_states_own_time() {
    let world = world();
    let trusted = started(&world);
    let until = Seconds(world.time(START).0 + world.config().trust_period.0);
    assert_eq!(status(&trusted, Seconds(until.0 - 1)), Status::Active);
    assert_eq!(status(&trusted, until), Status::Expired);
    // Learned late, it lives no longer: not the time of learning counts.
    let update = world.update(&draft());
    let Ok(Advance::Updated(after)) = verify_update(&Blst, &trusted, &update, Seconds(until.0 - 1)) else {
        panic!("the last moment of trust");
    };
    let until = Seconds(world.time(START + EPOCH).0 + world.config().trust_period.0);
    assert_eq!(after.expiry(), Some(until));
    // An older state that fills a gap does not prolong it.
    let newer = advanced(
        &world,
        &trusted,
        &world.update(&Draft::new(START + 4 * EPOCH, START + 5 * EPOCH)),
    );
    let filled = advanced(&world, &newer, &update);
    assert_eq!(filled.expiry(), newer.expiry());
}

#[test]
fn a_client_can_be_rebuilt_from_a_contracts_views() {
    let world = world();
    let trusted = advanced(&world, &started(&world), &world.update(&draft().rotating()));
    let states: Vec<State> = trusted.states().copied().collect();
    let committees: Vec<HeldCommittee> = trusted.committees().copied().collect();
    let parts = |states: Vec<State>| {
        Trusted::from_parts(
            trusted.config.clone(),
            trusted.newest,
            states,
            committees.clone(),
            false,
        )
    };
    let mut rebuilt = parts(states).unwrap();
    rebuilt.bootstrap = Some(Slot(START));
    assert_eq!(rebuilt, trusted);
    let height = Height {
        revision_number: 0,
        revision_height: trusted.newest.0,
    };
    assert_eq!(parts(Vec::new()), Err(Reject::UnknownHeight { height }));
}
