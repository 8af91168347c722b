//! Validators who contradict themselves: when the client freezes, and whom it names.

use client::{Advance, Status};
use prost::Message;
use tendermint_client::codec::{decode_evidence, encode_evidence};
use tendermint_client::testing::{Ballot, Block, Kind, Timestamp, Validators, World, ibc, raw};
use tendermint_client::{
    Accused, Config, Evidence, Reject, Trusted, Update, Vote, accused, check_misbehaviour, status,
    verify_update,
};
use wire::Seconds;

use crate::fixture::*;

/// Another block of the same height, signed by all.
fn rival(world: &World, height: i64) -> Block {
    altered(world, height, |header| {
        header.app_hash = World::filler("rival", 1)
    })
}

fn shown(world: &World, block: &Block) -> Update {
    read(&world.show(block, START))
}

fn pair(first: Update, second: Update) -> Evidence {
    Evidence {
        first: Box::new(first),
        second: Box::new(second),
    }
}

fn is_frozen_by(trusted: &Trusted, evidence: &Evidence, now: Seconds) -> bool {
    match check_misbehaviour(trusted, evidence, now) {
        Ok(after) => after.frozen && status(&after, now) == Status::Frozen,
        Err(_) => false,
    }
}

#[test]
fn two_blocks_of_one_height_freeze() {
    for kind in [Kind::Ed25519, Kind::Secp256k1] {
        let world = world_of(kind);
        for height in [START + 1, 110, 130] {
            let evidence = pair(
                update(&world, height, START),
                shown(&world, &rival(&world, height)),
            );
            assert!(is_frozen_by(&started(&world), &evidence, now(&world)));
        }
    }
}

#[test]
fn a_higher_block_that_is_not_later_freezes() {
    let world = world();
    let trusted = started(&world);
    let lower = update(&world, 110, START);
    for nanos in [0, 1] {
        let time = world.time_at(110);
        let time = Timestamp {
            seconds: time.seconds,
            nanos: time.nanos - nanos,
        };
        let higher = altered(&world, 112, |header| header.time = Some(time));
        let higher = shown(&world, &higher);
        assert!(is_frozen_by(
            &trusted,
            &pair(higher.clone(), lower.clone()),
            now(&world)
        ));
        assert!(is_frozen_by(&trusted, &pair(lower.clone(), higher), now(&world)));
    }
    // A nanosecond later, both can be honest.
    let time = world.time_at(110);
    let later = altered(&world, 112, |header| {
        header.time = Some(Timestamp {
            nanos: time.nanos + 1,
            ..time
        });
    });
    let judged = check_misbehaviour(&trusted, &pair(shown(&world, &later), lower), now(&world));
    assert_eq!(judged, Err(Reject::NotMisbehaviour));
}

#[test]
fn evidence_may_come_from_the_future_and_from_behind_the_ring() {
    let mut world = world();
    world.rhythm = 600;
    // Whoever forges a header may give it any time; that excuses nobody.
    let early = after(&world, START);
    let evidence = pair(update(&world, 119, START), shown(&world, &rival(&world, 119)));
    assert!(matches!(
        verify_update(&started(&world), &evidence.first, early),
        Err(Reject::FromTheFuture { .. })
    ));
    assert!(is_frozen_by(&started(&world), &evidence, early));
}

#[test]
fn one_false_header_is_no_evidence() {
    let world = world();
    let trusted = started(&world);
    let truth = update(&world, 110, START);
    let mut unsigned = shown(&world, &rival(&world, 110));
    let Vote::Block(signed) = &mut unsigned.commit.votes[0] else {
        panic!("all vote for the block");
    };
    signed.signature[0] ^= 1;
    let validator = signed.validator;
    let expected = Err(Reject::BadSignature { validator });
    for evidence in [
        pair(truth.clone(), unsigned.clone()),
        pair(unsigned.clone(), truth.clone()),
    ] {
        assert_eq!(check_misbehaviour(&trusted, &evidence, now(&world)), expected);
    }
    // A minority's block neither.
    let few = Block::sign(
        rival(&world, 110).header,
        world.set_at(110).clone(),
        0,
        only(&[0]),
    );
    let judged = check_misbehaviour(&trusted, &pair(truth, shown(&world, &few)), now(&world));
    assert!(matches!(judged, Err(Reject::NotEnoughSigners { .. })));
}

