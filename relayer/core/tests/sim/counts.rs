//! What is counted and asked for each submission: once, and no oftener than it can be learned.

use crate::pair::pair;
use crate::router::POISON;
use crate::world::World;
use relayer_core::{Note, Stage};
use std::collections::BTreeMap;

/// How often each submission was told to be sent, and to be in a block.
fn told(world: &World) -> BTreeMap<u64, (u32, u32)> {
    let mut told: BTreeMap<u64, (u32, u32)> = BTreeMap::new();
    for note in &world.notes {
        match note {
            Note::Submitted { submission, .. } => told.entry(submission.0).or_default().0 += 1,
            Note::Landed { submission, .. } => told.entry(submission.0).or_default().1 += 1,
            _ => {}
        }
    }
    told
}

#[test]
fn a_transaction_that_a_node_forgets_for_a_moment_counts_once() {
    let mut world = pair();
    for _ in 0..5 {
        world.send(0, 0, 900, b"x");
        world.seconds(15);
        (world.chains[0].forgets, world.chains[1].forgets) = (1, 1);
    }
    world.is_misled = true;
    world.settle(600);
    assert_eq!(world.count(Stage::Acked), 5);
    let vanished = |note: &&Note| {
        matches!(
            note,
            Note::Moved {
                fact: relayer_core::Fact::Vanished { .. },
                ..
            }
        )
    };
    assert!(
        world.notes.iter().any(|note| vanished(&note)),
        "nothing was forgotten"
    );
    let told = told(&world);
    assert!(told.len() >= 4);
    assert!(told.values().all(|counts| *counts == (1, 1)), "{told:?}");
}

#[test]
fn what_would_revert_is_written_down_and_never_sent() {
    let mut world = pair();
    world.send(0, 0, 120, &[POISON]);
    world.seconds(100);
    let filled = |note: &&Note| matches!(note, Note::Filled { .. });
    let filled = world.notes.iter().filter(filled).count();
    let has_left = world
        .disk
        .flights
        .values()
        .filter(|flight| !flight.txs.is_empty())
        .count();
    assert!(filled > has_left, "nothing was held back");
    assert_eq!(told(&world).len(), has_left);
    world.settle(600);
    assert_eq!(world.count(Stage::TimedOut), 1);
}

#[test]
fn submissions_that_wait_for_finality_are_not_asked_for_again_and_again() {
    let mut world = pair();
    world.chains[1].is_stalled = true;
    for _ in 0..10 {
        world.send(0, 0, 3_000, b"x");
        world.seconds(9);
    }
    world.seconds(60);
    assert!(world.relayer.chain_statuses()[1].unfinal >= 8);
    let before = world.finds;
    world.seconds(200);
    // The last one is looked at every four polls, lest a reorganisation took it.
    let finds = world.finds - before;
    assert!((20..=70).contains(&finds), "{finds} finds");
    world.settle(600);
    assert_eq!(world.count(Stage::Acked), 10);
}

/// How many keys are looked for until ten packets are settled.
fn looks(is_quick: bool) -> usize {
    let mut world = pair();
    for chain in &mut world.chains {
        chain.is_quick = is_quick;
    }
    world.seconds(10);
    for _ in 0..10 {
        world.send(0, 0, 900, b"x");
    }
    world.settle(600);
    assert_eq!(world.count(Stage::Acked), 10);
    world.looks
}

#[test]
fn where_events_tell_all_no_look_at_the_store_precedes_a_first_try() {
    assert_eq!(looks(true), 0, "events are read up to the newest block");
    assert!(
        looks(false) >= 20,
        "events lag, so each receive and each acknowledgement is looked for"
    );
}

#[test]
fn what_was_tried_before_is_looked_for_even_where_events_tell_all() {
    let mut world = pair();
    for chain in &mut world.chains {
        chain.is_quick = true;
    }
    world.seconds(10);
    world.chains[1].floor = 1_000_000;
    world.send(0, 0, 900, b"x");
    let is_pending = (0..100).any(|_| {
        world.second();
        !world.chains[1].pool.is_empty()
    });
    assert!(is_pending && world.looks == 0);
    // The node loses it, and somebody else delivers meanwhile.
    world.chains[1].pool.clear();
    world.faults.others = 100;
    world.seconds(30);
    world.settle(600);
    assert_eq!(world.count(Stage::Acked), 1);
}
