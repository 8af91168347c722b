//! Bytes: ours are those of ibc-go, and nothing else is read.

use prost::Message;
use tendermint_client::codec::{decode_update, encode_update};
use tendermint_client::testing::{Ballot, Kind, Timestamp, ibc, raw};
use tendermint_client::{Reject, Time, Vote};

use crate::fixture::*;

fn message() -> ibc::Header {
    let world = world();
    let block = voted(&world, 130, |place| {
        [Ballot::Block, Ballot::Nil, Ballot::Absent, Ballot::Block][place]
    });
    world.show(&block, START)
}

/// Why a message is refused after `change`; it must be for its form.
fn malformed(change: impl FnOnce(&mut ibc::Header)) -> &'static str {
    let mut message = message();
    change(&mut message);
    match decode_update(&message.encode_to_vec()) {
        Err(Reject::Malformed { part }) => part,
        other => panic!("not refused for its form: {other:?}"),
    }
}

fn header(message: &mut ibc::Header) -> &mut raw::Header {
    message.signed_header.as_mut().unwrap().header.as_mut().unwrap()
}

fn commit(message: &mut ibc::Header) -> &mut raw::Commit {
    message.signed_header.as_mut().unwrap().commit.as_mut().unwrap()
}

#[test]
fn what_is_written_is_what_ibc_go_writes() {
    for kind in [Kind::Ed25519, Kind::Secp256k1] {
        let world = world_of(kind);
        for height in [START + 1, 130, 150] {
            let bytes = world.show(&world.block_at(height), START).encode_to_vec();
            assert_eq!(encode_update(&decode_update(&bytes).unwrap()), bytes);
        }
    }
    let bytes = message().encode_to_vec();
    assert_eq!(encode_update(&decode_update(&bytes).unwrap()), bytes);
}

#[test]
fn every_field_is_read() {
    let mut message = message();
    let update = read(&message);
    let raw_header = header(&mut message).clone();
    let own = &update.header;
    assert_eq!((own.block_version, own.app_version), (11, 1));
    assert_eq!(own.chain_id, raw_header.chain_id);
    assert_eq!(own.height, 130);
    assert_eq!(own.time.seconds, raw_header.time.unwrap().seconds);
    assert_eq!(own.app_hash, raw_header.app_hash);
    assert_eq!(own.proposer.to_vec(), raw_header.proposer_address);
    for (found, expected) in [
        (own.last_commit_hash, raw_header.last_commit_hash),
        (own.data_hash, raw_header.data_hash),
        (Some(own.validators_hash), raw_header.validators_hash),
        (Some(own.next_validators_hash), raw_header.next_validators_hash),
        (own.consensus_hash, raw_header.consensus_hash),
        (own.last_results_hash, raw_header.last_results_hash),
        (own.evidence_hash, raw_header.evidence_hash),
    ] {
        assert_eq!(found.unwrap().to_vec(), expected);
    }
    assert!(matches!(
        update.commit.votes.as_slice(),
        [Vote::Block(_), Vote::Nil(_), Vote::Absent, Vote::Block(_)]
    ));
    assert_eq!(update.trusted_height, height(&world(), START));
    assert_eq!(
        update.validators.proposer,
        Some(update.validators.validators[0].address)
    );
}

#[test]
fn hashes_and_sign_bytes_are_those_of_the_other_implementation() {
    let world = world();
    for at in [START + 1, 119, 130] {
        let block = world.block_at(at);
        let update = read(&world.show(&block, START));
        assert_eq!(update.header.hash().to_vec(), block.hash());
        assert_eq!(update.validators.hash().to_vec(), block.validators.hash());
    }
    for count in 1..40 {
        let world = world_with(Kind::Ed25519, &vec![3; count]);
        assert_eq!(
            update(&world, 101, START).validators.hash().to_vec(),
            world.set_at(101).hash()
        );
    }
}

#[test]
fn heights_are_positive_numbers_of_63_bits() {
    for height in [0, -1, i64::MIN] {
        assert_eq!(malformed(|message| header(message).height = height), "the header");
        assert_eq!(malformed(|message| commit(message).height = height), "the commit");
    }
    assert_eq!(malformed(|message| commit(message).round = -1), "the commit");
}

#[test]
fn times_are_those_of_protobuf_and_of_blocks_not_before_1970() {
    let set = |seconds, nanos| {
        move |message: &mut ibc::Header| header(message).time = Some(Timestamp { seconds, nanos })
    };
    let part = "the block's time";
    assert_eq!(malformed(set(-1, 0)), part);
    assert_eq!(malformed(set(253_402_300_800, 0)), part);
    assert_eq!(malformed(set(1, -1)), part);
    assert_eq!(malformed(set(1, 1_000_000_000)), part);
    assert_eq!(malformed(|message| header(message).time = None), part);
    let vote = |seconds| {
        move |message: &mut ibc::Header| {
            commit(message).signatures[0].timestamp = Some(Timestamp { seconds, nanos: 0 })
        }
    };
    assert_eq!(malformed(vote(-62_135_596_801)), "a vote's time");
    let mut early = message();
    vote(-62_135_596_800)(&mut early);
    let read = read(&early);
    assert_eq!(read.commit.votes[0].signed().unwrap().time, Time::UNSET);
}

