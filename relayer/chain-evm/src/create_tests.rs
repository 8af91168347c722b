//! How large the ring of a client becomes, and what is said where no ring is large enough.

use super::*;
use alloy_primitives::B256;
use ethereum::{Epoch, Fork, ForkSchedule, Layout, Times};

/// What the contract for 08-wasm has room for.
const MOST: u32 = 8_192;

fn network(seconds_per_slot: u64, slots_per_epoch: u64) -> Network {
    let times = Times {
        genesis: Seconds(0),
        seconds_per_slot,
        slots_per_epoch,
        epochs_per_period: 256,
    };
    let fork = Fork {
        epoch: Epoch(0),
        version: [4, 0, 0, 0],
        layout: Layout::Deneb,
    };
    let forks = ForkSchedule::new([fork]).expect("a schedule");
    Network::custom(times, B256::repeat_byte(1), 512, forks).expect("a network")
}

#[test]
fn the_ring_holds_a_packets_longest_life_unless_the_operator_says_more() {
    assert_eq!(capacity_within(&network(12, 32), None, MOST), Ok(256));
    assert_eq!(capacity_within(&network(2, 8), None, MOST), Ok(5_400));
    assert_eq!(capacity_within(&network(2, 8), Some(8_192), MOST), Ok(8_192));
    assert_eq!(capacity_within(&network(1, 8), None, u32::MAX), Ok(10_800));
}

#[test]
fn what_the_operator_says_and_the_host_or_a_packet_refuses_is_told_with_what_fits() {
    for wished in [5_399, 8_193] {
        let text = capacity_within(&network(2, 8), Some(wished), MOST).expect_err("refused");
        assert!(text.contains(&format!("says {wished}")), "{text}");
        assert!(text.contains("say 5400 to 8192"), "{text}");
    }
}

#[test]
fn where_epochs_are_too_short_no_capacity_is_advised() {
    for wished in [None, Some(8_192), Some(10_800)] {
        let text = capacity_within(&network(1, 8), wished, MOST).expect_err("refused");
        for part in [
            "8 slots of 1 s",
            "86400 s",
            "10800 states",
            "at most 8192",
            "at least 2 s",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(text.contains("whatever --capacity says"), "{text}");
    }
    // What is advised is enough, and one second less is not.
    assert!(capacity_within(&network(2, 8), None, MOST).is_ok());
    assert!(capacity_within(&network(5, 2), None, MOST).is_err());
    let text = capacity_within(&network(5, 2), None, MOST).expect_err("refused");
    assert!(text.contains("at least 6 s"), "{text}");
    assert!(capacity_within(&network(6, 2), None, MOST).is_ok());
}
