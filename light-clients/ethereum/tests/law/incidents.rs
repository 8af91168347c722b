//! Past failures of light clients, by their number in the list of incidents.

use client::Advance;
use ethereum::codec::{decode_bootstrap, decode_evidence, decode_update, encode_bootstrap, encode_update};
use ethereum::testing::{Draft, Router};
use ethereum::{Bls, Blst, Config, Header, Network, Period, Reject, Slot, Update, start, verify_update};
use wire::Seconds;

use crate::fixture::*;

#[test]
fn t21_sync_bits_of_another_length_than_the_committee() {
    let world = world();
    let trusted = started(&world);
    for length in [0, 1, 3, 5, 64] {
        let update = Update {
            signers: vec![0xff; length],
            ..world.update(&draft())
        };
        let part = "the sync bits";
        assert_eq!(refusal(&world, &trusted, &update), Reject::Malformed { part });
    }
    // The full object too: bits for 64 seats of a committee of 32.
    let mut spec = world.spec_update(&draft());
    spec.sync_aggregate.sync_committee_bits = vec![0xff; 8].into();
    let committee = world.keys(Period(4)).committee().clone();
    let nodes: [&[u8]; 0] = [];
    let compact = ethereum::spec::compact_update(&Blst, &world.network, &spec, &committee, &nodes);
    assert_eq!(
        compact,
        Err(Reject::Malformed {
            part: "the sync bits"
        })
    );
}

#[test]
fn t22_a_header_of_a_slot_beyond_all_time_stalls_nothing() {
    let world = world();
    let trusted = started(&world);
    let mut far = world.update(&draft());
    for slot in [1 << 62, u64::MAX] {
        far.signature_slot = Slot(slot);
        let now = world.time(START + 5 * EPOCH);
        let refused = verify_update(&Blst, &trusted, &far, now);
        assert!(
            matches!(refused, Err(Reject::FromTheFuture { .. })),
            "{refused:?}"
        );
        far.attested.slot = Slot(slot - 1);
        far.finalized.slot = Slot(slot - 1);
        let refused = verify_update(&Blst, &trusted, &far, now);
        assert!(
            matches!(refused, Err(Reject::FromTheFuture { .. })),
            "{refused:?}"
        );
    }
    assert!(
        judge(&world, &trusted, &world.update(&draft())).is_ok(),
        "an honest update still counts"
    );
}

#[test]
fn t23_decoders_refuse_every_prefix_without_panic() {
    let world = world();
    let network = &world.network;
    let update = encode_update(&Update {
        account_proof: Vec::new(),
        ..world.update(&draft().rotating().without([1, 9]))
    });
    for length in 0..update.len() {
        let refused = decode_update(network, &update[..length]);
        assert!(matches!(refused, Err(Reject::Malformed { .. })), "{length}");
        let refused = decode_evidence(network, &update[..length]);
        assert!(refused.is_err(), "{length}");
    }
    let mut bootstrap = bootstrap(&world);
    bootstrap.account_proof.clear();
    let bootstrap = encode_bootstrap(&bootstrap);
    for length in 0..bootstrap.len() {
        let refused = decode_bootstrap(network, &bootstrap[..length]);
        assert!(matches!(refused, Err(Reject::Malformed { .. })), "{length}");
    }
}

/// The fork version is that of the slot before the signature's.
#[test]
fn t26_first_slot_of_a_fork() {
    let world = world();
    let trusted = advanced(
        &world,
        &started_at(&world, 40),
        &world.update(&Draft::new(48, 60).rotating()),
    );
    let boundary = world.update(&Draft::new(PERIOD - 8, PERIOD - 1));
    assert_eq!(
        boundary.signature_slot,
        Slot(PERIOD),
        "signed in Electra's first slot"
    );
    assert!(judge(&world, &trusted, &boundary).is_ok());
    for (attested, wrong) in [(PERIOD - 1, [5, 0, 0, 1]), (PERIOD, [4, 0, 0, 1])] {
        let mut update = world.update(&Draft::new(PERIOD - 8, attested));
        let keys = world.keys(Period(1));
        let root = world.network.genesis_validators_root();
        let signed = ethereum::checks::signing_root_with(wrong, root, update.attested.root());
        update.signature = Blst
            .decompress_signature(&keys.sign(&update.signers, signed).0)
            .unwrap();
        let refused = refusal(&world, &trusted, &update);
        assert!(matches!(refused, Reject::BadSignature { .. }), "{refused}");
    }
}