#[test]
fn a_verified_header_that_contradicts_a_state_freezes() {
    let world = world();
    let trusted = advanced(&started(&world), &update(&world, 110, START), now(&world));
    let frozen =
        |trusted: &Trusted, block: &Block| match verify_update(trusted, &shown(&world, block), now(&world))
            .unwrap()
        {
            Advance::Misbehaviour(after) => after.frozen,
            Advance::Updated(_) | Advance::NoOp => false,
        };
    let altered = |height, alter: fn(&mut raw::Header)| altered(&world, height, alter);
    let other_root = altered(110, |header| header.app_hash = vec![7; 32]);
    let other_set = altered(110, |header| header.next_validators_hash = vec![7; 32]);
    let other_time = altered(110, |header| header.time.as_mut().unwrap().nanos += 1);
    let early = altered(115, |header| header.time.as_mut().unwrap().seconds -= 31);
    let same = altered(115, |header| header.time.as_mut().unwrap().seconds -= 30);
    let late = altered(105, |header| header.time.as_mut().unwrap().seconds += 30);
    for block in [other_root, other_set, other_time, early, same, late] {
        assert!(frozen(&trusted, &block), "{:?}", block.header);
    }
    // What no state depends on may differ: the client cannot tell, and does not mind.
    let other_data = altered(110, |header| header.data_hash = vec![7; 32]);
    let judged = verify_update(&trusted, &shown(&world, &other_data), now(&world));
    assert_eq!(judged, Ok(Advance::NoOp));
}

#[test]
fn a_height_far_ahead_does_not_keep_the_chains_own_headers_out() {
    let world = world();
    let narrow = Config {
        capacity: 8,
        ..config()
    };
    let far = |nanos: i32| {
        let mut time = world.time_at(110);
        time.nanos += nanos;
        let block = altered(&world, 119, |header| header.time = Some(time));
        let started = started_with(&world, narrow.clone());
        advanced(&started, &shown(&world, &block), now(&world))
    };
    let judged = |trusted: &Trusted, height| {
        let update = update(&world, height, START);
        verify_update(trusted, &update, now(&world))
    };
    // 110 and 111 lie below a ring of 8 that ends with 119: lower and not earlier, they show that 119 is made up.
    for height in [110, 111] {
        let trusted = far(0);
        let mut expected = trusted.clone();
        expected.frozen = true;
        let found = judged(&trusted, height);
        assert_eq!(found, Ok(Advance::Misbehaviour(expected)), "{height}");
    }
    // A nanosecond earlier, both can be honest.
    let expected = Reject::OlderThanRing {
        height: 110,
        newest: 119,
    };
    assert_eq!(judged(&far(1), 110), Err(expected));
}

#[test]
fn t19_t47_only_verified_signers_are_accused() {
    let world = world();
    let trusted = started(&world);
    let mut truth = update(&world, 110, START);
    // Of the rival block the strongest three signed; the fourth's vote is made up.
    let block = Block::sign(rival(&world, 110).header, world.set_at(110).clone(), 0, |_| {
        Ballot::Block
    });
    let mut lie = shown(&world, &block);
    let made_up = |vote: &mut Vote| match vote {
        Vote::Block(signed) => signed.signature = [9; 64],
        Vote::Absent | Vote::Nil(_) => panic!("all vote for the block"),
    };
    made_up(&mut lie.commit.votes[3]);
    let evidence = pair(truth.clone(), lie.clone());
    assert!(
        is_frozen_by(&trusted, &evidence, now(&world)),
        "two thirds are good"
    );
    let named = |count| -> Vec<Accused> {
        let set = &truth.validators.validators;
        set.iter()
            .take(count)
            .map(|validator| Accused {
                validator: validator.address,
                power: validator.power,
            })
            .collect()
    };
    assert_eq!(accused(&trusted, &evidence, now(&world)), Ok(named(3)));
    let both = pair(truth.clone(), shown(&world, &block));
    assert_eq!(accused(&trusted, &both, now(&world)), Ok(named(4)));
    // Made up under the truth as well: it does not matter on which side.
    let expected = named(3);
    made_up(&mut truth.commit.votes[3]);
    let evidence = pair(shown(&world, &block), truth);
    assert_eq!(accused(&trusted, &evidence, now(&world)), Ok(expected));
}

