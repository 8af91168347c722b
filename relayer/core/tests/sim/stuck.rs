//! Packets that go nowhere through nobody's fault, and those that share a path with them.

use crate::pair::{packet_of, pair};
use crate::router::{LATE, LONG_VERSION, REFUSED, SILENT};
use crate::world::{World, client};
use chain::AsOf;
use relayer_core::{Fact, Next, Note, PacketId, Stage};
use std::collections::BTreeSet;
use wire::{Seconds, Sequence};

fn stage(world: &World, number: u64) -> Stage {
    world.disk.packets[&packet_of(world, 0, number)].standing.stage
}

fn is_included(world: &World, number: u64) -> bool {
    matches!(stage(world, number), Stage::Included { .. })
}

#[test]
fn packets_that_are_never_answered_do_not_hide_one_that_was_never_delivered() {
    let mut world = pair();
    for _ in 0..40 {
        world.send(0, 0, 3_000, &[SILENT]);
    }
    world.seconds(200);
    assert!(
        (1..=40).all(|number| is_included(&world, number)),
        "they are received and wait"
    );
    let receipt = wire::path::receipt(&client(0), Sequence::new(41).unwrap());
    world.chains[1].invents = Some((AsOf::Latest, receipt.to_bytes()));
    world.send(0, 0, 3_000, b"said to be there");
    world.seconds(60);
    assert_eq!(world.chains[1].invents, None, "nobody lied");
    assert!(is_included(&world, 41));
    let first = world.disk.packets[&packet_of(&world, 0, 41)]
        .history
        .iter()
        .find(|change| matches!(change.standing.stage, Stage::Included { .. }));
    assert_eq!(first.unwrap().fact, Fact::DoneByOthers);
    world.seconds(300);
    assert_eq!(stage(&world, 41), Stage::Acked);
}

/// Lets time pass and looks whether what is kept in memory stays within its bound.
fn seconds_within(world: &mut World, count: u64, live_max: usize) {
    for _ in 0..count {
        world.second();
        for end in world.relayer.end_statuses() {
            let live: usize = end.live.values().sum();
            assert!(live <= live_max, "{live} live packets");
        }
    }
}

#[test]
fn packets_that_are_never_answered_take_no_room_from_others() {
    let mut world = pair();
    world.configure(|config| config.limits.live_max = 10);
    for _ in 0..40 {
        world.send(0, 0, 3_000, &[SILENT]);
    }
    world.send(0, 0, 3_000, b"behind them");
    seconds_within(&mut world, 900, 10);
    assert_eq!(stage(&world, 41), Stage::Acked);
    assert_eq!(world.relayer.end_statuses()[0].parked, 40);
    assert!((1..=40).all(|number| is_included(&world, number)));
    let explained = world.relayer.explain(&packet_of(&world, 0, 7)).unwrap();
    assert_eq!(explained.next, Next::Application);
    // They stay where they are, also after a restart, and cost nothing.
    let persisted = world.persisted;
    world.restart();
    seconds_within(&mut world, 300, 10);
    assert_eq!(world.relayer.end_statuses()[0].parked, 40);
    assert_eq!(
        world.relayer.explain(&packet_of(&world, 0, 7)).unwrap(),
        explained
    );
    let is_woken = |note: &&Note| matches!(note, Note::Woken { .. });
    assert_eq!(world.notes.iter().filter(is_woken).count(), 0);
    assert!(world.persisted - persisted < 400);
}

#[test]
fn answers_that_come_late_and_all_at_once_find_room_one_after_the_other() {
    let mut world = pair();
    world.configure(|config| config.limits.live_max = 10);
    for number in 0..60 {
        world.send(0, 0, 3_000, &[LATE]);
        world.send(1, 0, 3_000, if number % 2 == 0 { &[LATE] } else { b"at once" });
    }
    seconds_within(&mut world, 120, 10);
    // What is sent meanwhile does not keep them out.
    for _ in 0..60 {
        world.send(0, 0, 3_000, b"meanwhile");
    }
    seconds_within(&mut world, 600, 10);
    world.settle(3_000);
    assert_eq!(world.count(Stage::Acked), 180);
    let is_woken = |note: &&Note| matches!(note, Note::Woken { .. });
    assert!(world.notes.iter().filter(is_woken).count() > 30);
}

