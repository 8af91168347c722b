//! What is sent now does not wait for what lies there.

use crate::pair::{back_after, packet_of, pair};
use crate::world::{Faults, World};
use chain::Blame;
use relayer_core::{Fact, Leg, Note, Stage};
use wire::Sequence;
use wire::channel::Ordering;

/// Seconds that a page of events takes where there is much to read.
const PAGE: u64 = 6;
/// A packet goes past four ends of pages at most: its send and its acknowledgement, and a page that was asked for before.
const PAGES: u64 = 4 * PAGE;

/// Seconds that a packet takes there and back when nothing else is to be done.
fn idle() -> u64 {
    let mut world = pair();
    world.seconds(20);
    world.send(0, 0, 900, b"alone");
    back_after(&mut world, &[1])
}

/// Chains on which twenty packets lie, behind a thousand blocks and more that nobody read.
fn old() -> World {
    let mut world = pair();
    world.sleep_while(2_400, |world, second| {
        if second % 120 == 0 {
            world.send(0, 0, 90_000, b"lies there");
        }
    });
    world.chains.iter_mut().for_each(|chain| chain.page_secs = PAGE);
    world
}

fn unread(world: &World, chain: usize) -> u64 {
    world.relayer.end_statuses()[chain].unread
}

fn count(world: &World, is: impl Fn(&Note) -> bool) -> usize {
    world.notes.iter().filter(|note| is(note)).count()
}

fn is_suspicion(note: &Note) -> bool {
    let is_blame = matches!(note, Note::Blamed { blame, .. } if *blame == Blame::Peer);
    is_blame || matches!(note, Note::Rewound { .. })
}

#[test]
fn a_live_packet_waits_for_no_block_that_lies_behind() {
    let mut world = old();
    world.seconds(20);
    world.send(0, 0, 900, b"live");
    let took = back_after(&mut world, &[21]);
    assert!(took <= idle() + PAGES, "it took {took} s");
    let unread = unread(&world, 0);
    assert!(unread > 500, "only {unread} blocks are unread");
    assert!(world.disk.packets.len() < 15, "{}", world.disk.packets.len());
    world.settle(3_000);
    assert_eq!(world.count(Stage::Acked), 21);
    assert_eq!(count(&world, is_suspicion), 0, "{:#?}", world.notes);
}

#[test]
fn what_ended_at_the_front_has_ended_once_whatever_happens_meanwhile() {
    for restarts in [false, true] {
        let mut world = old();
        for number in 21..26 {
            world.send(0, 0, 900, b"live");
            world.seconds(5);
            if restarts && number % 2 == 0 {
                world.restart();
            }
        }
        back_after(&mut world, &[21, 22, 23, 24, 25]);
        world.seconds(40);
        let unread = unread(&world, 0);
        assert!(unread > 100, "only {unread} blocks are unread");
        if restarts {
            world.restart();
        }
        assert!(world.count(Stage::Acked) >= 5);
        world.settle(3_000);
        assert_eq!(world.count(Stage::Acked), 25);
        for number in 21..26 {
            let id = packet_of(&world, 0, number);
            let is_end = |note: &Note| matches!(note, Note::Moved { packet, to, .. } if *packet == id && to.stage == Stage::Acked);
            assert_eq!(count(&world, is_end), 1, "packet {number}");
        }
    }
}

#[test]
fn a_front_that_was_left_behind_begins_anew_at_the_head() {
    let mut world = old();
    world.seconds(20);
    world.send(0, 0, 90_000, b"live");
    back_after(&mut world, &[21]);
    world.sleep_while(500, |world, second| {
        if second == 100 {
            world.send(0, 0, 90_000, b"during the outage");
        }
    });
    world.seconds(20);
    world.send(0, 0, 900, b"live again");
    let took = back_after(&mut world, &[23]);
    assert!(took <= idle() + PAGES, "it took {took} s");
    assert!(unread(&world, 0) > 300, "{} blocks are unread", unread(&world, 0));
    world.settle(3_000);
    assert_eq!(world.count(Stage::Acked), 23);
    assert_eq!(count(&world, is_suspicion), 0, "{:#?}", world.notes);
}

