//! The ring of states, and when a client is believed.

use client::Status;
use tendermint_client::{Config, Reject, State, Trusted, status};
use wire::Seconds;

use crate::fixture::*;

/// A client that holds 8 heights, at block 112.
fn narrow() -> Trusted {
    let world = world();
    let config = Config {
        capacity: 8,
        ..config()
    };
    let mut trusted = started_with(&world, config);
    for height in [101, 104, 110, 112] {
        let from = i64::try_from(trusted.newest().height).unwrap();
        trusted = advanced(&trusted, &update(&world, height, from), now(&world));
    }
    trusted
}

#[test]
fn positions_go_round_and_only_old_states_are_lost() {
    let world = world();
    let trusted = narrow();
    // 112 took the place of 104; 101 and 110 are there, and so is 100, whose place nobody has taken yet.
    let held: Vec<u64> = trusted.states().map(|state| state.height).collect();
    assert_eq!(held, [112, 100, 101, 110]);
    let unknown = height(&world, 104);
    assert_eq!(
        trusted.state_at(unknown),
        Err(Reject::UnknownHeight { height: unknown })
    );
}

#[test]
fn an_older_state_never_replaces_a_newer_one() {
    let world = world();
    let trusted = narrow();
    // 104 has the position of 112, and is out of reach.
    let expected = Reject::OlderThanRing {
        height: 104,
        newest: 112,
    };
    assert_eq!(
        refused(&trusted, &update(&world, 104, 101), now(&world)),
        expected
    );
    // 105 is in reach and has a position of its own.
    let after = advanced(&trusted, &update(&world, 105, 101), now(&world));
    assert_eq!(after.newest().height, 112);
    assert_eq!(after.state_at(height(&world, 105)).unwrap().height, 105);
    assert_eq!(after.state_at(height(&world, 112)).unwrap().height, 112);
}

#[test]
fn a_client_expires_with_its_newest_state_and_not_with_when_it_learned_it() {
    let world = world();
    let late = Seconds(now(&world).0 + 86_400);
    let trusted = advanced(&started(&world), &update(&world, 110, START), late);
    assert_eq!(trusted.newest().learned_at, late);
    let until = Seconds(u64::try_from(world.time_at(110).seconds).unwrap() + 7 * 86_400);
    assert_eq!(trusted.expiry(), until);
    assert_eq!(status(&trusted, Seconds(until.0 - 1)), Status::Active);
    assert_eq!(status(&trusted, until), Status::Expired);
}

#[test]
fn parts_make_the_same_client() {
    let trusted = narrow();
    let others: Vec<State> = trusted.states().copied().collect();
    let again = Trusted::from_parts(trusted.config.clone(), *trusted.newest(), others, false).unwrap();
    assert_eq!(again, trusted);
    let frozen = Trusted::from_parts(trusted.config.clone(), *trusted.newest(), [], true).unwrap();
    assert_eq!(status(&frozen, Seconds(0)), Status::Frozen);
    let unsound = Config {
        capacity: 0,
        ..config()
    };
    assert!(Trusted::from_parts(unsound, *trusted.newest(), [], false).is_err());
}
