//! One broken rule each, from the one good update: what is refused, and with which two values.

use prost::Message;
use tendermint_client::codec::{LENGTH_MAX, decode_update};
use tendermint_client::testing::{Timestamp, raw};
use tendermint_client::{
    Config, Evidence, Reject, Time, Trusted, Update, VALIDATORS_MAX, Vote, check_misbehaviour,
};
use wire::{Height, Seconds};

use crate::fixture::*;

/// The block of height 110, for a client that trusts the one of 100.
pub(crate) fn good() -> Update {
    update(&world(), 110, START)
}

/// Why the good update is refused after `change`.
pub(crate) fn broken(change: impl FnOnce(&mut Update)) -> Reject {
    let world = world();
    let mut update = good();
    change(&mut update);
    refused(&started(&world), &update, now(&world))
}

/// Why block 110 is refused when it has another header, signed by all.
fn altered_is_refused(alter: impl FnOnce(&mut raw::Header)) -> Reject {
    let world = world();
    let block = altered(&world, 110, alter);
    refused(&started(&world), &read(&world.show(&block, START)), now(&world))
}

#[test]
fn the_good_update_is_accepted() {
    let world = world();
    advanced(&started(&world), &good(), now(&world));
}

#[test]
fn rejects_too_long() {
    let expected = Reject::TooLong {
        length: LENGTH_MAX + 1,
        limit: LENGTH_MAX,
    };
    assert_eq!(decode_update(&vec![0; LENGTH_MAX + 1]), Err(expected));
    assert!(matches!(
        decode_update(&vec![0; LENGTH_MAX]),
        Err(Reject::Malformed { .. })
    ));
}

#[test]
fn rejects_malformed() {
    let world = world();
    let bytes = world.show(&world.block_at(110), START).encode_to_vec();
    let part = "the message";
    assert_eq!(
        decode_update(&[&bytes[..], &[0]].concat()),
        Err(Reject::Malformed { part })
    );
    assert!(decode_update(&bytes[..bytes.len() - 1]).is_err());
}

#[test]
fn rejects_too_many_validators() {
    let limit = VALIDATORS_MAX;
    let one = good().trusted_validators.validators[0].clone();
    let refused = broken(|update| update.trusted_validators.validators = vec![one; VALIDATORS_MAX + 1]);
    assert_eq!(refused, Reject::TooManyValidators { limit });
}

#[test]
fn rejects_key_kind() {
    let world = world();
    let mut message = world.show(&world.block_at(110), START);
    let bytes = message.encode_to_vec();
    // The key of a validator: field 2 with field 1 in it, 32 bytes. As field 3 it would be of BLS.
    let key = message.validator_set.take().unwrap().validators[1]
        .pub_key
        .clone()
        .unwrap();
    let key = key.encode_to_vec();
    let at = bytes.windows(key.len()).position(|window| window == key).unwrap();
    for (tag, kind) in [(3, "bls12_381"), (4, "unknown")] {
        let mut bytes = bytes.clone();
        bytes[at] = tag << 3 | 2;
        assert_eq!(decode_update(&bytes), Err(Reject::KeyKind { kind }));
    }
}

#[test]
fn rejects_frozen() {
    let world = world();
    let trusted = started(&world);
    let newest = *trusted.newest();
    let frozen = Trusted::from_parts(config(), newest, [], true).unwrap();
    assert_eq!(refused(&frozen, &good(), now(&world)), Reject::Frozen);
}

#[test]
fn rejects_expired() {
    let world = world();
    let trusted = started(&world);
    let until = Seconds(u64::try_from(world.time_at(START).seconds).unwrap() + 7 * 86_400);
    assert_eq!(trusted.expiry(), until);
    // One second before, at, and after the edge.
    advanced(&trusted, &good(), Seconds(until.0 - 1));
    for now in [until, Seconds(until.0 + 1)] {
        assert_eq!(refused(&trusted, &good(), now), Reject::Expired { until, now });
    }
}

#[test]
fn rejects_block_version() {
    for found in [0, 10, 12] {
        let refused = altered_is_refused(|header| header.version.as_mut().unwrap().block = found);
        assert_eq!(refused, Reject::BlockVersion { known: 11, found });
    }
}

#[test]
fn rejects_bad_app_hash() {
    for bytes in [vec![], vec![1; 31], vec![1; 33], vec![0; 32]] {
        let length = bytes.len();
        assert_eq!(
            altered_is_refused(|header| header.app_hash = bytes),
            Reject::BadAppHash { length }
        );
    }
}

#[test]
fn rejects_unknown_height() {
    let unknown = [(3, 99), (3, 101), (3, 0), (2, 100), (0, 100), (3, 100 + 64)];
    for (revision_number, revision_height) in unknown {
        let height = Height {
            revision_number,
            revision_height,
        };
        assert_eq!(
            broken(|update| update.trusted_height = height),
            Reject::UnknownHeight { height }
        );
    }
}

