//! An endpoint that says of a packet that it was received, and goes on saying so.

use crate::router::SILENT;
use crate::world::{Faults, World, client};
use relayer_core::{Fact, Note, Stage};
use wire::Sequence;

/// A packet that lives so long, and a destination whose endpoint claims its receipt from the beginning.
fn claimed(lives: u64) -> World {
    let mut world = World::new(&["a", "b"], &[(0, 1)], 11, Faults::default());
    let receipt = wire::path::receipt(&client(0), Sequence::FIRST);
    world.chains[1].insists = Some(receipt.to_bytes());
    world.send(0, 0, lives, b"said to be there");
    world
}

fn moved(world: &World, fact: &Fact) -> usize {
    let is_it = |note: &&Note| matches!(note, Note::Moved { fact: moved, .. } if moved == fact);
    world.notes.iter().filter(is_it).count()
}

#[test]
fn a_receipt_that_is_not_there_keeps_no_packet_from_its_destination() {
    let mut world = claimed(3_000);
    world.seconds(300);
    assert!(moved(&world, &Fact::DoneByOthers) >= 1, "it is believed at first");
    assert_eq!(
        world.count(Stage::Acked),
        1,
        "and was delivered while it was still claimed"
    );
    let is_told =
        |note: &Note| matches!(note, Note::Blamed { text, .. } if text.contains("proven not to be"));
    assert!(world.notes.iter().any(is_told));
    world.check();
}

#[test]
fn a_receipt_that_is_not_there_keeps_no_packet_from_coming_back() {
    let mut world = claimed(40);
    world.seconds(400);
    assert_eq!(world.count(Stage::TimedOut), 1);
    world.check();
}

#[test]
fn only_what_is_proven_to_be_received_is_parked() {
    let mut world = World::new(&["a", "b"], &[(0, 1)], 11, Faults::default());
    for _ in 0..3 {
        world.send(0, 0, 3_000, &[SILENT]);
    }
    let sends = |world: &World| world.sends;
    world.seconds(300);
    assert_eq!(world.relayer.end_statuses()[0].parked, 3);
    assert_eq!(moved(&world, &Fact::ReceiptFound), 3);
    assert_eq!(sends(&world), 1, "a proof costs no transaction");
}
