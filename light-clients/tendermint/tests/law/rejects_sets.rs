//! One broken rule each among sets, votes and signatures: what is refused, and with which two values.

use alloy_primitives::{Address, B256};
use tendermint_client::testing::{Ballot, Kind, Member, Secret, Validators, World};
use tendermint_client::{Config, POWER_MAX, Reject, Signed, TrustLevel, Update, ValidatorSet, Vote};

use crate::fixture::*;
use crate::rejects::{broken, good};

#[test]
fn rejects_commit_height() {
    let expected = Reject::CommitHeight {
        header: 110,
        commit: 111,
    };
    assert_eq!(broken(|update| update.commit.height = 111), expected);
}

#[test]
fn rejects_commit_block() {
    let header = good().header.hash();
    let other = B256::repeat_byte(7);
    for commit in [Some(other), None] {
        assert_eq!(
            broken(|update| update.commit.block_id.hash = commit),
            Reject::CommitBlock { header, commit }
        );
    }
    let stranger = broken(|update| update.header.proposer = Address::repeat_byte(7));
    assert!(matches!(stranger, Reject::CommitBlock { .. }));
}

#[test]
fn rejects_duplicate_validator() {
    let twice = |set: &mut ValidatorSet| {
        set.validators[3] = set.validators[1].clone();
        set.validators[1].address
    };
    let mut address = Address::ZERO;
    let refused = broken(|update| address = twice(&mut update.validators));
    assert_eq!(refused, Reject::DuplicateValidator { address });
    let refused = broken(|update| address = twice(&mut update.trusted_validators));
    assert_eq!(refused, Reject::DuplicateValidator { address });
}

#[test]
fn rejects_address_mismatch() {
    let stated = Address::repeat_byte(7);
    let found = good().validators.validators[2].address;
    let refused = broken(|update| update.validators.validators[2].address = stated);
    assert_eq!(refused, Reject::AddressMismatch { stated, found });
    let refused = broken(|update| update.trusted_validators.validators[2].address = stated);
    assert_eq!(refused, Reject::AddressMismatch { stated, found });
}

#[test]
fn rejects_power_overflow() {
    let limit = POWER_MAX;
    let refused = broken(|update| update.validators.validators[0].power = POWER_MAX - 59);
    let total = u128::from(POWER_MAX) + 1;
    assert_eq!(refused, Reject::PowerOverflow { total, limit });
    let refused = broken(|update| {
        for validator in &mut update.trusted_validators.validators {
            validator.power = u64::MAX;
        }
    });
    let total = 4 * u128::from(u64::MAX);
    assert_eq!(refused, Reject::PowerOverflow { total, limit });
}

#[test]
fn rejects_validators_hash() {
    let mut update = good();
    let stated = update.validators.hash();
    update.validators.validators[0].power += 1;
    let found = update.validators.hash();
    let refused = broken(|good| good.validators = update.validators);
    assert_eq!(refused, Reject::ValidatorsHash { stated, found });
    // The same validators in another order are another set.
    let refused = broken(|update| update.validators.validators.swap(0, 1));
    assert!(matches!(refused, Reject::ValidatorsHash { .. }));
}

#[test]
fn rejects_trusted_validators_hash() {
    let mut update = good();
    let trusted = update.trusted_validators.hash();
    update.trusted_validators.validators.pop();
    let found = update.trusted_validators.hash();
    let refused = broken(|good| good.trusted_validators = update.trusted_validators);
    assert_eq!(refused, Reject::TrustedValidatorsHash { trusted, found });
}

#[test]
fn rejects_vote_address() {
    let validators = good().validators.validators;
    let (expected, found) = (validators[0].address, validators[1].address);
    let refused = broken(|update| update.commit.votes.swap(0, 1));
    assert_eq!(refused, Reject::VoteAddress { expected, found });
    let twice = |update: &mut Update| update.commit.votes[3] = update.commit.votes[0].clone();
    let (expected, found) = (validators[3].address, validators[0].address);
    assert_eq!(broken(twice), Reject::VoteAddress { expected, found });
}

#[test]
fn rejects_next_validators() {
    let world = world();
    // Block 101 signed by strangers of whom the client knows nothing, and by the first set with another power.
    let mut stronger = first_set(Kind::Ed25519);
    stronger.members[0].power += 1;
    for set in [second_set(Kind::Ed25519), stronger] {
        let other = world.clone().with_set(START + 1, set);
        let trusted = word(&world.set_at(START + 1).hash());
        let found = word(&other.set_at(START + 1).hash());
        let shown = other
            .block_at(START + 1)
            .ibc_header(world.height(START), world.set_at(START + 1));
        let refused = refused(&started(&world), &read(&shown), now(&world));
        assert_eq!(refused, Reject::NextValidators { trusted, found });
    }
}

