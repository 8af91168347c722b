//! What the relayer says of itself while something is wrong.

use crate::pair::pair;
use crate::router::{POISON, SILENT};
use crate::world::World;
use chain::Blame;
use relayer_core::Stage;

#[test]
fn a_chain_that_nobody_answers_for_is_told_to_be_silent() {
    let mut world = pair();
    world.send(0, 0, 900, b"x");
    for _ in 0..100 {
        world.second();
        let statuses = world.relayer.chain_statuses();
        assert!(statuses.iter().all(|chain| chain.silent_since.is_none()));
    }
    let heard = world.now;
    world.chains[1].is_dead = true;
    world.seconds(60);
    let statuses = world.relayer.chain_statuses();
    assert_eq!(statuses[1].silent_since, Some(heard));
    assert_eq!(statuses[0].silent_since, None);
    assert!(statuses[1].head.is_some(), "what was known is not forgotten");
    world.chains[1].is_dead = false;
    world.seconds(60);
    assert_eq!(world.relayer.chain_statuses()[1].silent_since, None);
}

#[test]
fn what_the_operator_has_to_mend_is_told_until_it_is_mended() {
    let mut world = pair();
    world.chains[1].is_broke = true;
    world.send(0, 0, 900, b"x");
    let is_held = |world: &World| {
        let held = world.relayer.chain_statuses()[1].held.clone();
        held.is_some_and(|why| why.blame == Blame::Operator)
    };
    let mut waited = 0;
    while !is_held(&world) {
        world.second();
        waited += 1;
        assert!(waited < 100, "it was never told");
    }
    for _ in 0..200 {
        world.second();
        assert!(is_held(&world), "it comes and goes");
    }
    world.chains[1].is_broke = false;
    world.settle(200);
    assert_eq!(world.count(Stage::Acked), 1);
    assert!(!is_held(&world));
}

#[test]
fn the_age_of_a_packet_grows_however_often_it_is_put_back() {
    let mut world = pair();
    world.send(0, 0, 900, &[POISON]);
    let oldest = |world: &World| world.relayer.end_statuses()[0].oldest;
    let mut first = None;
    for _ in 0..300 {
        world.second();
        first = first.or(oldest(&world));
        assert_eq!(oldest(&world), first);
    }
    let record = world.relayer.packets().next().unwrap();
    assert!(record.attempts > 3 && record.since() > record.known_since);
    assert!(first.unwrap().0 + 200 < world.now.0);
}

#[test]
fn a_packet_that_waits_for_its_application_is_not_waited_for() {
    let mut world = pair();
    world.send(0, 0, 900, &[SILENT]);
    world.seconds(100);
    let end = world.relayer.end_statuses().swap_remove(0);
    assert_eq!((end.parked, end.oldest), (1, None));
}