#[test]
fn rejects_older_than_ring() {
    let world = world();
    let narrow = Config {
        capacity: 8,
        ..config()
    };
    let trusted = advanced(
        &started_with(&world, narrow),
        &update(&world, 119, START),
        now(&world),
    );
    // 119 - 8 = 111 is out of reach; 112 is not.
    let expected = Reject::OlderThanRing {
        height: 111,
        newest: 119,
    };
    assert_eq!(
        refused(&trusted, &update(&world, 111, START), now(&world)),
        expected
    );
    advanced(&trusted, &update(&world, 112, START), now(&world));
    // It is the last rule of all: who did not sign it is told that.
    let mut bogus = update(&world, 111, START);
    let Vote::Block(signed) = &mut bogus.commit.votes[0] else {
        panic!("all vote for the block");
    };
    signed.signature[0] ^= 1;
    let validator = signed.validator;
    let expected = Reject::BadSignature { validator };
    assert_eq!(refused(&trusted, &bogus, now(&world)), expected);
}

#[test]
fn rejects_no_validators() {
    assert_eq!(
        broken(|update| update.validators.validators.clear()),
        Reject::NoValidators
    );
    assert_eq!(
        broken(|update| update.trusted_validators.validators.clear()),
        Reject::NoValidators
    );
}

#[test]
fn rejects_vote_count() {
    let expected = |votes| Reject::VoteCount { votes, validators: 4 };
    assert_eq!(broken(|update| update.commit.votes.truncate(3)), expected(3));
    let twice = |update: &mut Update| update.commit.votes.push(update.commit.votes[0].clone());
    assert_eq!(broken(twice), expected(5));
}

#[test]
fn rejects_chain_mismatch() {
    for other in ["weigh-4", "weigh", "weigh-33", "weigh-03"] {
        let expected = Reject::ChainMismatch {
            expected: "weigh-3".into(),
            found: other.into(),
        };
        assert_eq!(
            altered_is_refused(|header| header.chain_id = other.into()),
            expected
        );
    }
}

#[test]
fn rejects_anchor_expired() {
    let world = world();
    let trusted = advanced(&started(&world), &update(&world, 119, START), now(&world));
    let until = Seconds(u64::try_from(world.time_at(START).seconds).unwrap() + 7 * 86_400);
    // The client lives on by block 119; block 100 is nothing to build on any more.
    advanced(&trusted, &good(), Seconds(until.0 - 1));
    for now in [until, Seconds(until.0 + 1)] {
        let height = 100;
        assert_eq!(
            refused(&trusted, &good(), now),
            Reject::AnchorExpired { height, until, now }
        );
    }
}

#[test]
fn rejects_height_order() {
    let world = world();
    let trusted = advanced(&started(&world), &update(&world, 119, START), now(&world));
    for at in [110, 119] {
        let expected = Reject::HeightOrder {
            trusted: 119,
            height: u64::try_from(at).unwrap(),
        };
        assert_eq!(refused(&trusted, &update(&world, at, 119), now(&world)), expected);
    }
}

#[test]
fn rejects_time_order() {
    let began = world().time_at(START);
    for earlier in [0, 1] {
        let time = Timestamp {
            seconds: began.seconds,
            nanos: began.nanos - earlier,
        };
        let read = |time: Timestamp| Time {
            seconds: time.seconds,
            nanos: u32::try_from(time.nanos).unwrap(),
        };
        let expected = Reject::TimeOrder {
            trusted: read(began),
            time: read(time),
        };
        assert_eq!(altered_is_refused(|header| header.time = Some(time)), expected);
    }
}

#[test]
fn rejects_from_the_future() {
    let world = world();
    let trusted = started(&world);
    let made = world.time_at(110);
    let drift = Seconds(10);
    // The block is of .25 s after `made`: with the clock 10 s behind it is too early, 9 s behind it is not.
    let now = Seconds(u64::try_from(made.seconds).unwrap() - 10);
    let time = Time {
        seconds: made.seconds,
        nanos: 250_000_000,
    };
    assert_eq!(
        refused(&trusted, &good(), now),
        Reject::FromTheFuture { time, now, drift }
    );
    advanced(&trusted, &good(), Seconds(now.0 + 1));
}

#[test]
fn rejects_not_misbehaviour() {
    let world = world();
    let evidence = |first: i64, second: i64| Evidence {
        first: Box::new(update(&world, first, START)),
        second: Box::new(update(&world, second, START)),
    };
    for (first, second) in [(110, 110), (110, 111), (111, 110)] {
        let judged = check_misbehaviour(&started(&world), &evidence(first, second), now(&world));
        assert_eq!(judged, Err(Reject::NotMisbehaviour));
    }
}
