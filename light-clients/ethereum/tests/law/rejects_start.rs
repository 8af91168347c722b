//! One test for each rule of `start` and of the fork schedule: the good fixture with one thing broken.

use alloy_primitives::{Address, B256};
use ethereum::{Blst, ConfigFault, Epoch, Fork, Layout, Reject, check_trusted_root, start};
use wire::Seconds;

use crate::fixture::*;

#[test]
fn rejects_bad_config() {
    let world = world();
    let refused = |change: fn(&mut ethereum::Config)| {
        let mut config = world.config();
        change(&mut config);
        start(&Blst, config, &bootstrap(&world), world.time(START)).unwrap_err()
    };
    let limit = world.config().weak_subjectivity;
    let trust = Seconds(limit.0 + 1);
    assert_eq!(
        refused(|config| config.router = Address::ZERO),
        Reject::BadConfig(ConfigFault::ZeroRouter)
    );
    assert_eq!(
        refused(|config| config.commitments_slot = B256::ZERO),
        Reject::BadConfig(ConfigFault::ZeroCommitmentsSlot)
    );
    assert_eq!(
        refused(|config| config.trust_period = Seconds(config.weak_subjectivity.0 + 1)),
        Reject::BadConfig(ConfigFault::TrustPeriod { trust, limit })
    );
    assert_eq!(
        refused(|config| config.capacity = 1),
        Reject::BadConfig(ConfigFault::Capacity { capacity: 1 })
    );
}

#[test]
fn rejects_bootstrap_too_old() {
    let world = world();
    let limit = world.config().weak_subjectivity;
    let at = |age: u64| {
        start(
            &Blst,
            world.config(),
            &bootstrap(&world),
            Seconds(world.time(START).0 + age),
        )
        .map(|_| ())
    };
    assert_eq!(at(limit.0 - 1), Ok(()));
    assert_eq!(at(limit.0), Err(Reject::BootstrapTooOld { age: limit, limit }));
}

#[test]
fn rejects_untrusted_header() {
    let world = world();
    let bootstrap = bootstrap(&world);
    let found = bootstrap.header.root();
    assert_eq!(check_trusted_root(&bootstrap, found), Ok(()));
    let trusted = flipped(found);
    assert_eq!(
        check_trusted_root(&bootstrap, trusted),
        Err(Reject::UntrustedHeader { trusted, found })
    );
}

#[test]
fn rejects_committee_branch() {
    let world = world();
    let mut bootstrap = bootstrap(&world);
    bootstrap.current.branch[2] = flipped(bootstrap.current.branch[2]);
    let refused = start(&Blst, world.config(), &bootstrap, world.time(START)).unwrap_err();
    assert!(matches!(refused, Reject::CommitteeBranch { .. }), "{refused}");
}

#[test]
fn rejects_fork_order() {
    let mut network = network(32);
    let last = Epoch(16);
    let again = Fork {
        epoch: last,
        version: [7; 4],
        layout: Layout::Electra,
    };
    assert_eq!(
        network.append_fork(again),
        Err(Reject::ForkOrder { last, offered: last })
    );
    let later = Fork {
        epoch: Epoch(17),
        ..again
    };
    assert_eq!(network.append_fork(later), Ok(()));
}
