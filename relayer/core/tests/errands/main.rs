//! What the machine does for a client that believes attestors when no packet asks for it: rotations that they agreed to are
//! announced, wait and take effect; contradictions are carried to the client; a crash at any moment changes nothing.

use attestor::testing::Keys;
use attestor::{Attestation, Evidence, PendingRotation, Rotation, Update};
use chain::{Blame, ClientUpdate, TxState};
use relayer_core::Note;
use wire::Seconds;
use world::{DELAY, EVERY, HEIGHT, START, World, claim, domain, keys};

mod beliefs;
mod world;

/// The rotation to a set of others that three agree to.
fn rotation(nonce: u64) -> ClientUpdate {
    let rotation = Rotation {
        nonce,
        expiry: Seconds(START + 100_000),
        set: Keys::new(8, 4).set(3).unwrap(),
        signatures: Vec::new(),
    };
    let signed = keys().rotate(&domain(1), rotation, &[0, 2, 3]);
    ClientUpdate::Attestors(Update::Rotation(signed))
}

/// Attestor 1 signed two claims about one block.
fn evidence() -> ClientUpdate {
    let signed = |byte| Attestation {
        height: HEIGHT,
        claim: claim(byte),
        signatures: keys().attest(&domain(1), HEIGHT, &claim(byte), &[1]),
    };
    ClientUpdate::Evidence(Evidence {
        first: signed(1),
        second: signed(2),
    })
}

#[test]
fn a_rotation_that_was_agreed_to_is_announced_and_takes_effect_after_its_delay() {
    let mut world = World::new(vec![rotation(0)]);
    world.run(2 * EVERY);
    assert_eq!(world.sent(), [&rotation(0)]);
    assert_eq!((world.client.set_id, world.client.nonce), (1, 1));
    world.run_until(DELAY + 2 * EVERY, |world| world.client.set_id == 2);
    assert_eq!(world.sent(), [&rotation(0), &ClientUpdate::CompleteRotation]);
    assert_eq!(world.client.set, Keys::new(8, 4).set(3).unwrap());
    world.run(5 * EVERY);
    assert_eq!(
        (world.sent().len(), world.refused),
        (2, 0),
        "nothing is sent twice"
    );
    assert!(world.asked_notices > 3, "the attestors are asked again and again");
}

#[test]
fn a_crash_at_any_write_loses_no_rotation_and_repeats_none() {
    let mut whole = World::new(vec![rotation(0)]);
    whole.run(DELAY + 4 * EVERY);
    assert_eq!(whole.client.set_id, 2);
    // Before, while and after each of the two submissions.
    assert!(whole.writes >= 6, "{} writes", whole.writes);
    for at in 1..=whole.writes {
        for is_written in [false, true] {
            let mut world = World::new(vec![rotation(0)]);
            world.crash_at = Some((at, is_written));
            world.run(DELAY + 12 * EVERY);
            let sent = world.sent();
            assert_eq!(
                (world.client.set_id, sent.as_slice()),
                (2, [&rotation(0), &ClientUpdate::CompleteRotation].as_slice()),
                "a crash at write {at}, written: {is_written}"
            );
        }
    }
}

#[test]
fn a_rotation_that_was_vetoed_or_is_refused_for_another_reason_holds_nothing_up() {
    let mut world = World::new(vec![rotation(0)]);
    world.run(2 * EVERY);
    world.client = attestor::veto_rotation(&world.client).unwrap();
    world.run(DELAY + 3 * EVERY);
    assert_eq!((world.client.set_id, world.client.nonce), (1, 1));
    assert_eq!(
        (world.sent().len(), world.refused),
        (1, 0),
        "it does not come back"
    );
    let is_stopped = |note: &Note| matches!(note, Note::Stopped { .. });
    assert!(!world.notes.iter().any(is_stopped));
    // The operators agree anew, to the same set under the next nonce.
    world.notices = vec![rotation(0), rotation(1)];
    world.run_until(DELAY + 3 * EVERY, |world| world.client.set_id == 2);
    assert_eq!(world.client.set_id, 2);
}

#[test]
fn whose_place_a_later_one_of_our_own_took_goes_again_and_accuses_nobody() {
    for (state, is_accused) in [(TxState::Overtaken, false), (TxState::Replaced, true)] {
        let mut world = World::new(vec![rotation(0)]);
        world.lost = vec![state];
        world.run(6 * EVERY);
        assert_eq!(world.sent(), [&rotation(0)]);
        let blamed = |note: &&Note| matches!(note, Note::Blamed { blame: Blame::Operator, text, .. } if text.contains("another process"));
        assert_eq!(
            world.notes.iter().any(|note| blamed(&note)),
            is_accused,
            "{:?}",
            world.notes
        );
        let told = |note: &Note| matches!(note, Note::Blamed { text, .. } if text.contains("of our own took its place"));
        assert_eq!(world.notes.iter().any(told), !is_accused);
    }
}

#[test]
fn a_set_whose_delay_is_over_takes_over_at_once() {
    let mut world = World::new(Vec::new());
    world.client.pending = Some(PendingRotation {
        set: Keys::new(8, 4).set(3).unwrap(),
        due: Seconds(START),
    });
    world.run_until(EVERY / 2, |world| world.client.set_id == 2);
    assert_eq!(world.sent(), [&ClientUpdate::CompleteRotation]);
}

#[test]
fn evidence_costs_an_attestor_his_weight_once() {
    let mut world = World::new(vec![evidence()]);
    world.run(4 * EVERY);
    assert_eq!((world.sent(), world.refused), (vec![&evidence()], 0));
    let weights: Vec<u64> = world
        .client
        .set
        .attestors()
        .iter()
        .map(|one| one.weight)
        .collect();
    assert_eq!(
        (weights.as_slice(), world.client.frozen),
        ([1, 0, 1, 1].as_slice(), false)
    );
    let told = world
        .notes
        .iter()
        .filter(|note| matches!(note, Note::Blamed { text, .. } if text.contains("contradicts itself")));
    assert_eq!(told.count(), 1);
}

#[test]
fn a_state_that_contradicts_the_trusted_one_freezes_the_client() {
    let signatures = keys().attest(&domain(1), HEIGHT, &claim(2), &[0, 1, 2]);
    let state = ClientUpdate::Attestors(Update::State(Attestation {
        height: HEIGHT,
        claim: claim(2),
        signatures,
    }));
    let mut world = World::new(vec![state.clone()]);
    world.run(4 * EVERY);
    assert_eq!(world.sent(), [&state]);
    assert!(world.client.frozen);
    let is_stopped = |note: &Note| matches!(note, Note::Stopped { text, .. } if text.contains("frozen"));
    assert!(world.notes.iter().any(is_stopped), "{:?}", world.notes);
}
