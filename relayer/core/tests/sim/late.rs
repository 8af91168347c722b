//! A node that takes a transaction and says so late.

use crate::world::{Faults, World};
use relayer_core::{Note, Stage};

/// The second chain takes so many submissions at once, puts none in a block, and says so late that it took one.
fn slow(seats: usize, send_secs: u64) -> World {
    let mut world = World::new(&["a", "b"], &[(0, 1)], 11, Faults::default());
    world.seat(seats);
    world.chains[1].floor = 1_000_000;
    world.chains[1].send_secs = send_secs;
    for _ in 0..3 {
        world.send(0, 0, 900, b"carried once");
    }
    let is_sent = (0..60).any(|_| {
        world.second();
        world.sends > 0
    });
    assert!(is_sent, "nothing was sent");
    world
}

/// From now on that chain is as quick as the other one.
fn heal(mut world: World) -> World {
    (world.chains[1].send_secs, world.chains[1].floor) = (0, 0);
    world.settle(600);
    assert_eq!(world.count(Stage::Acked), 3);
    world
}

fn submitted(world: &World) -> usize {
    let is_submitted = |note: &&Note| matches!(note, Note::Submitted { .. });
    world.notes.iter().filter(is_submitted).count()
}

#[test]
fn packets_wait_for_the_word_about_their_submission_longer_than_for_another_answer() {
    for seats in [1, 3] {
        let mut world = slow(seats, 20);
        world.seconds(18);
        assert_eq!(
            (world.sends, submitted(&world)),
            (1, 0),
            "nobody knows whether it left"
        );
        let world = heal(world);
        assert_eq!(world.sends, 2, "one there, and one back");
    }
}

#[test]
fn a_submission_that_was_given_up_is_taken_up_again_when_it_left_after_all() {
    for seats in [1, 3] {
        let mut world = slow(seats, 60);
        // Nobody can prove anything, so that the packets do not go again at once.
        world.chains[0].is_quiet = true;
        world.seconds(40);
        let count = |world: &World, stage| {
            world
                .relayer
                .packets()
                .filter(|packet| packet.standing.stage == stage)
                .count()
        };
        assert_eq!(count(&world, Stage::Seen), 3, "it was given up");
        world.seconds(30);
        let submission = chain::SubmissionId(0);
        assert_eq!(count(&world, Stage::Submitted { submission }), 3);
        assert_eq!(submitted(&world), 1);
        let world = heal(world);
        assert_eq!(world.sends, 2, "one there, and one back");
        let first = &world.disk.flights[&0];
        assert!(first.state.is_over() && first.txs.len() == 1, "{first:?}");
    }
}

#[test]
fn a_submission_that_is_taken_up_too_late_for_its_packets_does_no_harm() {
    for seats in [1, 3] {
        let mut world = slow(seats, 60);
        // It comes to know of more than it would have on their way.
        world.is_misled = true;
        world.seconds(50);
        assert!(world.sends > 1, "they went again");
        world.seconds(30);
        heal(world);
    }
}