#[test]
fn live_packets_have_room_beside_a_backlog_that_has_none() {
    let mut world = pair();
    world.configure(|config| config.limits.live_max = 64);
    world.sleep_while(400, |world, second| {
        if second % 2 == 0 {
            (0..4).for_each(|_| world.send(0, 0, 90_000, b"lies there"));
        }
    });
    world.seconds(60);
    world.send(0, 0, 90_000, b"live");
    let took = back_after(&mut world, &[801]);
    // Of a batch of eight messages the half is the newest.
    assert!(took <= 2 * idle(), "it took {took} s");
    assert!(world.count(Stage::Acked) < 400, "{}", world.count(Stage::Acked));
    for end in world.relayer.end_statuses() {
        assert!(end.live.values().sum::<usize>() <= 64);
    }
    world.settle(9_000);
    assert_eq!(world.count(Stage::Acked), 801);
}

#[test]
fn live_packets_do_not_wait_while_events_are_read_again() {
    let mut world = pair();
    world.chains[0].leaves_out = Some(2);
    world.send(0, 0, 90_000, b"before");
    world.seconds(1_500);
    world.chains.iter_mut().for_each(|chain| chain.page_secs = 1);
    world.send(0, 0, 90_000, b"left out once");
    let is_rewound = |note: &Note| matches!(note, Note::Rewound { .. });
    let comes = (0..300).any(|_| {
        world.second();
        count(&world, is_rewound) > 0
    });
    assert!(comes, "the send was not missed");
    world.chains.iter_mut().for_each(|chain| chain.page_secs = PAGE);
    assert!(unread(&world, 0) > 500, "{} blocks are unread", unread(&world, 0));
    world.send(0, 0, 900, b"live");
    let took = back_after(&mut world, &[3]);
    assert!(took <= idle() + PAGES, "it took {took} s");
    assert!(unread(&world, 0) > 200, "{} blocks are unread", unread(&world, 0));
    world.settle(3_000);
    assert_eq!(world.count(Stage::Acked), 3);
}

#[test]
fn t47_a_packet_that_only_the_front_was_shown_is_forgotten() {
    let mut world = old();
    world.chains[0].phantom = Some(700);
    world.seconds(40);
    let phantom = packet_of(&world, 0, 700);
    assert!(world.disk.packets.contains_key(&phantom));
    world.chains[0].phantom = None;
    world.send(0, 0, 90_000, b"live");
    world.seconds(60);
    world.restart();
    world.settle(3_000);
    assert!(!world.disk.packets.contains_key(&phantom));
    assert_eq!(world.count(Stage::Acked), 21);
    let is_told =
        |note: &Note| matches!(note, Note::Blamed { text, .. } if text.contains("is in none of them"));
    assert_eq!(count(&world, is_told), 1);
}

#[test]
fn t47_what_is_called_unreadable_at_the_front_is_found_by_the_cursor() {
    let mut world = old();
    world.chains[0].spoils = vec![22];
    for _ in 0..3 {
        world.send(0, 0, 90_000, b"live");
        world.seconds(9);
    }
    back_after(&mut world, &[21, 23]);
    world.chains[0].spoils.clear();
    world.settle(3_000);
    assert_eq!(world.count(Stage::Acked), 23);
    assert_eq!(count(&world, |note| matches!(note, Note::PassedOver { .. })), 1);
}

#[test]
fn over_an_ordered_channel_nothing_goes_before_what_lies_there() {
    let mut world = World::over_channel(Ordering::Ordered, 11, Faults::default());
    world.sleep_while(1_000, |world, second| {
        if second % 50 == 0 {
            world.send(0, 0, 90_000, b"in order");
        }
    });
    world.send(0, 0, 90_000, b"the last");
    world.settle(2_000);
    let carried = world.notes.iter().filter_map(|note| match note {
        Note::Moved { packet, to, fact, .. }
            if matches!(fact, Fact::Chosen { .. }) && to.leg == Leg::Deliver =>
        {
            Some(packet.sequence)
        }
        _ => None,
    });
    let carried: Vec<Sequence> = carried.collect();
    assert!(carried.is_sorted() && carried.len() == 21, "{carried:?}");
}
