//! What collectors ask of the law: whose signature something is, and what is evidence.

use alloy_primitives::B256;
use attestor::{
    Attestation, Evidence, Signed, Trusted, check_misbehaviour, contradiction, rotation_signed_by, signed_by,
};
use wire::Seconds;

use crate::fixture::{FAR, HEIGHT, INTERVAL, NOW, World, config};

/// The truth, or a lie, signed by those with these places.
fn statement(world: &World, lie: bool, indices: &[u8]) -> Attestation {
    let claim = if lie {
        world.lie(HEIGHT)
    } else {
        world.claim(HEIGHT)
    };
    world.signed(&config().domain(1), HEIGHT, claim, indices)
}

fn found(world: &World, trusted: &Trusted, truth: &[u8], lie: &[u8]) -> Option<Evidence> {
    let (truth, lie) = (statement(world, false, truth), statement(world, true, lie));
    contradiction(trusted, &truth, &lie, NOW)
}

fn indices(signatures: &[Signed]) -> Vec<u8> {
    signatures.iter().map(|signed| signed.index).collect()
}

#[test]
fn evidence_names_those_who_signed_both_and_the_client_takes_it() {
    let world = World::new();
    let trusted = world.started();
    let evidence = found(&world, &trusted, &[0, 1, 2], &[1, 4]).unwrap();
    assert_eq!(indices(&evidence.first.signatures), [1]);
    assert_eq!(indices(&evidence.second.signatures), [1]);
    let after = check_misbehaviour(&trusted, &evidence, NOW).unwrap();
    assert!(!after.frozen);
    let weights: Vec<u64> = after.set.attestors().iter().map(|one| one.weight).collect();
    assert_eq!(weights, [1, 0, 1, 1, 1]);
    // He counts no more: the same statements prove nothing against the others, and his signature is nobody's.
    assert_eq!(found(&world, &after, &[0, 1, 2], &[1, 4]), None);
    let signature = &statement(&world, false, &[1]).signatures[0].signature;
    assert_eq!(signed_by(&after, HEIGHT, &world.claim(HEIGHT), signature), None);
}

#[test]
fn two_statements_of_enough_weight_freeze_the_client_and_carry_all_signatures() {
    let world = World::new();
    let trusted = world.started();
    let evidence = found(&world, &trusted, &[0, 1, 2], &[2, 3, 4]).unwrap();
    assert_eq!(indices(&evidence.first.signatures), [0, 1, 2]);
    assert_eq!(indices(&evidence.second.signatures), [2, 3, 4]);
    assert!(check_misbehaviour(&trusted, &evidence, NOW).unwrap().frozen);
}

#[test]
fn there_is_no_evidence_in_agreement_nor_in_lies_of_others() {
    let world = World::new();
    let trusted = world.started();
    assert_eq!(
        found(&world, &trusted, &[0, 1], &[3, 4]),
        None,
        "nobody signed both"
    );
    let truth = statement(&world, false, &[0, 1, 2]);
    assert_eq!(contradiction(&trusted, &truth, &truth, NOW), None);
    let mut elsewhere = statement(&world, true, &[1]);
    elsewhere.height += INTERVAL;
    elsewhere.claim.timestamp.0 -= 1;
    assert_eq!(
        contradiction(&trusted, &truth, &elsewhere, NOW),
        None,
        "signed for another block"
    );
}

#[test]
fn of_two_heights_the_higher_and_earlier_one_is_evidence_in_whichever_order_they_come() {
    let world = World::new();
    let trusted = world.started();
    let truth = statement(&world, false, &[0, 1, 2]);
    let ahead = |seconds: u64, indices: &[u8]| {
        let timestamp = Seconds(truth.claim.timestamp.0 - seconds);
        world.timed(FAR, timestamp, indices)
    };
    for pair in [[&truth, &ahead(1, &[2, 3])], [&ahead(1, &[2, 3]), &truth]] {
        let evidence = contradiction(&trusted, pair[0], pair[1], NOW).unwrap();
        assert_eq!((evidence.first.height, evidence.second.height), (HEIGHT, FAR));
        assert_eq!(indices(&evidence.first.signatures), [2]);
        assert_eq!(indices(&evidence.second.signatures), [2]);
        assert!(!check_misbehaviour(&trusted, &evidence, NOW).unwrap().frozen);
    }
    let evidence = contradiction(&trusted, &ahead(1, &[2, 3, 4]), &truth, NOW).unwrap();
    assert!(check_misbehaviour(&trusted, &evidence, NOW).unwrap().frozen);
    assert_eq!(
        contradiction(&trusted, &truth, &ahead(0, &[2, 3, 4]), NOW),
        None,
        "blocks of one second"
    );
}

#[test]
fn a_signature_under_a_rotation_is_its_signers_and_only_under_that_rotation() {
    let world = World::new();
    let trusted = world.started();
    let rotation = world.rotation(0, &[3]);
    let signature = rotation.signatures[0].signature.clone();
    let (signed, weight) = rotation_signed_by(&trusted, &rotation, &signature).unwrap();
    assert_eq!((signed.index, weight), (3, 1));
    for other in [world.rotation(1, &[]), {
        let mut other = world.rotation(0, &[]);
        other.expiry.0 += 1;
        other
    }] {
        assert_eq!(rotation_signed_by(&trusted, &other, &signature), None);
    }
    let mut next = trusted;
    next.set_id = 2;
    assert_eq!(
        rotation_signed_by(&next, &rotation, &signature),
        None,
        "signed for another set"
    );
    assert_eq!(rotation_signed_by(&next, &rotation, B256::ZERO.as_slice()), None);
}