#[test]
fn hashes_have_32_bytes_or_none() {
    for length in [1, 20, 31, 33, 64] {
        let hash = vec![7; length];
        assert_eq!(
            malformed(|message| header(message).data_hash = hash.clone()),
            "the header"
        );
        assert_eq!(
            malformed(|message| header(message).validators_hash = hash.clone()),
            "the header"
        );
        let part = malformed(|message| commit(message).block_id.as_mut().unwrap().hash = hash.clone());
        assert_eq!(part, "the block's id");
    }
    assert_eq!(
        malformed(|message| header(message).validators_hash.clear()),
        "the header"
    );
    assert_eq!(
        malformed(|message| header(message).next_validators_hash.clear()),
        "the header"
    );
    assert_eq!(
        malformed(|message| header(message).proposer_address.clear()),
        "the header"
    );
}

#[test]
fn votes_have_one_form_each() {
    let vote = |at: usize, change: fn(&mut raw::CommitSig)| {
        malformed(|message| change(&mut commit(message).signatures[at]))
    };
    for flag in [
        |vote: &mut raw::CommitSig| vote.block_id_flag = 0,
        |vote: &mut raw::CommitSig| {
            vote.block_id_flag = 4;
        },
    ] {
        assert_eq!(vote(0, flag), "a vote");
    }
    assert_eq!(vote(0, |vote| vote.block_id_flag = 1), "an absent vote's time");
    assert_eq!(vote(0, |vote| vote.signature.truncate(63)), "a vote");
    assert_eq!(vote(0, |vote| vote.signature.clear()), "a vote");
    assert_eq!(vote(0, |vote| vote.signature.push(0)), "a vote");
    assert_eq!(vote(0, |vote| vote.validator_address.truncate(19)), "a vote");
    assert_eq!(vote(1, |vote| vote.signature.clear()), "a vote");
    assert_eq!(vote(2, |vote| vote.signature = vec![7; 64]), "a vote");
    assert_eq!(
        vote(2, |vote| vote.validator_address = vec![7; 20]),
        "an absent vote's time"
    );
    assert_eq!(
        vote(2, |vote| vote.timestamp.as_mut().unwrap().nanos = 1),
        "a vote"
    );
    assert_eq!(vote(2, |vote| vote.timestamp = None), "an absent vote's time");
}

#[test]
fn keys_have_their_length_and_there_is_one() {
    use tendermint_proto::v0_38::crypto::{PublicKey, public_key::Sum};
    let key = |sum: Option<Sum>| {
        malformed(|message| {
            message.validator_set.as_mut().unwrap().validators[0].pub_key = Some(PublicKey { sum });
        })
    };
    let part = "a validator's key";
    assert_eq!(key(None), part);
    for length in [0, 31, 33] {
        assert_eq!(key(Some(Sum::Ed25519(vec![7; length]))), part);
    }
    for length in [0, 32, 34, 65] {
        assert_eq!(key(Some(Sum::Secp256k1(vec![7; length]))), part);
    }
}

#[test]
fn nothing_is_left_out_that_ibc_go_always_writes() {
    assert_eq!(
        malformed(|message| message.signed_header = None),
        "the signed header"
    );
    assert_eq!(
        malformed(|message| message.validator_set = None),
        "the validators"
    );
    assert_eq!(
        malformed(|message| message.trusted_height = None),
        "the trusted height"
    );
    assert_eq!(
        malformed(|message| message.trusted_validators = None),
        "the trusted validators"
    );
    assert_eq!(
        malformed(|message| header(message).version = None),
        "the block's version"
    );
    assert_eq!(
        malformed(|message| commit(message).block_id = None),
        "the block's id"
    );
    let parts = |message: &mut ibc::Header| commit(message).block_id.as_mut().unwrap().part_set_header = None;
    assert_eq!(malformed(parts), "the block's parts");
}

#[test]
fn the_first_block_may_have_no_block_before_it() {
    let world = world();
    let none = altered(&world, 101, |header| header.last_block_id = None);
    let written = read(&world.show(&none, START));
    advanced(&started(&world), &written, now(&world));
}

#[test]
fn order_doubles_idle_bytes_and_strangers_are_refused() {
    let good = message();
    let bytes = good.encode_to_vec();
    let height = good.trusted_height.unwrap().encode_to_vec();
    let at = bytes.windows(height.len() + 2).position(|window| {
        window[0] == 0x1a && usize::from(window[1]) == height.len() && window[2..] == height
    });
    let at = at.unwrap();
    let end = at + 2 + height.len();
    let with = |middle: &[u8]| decode_update(&[&bytes[..at], middle, &bytes[end..]].concat());
    assert!(with(&bytes[at..end]).is_ok());
    let field = |inner: &[u8]| [&[0x1a, u8::try_from(inner.len()).unwrap()], inner].concat();
    assert_eq!(field(&height), bytes[at..end]);
    let refused: [Vec<u8>; 9] = [
        // Twice; not at all.
        [&bytes[at..end], &bytes[at..end]].concat(),
        Vec::new(),
        // Out of order; twice inside.
        field(&[0x10, 100, 0x08, 3]),
        field(&[0x08, 3, 0x08, 3, 0x10, 100]),
        // Idle bytes in numbers and lengths.
        field(&[0x08, 0x83, 0x00, 0x10, 100]),
        [&[0x1a, 0x84, 0x00], height.as_slice()].concat(),
        // A zero that is written.
        field(&[0x08, 0, 0x10, 100]),
        // Of another wire type; a stranger.
        field(&[0x09, 3, 0, 0, 0, 0, 0, 0, 0, 0x10, 100]),
        field(&[0x08, 3, 0x10, 100, 0x18, 1]),
    ];
    for middle in refused {
        assert!(
            matches!(with(&middle), Err(Reject::Malformed { .. })),
            "{middle:?}"
        );
    }
    // A number of more than 64 bits.
    let beyond = field(&[
        0x08, 0x83, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02, 0x10, 100,
    ]);
    assert!(with(&beyond).is_err());
}