#[test]
fn rejects_not_enough_overlap() {
    let world = world();
    let trusted = started(&world);
    // Block 130 is signed by the two strongest of the first set and by two newcomers.
    let level = TrustLevel::ONE_THIRD;
    let block = |places| voted(&world, 130, only(places));
    let refuse = |block| refused(&trusted, &read(&world.show(&block, START)), now(&world));
    let set: Vec<i64> = world
        .set_at(130)
        .members
        .iter()
        .map(|member| member.power)
        .collect();
    assert_eq!(set, [40, 30, 25, 15]);
    let expected = |signed| Reject::NotEnoughOverlap {
        signed,
        total: 100,
        level,
    };
    assert_eq!(refuse(block(&[1, 2, 3])), expected(30));
    assert_eq!(refuse(block(&[2, 3])), expected(0));
    // Strangers know nobody.
    let strangers = read(&world.show(&world.block_at(150), START));
    assert_eq!(refused(&trusted, &strangers, now(&world)), expected(0));
}

#[test]
fn overlap_is_more_than_the_trust_level_and_not_less() {
    let world = world();
    let trusted = |numerator, denominator| {
        let trust_level = TrustLevel {
            numerator,
            denominator,
        };
        started_with(
            &world,
            Config {
                trust_level,
                ..config()
            },
        )
    };
    // 40 of 100 trusted power signs, and 80 of the 110 of the block's own set.
    let block = voted(&world, 130, only(&[0, 2, 3]));
    let update = read(&world.show(&block, START));
    advanced(&trusted(39, 100), &update, now(&world));
    for numerator in [40, 41] {
        let level = TrustLevel {
            numerator,
            denominator: 100,
        };
        let expected = Reject::NotEnoughOverlap {
            signed: 40,
            total: 100,
            level,
        };
        assert_eq!(refused(&trusted(numerator, 100), &update, now(&world)), expected);
    }
}

#[test]
fn rejects_not_enough_signers() {
    // Two thirds of 90 are 60: not one less, and not exactly that, is enough.
    let world = world_with(Kind::Ed25519, &[30, 29, 16, 15]);
    let trusted = started(&world);
    let refuse = |height, places: &'static [usize]| {
        let block = voted(&world, height, only(places));
        refused(&trusted, &read(&world.show(&block, START)), now(&world))
    };
    for height in [START + 1, START + 10] {
        let expected = |signed| Reject::NotEnoughSigners { signed, total: 90 };
        assert_eq!(refuse(height, &[0, 1]), expected(59));
        assert_eq!(refuse(height, &[1, 2, 3]), expected(60));
        let block = voted(&world, height, only(&[0, 2, 3]));
        advanced(&trusted, &read(&world.show(&block, START)), now(&world));
    }
    let nobody = voted(&world, START + 1, |_| Ballot::Nil);
    let expected = Reject::NotEnoughSigners { signed: 0, total: 90 };
    let shown = read(&world.show(&nobody, START));
    assert_eq!(refused(&trusted, &shown, now(&world)), expected);
}

#[test]
fn rejects_bad_signature() {
    for kind in [Kind::Ed25519, Kind::Secp256k1] {
        let world = world_of(kind);
        let trusted = started(&world);
        let good = update(&world, 110, START);
        let validator = good.validators.validators[1].address;
        let mut changed = Vec::new();
        for part in [0, 31, 32, 63] {
            changed.push(edited(&good, |signed| signed.signature[part] ^= 1));
        }
        changed.push(edited(&good, |signed| signed.time.nanos += 1));
        changed.push(edited(&good, |signed| signed.signature = [0; 64]));
        for update in changed {
            assert_eq!(
                refused(&trusted, &update, now(&world)),
                Reject::BadSignature { validator }
            );
        }
    }
}

/// The update with another vote of its second validator.
fn edited(update: &Update, edit: impl FnOnce(&mut Signed)) -> Update {
    let mut update = update.clone();
    let Vote::Block(signed) = &mut update.commit.votes[1] else {
        panic!("all vote for the block");
    };
    edit(signed);
    update
}

#[test]
fn a_vote_for_another_block_or_chain_or_round_is_no_signature() {
    let world = world();
    let trusted = started(&world);
    let validator = good().validators.validators[0].address;
    let other_block = altered(&world, 110, |header| header.data_hash = vec![1; 32]);
    let mut of_other_block = good();
    of_other_block.commit.votes = read(&world.show(&other_block, START)).commit.votes;
    let mut of_nil = good();
    let nil = voted(&world, 110, |_| Ballot::Nil);
    for (vote, nil) in of_nil
        .commit
        .votes
        .iter_mut()
        .zip(read(&world.show(&nil, START)).commit.votes)
    {
        *vote = Vote::Block(nil.signed().unwrap().clone());
    }
    let mut of_other_round = good();
    of_other_round.commit.round = 1;
    let mut of_other_parts = good();
    of_other_parts.commit.block_id.parts = 2;
    for update in [of_other_block, of_nil, of_other_round, of_other_parts] {
        assert_eq!(
            refused(&trusted, &update, now(&world)),
            Reject::BadSignature { validator }
        );
    }
}

#[test]
fn a_set_without_power_signs_nothing() {
    let set = Validators::of(vec![Member {
        secret: Secret::new(Kind::Ed25519, 1, 0),
        power: 0,
    }]);
    let world = World::new("weigh-3", 3, set);
    let expected = Reject::NotEnoughSigners { signed: 0, total: 0 };
    let shown = update(&world, START + 1, START);
    assert_eq!(refused(&started(&world), &shown, now(&world)), expected);
}
