//! Constants of networks, and the schedule of forks.

use alloy_primitives::{B256, hex};
use ethereum::ssz::hash_pair;
use ethereum::testing::{any_network, filler};
use ethereum::{
    ConfigFault, Epoch, Fork, ForkSchedule, Indices, Layout, Network, Period, Reject, Slot, Times,
};
use wire::Seconds;

use crate::fixture::{EPOCH, forks};

/// First four bytes of the fork data root: what nodes of that fork call themselves by.
fn digest(network: &Network, version: [u8; 4]) -> [u8; 4] {
    let root = hash_pair(
        B256::right_padding_from(&version),
        network.genesis_validators_root(),
    );
    root[..4].try_into().unwrap()
}

#[test]
fn mainnet_has_the_digests_that_its_nodes_announce() {
    let network = Network::mainnet();
    let forks = network.forks().forks();
    assert_eq!(digest(&network, [3, 0, 0, 0]), hex!("bba4da96"), "Capella");
    assert_eq!(digest(&network, forks[0].version), hex!("6a95a1a9"), "Deneb");
    assert_eq!(digest(&network, forks[1].version), hex!("ad532ceb"), "Electra");
}

#[test]
fn public_networks_fork_when_they_did() {
    // Start of the first slot of each fork, in seconds since the Unix epoch.
    let starts = |network: &Network| -> Vec<u64> {
        let times = network.times();
        let start = |fork: &Fork| {
            network
                .time_of(Slot(fork.epoch.0 * times.slots_per_epoch))
                .unwrap()
                .0
        };
        network.forks().forks().iter().map(start).collect()
    };
    // 2024-03-13 13:55:35, 2025-05-07 10:05:11 and 2025-12-03 21:49:11 UTC.
    assert_eq!(
        starts(&Network::mainnet()),
        [1_710_338_135, 1_746_612_311, 1_764_798_551]
    );
    // 2024-01-30 22:51:12, 2025-03-05 07:29:36 and 2025-10-14 07:36:00 UTC.
    assert_eq!(
        starts(&Network::sepolia()),
        [1_706_655_072, 1_741_159_776, 1_760_427_360]
    );
}

#[test]
fn each_fork_has_its_indices() {
    let schedule = forks();
    assert_eq!(schedule.indices(Epoch(7)), Ok(Indices::DENEB));
    assert_eq!(schedule.indices(Epoch(8)), Ok(Indices::ELECTRA));
    assert_eq!(schedule.indices(Epoch(u64::MAX)), Ok(Indices::ELECTRA));
    assert_eq!(schedule.at(Epoch(16)).unwrap().version, [6, 0, 0, 1]);
}

#[test]
fn a_fork_of_unknown_layout_ends_what_is_known_until_a_known_one() {
    let fork = |epoch, layout| Fork {
        epoch: Epoch(epoch),
        version: [1; 4],
        layout,
    };
    let forks = [
        fork(4, Layout::Deneb),
        fork(6, Layout::Unknown),
        fork(9, Layout::Electra),
    ];
    let schedule = ForkSchedule::new(forks).unwrap();
    for epoch in [0, 3, 6, 8].map(Epoch) {
        assert_eq!(schedule.at(epoch), Err(Reject::UnknownFork { epoch }));
    }
    for epoch in [4, 5, 9, 10].map(Epoch) {
        assert!(schedule.at(epoch).is_ok());
    }
}

#[test]
fn layout_numbers_go_both_ways() {
    for layout in [Layout::Deneb, Layout::Electra] {
        assert_eq!(Layout::from_number(layout.number()), layout);
    }
    for number in [0, 3, 9, 255] {
        assert_eq!(Layout::from_number(number), Layout::Unknown);
    }
}

#[test]
fn a_schedule_is_never_empty() {
    assert_eq!(
        ForkSchedule::new([]),
        Err(Reject::BadConfig(ConfigFault::NoForks))
    );
}

#[test]
fn small_committees_exist_in_tests_only() {
    let times = Times {
        genesis: Seconds(1),
        seconds_per_slot: 6,
        slots_per_epoch: 8,
        epochs_per_period: 8,
    };
    let root = filler("root", &[]);
    for size in [0, 8, 32, 256, 511, 513, 768, 8192] {
        let refused = Network::custom(times, root, size, forks());
        assert_eq!(
            refused,
            Err(Reject::BadConfig(ConfigFault::CommitteeSize { size }))
        );
    }
    assert!(Network::custom(times, root, 512, forks()).is_ok());
    assert!(any_network(times, root, 32, forks()).is_ok());
    for size in [0, 4, 33, 8192] {
        assert!(any_network(times, root, size, forks()).is_err());
    }
    for zero in [
        Times {
            seconds_per_slot: 0,
            ..times
        },
        Times {
            slots_per_epoch: 0,
            ..times
        },
        Times {
            epochs_per_period: 0,
            ..times
        },
    ] {
        let refused = Network::custom(zero, root, 512, forks());
        assert_eq!(refused, Err(Reject::BadConfig(ConfigFault::ZeroLength)));
    }
}

#[test]
fn slots_epochs_and_periods() {
    let network = crate::fixture::network(32);
    assert_eq!(network.epoch_of(Slot(15)), Epoch(1));
    assert_eq!(network.period_of(Slot(63)), Period(0));
    assert_eq!(network.period_of(Slot(64)), Period(1));
    assert_eq!(network.checkpoint_of(Slot(EPOCH)), Epoch(1));
    assert_eq!(network.checkpoint_of(Slot(EPOCH + 1)), Epoch(2));
    assert_eq!(network.time_of(Slot(2)), Some(Seconds(1_700_000_012)));
    assert_eq!(network.time_of(Slot(u64::MAX)), None);
    assert_eq!(network.slot_at(Seconds(1_700_000_011)), Slot(1));
    assert_eq!(network.slot_at(Seconds(0)), Slot(0));
}
