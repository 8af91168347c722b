//! Whole walks: packets there and back, and everything that can go wrong on the way.

use crate::router::POISON;
use crate::world::{Faults, World};
use relayer_core::{Fact, Stage};

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