#[test]
fn t27_a_skipped_period_is_refused_and_recovered_from() {
    let world = world();
    let trusted = started(&world);
    let far = world.update(&Draft::new(START + 2 * PERIOD, START + 2 * PERIOD + EPOCH));
    assert_eq!(
        refusal(&world, &trusted, &far),
        Reject::UnknownCommittee { period: Period(6) }
    );
    // The updates of the periods between bring it there.
    let one = world.update(&draft().rotating());
    let other = world.update(&Draft::new(START + PERIOD, START + PERIOD + EPOCH).rotating());
    let trusted = advanced(&world, &advanced(&world, &trusted, &one), &other);
    assert!(matches!(judge(&world, &trusted, &far), Ok(Advance::Updated(_))));
}

#[test]
fn t28_the_account_of_another_contract() {
    let world = world();
    let config = Config {
        router: alloy_primitives::Address::repeat_byte(7),
        ..world.config()
    };
    let refused = start(&Blst, config.clone(), &bootstrap(&world), world.time(START));
    assert!(
        matches!(
            refused,
            Err(Reject::AccountProof { .. } | Reject::AccountAbsent { .. })
        ),
        "{refused:?}"
    );
    // Its own proof shows that it does not exist, which is never "everything is absent".
    let mut own = bootstrap(&world);
    own.account_proof = world.account_proof_of(config.router).bytes();
    let refused = start(&Blst, config, &own, world.time(START));
    assert!(
        matches!(refused, Err(Reject::AccountAbsent { .. })),
        "{refused:?}"
    );
}

#[test]
fn t33_nothing_that_is_zero_is_trusted() {
    let world = world();
    let trusted = started(&world);
    let zero = Update {
        attested: Header::default(),
        finalized: Header::default(),
        ..world.update(&draft())
    };
    assert!(judge(&world, &trusted, &zero).is_err());
    let empty = world.changed(|world| world.router = Router::Empty);
    let refused = start(&Blst, empty.config(), &bootstrap(&empty), world.time(START));
    assert!(
        matches!(refused, Err(Reject::EmptyStorageRoot { .. })),
        "{refused:?}"
    );
    let times = world.network.times();
    let forks = world.network.forks().clone();
    assert!(
        Network::custom(times, Default::default(), 512, forks).is_err(),
        "a zero validators root"
    );
    // Slot 0 has a state of no client.
    assert_eq!(trusted.state_at(Slot(0)), None);
}

/// A client is what its configuration and its bootstrap are: the same messages mean nothing to another one.
#[test]
fn t41_updates_of_one_route_do_not_move_another() {
    let world = world();
    let update = world.update(&draft());
    let trusted = started(&world);
    let squatter = world.changed(|world| world.committee_salt = 9);
    let foreign = started(&squatter);
    assert!(matches!(
        refusal(&world, &foreign, &update),
        Reject::WrongCommittee { .. }
    ));
    let other_router = Config {
        router: alloy_primitives::Address::repeat_byte(1),
        ..world.config()
    };
    let own_state = trusted.states().copied();
    let other = ethereum::Trusted::from_parts(
        other_router,
        trusted.newest,
        own_state,
        trusted.committees().copied(),
        false,
    )
    .unwrap();
    let refused = refusal(&world, &other, &update);
    assert!(
        matches!(
            refused,
            Reject::AccountProof { .. } | Reject::AccountAbsent { .. }
        ),
        "{refused}"
    );
}

/// One bit of every byte of an update is flipped: nothing else is ever learned from it than from the honest one.
///
/// The signature slot is not signed, it only chooses committee and fork: a change of it may leave the verdict as it is.
#[test]
fn t45_every_byte_counts() {
    let world = world();
    let trusted = started(&world);
    let honest = world.update(&draft().rotating().without([3, 17]));
    let bytes = encode_update(&honest);
    let now = Seconds(world.time(START + 7 * EPOCH).0);
    let expected = verify_update(&Blst, &trusted, &honest, now);
    let mut refused = 0;
    for at in 0..bytes.len() {
        let mut mutant = bytes.clone();
        mutant[at] ^= 1 << (at % 8);
        let verdict = decode_update(&world.network, &mutant)
            .and_then(|update| verify_update(&Blst, &trusted, &update, now));
        if (2..10).contains(&at) {
            assert!(verdict.is_err() || verdict == expected, "byte {at}");
        } else {
            assert!(verdict.is_err(), "byte {at}");
        }
        refused += usize::from(verdict.is_err());
    }
    assert!(refused >= bytes.len() - 8);
}
