//! Several submissions in flight: what goes on beside each other, and what waits.

use crate::world::{Faults, World};
use relayer_core::{Leg, Stage};

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
