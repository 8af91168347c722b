//! Several submissions in flight: what goes on beside each other, and what waits.

use crate::judge::SECONDS_PER_SLOT;
use crate::pair::{back_after, packet_of};
use crate::world::{Faults, World};
use relayer_core::{FlightRecord, Leg, Stage};

/// A chain to another one, each of which takes so many submissions at once.
fn pair(seats: usize) -> World {
    let mut world = World::new(&["a", "b"], &[(0, 1)], 11, Faults::default());
    world.seat(seats);
    world
}

#[test]
fn the_next_batch_is_planned_while_a_node_takes_this_one() {
    let planned = |seats| {
        let mut world = pair(seats);
        for _ in 0..40 {
            world.send(0, 0, 900, b"x");
        }
        world.settle(600);
        assert_eq!(world.count(Stage::Acked), 40);
        world.planned_beside
    };
    assert_eq!(planned(1), 0, "one after the other");
    assert!(planned(4) >= 3, "five batches");
}

#[test]
fn a_settlement_is_confirmed_when_no_message_is_under_way_or_it_waited_for_long() {
    let mut world = pair(4);
    world.send(0, 0, 900, b"settled");
    let is_settled = |world: &World| {
        let mut records = world.disk.packets.values();
        records.any(|record| record.standing.leg == Leg::Acknowledge && record.submission().is_some())
    };
    assert!((0..200).any(|_| {
        world.second();
        is_settled(&world)
    }));
    world.chains[1].floor = 1_000_000;
    world.send(0, 0, 900, b"in no block");
    world.seconds(25);
    assert_eq!((world.chains[1].crowd, world.count(Stage::Acked)), (1, 0));
    world.seconds(40);
    assert_eq!(world.count(Stage::Acked), 1, "it does not wait for ever");
    world.chains[1].floor = 0;
    world.settle(600);
    assert_eq!(world.count(Stage::Acked), 2);
}

/// Chains that are final at once, take many submissions, and two batches into a block; after a first packet that was alone, and the
/// seconds that it took there and back, forty times `a_second` that have grown old.
fn behind_old_ones(a_second: u64) -> (World, u64) {
    let mut world = pair(16);
    for chain in &mut world.chains {
        (chain.is_quick, chain.room) = (true, 16);
    }
    world.send(0, 0, 900, b"alone");
    let alone = back_after(&mut world, &[1]);
    world.sleep_while(200, |world, second| {
        if second < 40 {
            (0..a_second).for_each(|_| world.send(0, 0, 90_000, b"lies there"));
        }
    });
    (world, alone)
}

#[test]
fn a_live_packet_stands_behind_few_old_ones() {
    let (mut world, alone) = behind_old_ones(10);
    world.seconds(4);
    world.send(0, 0, 900, b"live");
    let took = back_after(&mut world, &[402]);
    // Another block on the way there, and one on the way back.
    assert!(
        took <= alone + 2 * SECONDS_PER_SLOT,
        "it took {took} s, alone {alone} s"
    );
    assert!(world.count(Stage::Acked) < 200, "{}", world.count(Stage::Acked));
    world.settle(3_000);
    assert_eq!(world.count(Stage::Acked), 402);
}

#[test]
fn a_live_packet_travels_without_old_ones() {
    let (mut world, _) = behind_old_ones(10);
    world.seconds(4);
    world.send(0, 0, 900, b"live");
    let live = packet_of(&world, 0, 402);
    back_after(&mut world, &[402]);
    let with_it = |flight: &&FlightRecord| flight.packets.contains(&live);
    let flights = world.disk.flights.values();
    let lengths: Vec<usize> = flights
        .filter(with_it)
        .map(|flight| flight.packets.len())
        .collect();
    assert_eq!(lengths, [1, 1], "there, and its acknowledgement");
    assert!(world.count(Stage::Acked) < 400, "old ones still wait");
}

#[test]
fn old_packets_go_on_beside_live_ones_that_never_end() {
    // For long enough that confirmations wait for long, too, and take their turns.
    let (mut world, _) = behind_old_ones(15);
    for _ in 0..600 {
        (0..4).for_each(|_| world.send(0, 0, 900, b"live"));
        world.second();
    }
    let router = &world.chains[0].latest().router;
    let is_open = |number: &u64| {
        let id = packet_of(&world, 0, *number);
        router.get(&id.source.id.commitment(id.sequence)).is_some()
    };
    assert_eq!((2..=601).filter(is_open).count(), 0, "old ones that are not back");
    world.settle(3_000);
    assert_eq!(world.count(Stage::Acked), 3_001);
}
