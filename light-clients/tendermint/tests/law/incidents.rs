//! What went wrong elsewhere, tried here. The numbers are those of docs/lessons.md.

use alloy_primitives::Address;
use client::Advance;
use proptest::prelude::*;
use prost::Message;
use tendermint_client::codec::{LENGTH_MAX, decode_bootstrap, decode_evidence, decode_update};
use tendermint_client::testing::{Ballot, Block, Kind, Timestamp, ibc};
use tendermint_client::{
    Evidence, POWER_MAX, Reject, VALIDATORS_MAX, Vote, accused, check_misbehaviour, verify_update,
};
use wire::{Height, Seconds};

use crate::fixture::*;

#[test]
fn t13_one_signature_is_not_counted_for_two_validators() {
    // 51 of 100: the one who signs puts its address beside the other's key, and its vote in the other's place.
    let world = world_with(Kind::Ed25519, &[51, 49]);
    let trusted = started(&world);
    let block = voted(&world, START + 1, only(&[0]));
    let mut message = world.show(&block, START);
    let signer = world.set_at(START).members[0].secret.address();
    for set in [&mut message.validator_set, &mut message.trusted_validators] {
        set.as_mut().unwrap().validators[1].address = signer.clone();
    }
    let signed = message.signed_header.as_mut().unwrap().commit.as_mut().unwrap();
    signed.signatures[1] = signed.signatures[0].clone();
    let address = Address::from_slice(&signer);
    let expected = Reject::DuplicateValidator { address };
    assert_eq!(refused(&trusted, &read(&message), now(&world)), expected);
}

#[test]
fn t14_an_address_is_the_hash_of_its_key() {
    let world = world();
    let mut update = update(&world, 110, START);
    let validators = &mut update.validators.validators;
    let (one, other) = (validators[0].address, validators[1].address);
    validators[0].address = other;
    validators[1].address = one;
    let refused = refused(&started(&world), &update, now(&world));
    assert_eq!(
        refused,
        Reject::AddressMismatch {
            stated: other,
            found: one
        }
    );
}

#[test]
fn t15_one_key_under_two_addresses_is_refused() {
    let world = world();
    let mut update = update(&world, 110, START);
    let key = update.validators.validators[0].key;
    let stated = update.validators.validators[1].address;
    update.validators.validators[1].key = key;
    let found = key.address();
    let refused = refused(&started(&world), &update, now(&world));
    assert_eq!(refused, Reject::AddressMismatch { stated, found });
}

#[test]
fn t16_a_vote_with_a_foreign_address_is_refused_also_where_its_signature_is_not_needed() {
    let world = world();
    let good = update(&world, 110, START);
    for place in 0..4 {
        for stranger in [
            Address::repeat_byte(9),
            good.validators.validators[(place + 1) % 4].address,
        ] {
            let mut update = good.clone();
            let Vote::Block(signed) = &mut update.commit.votes[place] else {
                panic!("all vote for the block");
            };
            signed.validator = stranger;
            let expected = Reject::VoteAddress {
                expected: good.validators.validators[place].address,
                found: stranger,
            };
            assert_eq!(refused(&started(&world), &update, now(&world)), expected);
        }
    }
    let nil = voted(
        &world,
        110,
        |place| if place == 3 { Ballot::Nil } else { Ballot::Block },
    );
    let mut update = read(&world.show(&nil, START));
    let Vote::Nil(signed) = &mut update.commit.votes[3] else {
        panic!("the last one votes for nothing");
    };
    signed.validator = Address::repeat_byte(9);
    assert!(matches!(
        refused(&started(&world), &update, now(&world)),
        Reject::VoteAddress { .. }
    ));
}

