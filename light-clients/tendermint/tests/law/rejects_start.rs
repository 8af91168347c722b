//! What no client may begin with.

use alloy_primitives::B256;
use client::Status;
use prost::Message;
use tendermint_client::codec::{decode_bootstrap, encode_bootstrap};
use tendermint_client::{
    Bootstrap, Config, ConfigFault, Reject, Time, TrustLevel, check_trusted_hash, start, status,
};
use wire::{Height, Seconds};

use crate::fixture::*;

/// Why a client is not started with this configuration.
fn config_fault(change: impl FnOnce(&mut Config)) -> ConfigFault {
    let world = world();
    let mut config = config();
    change(&mut config);
    match start(config, &bootstrap(&world, START), after(&world, START)) {
        Err(Reject::BadConfig(fault)) => fault,
        other => panic!("no fault: {other:?}"),
    }
}

/// Why a client is not started from this state.
fn refused(change: impl FnOnce(&mut Bootstrap)) -> Reject {
    let world = world();
    let mut bootstrap = bootstrap(&world, START);
    change(&mut bootstrap);
    start(config(), &bootstrap, after(&world, START)).unwrap_err()
}

#[test]
fn a_client_begins_with_what_it_is_told() {
    let world = world();
    let trusted = started(&world);
    let header = world.header_at(START);
    assert_eq!(trusted.newest().height, 100);
    assert_eq!(trusted.newest().app_hash, word(&header.app_hash));
    assert_eq!(
        trusted.newest().next_validators_hash,
        word(&header.next_validators_hash)
    );
    assert_eq!(status(&trusted, after(&world, START)), Status::Active);
}

#[test]
fn rejects_bad_config() {
    let length = ConfigFault::ChainIdLength { length: 0 };
    assert_eq!(config_fault(|config| config.chain_id.clear()), length);
    let length = ConfigFault::ChainIdLength { length: 51 };
    assert_eq!(config_fault(|config| config.chain_id = "c".repeat(51)), length);
    let beyond = "chain-18446744073709551616";
    assert_eq!(
        config_fault(|config| config.chain_id = beyond.into()),
        ConfigFault::Revision
    );
    for (numerator, denominator) in [(33, 100), (3, 2), (0, 0), (0, 1), (1, 0), (u64::MAX, 1)] {
        let level = TrustLevel {
            numerator,
            denominator,
        };
        assert_eq!(
            config_fault(|config| config.trust_level = level),
            ConfigFault::TrustLevel { level }
        );
    }
    for (trust, unbonding) in [(0, 10), (10, 10), (11, 10)] {
        let (trust, unbonding) = (Seconds(trust), Seconds(unbonding));
        let fault = config_fault(|config| {
            config.trust_period = trust;
            config.unbonding_period = unbonding;
        });
        assert_eq!(fault, ConfigFault::TrustPeriod { trust, unbonding });
    }
    let trust = config().trust_period;
    let fault = config_fault(|config| config.clock_drift = trust);
    assert_eq!(fault, ConfigFault::ClockDrift { drift: trust, trust });
    for length in [0, 65] {
        let fault = config_fault(|config| config.store = vec![b'i'; length]);
        assert_eq!(fault, ConfigFault::Store { length });
    }
    for capacity in [0, 1] {
        let fault = config_fault(|config| config.capacity = capacity);
        assert_eq!(fault, ConfigFault::Capacity { capacity });
    }
}

#[test]
fn sound_trust_levels_are_between_a_third_and_all() {
    for (numerator, denominator) in [(1, 3), (34, 100), (2, 3), (1, 1), (u64::MAX, u64::MAX)] {
        let trust_level = TrustLevel {
            numerator,
            denominator,
        };
        started_with(
            &world(),
            Config {
                trust_level,
                ..config()
            },
        );
    }
}

#[test]
fn the_revision_is_read_as_ibc_go_reads_it() {
    let revision = |chain_id: &str| {
        let chain_id = chain_id.into();
        Config { chain_id, ..config() }.revision()
    };
    for (chain_id, expected) in [
        ("weigh-3", 3),
        ("weigh", 0),
        ("a-b-7", 7),
        ("test-chain-01", 0),
        ("test-0", 0),
        ("-1", 0),
        ("chain-", 0),
        ("chain--1", 0),
        ("chain-1a", 0),
        ("chain-+1", 0),
        ("chain-18446744073709551615", u64::MAX),
    ] {
        assert_eq!(revision(chain_id), expected, "{chain_id}");
    }
}

#[test]
fn rejects_another_revision_and_height_zero() {
    for (revision_number, revision_height) in [(0, 100), (2, 100), (4, 100), (3, 0)] {
        let height = Height {
            revision_number,
            revision_height,
        };
        let refused = refused(|bootstrap| bootstrap.height = height);
        assert_eq!(refused, Reject::UnknownHeight { height });
    }
}

#[test]
fn rejects_a_state_from_the_future() {
    let now = after(&world(), START);
    let time = |ahead: u64| Time {
        seconds: i64::try_from(now.0 + ahead).unwrap(),
        nanos: 0,
    };
    let refused = refused(|bootstrap| bootstrap.time = time(10));
    let drift = Seconds(10);
    let expected = Reject::FromTheFuture {
        time: time(10),
        now,
        drift,
    };
    assert_eq!(refused, expected);
    let early = Bootstrap {
        time: time(9),
        ..bootstrap(&world(), START)
    };
    start(config(), &early, now).unwrap();
}

#[test]
fn rejects_bootstrap_too_old() {
    let world = world();
    let limit = config().trust_period;
    let began = u64::try_from(world.time_at(START).seconds).unwrap();
    let at = |age: u64| start(config(), &bootstrap(&world, START), Seconds(began + age));
    at(limit.0 - 1).unwrap();
    let age = limit;
    assert_eq!(at(limit.0), Err(Reject::BootstrapTooOld { age, limit }));
}

#[test]
fn rejects_a_state_of_nothing() {
    let no_root = refused(|bootstrap| bootstrap.app_hash = B256::ZERO);
    assert_eq!(no_root, Reject::BadAppHash { length: 32 });
}

#[test]
fn rejects_no_next_validators() {
    let nobody = refused(|bootstrap| bootstrap.next_validators_hash = B256::ZERO);
    assert_eq!(nobody, Reject::NoNextValidators);
}

#[test]
fn rejects_untrusted_header() {
    let world = world();
    let block = world.block_at(START + 1);
    let header = read(&world.show(&block, START)).header;
    let found = word(&block.hash());
    assert_eq!(check_trusted_hash(&header, found), Ok(()));
    let trusted = B256::repeat_byte(7);
    assert_eq!(
        check_trusted_hash(&header, trusted),
        Err(Reject::UntrustedHeader { trusted, found })
    );
    let from_header = Bootstrap::of(&header, 3).unwrap();
    assert_eq!(from_header, bootstrap(&world, START + 1));
}

#[test]
fn a_first_state_has_one_encoding() {
    let world = world();
    let bytes = world.consensus_state_at(START).encode_to_vec();
    let height = height(&world, START);
    let read = decode_bootstrap(height, &bytes).unwrap();
    assert_eq!(encode_bootstrap(&read), bytes);
    for at in 0..bytes.len() {
        assert!(decode_bootstrap(height, &bytes[..at]).is_err());
    }
    assert!(decode_bootstrap(height, &[&bytes[..], &[0x22, 0]].concat()).is_err());
}