fn parked_by(note: &Note) -> Option<&PacketId> {
    match note {
        Note::Parked { packet } => Some(packet),
        _ => None,
    }
}

#[test]
fn packets_whose_answers_are_refused_take_no_room_from_others() {
    for (tells_culprit, crash) in [(true, 0), (false, 0), (true, 20)] {
        let mut world = pair();
        world.chains[0].tells_culprit = tells_culprit;
        world.configure(|config| config.limits.live_max = 10);
        world.faults.crash = crash;
        for _ in 0..15 {
            world.send(0, 0, 9_000, &[REFUSED]);
        }
        world.send(0, 0, 9_000, b"behind them");
        seconds_within(&mut world, 2_000, 10);
        assert_eq!(stage(&world, 16), Stage::Acked, "culprit told: {tells_culprit}");
        let parked: BTreeSet<&PacketId> = world.notes.iter().filter_map(parked_by).collect();
        assert!(parked.len() >= 12, "{} were ever parked", parked.len());
        let is_parked = |number: &u64| world.disk.parked.contains(&packet_of(&world, 0, *number));
        let number = (1..=15).find(is_parked).unwrap();
        let explained = world.relayer.explain(&packet_of(&world, 0, number)).unwrap();
        assert_eq!(explained.next, Next::Acceptance);
        // They are tried again, and one day they are accepted.
        world.chains[0].blocks.last_mut().unwrap().router.relents = true;
        world.settle(3_000);
        assert_eq!(world.count(Stage::Acked), 16);
    }
}

#[test]
fn when_a_halt_is_over_the_packets_that_it_parked_go_on_ever_faster() {
    let mut world = pair();
    world.configure(|config| config.limits.live_max = 2_000);
    for _ in 0..300 {
        world.send(0, 0, 9_000, &[REFUSED]);
    }
    world.seconds(700);
    assert!(world.relayer.end_statuses()[0].parked > 200);
    world.configure(|config| config.limits.recheck_every = Seconds(600));
    world.chains[0].blocks.last_mut().unwrap().router.relents = true;
    let since = world.now;
    world.settle(3_000);
    assert_eq!(world.count(Stage::Acked), 300);
    let took = world.now.0 - since.0;
    // Sixteen each half minute would take ten minutes.
    assert!(took < 350, "it took {took} s");
}

#[test]
fn a_packet_that_is_twice_said_to_be_received_is_delivered_and_not_parked() {
    let mut world = pair();
    let number = 41;
    for _ in 1..number {
        world.send(0, 0, 3_000, &[SILENT]);
    }
    world.seconds(200);
    let receipt = wire::path::receipt(&client(0), Sequence::new(number).unwrap()).to_bytes();
    world.chains[1].invents = Some((AsOf::Latest, receipt.clone()));
    world.send(0, 0, 3_000, b"said to be there, twice");
    while world.chains[1].invents.is_some() {
        world.second();
    }
    world.chains[1].invents = Some((AsOf::Finalized, receipt));
    while world.chains[1].invents.is_some() {
        world.second();
    }
    world.seconds(300);
    assert_eq!(stage(&world, number), Stage::Acked);
    assert_eq!(world.relayer.end_statuses()[0].parked, number as usize - 1);
}

#[test]
fn a_parked_packet_whose_record_cannot_be_read_holds_nobody_up() {
    let mut world = pair();
    world.send(0, 0, 3_000, &[LATE]);
    world.seconds(120);
    assert_eq!(world.relayer.end_statuses()[0].parked, 1);
    world
        .disk
        .packets
        .get_mut(&packet_of(&world, 0, 1))
        .unwrap()
        .standing
        .stage = Stage::Acked;
    world.seconds(150);
    world.send(0, 0, 3_000, b"after it");
    world.seconds(150);
    assert_eq!(stage(&world, 2), Stage::Acked);
    let is_told = |note: &&Note| matches!(note, Note::Blamed { text, .. } if text.contains("cannot be read"));
    assert_eq!(world.notes.iter().filter(is_told).count(), 1);
}

