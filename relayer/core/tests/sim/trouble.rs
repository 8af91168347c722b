//! One trouble at a time: what each of them does to packets, clients and fees.

use crate::chain::{end_of, time_of};
use crate::judge::beacon;
use crate::pair::{packet_of, pair};
use crate::world::{Faults, TRUST_PERIOD, World, client};
use chain::{BlockNumber, Event, TrustedState};
use relayer_core::{Fact, Next, Note, PacketId, Setback, Stage};
use wire::Seconds;

fn newest(world: &World, host: usize) -> u64 {
    let trusted = beacon(&world.chains[host].latest().router.clients[&client(0)].trusted);
    trusted.newest.0
}

fn facts(world: &World) -> Vec<&Fact> {
    let moved = world.notes.iter().filter_map(|note| match note {
        Note::Moved { fact, .. } => Some(fact),
        _ => None,
    });
    moved.collect()
}

#[test]
fn an_idle_client_is_refreshed_before_a_third_of_its_trust_period() {
    let mut world = pair();
    let mut oldest = 0;
    for _ in 0..2 * TRUST_PERIOD {
        world.second();
        for host in 0..2 {
            oldest = oldest.max(world.now.0 - time_of(newest(&world, host)).0);
        }
    }
    assert!(oldest < TRUST_PERIOD / 3, "a client was {oldest} s old");
    assert!(
        world.sends <= 2 * 9,
        "{} submissions for two periods of trust",
        world.sends
    );
}

#[test]
fn a_client_many_periods_behind_catches_up_in_several_submissions() {
    let mut world = pair();
    world.configure(|config| {
        for chain in &mut config.chains {
            chain.batch.gas_max = chain::Gas(4 * chain.batch.gas_update.0);
        }
    });
    let asleep = world.now;
    // Nobody relays for a long time; 64 seconds are a period here.
    for second in 0..700 {
        world.now = Seconds(asleep.0 + second);
        let now = world.now;
        world.chains.iter_mut().for_each(|chain| chain.produce(now));
    }
    world.send(0, 0, 600, b"first after the sleep");
    world.settle(600);
    let catching_up = facts(&world)
        .iter()
        .filter(|fact| ***fact == Fact::PutBack(Setback::CatchUp))
        .count();
    assert!(catching_up >= 2, "caught up {catching_up} times");
    assert_eq!(world.count(Stage::Acked), 1);
}

#[test]
fn too_few_signers_are_waited_out() {
    let mut world = pair();
    world.chains[0].is_quiet = true;
    world.send(0, 0, 600, b"waits");
    world.seconds(150);
    let explanation = world.relayer.explain(&packet_of(&world, 0, 1)).unwrap();
    assert!(explanation.trouble.unwrap().contains("100 of 512"));
    let blamed = world
        .notes
        .iter()
        .filter(|note| matches!(note, Note::Blamed { .. }))
        .count();
    assert_eq!(blamed, 0, "waiting is nobody's fault");
    world.settle(300);
    assert_eq!(world.count(Stage::Acked), 1);
}

#[test]
fn stalled_finality_only_delays() {
    let mut world = pair();
    world.seconds(10);
    world.chains[0].is_stalled = true;
    world.send(0, 0, 900, b"waits for finality");
    world.seconds(200);
    assert!(world.disk.packets.is_empty(), "nothing is read that is not final");
    world.settle(300);
    assert_eq!(world.count(Stage::Acked), 1);
}

/// Time passes for all while the first chain is not final.
fn outlast_the_trust_period(world: &mut World) {
    world.chains[0].is_stalled = true;
    let asleep = world.now;
    for second in 0..TRUST_PERIOD + 10 {
        world.now = Seconds(asleep.0 + second);
        let now = world.now;
        world.chains.iter_mut().for_each(|chain| chain.produce(now));
    }
}

