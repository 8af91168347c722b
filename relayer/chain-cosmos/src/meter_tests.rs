//! What is taken for like what was simulated, and what is not.

use super::*;

const RECV: &str = "recv transfer@channel-0 transfer@channel-1";

fn load(kinds: &[(&str, u64)], each: u64) -> Load {
    let packets: BTreeMap<_, _> = kinds
        .iter()
        .map(|(kind, many)| ((*kind).to_owned(), *many))
        .collect();
    Load {
        bytes: packets.values().sum::<u64>() * each,
        largest: each,
        packets,
        updates: BTreeMap::from([("07-tendermint-0".to_owned(), 1)]),
    }
}

/// A meter that saw 100 receives use 8,000,000 in block 50.
fn meter() -> Meter {
    let mut meter = Meter::default();
    meter.simulated(&load(&[(RECV, 100)], 3_000), 8_000_000, 50, 15);
    meter
}

#[test]
fn what_is_alike_uses_as_much_by_its_number() {
    for (many, used) in [
        (100, Some(8_000_000)),
        (50, Some(4_000_000)),
        (200, Some(16_000_000)),
        (101, Some(8_080_000)),
        (49, None),
        (201, None),
    ] {
        assert_eq!(meter().expect(&load(&[(RECV, many)], 3_000), 50), used, "{many}");
    }
    let mut three = Meter::default();
    three.simulated(&load(&[(RECV, 30)], 3_000), 1_000_000, 50, 15);
    let used = three.expect(&load(&[(RECV, 31)], 3_000), 50);
    assert_eq!(used, Some(1_033_334), "rounded up");
}

#[test]
fn what_differs_is_simulated() {
    let seen = load(&[(RECV, 100)], 3_000);
    let with = |change: fn(&mut Load)| {
        let mut load = seen.clone();
        change(&mut load);
        meter().expect(&load, 50)
    };
    assert_eq!(with(|_| {}), Some(8_000_000));
    assert_eq!(with(|load| load.updates.clear()), Some(8_000_000), "it does less");
    assert_eq!(with(|load| load.bytes *= 2), Some(16_000_000));
    assert_eq!(with(|load| load.bytes = load.bytes * 2 + 1), None);
    assert_eq!(with(|load| load.largest = 3_750), Some(8_000_000));
    assert_eq!(with(|load| load.largest = 3_751), None, "a memo that moves more");
    assert_eq!(
        with(|load| _ = load.updates.insert("07-tendermint-0".into(), 2)),
        None
    );
    assert_eq!(
        with(|load| _ = load.updates.insert("07-tendermint-7".into(), 1)),
        None
    );
    assert_eq!(with(|load| _ = load.packets.insert("ack".into(), 1)), None);
    let other = "recv transfer@channel-8 transfer@channel-9";
    assert_eq!(meter().expect(&load(&[(other, 100)], 3_000), 50), None);
}

#[test]
fn of_several_kinds_the_one_that_grew_most_counts() {
    let mut meter = Meter::default();
    meter.simulated(&load(&[("ack", 50), (RECV, 50)], 3_000), 6_000_000, 50, 15);
    let used = meter.expect(&load(&[("ack", 20), (RECV, 80)], 3_000), 50);
    assert_eq!(used, Some(9_600_000), "as if there were as many more of all");
    assert_eq!(meter.expect(&load(&[("ack", 1), (RECV, 101)], 3_000), 50), None);
}

#[test]
fn small_batches_are_simulated_and_stand_for_nothing() {
    let mut meter = Meter::default();
    let small = load(&[(RECV, PACKETS_MIN - 1)], 3_000);
    meter.simulated(&small, 1_000_000, 50, 15);
    assert_eq!(meter.expect(&small, 50), None);
    assert_eq!(meter.expect(&load(&[(RECV, PACKETS_MIN)], 3_000), 50), None);
    meter.simulated(&load(&[(RECV, PACKETS_MIN)], 3_000), 1_000_000, 50, 15);
    assert_eq!(meter.expect(&small, 50), None);
}

#[test]
fn a_reading_stands_for_so_many_batches_and_so_many_blocks() {
    let like = load(&[(RECV, 100)], 3_000);
    let mut meter = Meter::default();
    meter.simulated(&like, 8_000_000, 50, 2);
    let said: Vec<bool> = (0..3).map(|_| meter.expect(&like, 50).is_some()).collect();
    assert_eq!(said, [true, true, false]);
    meter.simulated(&like, 8_000_000, 50, 0);
    assert_eq!(meter.expect(&like, 50), None, "all are to be simulated");
    meter.simulated(&like, 8_000_000, 50, 15);
    for (now, is_fresh) in [(49, false), (50, true), (150, true), (151, false)] {
        assert_eq!(meter.expect(&like, now).is_some(), is_fresh, "{now}");
    }
}

#[test]
fn after_a_failure_nothing_is_taken_for_granted_for_a_while() {
    let like = load(&[(RECV, 100)], 3_000);
    let mut meter = meter();
    meter.failed(60);
    meter.failed(40);
    assert_eq!(meter.expect(&like, 60), None);
    meter.simulated(&like, 8_000_000, 1_000, 15);
    assert_eq!(meter.expect(&like, 1_059), None);
    assert_eq!(meter.expect(&like, 1_060), Some(8_000_000));
}

#[test]
fn strangers_cannot_make_it_remember_without_end() {
    let mut meter = Meter::default();
    for index in 0..1_000 {
        let kind = format!("recv transfer@channel-{index} transfer@channel-0");
        meter.simulated(&load(&[(&kind, 100)], 3_000), 8_000_000, 50, 15);
        assert!(meter.readings.len() <= KINDS_MOST);
    }
}
