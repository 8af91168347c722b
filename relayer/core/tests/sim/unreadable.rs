//! Packets that nobody can relay.

use crate::router::UNREADABLE;
use crate::world::{Faults, World};
use chain::Blame;
use relayer_core::{Note, Stage};

// Anybody can send a packet whose version is no text. It costs a number and nothing else.
#[test]
fn a_packet_that_nobody_can_relay_holds_nobody_up() {
    let mut world = World::new(&["a", "b"], &[(0, 1)], 17, Faults::default());
    for value in [b"before".as_slice(), &[UNREADABLE], &[UNREADABLE], b"after"] {
        world.send(0, 0, 900, value);
        world.seconds(7);
    }
    world.seconds(2_000);
    world.restart();
    world.send(0, 0, 900, b"later");
    world.settle(600);
    assert_eq!(world.count(Stage::Acked), 3);
    let told = world
        .notes
        .iter()
        .filter(|note| matches!(note, Note::PassedOver { .. }));
    assert_eq!(told.count(), 2, "each is told once");
    let is_blame = |note: &Note| {
        matches!(note, Note::Rewound { .. })
            || matches!(note, Note::Blamed { blame, .. } if *blame == Blame::Peer)
    };
    assert!(!world.notes.iter().any(is_blame), "{:#?}", world.notes);
}

// T-47: an event is a hint, and so is that it is of a packet that nobody can relay.
#[test]
fn t47_a_packet_that_was_called_unreadable_is_found_again() {
    for restarts in [false, true] {
        let mut world = World::new(&["a", "b"], &[(0, 1)], 19, Faults::default());
        world.chains[0].spoils = vec![2];
        for value in [b"before".as_slice(), b"hidden", b"after"] {
            world.send(0, 0, 5_000, value);
            world.seconds(7);
        }
        world.seconds(300);
        assert_eq!(world.count(Stage::Acked), 2, "the hidden one holds nobody up");
        if restarts {
            world.restart();
        }
        world.chains[0].spoils.clear();
        world.seconds(1_200);
        assert_eq!(world.count(Stage::Acked), 3);
        assert!(
            world
                .notes
                .iter()
                .all(|note| !matches!(note, Note::Rewound { .. }))
        );
        world.settle(600);
    }
}

// Nor does it help to show it somewhere else.
#[test]
fn t47_a_packet_that_was_called_unreadable_in_another_block_is_found_again() {
    let mut world = World::new(&["a", "b"], &[(0, 1)], 23, Faults::default());
    world.chains[0].spoils = vec![1];
    world.chains[0].shifts = true;
    world.send(0, 0, 5_000, b"hidden");
    world.seconds(100);
    let is_told = |note: &Note| matches!(note, Note::PassedOver { .. });
    assert_eq!(world.notes.iter().filter(|note| is_told(note)).count(), 1);
    world.chains[0].spoils.clear();
    world.chains[0].shifts = false;
    world.seconds(1_200);
    assert_eq!(world.count(Stage::Acked), 1);
    world.settle(600);
}
