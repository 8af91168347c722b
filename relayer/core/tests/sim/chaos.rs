//! Everything goes wrong at once, over many seeds; afterwards every packet has ended once.

use crate::router::{LATE, POISON};
use crate::world::{Faults, World};
use relayer_core::{Fact, Note, Stage};
use std::collections::BTreeMap;

/// Sends packets of all kinds for some minutes under `faults`, then heals the world and checks it.
fn run(seed: u64, faults: Faults) -> World {
    let mut world = World::new(&["a", "b"], &[(0, 1)], seed, faults);
    if seed % 3 == 2 {
        world.seat(3);
    }
    for chain in &mut world.chains {
        chain.is_quick = seed % 4 == 1;
    }
    if seed % 5 == 3 {
        lag(&mut world);
    }
    for _ in 0..30 {
        let (chain, kind) = (world.rng.below(2) as usize, world.rng.below(10));
        let lives = 30 + world.rng.below(30);
        match kind {
            0 => world.send(chain, 0, lives, b"short"),
            1 => world.send(chain, 0, 120, &[POISON]),
            2 => world.send(chain, 0, 300, &[LATE]),
            _ => world.send(chain, 0, 300, b"long"),
        }
        let pause = world.rng.below(8);
        world.seconds(pause);
    }
    world.settle(3_000);
    world
}

/// The relayer was away while packets were sent, and reads slowly what it missed.
fn lag(world: &mut World) {
    world.sleep_while(600, |world, second| {
        if second % 40 == 0 {
            world.send((second / 40 % 2) as usize, 0, 700, b"lies there");
        }
    });
    (
        world.crashes,
        world.chains[0].page_secs,
        world.chains[1].page_secs,
    ) = (0, 5, 5);
}

/// Runs many seeds; returns how often each fact took effect, so that a test can show that its faults happened.
fn over_seeds(seeds: u64, faults: Faults) -> BTreeMap<String, usize> {
    let mut happened: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..seeds {
        let outcome = std::panic::catch_unwind(|| run(seed, faults));
        let Ok(world) = outcome else {
            panic!("seed {seed} failed with {faults:?}");
        };
        *happened.entry("crash".into()).or_default() += world.crashes as usize;
        for note in &world.notes {
            let word = match note {
                Note::Moved {
                    fact: Fact::PutBack(setback),
                    ..
                } => format!("{setback:?}"),
                Note::Moved { fact, .. } => format!("{fact:?}")
                    .chars()
                    .take_while(|c| c.is_alphabetic())
                    .collect(),
                Note::Blamed { blame, .. } => format!("blame {blame:?}"),
                Note::Rewound { .. } => "rewound".into(),
                Note::RereadLeft { .. } => "reread left".into(),
                Note::PassedOver { .. } => "passed over".into(),
                Note::Parked { .. } => "parked".into(),
                Note::Woken { .. } => "woken".into(),
                Note::Landed { reverted: true, .. } => "reverted".into(),
                Note::Doubted { .. }
                | Note::Stopped { .. }
                | Note::Resumed { .. }
                | Note::Filled { .. }
                | Note::Submitted { .. }
                | Note::Landed { .. } => continue,
            };
            *happened.entry(word).or_default() += 1;
        }
    }
    happened
}

fn assert_happened(happened: &BTreeMap<String, usize>, words: &[&str]) {
    for word in words {
        assert!(
            happened.contains_key(*word),
            "{word} never happened: {happened:?}"
        );
    }
}

#[test]
fn lost_failed_repeated_and_late_replies_cost_only_time() {
    let faults = Faults {
        lose: 5,
        fail: 10,
        repeat: 10,
        delay: 15,
        ..Faults::default()
    };
    let happened = over_seeds(25, faults);
    assert_happened(&happened, &["NoAnswer", "Lost", "blame Peer"]);
}

#[test]
fn others_who_relay_the_same_packets_do_no_harm() {
    let happened = over_seeds(
        25,
        Faults {
            others: 40,
            delay: 10,
            ..Faults::default()
        },
    );
    assert_happened(&happened, &["DoneByOthers"]);
}

#[test]
fn reorganisations_and_missed_slots_lose_nothing() {
    let happened = over_seeds(
        25,
        Faults {
            reorg: 8,
            miss_slot: 20,
            ..Faults::default()
        },
    );
    assert_happened(&happened, &["Vanished", "Lost"]);
}

#[test]
fn crashes_at_random_moments_lose_nothing() {
    let happened = over_seeds(
        25,
        Faults {
            crash: 60,
            lose: 3,
            ..Faults::default()
        },
    );
    assert_happened(&happened, &["Restarted", "crash", "parked", "woken"]);
}

