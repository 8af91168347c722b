//! What is over is forgotten in time, a little at once, and nothing else is; what was counted stays counted.

mod support;

use chain::{ChainName, Fee, SubmissionId, WeiPerGas};
use relayer_core::{EndName, FlightRecord, FlightState, Keep, PacketRecord, Record, Stage};
use std::fs;
use std::path::Path;
use store::{Forgotten, Store};
use tempfile::tempdir;
use wire::{ClientId, Seconds, Sequence};

const KEEP: Keep = Keep {
    finished: Seconds(1_000),
    finished_max: 1_000,
    log: Seconds(2 * 86_400),
    log_lines_per_day: 5,
};

fn end() -> EndName {
    EndName {
        chain: ChainName("a".into()),
        id: ClientId::new("client-0").unwrap().into(),
    }
}

/// A packet that reached `stage` at `ended`.
fn packet(sequence: u64, stage: Stage, ended: u64) -> PacketRecord {
    support::packet(end(), sequence, stage, ended)
}

fn flight(id: u64, state: FlightState, made: u64) -> Record {
    Record::Flight(FlightRecord {
        id: SubmissionId(id),
        chain: end().chain,
        end: end(),
        packets: Vec::new(),
        updates: 1,
        made: Seconds(made),
        state,
        ticket: None,
        txs: Vec::new(),
        fee: Fee {
            max: WeiPerGas(2),
            tip: WeiPerGas(1),
        },
    })
}

/// Prunes at `now` until there is nothing more; returns the steps.
fn prune_all(store: &Store, now: u64) -> Vec<Forgotten> {
    let mut steps = Vec::new();
    loop {
        let step = store.prune(Seconds(now)).unwrap();
        steps.push(step);
        if !step.has_more {
            return steps;
        }
    }
}

fn write_packets(store: &Store, sequences: std::ops::RangeInclusive<u64>, ended: impl Fn(u64) -> u64) {
    let records: Vec<Record> = sequences
        .map(|n| Record::Packet(packet(n, Stage::Acked, ended(n))))
        .collect();
    store.write(&records).unwrap();
}

fn size(dir: &Path) -> u64 {
    fs::metadata(dir.join("relayer.redb")).unwrap().len()
}

#[test]
fn old_packets_go_in_small_steps_and_live_ones_stay() {
    let dir = tempdir().unwrap();
    let store = Store::open(dir.path(), KEEP).unwrap();
    // Later sequences end earlier: the order of ends counts, not that of sequences.
    write_packets(&store, 1..=900, |n| 1_000 - n);
    let live = packet(1_000, Stage::Seen, 1);
    store.write(&[Record::Packet(live.clone())]).unwrap();
    let steps = prune_all(&store, 1_500);
    assert!(
        steps.len() > 1 && steps.iter().all(|step| step.packets <= 256),
        "{steps:?}"
    );
    assert_eq!(
        store.counts().unwrap(),
        (1, 499),
        "those that ended after 500 stay"
    );
    let left = store.settled(&end(), None, 1_000).unwrap();
    assert!(left.iter().all(|record| record.id.sequence.get() < 500));
    prune_all(&store, u64::MAX);
    assert_eq!(store.counts().unwrap(), (1, 0));
    assert_eq!(store.packet(&live.id).unwrap(), Some(live));
}

#[test]
fn totals_count_on_and_say_what_was_forgotten() {
    let dir = tempdir().unwrap();
    let store = Store::open(dir.path(), KEEP).unwrap();
    write_packets(&store, 1..=3, |n| n);
    let others = [packet(4, Stage::TimedOut, 4), packet(5, Stage::Refused, 5)];
    store.write(&others.map(Record::Packet)).unwrap();
    // Written twice, settled once.
    write_packets(&store, 3..=3, |n| n);
    prune_all(&store, 1_004);
    write_packets(&store, 6..=6, |n| n);
    drop(store);
    let totals = Store::open_read_only(dir.path()).unwrap().totals(&end()).unwrap();
    assert_eq!((totals.acked, totals.timed_out, totals.refused), (4, 1, 1));
    assert_eq!(totals.pruned.unwrap().count, 4);
    let known = [1, 4, 5, 6].map(|n| totals.has_pruned(Sequence::new(n).unwrap()));
    assert_eq!(known, [true, true, false, false]);
}

#[test]
fn a_store_that_is_used_for_long_does_not_grow() {
    let dir = tempdir().unwrap();
    let store = Store::open(
        dir.path(),
        Keep {
            log_lines_per_day: 100,
            ..KEEP
        },
    )
    .unwrap();
    let mut after_first = 0;
    for round in 0..12u64 {
        let from = round * 1_000 + 1;
        write_packets(&store, from..=from + 999, |n| n);
        let flights: Vec<Record> = (from..from + 1_000)
            .map(|id| flight(id, FlightState::Dropped, id))
            .collect();
        store.write(&flights).unwrap();
        prune_all(&store, from);
        if round == 2 {
            after_first = size(dir.path());
        }
    }
    assert_eq!(store.counts().unwrap(), (0, 1_000), "as many as are kept");
    assert_eq!(store.past_flights(5_000).unwrap().len(), 1_000);
    let grown = size(dir.path());
    assert!(grown <= after_first * 2, "{after_first} bytes became {grown}");
}

#[test]
fn submission_ids_count_on_after_everything_was_forgotten() {
    let dir = tempdir().unwrap();
    let store = Store::open(dir.path(), KEEP).unwrap();
    let flights = [1, 2, 3].map(|id| flight(id, FlightState::Dropped, id));
    store.write(&flights).unwrap();
    store.write(&[flight(4, FlightState::Pending, 1)]).unwrap();
    prune_all(&store, u64::MAX);
    store.write(&[flight(4, FlightState::Dropped, 1)]).unwrap();
    prune_all(&store, u64::MAX);
    assert_eq!(store.past_flights(9).unwrap().len(), 1);
    drop(store);
    let store = Store::open(dir.path(), KEEP).unwrap();
    assert_eq!(store.load().unwrap().last_submission, Some(SubmissionId(4)));
}

#[test]
fn the_log_is_bounded_by_lines_and_days() {
    let dir = tempdir().unwrap();
    let store = Store::open(dir.path(), KEEP).unwrap();
    for day in 0..10u64 {
        let lines: Vec<Record> = (0..20)
            .map(|line| flight(day * 100 + line, FlightState::Sending, day * 86_400 + line))
            .collect();
        store.write(&lines).unwrap();
    }
    prune_all(&store, 9 * 86_400);
    let lines = store.log(1_000).unwrap();
    assert_eq!(lines.len(), 15, "five of today and of each of two days before");
    assert_eq!(lines.first().unwrap().at, Seconds(9 * 86_400 + 4), "newest first");
    assert_eq!(lines.last().unwrap().at, Seconds(7 * 86_400));
    assert!(lines[0].text.contains("submission 904"));
    let flights = store.load().unwrap().flights;
    assert_eq!(flights.len(), 200, "records are never bounded by the log");
}
