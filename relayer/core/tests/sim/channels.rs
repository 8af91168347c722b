//! Packets over channels, ordered and unordered: there and back, too late, and over an end that closes.

use crate::chain::Action;
use crate::router::POISON;
use crate::world::{Faults, TRUST_PERIOD, World, channel};
use relayer_core::{Change, Fact, Stage};
use wire::channel::Ordering;

const BOTH: [Ordering; 2] = [Ordering::Unordered, Ordering::Ordered];
/// What goes wrong all the time, in percent, beside lies: of those the truth about an ordered channel is one more.
const CHAOS: Faults = Faults {
    lose: 3,
    fail: 3,
    repeat: 3,
    delay: 10,
    lie: 0,
    crash: 1,
    reorg: 2,
    others: 10,
    miss_slot: 5,
    skip: 0,
    starve: 0,
};

fn stages(world: &World, from: usize) -> Vec<Stage> {
    let chain = &world.chains[from].name;
    let packets = world.disk.packets.values();
    let of = packets.filter(|packet| &packet.id.source.chain == chain);
    of.map(|packet| packet.standing.stage).collect()
}

#[test]
fn packets_travel_both_ways_in_either_order() {
    for ordering in BOTH {
        let mut world = World::over_channel(ordering, 1, Faults::default());
        for number in 0..30 {
            world.send(0, 0, 900, b"there");
            world.send(1, 0, 900, b"back");
            world.seconds(number % 3);
        }
        world.settle(800);
        assert_eq!(world.count(Stage::Acked), 60, "{ordering:?}");
    }
}

#[test]
fn packets_are_carried_through_crashes_and_beside_others() {
    for ordering in BOTH {
        for seed in 0..12 {
            let mut world = World::over_channel(ordering, seed, CHAOS);
            for number in 0..40 {
                world.send(0, 0, 4_000, b"there");
                world.send(1, 0, 4_000, b"back");
                world.seconds(number % 4);
            }
            world.seconds(200);
            world.settle(3_000);
            assert_eq!(world.count(Stage::Acked), 80, "{ordering:?}, seed {seed}");
        }
    }
}

#[test]
fn one_that_is_too_late_comes_back_and_others_do_not_mind() {
    let mut world = World::over_channel(Ordering::Unordered, 2, Faults::default());
    world.send(0, 0, 20, b"too short to become final in time");
    world.send(0, 0, 600, b"long enough");
    world.settle(400);
    assert_eq!(stages(&world, 0), [Stage::TimedOut, Stage::Acked]);
}

/// The first that is too late closes an ordered channel; those behind it were never received, and come back when theirs is up.
#[test]
fn one_that_is_too_late_stops_those_behind_it_on_an_ordered_channel() {
    let mut world = World::over_channel(Ordering::Ordered, 2, Faults::default());
    world.send(0, 0, 600, b"in time");
    world.seconds(60);
    world.send(0, 0, 20, b"too short to become final in time");
    world.send(0, 0, 300, b"behind it");
    world.send(1, 0, 600, b"the other way");
    world.seconds(120);
    assert!(world.chains[0].latest().router.channels[&channel(0)].is_closed);
    let behind = world.disk.packets.values().nth(2).unwrap();
    let is_chosen = |change: &Change| matches!(change.fact, Fact::Chosen { .. });
    assert!(!behind.history.iter().any(is_chosen), "{behind:#?}");
    let told = world.relayer.explain(&behind.id).unwrap();
    assert!(format!("{told:?}").contains("takes packet 2 next"), "{told:?}");
    world.settle(600);
    assert_eq!(
        stages(&world, 0),
        [Stage::Acked, Stage::TimedOut, Stage::TimedOut]
    );
    assert_eq!(stages(&world, 1), [Stage::Acked]);
}

#[test]
fn what_is_under_way_to_an_end_that_closes_comes_back_before_its_time() {
    for ordering in BOTH {
        let mut world = World::over_channel(ordering, 3, Faults::default());
        world.send(0, 0, 100_000, b"in time");
        world.seconds(60);
        world.chains[1].actions.push(Action::Close(channel(0)));
        world.seconds(2);
        for _ in 0..12 {
            world.send(0, 0, 100_000, b"too late for the channel");
        }
        world.settle(600);
        let closed = world.disk.packets.values().filter(|packet| {
            let history = packet.history.iter();
            let mut facts = history.map(|change| &change.fact);
            facts.any(|fact| *fact == Fact::ChannelClosed)
        });
        assert_eq!(closed.count(), 12, "{ordering:?}");
        assert_eq!(world.count(Stage::TimedOut), 12, "{ordering:?}");
        assert_eq!(world.count(Stage::Acked), 1, "{ordering:?}");
    }
}

/// On an ordered channel one that reverts stops those behind it, until it is taken back.
#[test]
fn poison_stops_an_ordered_channel_and_nothing_is_lost() {
    let mut world = World::over_channel(Ordering::Ordered, 5, Faults::default());
    world.send(0, 0, 600, b"before");
    world.send(0, 0, 120, &[POISON]);
    world.send(0, 0, 200, b"behind");
    world.settle(1_200);
    assert_eq!(
        stages(&world, 0),
        [Stage::Acked, Stage::TimedOut, Stage::TimedOut]
    );
}

/// A client under a channel is refreshed before its states expire, though nobody sends.
#[test]
fn clients_under_a_channel_are_refreshed_without_packets() {
    for ordering in BOTH {
        let mut world = World::over_channel(ordering, 7, Faults::default());
        world.seconds(TRUST_PERIOD * 2);
        world.send(0, 0, 600, b"there");
        world.send(1, 0, 600, b"back");
        world.settle(400);
        assert_eq!(world.count(Stage::Acked), 2, "{ordering:?}");
    }
}
