//! The relayer or its endpoints were away for long, and what happened meanwhile is read only bit by bit.

use crate::pair::{packet_of, pair};
use crate::world::World;
use relayer_core::{Note, Stage};

fn stage(world: &World, number: u64) -> Option<Stage> {
    let record = world.disk.packets.get(&packet_of(world, 0, number));
    record.map(|record| record.standing.stage)
}

fn await_stage(world: &mut World, number: u64, is_there: impl Fn(Stage) -> bool) {
    let comes = (0..400).any(|_| {
        world.second();
        stage(world, number).is_some_and(&is_there)
    });
    assert!(comes, "packet {number} is {:?}", stage(world, number));
}

fn await_included(world: &mut World) {
    await_stage(world, 1, |stage| matches!(stage, Stage::Included { .. }));
}

fn told(world: &World, is: impl Fn(&Note) -> bool) -> usize {
    world.notes.iter().filter(|note| is(note)).count()
}

fn is_reread(note: &Note) -> bool {
    matches!(note, Note::Rewound { .. })
}

fn is_blame(note: &Note) -> bool {
    matches!(note, Note::Blamed { .. })
}

#[test]
fn events_that_were_not_read_yet_after_an_outage_are_nobodys_fault() {
    for page_secs in [0, 7] {
        let mut world = pair();
        world.send(0, 0, 9_000, b"before the outage");
        await_included(&mut world);
        // Its acknowledgement is long final when the relayer is back, and stands behind many pages.
        world.sleep(2_000);
        world
            .chains
            .iter_mut()
            .for_each(|chain| chain.page_secs = page_secs);
        world.seconds(400);
        assert_eq!(stage(&world, 1), Some(Stage::Acked), "pages of {page_secs} s");
        let notes = &world.notes;
        assert_eq!(
            told(&world, |note| is_reread(note) || is_blame(note)),
            0,
            "{notes:#?}"
        );
    }
}

#[test]
fn an_endpoint_that_was_away_for_long_is_read_on_from_where_it_was() {
    let mut world = pair();
    world.send(0, 0, 9_000, b"before the outage");
    await_included(&mut world);
    world.chains[1].is_dead = true;
    world.seconds(600);
    (world.chains[1].is_dead, world.chains[1].page_secs) = (false, 7);
    world.seconds(300);
    assert_eq!(stage(&world, 1), Some(Stage::Acked));
    assert_eq!(told(&world, is_reread), 0);
}

#[test]
fn an_acknowledgement_whose_event_was_left_out_is_read_again_from_where_its_packet_was() {
    let mut world = pair();
    world.send(0, 0, 9_000, b"answered in silence");
    world.chains[1].hides_acks = true;
    await_included(&mut world);
    // What is before the packet need not be there any more.
    world.chains[1].events_from = 40;
    world.seconds(60);
    world.chains[1].hides_acks = false;
    world.settle(400);
    assert_eq!(told(&world, is_reread), 1);
    assert_eq!(told(&world, |note| matches!(note, Note::RereadLeft { .. })), 0);
}

#[test]
fn reading_goes_on_where_blocks_that_are_doubted_are_pruned() {
    for crashes in [false, true] {
        let mut world = pair();
        world.seconds(200);
        world.chains[0].falsifies = vec![1];
        world.send(0, 0, 9_000, b"shown as another");
        await_stage(&mut world, 1, |_| true);
        world.chains[0].events_from = world.chains[0].finalized as u64 + 1;
        let is_left = |note: &Note| matches!(note, Note::RereadLeft { .. });
        for number in 2..6 {
            world.send(0, 0, 9_000, b"beside it");
            world.seconds(60);
            if crashes {
                world.restart();
            }
            assert!(world.disk.packets.contains_key(&packet_of(&world, 0, number)));
        }
        assert!(told(&world, is_reread) > 0 && told(&world, is_left) == told(&world, is_reread));
        world.seconds(60);
        assert_eq!(world.count(Stage::Acked), 4, "crashes: {crashes}");
    }
}

// A page that takes longer than a block is made never reaches the head.
#[test]
fn what_a_slow_endpoint_leaves_out_is_missed_although_it_is_never_quite_at_the_head() {
    for hides_acks in [false, true] {
        let mut world = pair();
        for chain in &mut world.chains {
            (chain.page_secs, chain.is_quick) = (5, true);
        }
        world.chains[0].leaves_out = (!hides_acks).then_some(1);
        world.chains[1].hides_acks = hides_acks;
        world.send(0, 0, 90_000, b"left out, or its acknowledgement");
        world.seconds(60);
        assert_eq!(world.count(Stage::Acked), 0);
        world.chains[1].hides_acks = false;
        world.seconds(400);
        assert_eq!(
            world.count(Stage::Acked),
            1,
            "hides acknowledgements: {hides_acks}"
        );
    }
}