#[test]
fn an_expired_client_stops_its_direction_and_no_other() {
    let mut world = World::new(&["a", "b", "c"], &[(0, 1), (0, 2)], 12, Faults::default());
    // B's client of A is as if nobody had refreshed it for too long: time passes while A is not final.
    outlast_the_trust_period(&mut world);
    let now = world.now;
    let c = &world.chains[0];
    let trusted = crate::judge::start(
        c.address,
        c.final_block().slot,
        c.final_block().root,
        TRUST_PERIOD * 9,
        now,
    );
    for block in &mut world.chains[2].blocks {
        let end = block.router.clients.get_mut(&client(1)).unwrap();
        end.trusted = TrustedState::Ethereum(Box::new(trusted.clone()));
    }
    let (b, c) = (
        world.chains[1].final_block().clone(),
        world.chains[2].final_block().clone(),
    );
    for (number, at, block) in [(0, 1, b), (1, 2, c)] {
        let trusted = crate::judge::start(
            world.chains[at].address,
            block.slot,
            block.root,
            TRUST_PERIOD,
            now,
        );
        for block in &mut world.chains[0].blocks {
            let end = block.router.clients.get_mut(&client(number)).unwrap();
            end.trusted = TrustedState::Ethereum(Box::new(trusted.clone()));
        }
    }
    world.chains[0].is_stalled = false;
    world.send(0, 0, 300, b"to b: cannot arrive");
    world.send(0, 1, 300, b"to c: arrives");
    world.seconds(200);
    assert_eq!(world.count(Stage::Acked), 1);
    let explanation = world.relayer.explain(&packet_of(&world, 0, 1)).unwrap();
    assert!(
        matches!(&explanation.next, Next::Client(why) if why.contains("expired")),
        "{explanation:?}"
    );
    let stopped = world
        .notes
        .iter()
        .filter(|note| matches!(note, Note::Stopped { .. }))
        .count();
    assert_eq!(stopped, 1, "told once, not at every retry");
    // After the timeout the packet goes home: A's client of B is alive.
    world.seconds(250);
    assert!(
        facts(&world)
            .iter()
            .any(|fact| matches!(fact, Fact::TakenBack { .. }))
    );
}

#[test]
fn a_pruned_state_is_replaced_by_a_newer_height() {
    let mut world = pair();
    world.chains[0].keeps = 2;
    for _ in 0..12 {
        world.send(0, 0, 600, b"x");
        world.seconds(9);
    }
    world.settle(300);
    assert_eq!(world.count(Stage::Acked), 12);
}

/// A packet is under way, and somebody else moved the client to the newest final slot, which is returned.
fn moved_by_somebody_else() -> (World, u64) {
    let mut world = pair();
    world.configure(|config| config.chains[1].batch.age = Seconds(30));
    world.send(0, 0, 600, b"x");
    world.seconds(30);
    let (now, address) = (world.now, world.chains[0].address);
    let block = world.chains[0].final_block().clone();
    let new = crate::judge::start(address, block.slot, block.root, TRUST_PERIOD, now);
    for block in &mut world.chains[1].blocks {
        let end = block.router.clients.get_mut(&client(0)).unwrap();
        end.trusted = TrustedState::Ethereum(Box::new(new.clone()));
    }
    (world, block.slot)
}

#[test]
fn a_state_of_which_only_false_proofs_come_is_replaced_by_a_newer_height() {
    let (mut world, slot) = moved_by_somebody_else();
    world.chains[0].false_at = Some(slot);
    world.settle(300);
    assert_eq!(world.count(Stage::Acked), 1);
    let delivering = world
        .disk
        .flights
        .values()
        .filter(|flight| flight.end.chain.0 == "b");
    let updates: Vec<u32> = delivering.map(|flight| flight.updates).collect();
    assert_eq!(updates, [1], "one update, and no second one");
}

#[test]
fn a_client_that_somebody_else_updated_is_used_as_it_is() {
    let (mut world, _) = moved_by_somebody_else();
    world.settle(300);
    let delivering = world
        .disk
        .flights
        .values()
        .find(|flight| flight.end.chain.0 == "b")
        .unwrap();
    assert_eq!(
        (delivering.updates, delivering.packets.len()),
        (0, 1),
        "an update was paid for in vain"
    );
}

#[test]
fn a_receive_that_races_with_its_timeout_ends_either_way_once() {
    for lives in 14..50 {
        let mut world = pair();
        world.send(0, 0, lives, b"race");
        world.send(0, 0, 600, b"other");
        world.settle(400);
        assert_eq!(world.count(Stage::Acked) + world.count(Stage::TimedOut), 2);
    }
}

