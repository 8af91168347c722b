//! What an honest chain says moves a client forward.

use alloy_primitives::B256;
use client::{Advance, Status};
use tendermint_client::testing::{Ballot, Block, Kind, Member, Secret, Validators, World};
use tendermint_client::{Config, TrustLevel, status, verify_update};
use wire::Seconds;

use crate::fixture::*;

#[test]
fn the_next_header_is_learned() {
    for kind in [Kind::Ed25519, Kind::Secp256k1] {
        let world = world_of(kind);
        let header = world.header_at(START + 1);
        let learned = advanced(&started(&world), &update(&world, START + 1, START), now(&world));
        let newest = learned.newest();
        assert_eq!(newest.height, 101);
        assert_eq!(newest.time.seconds, world.time_at(101).seconds);
        assert_eq!(newest.time.nanos, 250_000_000);
        assert_eq!(newest.app_hash, word(&header.app_hash));
        assert_eq!(newest.next_validators_hash, word(&header.next_validators_hash));
        assert_eq!(newest.learned_at, now(&world));
        assert_eq!(status(&learned, now(&world)), Status::Active);
    }
}

#[test]
fn a_set_of_both_kinds_of_keys_signs() {
    let members = (0..6).map(|number| Member {
        secret: Secret::new([Kind::Ed25519, Kind::Secp256k1][number as usize % 2], 4, number),
        power: 10,
    });
    let world = World::new("weigh-3", 3, Validators::of(members.collect()));
    advanced(&started(&world), &update(&world, 130, START), now(&world));
}

#[test]
fn headers_are_skipped_as_long_as_enough_trusted_power_signs() {
    let world = world();
    let trusted = started(&world);
    let after = advanced(&trusted, &update(&world, 119, START), now(&world));
    let after = advanced(&after, &update(&world, 130, START), now(&world));
    assert_eq!(after.newest().height, 130);
    // The last block of the second set names the strangers; the one after it is theirs.
    let after = advanced(&after, &update(&world, 139, 130), now(&world));
    let after = advanced(&after, &update(&world, 140, 139), now(&world));
    assert_eq!(after.newest().height, 140);
}

#[test]
fn an_older_header_fills_a_gap() {
    let world = world();
    let after = advanced(&started(&world), &update(&world, 130, START), now(&world));
    let after = advanced(&after, &update(&world, 110, START), now(&world));
    assert_eq!(after.newest().height, 130);
    assert_eq!(after.state_at(height(&world, 110)).unwrap().height, 110);
}

#[test]
fn what_is_known_is_no_news_and_stays_as_old_as_it_is() {
    let world = world();
    let after = advanced(&started(&world), &update(&world, 110, START), now(&world));
    let again = verify_update(&after, &update(&world, 110, START), Seconds(now(&world).0 + 60)).unwrap();
    assert_eq!(again, Advance::NoOp);
}

#[test]
fn nil_and_absent_votes_count_nothing_and_hurt_nobody() {
    let world = world();
    let trusted = started(&world);
    // 40 + 30 of 100 signed; the others voted for nothing, or not at all.
    for idle in [Ballot::Nil, Ballot::Absent] {
        let block = voted(&world, 110, |place| if place < 2 { Ballot::Block } else { idle });
        advanced(&trusted, &read(&world.show(&block, START)), now(&world));
    }
}

#[test]
fn a_later_round_signs_too() {
    let world = world();
    let block = Block::sign(world.header_at(110), world.set_at(110).clone(), 3, |_| {
        Ballot::Block
    });
    advanced(&started(&world), &read(&world.show(&block, START)), now(&world));
}

#[test]
fn two_blocks_of_one_second_are_in_order() {
    let mut world = world();
    world.rhythm = 1;
    let trusted = started(&world);
    let now = now(&world);
    let after = advanced(&trusted, &update(&world, 101, START), now);
    let second = altered(&world, 102, |header| {
        let time = world.time_at(101);
        header.time = Some(tendermint_client::testing::Timestamp {
            seconds: time.seconds,
            nanos: time.nanos + 1,
        });
    });
    let after = advanced(&after, &read(&world.show(&second, 101)), now);
    assert_eq!(
        after.newest().time.rounded_down(),
        after.state_at(height(&world, 101)).unwrap().time.rounded_down()
    );
}

#[test]
fn a_higher_trust_level_asks_for_more() {
    let world = world();
    let config = Config {
        trust_level: TrustLevel {
            numerator: 2,
            denominator: 3,
        },
        ..config()
    };
    // 70 of the first set's 100 signed block 130: more than two thirds.
    advanced(
        &started_with(&world, config),
        &update(&world, 130, START),
        now(&world),
    );
}

#[test]
fn the_largest_set_and_the_largest_power_are_within_bounds() {
    let powers = vec![1; tendermint_client::VALIDATORS_MAX];
    let world = world_with(Kind::Ed25519, &powers);
    advanced(&started(&world), &update(&world, 101, START), now(&world));

    let eighth = i64::MAX / 8;
    let world = world_with(Kind::Ed25519, &[eighth / 2, eighth - eighth / 2]);
    let learned = advanced(&started(&world), &update(&world, 130, START), now(&world));
    assert_ne!(learned.newest().app_hash, B256::ZERO);
}
