//! Mutants of valid messages: each is refused, or teaches nothing else than the original; and the other verifier accepts
//! whatever the law accepts.

#[path = "../../../vectors/changes.rs"]
mod changes;

use client::Advance;
use proptest::prelude::*;
use prost::Message;
use tendermint_client::codec::decode_update;
use tendermint_client::testing::{Ballot, Block, Kind, World};
use tendermint_client::{Reject, Trusted, verify_update};
use wire::Seconds;

use crate::fixture::*;
use crate::judge::{self, Verdict};
use changes::change;

/// A block with votes of all kinds, shown to a client that trusts block 100.
fn original(world: &World, height: i64, ballots: [bool; 2]) -> Block {
    voted(world, height, |place| match place {
        2 if !ballots[0] => Ballot::Nil,
        3 if !ballots[1] => Ballot::Absent,
        _ => Ballot::Block,
    })
}

fn judged(trusted: &Trusted, bytes: &[u8], now: Seconds) -> Result<Advance<Trusted>, Reject> {
    verify_update(trusted, &decode_update(bytes)?, now)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutants_of_updates(
        is_secp in any::<bool>(), height in 101..120_i64, ballots in any::<[bool; 2]>(),
        changes in prop::collection::vec(change(), 1..4),
    ) {
        let world = world_of(if is_secp { Kind::Secp256k1 } else { Kind::Ed25519 });
        let (trusted, now) = (started(&world), now(&world));
        let bytes = world.show(&original(&world, height, ballots), START).encode_to_vec();
        let expected = judged(&trusted, &bytes, now);
        prop_assert!(matches!(expected, Ok(Advance::Updated(_))), "the original counts: {expected:?}");
        let mut mutant = bytes.clone();
        for change in &changes {
            if !mutant.is_empty() {
                change.apply(&mut mutant);
            }
        }
        let verdict = judged(&trusted, &mutant, now);
        prop_assert!(verdict.is_err() || verdict == expected, "{verdict:?}");
        if verdict.is_ok() && !is_secp {
            let theirs = judge::theirs(&config(), &judge::anchor(&world, START), &mutant, now);
            prop_assert_eq!(theirs, Verdict::Accepted);
        }
    }
}

#[test]
fn every_bit_of_an_update_counts_or_decides_nothing() {
    let world = world();
    let (trusted, now) = (started(&world), now(&world));
    let bytes = world
        .show(&original(&world, 110, [true, true]), START)
        .encode_to_vec();
    let expected = judged(&trusted, &bytes, now);
    let original = decode_update(&bytes).unwrap();
    let mut idle = 0;
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut mutant = bytes.clone();
            mutant[at] ^= 1 << bit;
            let verdict = judged(&trusted, &mutant, now);
            if verdict.is_err() {
                continue;
            }
            assert_eq!(verdict, expected, "byte {at}, bit {bit}");
            // What may differ: who proposes; time and signature of the last two votes, which are not needed; and whether one of
            // the last three was for the block at all, because the others suffice.
            let mut same = decode_update(&mutant).unwrap();
            same.validators.proposer = original.validators.proposer;
            same.trusted_validators.proposer = original.trusted_validators.proposer;
            assert_eq!(same.commit.votes[1].signed(), original.commit.votes[1].signed());
            for place in 1..4 {
                same.commit.votes[place] = original.commit.votes[place].clone();
            }
            assert!(same == original, "byte {at}, bit {bit}: {mutant:02x?}");
            idle += 1;
        }
    }
    // 64 bytes of signature and the time's bytes of two votes, and three flags; no more than that is open.
    assert!(idle < 2 * 8 * (64 + 11) + 3, "{idle} bits decide nothing");
}