fn rewinds(world: &World) -> usize {
    let is_rewound = |note: &&Note| matches!(note, Note::Rewound { .. });
    world.notes.iter().filter(is_rewound).count()
}

#[test]
fn an_event_that_stays_false_makes_everything_be_read_again_ever_more_seldom() {
    for lives in [3_000, 200] {
        let mut world = pair();
        world.chains[0].falsifies = vec![1];
        world.send(0, 0, lives, b"shown as another");
        world.send(0, 0, 3_000, b"beside it");
        world.seconds(200);
        assert_eq!(stage(&world, 2), Stage::Acked);
        let first = rewinds(&world);
        assert!(first >= 1, "a false event is looked at again");
        world.seconds(2_000);
        // With a pause that doubles from 40 seconds there is room for six, and for fifty with one that does not.
        assert!((first + 1..=7).contains(&rewinds(&world)), "{}", rewinds(&world));
        world.send(0, 0, 600, b"after it");
        world.seconds(100);
        assert_eq!(stage(&world, 3), Stage::Acked);
        // An endpoint that tells the truth is found out in time.
        world.chains[0].falsifies.clear();
        world.seconds(40 << 7);
        assert!(stage(&world, 1).is_final(), "{}", stage(&world, 1));
    }
}

#[test]
fn reading_comes_to_its_end_however_many_events_are_doubtful() {
    let mut world = pair();
    world.seconds(400);
    world.chains[0].page_secs = 6;
    world.chains[0].falsifies = (1..=20).collect();
    let mut worst = 0;
    for number in 1..=60 {
        world.send(0, 0, 3_000, b"x");
        world.seconds(20);
        if number > 20 {
            let unread = (1..=number).filter(|n| !world.disk.packets.contains_key(&packet_of(&world, 0, *n)));
            worst = worst.max(unread.count());
        }
    }
    assert!(rewinds(&world) > 2, "nothing was read again");
    // Finality takes two or three packets' time, a whole reading seven.
    assert!(worst <= 12, "{worst} packets were not read");
    assert!((21..=40).all(|number| stage(&world, number) == Stage::Acked));
}

#[test]
fn all_that_a_sender_chose_counts_against_the_room() {
    let mut world = pair();
    world.configure(|config| config.limits.live_bytes_max = 1_000);
    for _ in 0..20 {
        world.send(0, 0, 3_000, &[LONG_VERSION]);
    }
    for _ in 0..200 {
        world.second();
        for end in world.relayer.end_statuses() {
            let live: usize = end.live.values().sum();
            assert!(live <= 4, "{live} packets with versions of 256 bytes");
        }
    }
    world.settle(3_000);
    assert_eq!(world.count(Stage::Acked), 20);
}

// T-47: somebody who shows a packet that was never sent, and that it has ended, must not keep the one that is sent later: neither
// when that is shown as it is, nor when it is left out then, which makes no gap any more.
#[test]
fn t47_a_packet_is_carried_although_its_number_was_shown_before_as_one_that_ended() {
    for (sleeps, leaves_out) in [(0, None), (600, None), (0, Some(2)), (600, Some(2))] {
        let mut world = pair();
        world.send(0, 0, 90_000, b"the first");
        world.seconds(100);
        world.sleep(sleeps);
        (world.chains[0].phantom, world.chains[0].ends_phantom) = (Some(2), true);
        world.seconds(200);
        (world.chains[0].phantom, world.chains[0].ends_phantom) = (None, false);
        world.chains[0].leaves_out = leaves_out;
        for value in [b"the second".as_slice(), b"the third"] {
            world.send(0, 0, 90_000, value);
            world.seconds(100);
        }
        world.seconds(900);
        assert_eq!(
            world.count(Stage::Acked),
            3,
            "after {sleeps} s, without {leaves_out:?}"
        );
        world.settle(900);
    }
}