#[test]
fn t19_nobody_is_accused_of_what_an_honest_validator_may_do() {
    let world = world();
    let trusted = started(&world);
    let truth = update(&world, 110, START);
    // Another round: who voted for both may have been released from its first vote.
    let later = Block::sign(rival(&world, 110).header, world.set_at(110).clone(), 1, |_| {
        Ballot::Block
    });
    let evidence = pair(truth.clone(), shown(&world, &later));
    assert!(is_frozen_by(&trusted, &evidence, now(&world)));
    assert_eq!(accused(&trusted, &evidence, now(&world)), Ok(Vec::new()));
    // Time that stands still: votes do not tell whose fault it is.
    let still = altered(&world, 112, |header| header.time = Some(world.time_at(110)));
    let evidence = pair(truth.clone(), shown(&world, &still));
    assert!(is_frozen_by(&trusted, &evidence, now(&world)));
    assert_eq!(accused(&trusted, &evidence, now(&world)), Ok(Vec::new()));
    // And evidence of nothing accuses nobody.
    let nothing = pair(truth.clone(), truth);
    assert_eq!(
        accused(&trusted, &nothing, now(&world)),
        Err(Reject::NotMisbehaviour)
    );
}

#[test]
fn a_lying_quarter_is_named_and_the_honest_are_not() {
    // Different sets sign the two blocks; only one validator is in both.
    let world = world();
    let trusted = started(&world);
    let lying = world.set_at(110).members[0].clone();
    let mut members = Validators::new(Kind::Ed25519, 7, &[5, 5]).members;
    members.push(lying.clone());
    let other = world.clone().with_set(110, Validators::of(members));
    let lie = other
        .block_at(110)
        .ibc_header(world.height(START), world.set_at(START + 1));
    let evidence = pair(update(&world, 110, START), read(&lie));
    assert!(is_frozen_by(&trusted, &evidence, now(&world)));
    let named = accused(&trusted, &evidence, now(&world)).unwrap();
    assert_eq!(named.len(), 1);
    assert_eq!(named[0].validator.to_vec(), lying.secret.address());
    assert_eq!(named[0].power, 40);
}

#[test]
fn evidence_is_read_as_ibc_go_writes_it() {
    let world = world();
    let header = |block: &Block| Some(world.show(block, START));
    let message = ibc::Misbehaviour {
        client_id: String::new(),
        header_1: header(&rival(&world, 112)),
        header_2: header(&world.block_at(110)),
    };
    let bytes = message.encode_to_vec();
    let evidence = decode_evidence(&bytes).unwrap();
    assert_eq!(encode_evidence(&evidence), bytes);
    let turned = pair((*evidence.second).clone(), (*evidence.first).clone());
    assert_eq!(encode_evidence(&turned), bytes, "the higher header comes first");
    let named = ibc::Misbehaviour {
        client_id: "07-tendermint-0".into(),
        ..message.clone()
    };
    let part = "the first header";
    let expected = Err(Reject::Malformed { part });
    assert_eq!(decode_evidence(&named.encode_to_vec()), expected);
    let alone = ibc::Misbehaviour {
        header_2: None,
        ..message
    };
    assert!(decode_evidence(&alone.encode_to_vec()).is_err());
}
