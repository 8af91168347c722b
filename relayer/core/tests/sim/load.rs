//! Too much at once, and transactions that wait.

use crate::pair::{packet_of, pair};
use crate::world::{TRUST_PERIOD, World};
use chain::{BlockNumber, WeiPerGas};
use relayer_core::{Carrier, Leg, PacketId, Stage};
use wire::Sequence;

#[test]
fn a_stuck_transaction_is_replaced_with_a_better_fee_up_to_the_cap() {
    let mut world = pair();
    world.chains[1].floor = 250;
    world.send(0, 0, 900, b"pays more");
    world.seconds(200);
    assert!(
        world.disk.flights.values().any(|flight| flight.txs.len() > 1),
        "it was never replaced"
    );
    assert_eq!(world.count(Stage::Acked), 1);
    world.configure(|config| {
        for chain in &mut config.chains {
            chain.fee.max = WeiPerGas(150);
        }
    });
    world.chains[1].base_fee = 160;
    world.send(0, 0, 900, b"has to wait");
    world.seconds(120);
    let held = world.relayer.chain_statuses()[1].held.clone().unwrap();
    assert!(held.text.contains("cap"), "{held:?}");
    world.chains[1].base_fee = 60;
    world.settle(300);
    assert_eq!(world.count(Stage::Acked), 2);
}

#[test]
fn a_transaction_that_was_pending_at_a_restart_is_found_again() {
    let mut world = pair();
    world.chains[1].floor = 1_000_000;
    world.send(0, 0, 900, b"pending");
    world.seconds(60);
    let pending = world.chains[1].pool.len();
    world.restart();
    world.seconds(5);
    world.chains[1].floor = 0;
    world.settle(300);
    assert_eq!(pending, 1);
    assert_eq!(world.count(Stage::Acked), 1);
    let carried = &world.disk.packets[&packet_of(&world, 0, 1)].history;
    let is_ours = |by: &Carrier| matches!(by, Carrier::Ours(_));
    assert!(
        carried
            .iter()
            .any(|c| matches!(&c.standing.stage, Stage::Included { by } if is_ours(by)))
    );
}

#[test]
fn a_backlog_of_thousands_does_not_stall_live_packets() {
    let mut world = pair();
    for _ in 0..1_200 {
        world.send(0, 0, 3_000, b"backlog");
    }
    world.configure(|config| config.limits.live_max = 5_000);
    world.seconds(40);
    let before = world.count(Stage::Acked);
    world.send(0, 0, 300, b"live");
    world.seconds(130);
    let live = PacketId {
        sequence: Sequence::new(1_201).unwrap(),
        ..packet_of(&world, 0, 1)
    };
    let record = &world.disk.packets[&live];
    // Its acknowledgement is back; that this is proven, too, has time.
    let is_back = record.standing.stage == Stage::Acked
        || (record.standing.leg == Leg::Acknowledge
            && matches!(record.standing.stage, Stage::Included { .. }));
    assert!(is_back, "{:?}", record.history);
    assert!(
        before < 900 && world.count(Stage::Acked) < 1_200,
        "there was no backlog left"
    );
    world.settle(3_000);
    assert_eq!(world.count(Stage::Acked), 1_201);
}

/// How many blocks of the destination hold a submission, and the most that were on their way at once.
fn landings(seats: usize) -> (usize, usize) {
    let mut world = pair();
    world.seat(seats);
    for _ in 0..24 {
        world.send(0, 0, 900, b"one of a burst");
    }
    world.settle(600);
    assert_eq!(world.count(Stage::Acked), 24);
    let chain = &world.chains[1];
    let blocks = chain.blocks.iter().filter(|block| !block.txs.is_empty());
    (blocks.count(), chain.crowd)
}

#[test]
fn a_burst_lands_in_fewer_blocks_where_several_submissions_may_fly() {
    assert_eq!(landings(1), (3, 1), "three submissions, one after the other");
    assert_eq!(landings(3), (1, 3), "all three at once");
}

#[test]
fn what_only_moves_a_client_is_waited_for_wherever_several_may_fly() {
    let mut world = pair();
    world.seat(3);
    world.chains[1].floor = 1_000_000;
    // Nobody sends anything, so the clients are only kept alive; what moves the one on the second chain cannot land.
    let is_due = (0..TRUST_PERIOD).any(|_| {
        world.second();
        world.chains[1].crowd > 0
    });
    assert!(is_due);
    // The lane looks at the client many times meanwhile, and the submission is not given up yet.
    world.seconds(150);
    assert_eq!(world.chains[1].crowd, 1, "the client was moved once");
    world.chains[1].floor = 0;
    world.settle(300);
}

#[test]
fn forgotten_packets_stay_settled_when_events_are_read_again() {
    let mut world = pair();
    for _ in 0..10 {
        world.send(0, 0, 3_000, b"there");
        world.send(1, 0, 30, b"times out or not");
    }
    world.settle(600);
    let executed = |world: &World| -> Vec<_> {
        world
            .chains
            .iter()
            .map(|chain| chain.latest().router.executed.clone())
            .collect()
    };
    let before = (executed(&world), world.disk.flights.len());
    world.disk.packets.clear();
    for cursor in world.disk.cursors.values_mut() {
        cursor.next = BlockNumber(0);
    }
    world.restart();
    world.seconds(120);
    assert_eq!((executed(&world), world.disk.flights.len()), before);
    assert_eq!(world.relayer.packets().count() + world.disk.packets.len(), 0);
}

#[test]
fn more_packets_than_there_is_room_for_wait_on_the_chain() {
    let mut world = pair();
    world.configure(|config| config.limits.live_max = 40);
    for _ in 0..150 {
        world.send(0, 0, 3_000, b"there");
        world.send(1, 0, 3_000, b"back");
    }
    for _ in 0..300 {
        world.second();
        for end in world.relayer.end_statuses() {
            assert!(end.live.values().sum::<usize>() <= 40);
        }
    }
    world.settle(3_000);
    assert_eq!(world.count(Stage::Acked), 300);
}