#[test]
fn a_packet_explains_itself_at_every_moment() {
    let mut world = pair();
    world.send(0, 0, 600, b"x");
    let mut nexts = Vec::new();
    for _ in 0..120 {
        world.second();
        if let Some(explanation) = world.relayer.explain(&packet_of(&world, 0, 1)) {
            let text = explanation.next.to_string();
            if nexts.last() != Some(&text) {
                nexts.push(text);
            }
        }
    }
    let record = &world.disk.packets[&packet_of(&world, 0, 1)];
    let stages: Vec<&str> = record
        .history
        .iter()
        .map(|change| change.standing.stage.word())
        .collect();
    let leg = [
        "planned",
        "proving",
        "proven",
        "submitted",
        "submitted",
        "included",
    ];
    assert_eq!(
        stages,
        [&leg[..], &["seen"], &leg, &["included", "acked"]].concat()
    );
    assert!(
        nexts
            .iter()
            .any(|next| next.contains("announces the acknowledgement")),
        "{nexts:?}"
    );
    assert!(
        record
            .history
            .iter()
            .all(|change| change.source.is_some() && change.destination.is_some())
    );
}

#[test]
fn t47_only_finalized_events_are_acted_on() {
    let mut world = pair();
    world.seconds(4);
    world.send(0, 0, 600, b"orphan");
    world.seconds(6);
    let sent = |world: &World| {
        let events = world.chains[0].blocks.iter().flat_map(|block| &block.events);
        events
            .filter(|at| matches!(&at.event, Event::Sent(_)) && end_of(&at.event) == client(0).into())
            .count()
    };
    assert_eq!(sent(&world), 1);
    world.chains[0].reorg(5, true);
    world.chains[0].actions.clear();
    assert_eq!(sent(&world), 0);
    world.seconds(100);
    assert!(
        world.disk.packets.is_empty() && world.sends == 0,
        "a packet that never became final was relayed"
    );
}

#[test]
fn a_cursor_never_passes_what_was_not_read() {
    let mut world = World::new(
        &["a", "b"],
        &[(0, 1)],
        13,
        Faults {
            lose: 30,
            fail: 30,
            ..Faults::default()
        },
    );
    for _ in 0..40 {
        world.send(0, 0, 2_000, b"x");
        world.seconds(3);
        let (read, known) = (
            world.disk.cursors.values().find(|c| c.end.chain.0 == "a"),
            &world.disk.packets,
        );
        let next = read.map_or(BlockNumber(0), |cursor| cursor.next);
        for at in world.chains[0].blocks.iter().flat_map(|block| &block.events) {
            if let (Event::Sent(packet), true) = (&at.event, at.block < next) {
                let id = PacketId {
                    sequence: packet.sequence(),
                    ..packet_of(&world, 0, 1)
                };
                assert!(
                    known.contains_key(&id),
                    "{id} of block {} was passed at {next}",
                    at.block
                );
            }
        }
    }
    world.settle(600);
}

#[test]
fn a_send_that_an_endpoint_left_out_is_found_by_the_gap_it_leaves() {
    let mut world = pair();
    world.chains[0].leaves_out = Some(2);
    for _ in 0..3 {
        world.send(0, 0, 900, b"x");
        world.seconds(20);
    }
    world.settle(400);
    assert_eq!(world.count(Stage::Acked), 3);
    assert!(
        world
            .notes
            .iter()
            .any(|note| matches!(note, Note::Rewound { .. }))
    );
}

#[test]
fn the_newest_send_that_an_endpoint_left_out_is_found_by_looking_for_it() {
    let mut world = pair();
    world.chains[0].leaves_out = Some(1);
    world.send(0, 0, 900, b"the only one");
    world.settle(400);
    assert_eq!(world.count(Stage::Acked), 1);
    let is_told = |note: &Note| matches!(note, Note::Blamed { text, .. } if text.contains("left out"));
    assert!(world.notes.iter().any(is_told));
}

#[test]
fn t22_a_head_far_beyond_the_truth_stalls_nothing_once_it_is_taken_back() {
    let mut world = pair();
    world.send(0, 0, 900, b"before");
    world.seconds(10);
    world.chains[0].brags = 5;
    world.chains[1].brags = 5;
    world.seconds(10);
    world.send(0, 0, 900, b"after");
    world.settle(600);
    assert_eq!(world.count(Stage::Acked), 2);
}