#[test]
fn t17_a_header_does_not_stretch_the_trust_period() {
    // The farthest that a header may reach into the future is the drift: a day of trust more is a day of clock more.
    let world = world();
    let now = now(&world);
    let at = |seconds: u64| {
        let time = Timestamp {
            seconds: i64::try_from(seconds).unwrap(),
            nanos: 0,
        };
        read(&world.show(&altered(&world, 119, |header| header.time = Some(time)), START))
    };
    let farthest = advanced(&started(&world), &at(now.0 + 9), now);
    assert_eq!(farthest.expiry(), Seconds(now.0 + 9 + 7 * 86_400));
    for seconds in [now.0 + 10, now.0 + 86_400, 253_402_300_000] {
        let refused = refused(&started(&world), &at(seconds), now);
        assert!(matches!(refused, Reject::FromTheFuture { .. }), "{refused}");
    }
}

#[test]
fn t18_caps_come_before_cryptography() {
    let world = world();
    let trusted = started(&world);
    let good = world.show(&world.block_at(110), START);
    // A validator too many in either set, a vote too many: the reader stops there.
    let limit = VALIDATORS_MAX;
    let many = |set: &mut Option<tendermint_client::testing::raw::ValidatorSet>| {
        let set = set.as_mut().unwrap();
        let one = set.validators[0].clone();
        set.validators = vec![one; VALIDATORS_MAX + 1];
    };
    let mut own = good.clone();
    many(&mut own.validator_set);
    let mut foreign = good.clone();
    many(&mut foreign.trusted_validators);
    let mut votes = good.clone();
    let commit = votes.signed_header.as_mut().unwrap().commit.as_mut().unwrap();
    commit.signatures = vec![commit.signatures[0].clone(); VALIDATORS_MAX + 1];
    for message in [own, foreign, votes] {
        assert_eq!(
            decode_update(&message.encode_to_vec()),
            Err(Reject::TooManyValidators { limit })
        );
    }
    // Powers of 2^63 and sums beyond it, with no signature that anybody could have verified before.
    for power in [i64::MIN, -1, i64::MAX] {
        let mut message = good.clone();
        message.validator_set.as_mut().unwrap().validators[3].voting_power = power;
        let commit = message.signed_header.as_mut().unwrap().commit.as_mut().unwrap();
        for vote in &mut commit.signatures {
            vote.signature = vec![7; 64];
        }
        let total = u128::from(u64::from_le_bytes(power.to_le_bytes())) + 90;
        let expected = Reject::PowerOverflow {
            total,
            limit: POWER_MAX,
        };
        assert_eq!(refused(&trusted, &read(&message), now(&world)), expected);
    }
}

#[test]
fn t18_messages_in_messages_end_where_the_format_ends() {
    // A message nested as deep as the limit allows: fields that no message has are not followed. From the inside out, the heads of all.
    let (mut heads, mut length) = (Vec::new(), 0);
    while length < LENGTH_MAX - 8 {
        let mut head = vec![0x0a];
        prost::encode_length_delimiter(length, &mut head).unwrap();
        length += head.len();
        heads.push(head);
    }
    let nested: Vec<u8> = heads.into_iter().rev().flatten().collect();
    assert!(nested.len() > LENGTH_MAX / 2 && nested.len() <= LENGTH_MAX);
    assert!(matches!(decode_update(&nested), Err(Reject::Malformed { .. })));
    assert!(matches!(
        decode_update(&vec![0x0a; LENGTH_MAX]),
        Err(Reject::Malformed { .. })
    ));
}

#[test]
fn t19_a_bogus_signature_beside_two_thirds_does_not_save_the_liars() {
    let world = world();
    let trusted = started(&world);
    let mut rival = altered(&world, 110, |header| header.app_hash = vec![5; 32]);
    rival.commit.signatures[3].signature = vec![7; 64];
    let evidence = Evidence {
        first: Box::new(update(&world, 110, START)),
        second: Box::new(read(&world.show(&rival, START))),
    };
    assert!(
        check_misbehaviour(&trusted, &evidence, now(&world))
            .unwrap()
            .frozen
    );
    let named = accused(&trusted, &evidence, now(&world)).unwrap();
    let innocent = evidence.first.validators.validators[3].address;
    assert_eq!(named.len(), 3);
    assert!(named.iter().all(|one| one.validator != innocent));
}

