//! Clocks of two chains that do not agree: what one chain signs lies in the other's future for a while.

use crate::chain::time_of;
use crate::judge::{SECONDS_PER_SLOT, SLOTS_PER_EPOCH, beacon};
use crate::world::{Faults, World, client};
use relayer_core::Fact;
use relayer_core::{EndName, Note, PacketId, Setback, Stage};
use wire::Sequence;

const EPOCH: u64 = SECONDS_PER_SLOT * SLOTS_PER_EPOCH;

/// A pair whose second chain is `lag` seconds behind.
fn lagging(lag: u64) -> World {
    let mut world = World::new(&["a", "b"], &[(0, 1)], 11, Faults::default());
    world.chains[1].lag = lag;
    world.seconds(lag);
    world
}

fn setbacks(world: &World) -> Vec<Setback> {
    let moved = world.notes.iter().filter_map(|note| match note {
        Note::Moved {
            fact: Fact::PutBack(setback),
            ..
        } => Some(*setback),
        _ => None,
    });
    moved.collect()
}

/// Every finality that the relayer finds is signed later than the host's clock shows, and before that clock gets there
/// the chain has a newer one.
#[test]
fn a_host_that_lags_by_more_than_an_epoch_is_served_all_the_same() {
    for lag in [1, EPOCH - 1, 2 * EPOCH + 3] {
        let mut world = lagging(lag);
        world.send(0, 0, 900, b"to the one behind");
        world.send(1, 0, 900, b"to the one ahead");
        world.settle(200);
        assert_eq!(world.count(Stage::Acked), 2, "lag of {lag} s");
        assert_eq!(
            setbacks(&world),
            [],
            "lag of {lag} s: nothing had to be planned twice"
        );
    }
}

/// What is ahead of the clock costs no gas before the clock is there.
#[test]
fn nothing_is_sent_before_the_hosts_clock_has_reached_the_signature() {
    let mut world = lagging(2 * EPOCH);
    world.send(0, 0, 900, b"early");
    for _ in 0..120 {
        world.second();
        let host = &world.chains[1];
        for submission in host.pool.values().map(|tx| &tx.submission) {
            for chain::UpdateClient { update, .. } in &submission.updates {
                let chain::ClientUpdate::Ethereum(update) = update else {
                    panic!("not simulated");
                };
                assert!(time_of(update.signature_slot.0) <= time_of(host.latest().slot));
            }
        }
    }
    let trusted = beacon(&world.chains[1].latest().router.clients[&client(0)].trusted);
    assert!(trusted.states().count() > 1, "the client was never moved");
}

#[test]
fn a_host_whose_clock_stands_still_is_told_of_and_goes_on_when_it_moves() {
    let mut world = lagging(EPOCH);
    world.chains[1].is_stopped = true;
    world.send(0, 0, 900, b"waits for the clock");
    world.seconds(60);
    let source = EndName {
        chain: world.chains[0].name.clone(),
        id: client(0).into(),
    };
    let id = PacketId {
        source,
        sequence: Sequence::FIRST,
    };
    let trouble = world.relayer.explain(&id).unwrap().trouble.unwrap();
    assert!(trouble.contains("clock stays"), "{trouble}");
    let blamed = world.notes.iter().any(|note| matches!(note, Note::Blamed { .. }));
    assert!(!blamed, "a clock that lags is nobody's lie");
    world.chains[1].is_stopped = false;
    world.settle(300);
    assert_eq!(world.count(Stage::Acked), 1);
}

/// The head of one answer is hours ahead; the truth comes with the next.
#[test]
fn a_head_that_ran_ahead_of_its_time_turns_no_packet_round_for_good() {
    const HOURS: u64 = 5 * 3_600;
    for lies in [1, 3] {
        let mut world = World::new(&["a", "b"], &[(0, 1)], 11, Faults::default());
        world.send(0, 0, HOURS, b"waits for finality");
        // It is seen as soon as it is final, and the lie comes before it can be carried.
        while world.relayer.packets().next().is_none() {
            world.second();
            world.chains[1].hurries = (lies, 2 * HOURS);
        }
        world.seconds(u64::from(lies) + 1);
        assert_eq!(world.chains[1].hurries.0, 0, "nobody lied");
        let id = world.relayer.packets().next().unwrap().id.clone();
        let facts = |world: &World| -> Vec<Fact> {
            let record = &world.disk.packets[&id];
            record.history.iter().map(|change| change.fact.clone()).collect()
        };
        assert!(facts(&world).contains(&Fact::Expired), "{:?}", facts(&world));
        world.settle(300);
        assert_eq!(world.count(Stage::Acked), 1, "{:?}", facts(&world));
    }
}

#[test]
fn a_packet_that_is_turned_again_and_again_waits_longer_each_time() {
    let mut world = World::new(&["a", "b"], &[(0, 1)], 11, Faults::default());
    world.chains[0].is_quiet = true;
    world.send(0, 0, 36_000, b"cannot be carried now");
    let mut pauses = Vec::new();
    for _ in 0..60 {
        world.seconds(2);
        world.chains[1].hurries = (1, 72_000);
        world.seconds(2);
        if let Some(record) = world.relayer.packets().next() {
            pauses.push(record.not_before.0.saturating_sub(world.now.0));
        }
    }
    assert!(pauses.iter().max() > Some(&20), "{pauses:?}");
    world.settle(400);
    assert_eq!(world.count(Stage::Acked), 1);
}
