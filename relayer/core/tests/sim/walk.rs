//! Whole walks: packets there and back, and everything that can go wrong on the way.

use crate::router::{HUNGRY, LONG_VERSION, POISON};
use crate::world::{Faults, World};
use relayer_core::{Fact, Note, Setback, Stage};
use wire::Sequence;

fn pair(seed: u64, faults: Faults) -> World {
    World::new(&["a", "b"], &[(0, 1)], seed, faults)
}

#[test]
fn packets_travel_both_ways_and_are_acknowledged() {
    let mut world = pair(1, Faults::default());
    for number in 0..20 {
        world.send(0, 0, 600, b"there");
        world.send(1, 0, 600, b"back");
        world.seconds(number % 3);
    }
    world.settle(400);
    assert_eq!(world.count(Stage::Acked), 40);
}

#[test]
fn a_packet_that_nobody_can_deliver_in_time_is_taken_back() {
    let mut world = pair(2, Faults::default());
    world.send(0, 0, 20, b"too short to become final in time");
    world.send(0, 0, 600, b"long enough");
    world.settle(400);
    assert_eq!((world.count(Stage::TimedOut), world.count(Stage::Acked)), (1, 1));
}

#[test]
fn t48_poison_that_is_named_costs_the_others_no_second_trip() {
    let mut world = pair(4, Faults::default());
    for number in 0..8 {
        let value: &[u8] = if number % 2 == 0 { &[POISON] } else { b"fine" };
        world.send(0, 0, 600, value);
    }
    world.seconds(90);
    let fine = world
        .disk
        .packets
        .values()
        .filter(|packet| packet.id.sequence.get() % 2 == 0);
    for packet in fine {
        let put_back = packet
            .history
            .iter()
            .filter(|change| matches!(change.fact, Fact::PutBack(_)));
        assert_eq!(
            put_back.count(),
            0,
            "{} was put back for another's poison",
            packet.id
        );
        assert_eq!(packet.standing.stage, Stage::Acked);
    }
}

#[test]
fn what_a_router_skips_goes_again_later_each_time_with_the_reason_in_its_history() {
    let mut world = pair(6, Faults::default());
    // Nobody can tell beforehand which message will be skipped.
    world.chains[1].tells_culprit = false;
    world.send(0, 0, 300, &[POISON]);
    world.send(0, 0, 300, b"fine");
    world.seconds(200);
    assert_eq!(world.count(Stage::Acked), 1, "the other one does not wait");
    let poisoned = world
        .disk
        .packets
        .values()
        .find(|packet| packet.id.sequence == Sequence::FIRST);
    let history = &poisoned.unwrap().history;
    let skipped: Vec<u64> = history
        .iter()
        .filter(|change| matches!(&change.fact, Fact::Skipped { reason } if reason == "poison"))
        .map(|change| change.at.0)
        .collect();
    let pauses: Vec<u64> = skipped.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!((3..12).contains(&skipped.len()), "{pauses:?}");
    assert!(pauses.is_sorted() && pauses.last() > pauses.first(), "{pauses:?}");
    world.settle(800);
    assert_eq!(world.count(Stage::TimedOut), 1);
}

#[test]
fn a_message_that_starves_is_given_more_gas() {
    let mut world = pair(6, Faults::default());
    world.send(0, 0, 600, &[HUNGRY]);
    world.send(0, 0, 600, b"content");
    world.settle(400);
    assert_eq!(world.count(Stage::Acked), 2);
    let is_poison =
        |note: &&Note| matches!(note, Note::Moved { fact, .. } if *fact == Fact::PutBack(Setback::Poison));
    assert!(
        world.notes.iter().filter(is_poison).count() >= 2,
        "it never starved"
    );
}

#[test]
fn a_packet_that_no_batch_can_carry_travels_by_a_call_of_its_own() {
    let mut world = pair(6, Faults::default());
    let long = vec![b'l'; 300];
    world.send(0, 0, 600, &[&[LONG_VERSION], &long[..]].concat());
    world.send(0, 0, 600, b"short");
    world.settle(400);
    assert_eq!(world.count(Stage::Acked), 2);
}

#[test]
fn t48_poison_times_out_and_the_others_go_through() {
    for tells_culprit in [true, false] {
        let mut world = pair(3, Faults::default());
        world.chains[1].tells_culprit = tells_culprit;
        for number in 0..20 {
            let value: &[u8] = if number % 5 == 2 { &[POISON] } else { b"fine" };
            world.send(0, 0, 300, value);
        }
        world.seconds(200);
        assert_eq!(
            world.count(Stage::Acked),
            16,
            "the others do not wait for the poison's timeout"
        );
        world.settle(800);
        assert_eq!(world.count(Stage::TimedOut), 4);
    }
}
