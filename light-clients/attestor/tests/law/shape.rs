//! The client under the names that all clients share, and what holds for all sets.

use alloy_primitives::Address;
use attestor::codec::{decode_evidence, decode_update, encode_evidence, encode_update};
use attestor::{Attestor, Attestors, Reject, Set, SetFault, Update, verify_update};
use client::{Advance, LightClient, Status};
use proptest::prelude::*;
use wire::{Height, Seconds};

use crate::fixture::*;

#[test]
fn the_six_functions_answer_as_the_free_ones_do() {
    let world = World::new();
    let client = Attestors;
    let trusted = client.start(config(), &world.set(), NOW).unwrap();
    assert_eq!(trusted, world.started());
    assert_eq!(client.status(&trusted, NOW), Status::Active);
    let Ok(Advance::Updated(after)) = client.verify_update(&trusted, &world.state(HEIGHT, &[0, 1, 2]), NOW)
    else {
        panic!("an honest update is news");
    };
    let (height, proven) = (Height::of(HEIGHT), Ok(time(HEIGHT)));
    let proof = world.proof(HEIGHT, &world.present);
    let value = world.value.as_slice();
    assert_eq!(
        client.verify_member(&after, height, &world.present, value, &proof, NOW),
        proven
    );
    let proof = world.proof(HEIGHT, &world.absent);
    assert_eq!(
        client.verify_absent(&after, height, &world.absent, &proof, NOW),
        proven
    );
    let frozen = client
        .check_misbehaviour(&after, &world.evidence(HEIGHT, &[0, 1, 2], &[2, 3, 4]), NOW)
        .unwrap();
    assert_eq!(client.status(&frozen, NOW), Status::Frozen);
    let past = after.expiry().unwrap();
    assert_eq!(client.status(&after, Seconds(past.0 - 1)), Status::Active);
    assert_eq!(client.status(&after, past), Status::Expired);
}

#[test]
fn messages_come_back_from_their_bytes() {
    let world = World::new();
    for update in [
        world.state(HEIGHT, &[0, 1, 2]),
        Update::Rotation(world.rotation(4, &[1, 2, 3])),
    ] {
        assert_eq!(decode_update(&encode_update(&update)), Ok(update));
    }
    for evidence in [
        world.evidence(HEIGHT, &[0], &[1, 2]),
        world.backwards(HEIGHT + 1, 1, &[0], &[1, 2]),
    ] {
        assert_eq!(decode_evidence(&encode_evidence(&evidence)), Ok(evidence));
    }
}

#[test]
fn a_height_far_ahead_does_not_keep_the_chains_own_states_out() {
    let world = World::new();
    let honest = world.state(HEIGHT, &[0, 1, 2]);
    let deceived = |timestamp| {
        let forged = Update::State(world.timed(FAR, timestamp, &[0, 1, 2]));
        advanced(&world.started(), &forged, NOW)
    };
    // Lower and later, it shows that the newest is made up.
    let trusted = deceived(Seconds(time(HEIGHT).0 - 1));
    let mut expected = trusted.clone();
    expected.frozen = true;
    let judged = verify_update(&trusted, &honest, NOW);
    assert_eq!(judged, Ok(Advance::Misbehaviour(expected)));
    // In the same second, or earlier, both can be honest.
    for timestamp in [time(HEIGHT), Seconds(time(HEIGHT).0 + 1)] {
        let reject = Reject::OlderThanRing {
            height: HEIGHT,
            newest: FAR,
        };
        assert_eq!(verify_update(&deceived(timestamp), &honest, NOW), Err(reject));
    }
}

proptest! {
    #[test]
    fn random_bytes_are_no_message(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let world = World::new();
        let verdict = decode_update(&bytes).and_then(|update| attestor::verify_update(&world.started(), &update, NOW));
        prop_assert!(verdict.is_err());
        prop_assert!(decode_evidence(&bytes).is_err() || bytes.len() >= 93);
    }

    /// [T-35] Whatever set is accepted: it has one form, nobody reaches the threshold alone, and all together do.
    #[test]
    fn t35_accepted_sets_are_safe(threshold in 0..12_u64, members in prop::collection::vec((0..20_u8, 0..6_u64), 0..6)) {
        let attestors: Vec<Attestor> = members
            .iter()
            .map(|(signer, weight)| Attestor { signer: Address::with_last_byte(*signer), weight: *weight })
            .collect();
        match Set::new(threshold, attestors.clone()) {
            Ok(set) => {
                prop_assert!(threshold > 0 && set.is_reachable());
                prop_assert!(attestors.iter().all(|one| one.weight > 0 && one.weight < threshold && !one.signer.is_zero()));
                prop_assert!(attestors.windows(2).all(|pair| pair[0].signer < pair[1].signer));
                prop_assert_eq!(Set::from_words(&set.to_words()), Ok(set));
            }
            Err(Reject::BadSet(fault)) => prop_assert!(fault != SetFault::Threshold || threshold == 0),
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}
