//! What collectors ask of the law: whose signature something is, and what is evidence.

use alloy_primitives::B256;
use attestor::{
    Evidence, Signed, Statement, Trusted, check_misbehaviour, contradiction, rotation_signed_by, signed_by,
};

use crate::fixture::{HEIGHT, INTERVAL, NOW, World, config};

/// The truth, or a lie, signed by those with these places.
fn statement(world: &World, lie: bool, indices: &[u8]) -> Statement {
    let claim = if lie {
        world.lie(HEIGHT)
    } else {
        world.claim(HEIGHT)
    };
    Statement {
        claim,
        signatures: world.keys.attest(&config().domain(1), HEIGHT, &claim, indices),
    }
}

fn found(world: &World, trusted: &Trusted, truth: &[u8], lie: &[u8]) -> Option<Evidence> {
    let (truth, lie) = (statement(world, false, truth), statement(world, true, lie));
    contradiction(trusted, HEIGHT, &truth, &lie, NOW)
}

fn indices(signatures: &[Signed]) -> Vec<u8> {
    signatures.iter().map(|signed| signed.index).collect()
}

#[test]
fn evidence_names_those_who_signed_both_and_the_client_takes_it() {
    let world = World::new();
    let trusted = world.started();
    let evidence = found(&world, &trusted, &[0, 1, 2], &[1, 4]).unwrap();
    assert_eq!(indices(&evidence.first_signatures), [1]);
    assert_eq!(indices(&evidence.second_signatures), [1]);
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
    assert_eq!(indices(&evidence.first_signatures), [0, 1, 2]);
    assert_eq!(indices(&evidence.second_signatures), [2, 3, 4]);
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
    assert_eq!(contradiction(&trusted, HEIGHT, &truth, &truth, NOW), None);
    let lie = statement(&world, true, &[1]);
    let elsewhere = HEIGHT + INTERVAL;
    assert_eq!(
        contradiction(&trusted, elsewhere, &truth, &lie, NOW),
        None,
        "signed for another block"
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
