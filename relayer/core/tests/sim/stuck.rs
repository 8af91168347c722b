//! Packets that go nowhere through nobody's fault, and those that share a path with them.

use crate::router::SILENT;
use crate::world::{Faults, World, client};
use relayer_core::{EndName, Fact, PacketId, Stage};
use wire::Sequence;

fn pair() -> World {
    World::new(&["a", "b"], &[(0, 1)], 11, Faults::default())
}

/// A packet that chain `a` sent.
fn packet(world: &World, number: u64) -> PacketId {
    let source = EndName {
        chain: world.chains[0].name.clone(),
        client: client(0),
    };
    PacketId {
        source,
        sequence: Sequence::new(number).unwrap(),
    }
}

fn stage(world: &World, number: u64) -> Stage {
    world.disk.packets[&packet(world, number)].standing.stage
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
    world.chains[1].invents = Some(receipt.to_bytes());
    world.send(0, 0, 3_000, b"said to be there");
    world.seconds(60);
    assert_eq!(world.chains[1].invents, None, "nobody lied");
    assert!(is_included(&world, 41));
    let first = world.disk.packets[&packet(&world, 41)]
        .history
        .iter()
        .find(|change| matches!(change.standing.stage, Stage::Included { .. }));
    assert_eq!(first.unwrap().fact, Fact::DoneByOthers);
    world.seconds(300);
    assert_eq!(stage(&world, 41), Stage::Acked);
}