#[test]
fn t20_what_no_hash_covers_decides_nothing() {
    // The same set with other priorities and another proposer: the same verdict, the same state.
    let world = world();
    let trusted = started(&world);
    let good = world.show(&world.block_at(110), START);
    let expected = verify_update(&trusted, &read(&good), now(&world));
    assert!(matches!(expected, Ok(Advance::Updated(_))));
    let mut other = good.clone();
    for set in [&mut other.validator_set, &mut other.trusted_validators] {
        let set = set.as_mut().unwrap();
        set.proposer = set.validators.last().cloned();
        set.total_voting_power = 100;
        for (validator, priority) in set.validators.iter_mut().zip([i64::MIN, -1, 1, i64::MAX]) {
            validator.proposer_priority = priority;
        }
    }
    assert_eq!(verify_update(&trusted, &read(&other), now(&world)), expected);
    // A proposer of whom the set knows nothing, or a total that it has not, is a lie.
    let mut lies = [good.clone(), good.clone(), good];
    lies[0]
        .validator_set
        .as_mut()
        .unwrap()
        .proposer
        .as_mut()
        .unwrap()
        .voting_power = 41;
    lies[1].validator_set.as_mut().unwrap().total_voting_power = 101;
    lies[2].trusted_validators.as_mut().unwrap().total_voting_power = -1;
    for lie in lies {
        assert!(matches!(
            decode_update(&lie.encode_to_vec()),
            Err(Reject::Malformed { .. })
        ));
    }
}

#[test]
fn t20_one_conflicting_header_is_enough_whoever_shows_it() {
    // However many others say the same: a signed header beside another one freezes.
    let world = world();
    let mut trusted = started(&world);
    for height in [105, 110, 115] {
        trusted = advanced(&trusted, &update(&world, height, START), now(&world));
    }
    let rival = Block::sign(world.header_at(110), world.set_at(110).clone(), 0, |_| {
        Ballot::Block
    });
    let agreed = verify_update(&trusted, &read(&world.show(&rival, START)), now(&world));
    assert_eq!(agreed, Ok(Advance::NoOp));
    let rival = altered(&world, 110, |header| header.app_hash = vec![5; 32]);
    match verify_update(&trusted, &read(&world.show(&rival, START)), now(&world)) {
        Ok(Advance::Misbehaviour(after)) => assert!(after.frozen),
        other => panic!("not frozen: {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn t23_no_bytes_make_a_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), height in any::<u64>()) {
        let height = Height { revision_number: 3, revision_height: height };
        prop_assert!(decode_update(&bytes).is_err());
        prop_assert!(decode_evidence(&bytes).is_err());
        let _ = decode_bootstrap(height, &bytes);
    }

    #[test]
    fn t23_no_message_of_the_right_shape_makes_the_law_panic(
        height in any::<i64>(), seconds in any::<i64>(), nanos in any::<i32>(), power in any::<i64>(), now in any::<u64>(),
    ) {
        let world = world();
        let mut message: ibc::Header = world.show(&world.block_at(110), START);
        let signed = message.signed_header.as_mut().unwrap();
        signed.header.as_mut().unwrap().height = height;
        signed.header.as_mut().unwrap().time = Some(Timestamp { seconds, nanos });
        signed.commit.as_mut().unwrap().height = height;
        message.validator_set.as_mut().unwrap().validators[0].voting_power = power;
        if let Ok(altered) = decode_update(&message.encode_to_vec()) {
            let verdict = verify_update(&started(&world), &altered, Seconds(now));
            prop_assert!(verdict.is_err() || altered == update(&world, 110, START));
        }
    }
}