#[test]
fn t52_a_lying_endpoint_delays_and_is_told_but_no_false_packet_passes() {
    let happened = over_seeds(
        80,
        Faults {
            lie: 20,
            ..Faults::default()
        },
    );
    assert_happened(
        &happened,
        &[
            "FalseAnswer",
            "AckRefuted",
            "SettlementRefuted",
            "NotExpired",
            "rewound",
            "blame Peer",
        ],
    );
}

#[test]
fn batches_that_skip_or_starve_lose_nothing() {
    let faults = Faults {
        skip: 25,
        starve: 15,
        reorg: 4,
        crash: 10,
        ..Faults::default()
    };
    let happened = over_seeds(25, faults);
    assert_happened(
        &happened,
        &["Skipped", "Reverted", "reverted", "Vanished", "crash"],
    );
}

#[test]
fn all_faults_together() {
    let faults = Faults {
        lose: 3,
        fail: 5,
        repeat: 5,
        delay: 5,
        lie: 3,
        crash: 20,
        reorg: 3,
        others: 15,
        miss_slot: 10,
        skip: 5,
        starve: 5,
    };
    let happened = over_seeds(120, faults);
    assert_happened(
        &happened,
        &[
            "crash",
            "Vanished",
            "DoneByOthers",
            "FalseAnswer",
            "Poison",
            "Skipped",
            "Expired",
            "parked",
            "woken",
        ],
    );
}

#[test]
fn the_same_seed_is_the_same_run() {
    let faults = Faults {
        lose: 5,
        delay: 10,
        reorg: 3,
        others: 20,
        crash: 20,
        ..Faults::default()
    };
    let (first, second) = (run(7, faults), run(7, faults));
    assert_eq!(first.disk.packets, second.disk.packets);
    assert_eq!(
        (first.persisted, first.sends, first.crashes),
        (second.persisted, second.sends, second.crashes)
    );
}

/// A small walk: two packets there, one back, one that times out.
fn small() -> World {
    let mut world = World::new(&["a", "b"], &[(0, 1)], 5, Faults::default());
    world.send(0, 0, 400, b"one");
    world.send(1, 0, 400, b"two");
    world.send(0, 0, 10, b"late");
    world
}

#[test]
fn a_crash_at_every_persist_point_loses_nothing() {
    let mut whole = small();
    whole.settle(600);
    let points = whole.persisted;
    assert!(points > 30, "only {points} persist points");
    for before in [true, false] {
        for point in 1..=points {
            let mut world = small();
            world.crash_at = Some((point, before));
            world.seconds(250);
            assert_eq!(world.crashes, 1, "the crash at {point} did not come");
            world.settle(600);
            assert_eq!(
                (world.count(Stage::Acked), world.count(Stage::TimedOut)),
                (2, 1),
                "crash at {point}"
            );
        }
    }
}

/// More packets than a submission holds, to a chain to which three may fly at once.
fn crowded() -> World {
    let mut world = World::new(&["a", "b"], &[(0, 1)], 5, Faults::default());
    world.seat(3);
    for _ in 0..24 {
        world.send(0, 0, 400, b"one of many");
    }
    world
}

#[test]
fn a_crash_at_every_persist_point_with_several_submissions_on_their_way_loses_nothing() {
    let mut whole = crowded();
    whole.settle(600);
    assert_eq!(
        whole.chains[1].crowd, 3,
        "24 packets are three submissions of eight"
    );
    let points = whole.persisted;
    for before in [true, false] {
        for point in 1..=points {
            let mut world = crowded();
            world.crash_at = Some((point, before));
            world.seconds(250);
            assert_eq!(world.crashes, 1, "the crash at {point} did not come");
            world.settle(600);
            assert_eq!(world.count(Stage::Acked), 24, "crash at {point}");
        }
    }
}

/// Packets whose applications answer so late that they are parked and woken.
fn late() -> World {
    let mut world = World::new(&["a", "b"], &[(0, 1)], 5, Faults::default());
    world.send(0, 0, 400, &[LATE]);
    world.send(0, 0, 400, b"one");
    world.send(1, 0, 400, &[LATE]);
    world
}

#[test]
fn a_crash_at_every_persist_point_of_parking_and_waking_loses_nothing() {
    let mut whole = late();
    whole.settle(900);
    let points = whole.persisted;
    let is_woken = |note: &&Note| matches!(note, Note::Woken { .. });
    assert_eq!(whole.notes.iter().filter(is_woken).count(), 2);
    for before in [true, false] {
        for point in 1..=points {
            let mut world = late();
            world.crash_at = Some((point, before));
            world.seconds(450);
            assert_eq!(world.crashes, 1, "the crash at {point} did not come");
            world.settle(900);
            assert_eq!(world.count(Stage::Acked), 3, "crash at {point}");
        }
    }
}
