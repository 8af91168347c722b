//! The store from outside: what is written is there after reopening, other processes are told where to ask, damage is
//! told and never made worse.

mod support;

use chain::{BlockNumber, ChainName, Fee, SubmissionId, WeiPerGas};
use relayer_core::{Cursor, EndName, FlightRecord, FlightState, Keep, PacketId, PacketRecord, Record, Stage};
use std::fs;
use std::path::Path;
use store::{Store, StoreError, daemon_address};
use tempfile::tempdir;
use wire::{ClientId, Seconds, Sequence};

fn end(client: &str) -> EndName {
    EndName {
        chain: ChainName("a".into()),
        id: ClientId::new(client).unwrap().into(),
    }
}

fn packet(client: &str, sequence: u64, stage: Stage) -> PacketRecord {
    support::packet(end(client), sequence, stage, 50)
}

fn flight(id: u64, state: FlightState) -> FlightRecord {
    FlightRecord {
        id: SubmissionId(id),
        chain: ChainName("a".into()),
        end: end("client-0"),
        packets: Vec::new(),
        updates: 1,
        made: Seconds(60),
        state,
        ticket: None,
        txs: Vec::new(),
        fee: Fee {
            max: WeiPerGas(2),
            tip: WeiPerGas(1),
        },
    }
}

fn open(dir: &Path) -> Store {
    Store::open(dir, Keep::default()).unwrap()
}

#[test]
fn everything_that_is_not_over_is_there_after_reopening() {
    let dir = tempdir().unwrap();
    let cursor = Cursor {
        end: end("client-0"),
        next: BlockNumber(8),
        unread: BlockNumber(8),
        last: Sequence::new(4).ok(),
        passed: vec![(Sequence::FIRST, BlockNumber(2))],
        ended: Vec::new(),
        front: None,
    };
    let (live, settled) = (
        packet("client-0", 3, Stage::Seen),
        packet("client-0", 4, Stage::Acked),
    );
    let (flying, over) = (flight(6, FlightState::Pending), flight(7, FlightState::Dropped));
    let records = [
        Record::Packet(live.clone()),
        Record::Packet(settled.clone()),
        Record::Cursor(cursor.clone()),
        Record::Flight(flying.clone()),
        Record::Flight(over.clone()),
    ];
    open(dir.path()).write(&records).unwrap();
    let store = open(dir.path());
    let restored = store.load().unwrap();
    assert_eq!(restored.packets, std::slice::from_ref(&live));
    assert_eq!(restored.cursors, [cursor]);
    assert_eq!(restored.flights, [flying]);
    assert_eq!(
        restored.last_submission,
        Some(SubmissionId(7)),
        "ids are never used twice"
    );
    assert_eq!(store.packet(&settled.id).unwrap(), Some(settled.clone()));
    assert_eq!(store.settled(&end("client-0"), None, 9).unwrap(), [settled]);
    assert_eq!(store.live(&end("client-0"), None, 9).unwrap(), [live]);
    assert_eq!(store.past_flights(9).unwrap(), [over]);
    assert_eq!(store.counts().unwrap(), (1, 1));
}

#[test]
fn a_packet_is_in_one_table_only() {
    let dir = tempdir().unwrap();
    let store = open(dir.path());
    for stage in [Stage::Seen, Stage::Acked, Stage::Seen, Stage::TimedOut] {
        store
            .write(&[Record::Packet(packet("client-0", 1, stage))])
            .unwrap();
        let (live, settled) = store.counts().unwrap();
        assert_eq!((live, settled), if stage.is_final() { (0, 1) } else { (1, 0) });
    }
}

#[test]
fn a_parked_packet_is_found_and_little_of_it_is_loaded() {
    let dir = tempdir().unwrap();
    let (parked, live) = (
        packet("client-0", 1, Stage::Seen),
        packet("client-0", 2, Stage::Seen),
    );
    let write = |record| open(dir.path()).write(&[record]).unwrap();
    write(Record::Packet(parked.clone()));
    write(Record::Packet(live.clone()));
    write(Record::Parked(parked.clone()));
    let store = open(dir.path());
    let restored = store.load().unwrap();
    assert_eq!(restored.packets, std::slice::from_ref(&live));
    assert_eq!(restored.parked, [(parked.id.clone(), parked.standing.leg)]);
    let end = end("client-0");
    assert_eq!(store.live(&end, None, 9).unwrap(), [live]);
    assert_eq!(
        store.parked(&end, None, 9).unwrap(),
        std::slice::from_ref(&parked)
    );
    assert_eq!(store.packet(&parked.id).unwrap(), Some(parked.clone()));
    assert_eq!(store.parked_packet(&parked.id).unwrap(), Some(parked.clone()));
    drop(store);
    // Awake, and then settled: it is in one table each time.
    write(Record::Packet(parked.clone()));
    let store = open(dir.path());
    assert_eq!(store.parked_packet(&parked.id).unwrap(), None);
    assert_eq!(store.counts().unwrap(), (2, 0));
    drop(store);
    write(Record::Parked(parked));
    write(Record::Packet(packet("client-0", 1, Stage::Acked)));
    let store = open(dir.path());
    assert_eq!(store.counts().unwrap(), (1, 1));
    assert_eq!(store.parked(&end, None, 9).unwrap(), []);
}

#[test]
fn pages_of_one_end_hold_nothing_of_another() {
    let dir = tempdir().unwrap();
    let store = open(dir.path());
    for client in ["client-0", "client-1", "client-00"] {
        let records: Vec<Record> = (1..=300)
            .map(|n| Record::Packet(packet(client, n, Stage::Acked)))
            .collect();
        store.write(&records).unwrap();
    }
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = store.settled(&end("client-0"), after, 70).unwrap();
        let Some(last) = page.last() else {
            break;
        };
        after = Some(last.id.sequence);
        seen.extend(page.into_iter().map(|record| record.id));
    }
    let expected: Vec<PacketId> = (1..=300)
        .map(|n| packet("client-0", n, Stage::Acked).id)
        .collect();
    assert_eq!(seen, expected);
}

#[test]
fn a_second_process_is_sent_to_the_daemon() {
    let dir = tempdir().unwrap();
    let store = open(dir.path());
    assert_eq!(daemon_address(dir.path()), None);
    store.announce("127.0.0.1:4567".parse().unwrap()).unwrap();
    for second in [
        Store::open(dir.path(), Keep::default()),
        Store::open_read_only(dir.path()),
    ] {
        let error = second.unwrap_err();
        assert!(error.is_locked() && error.to_string().contains("HTTP"), "{error}");
    }
    assert_eq!(
        daemon_address(dir.path()),
        Some("127.0.0.1:4567".parse().unwrap())
    );
    drop(store);
    assert_eq!(daemon_address(dir.path()), None);
    assert_eq!(
        Store::open_read_only(dir.path()).unwrap().counts().unwrap(),
        (0, 0)
    );
}

#[test]
fn reading_only_changes_nothing() {
    let dir = tempdir().unwrap();
    assert!(matches!(
        Store::open_read_only(dir.path()),
        Err(StoreError::Missing { .. })
    ));
    open(dir.path())
        .write(&[Record::Packet(packet("client-0", 1, Stage::Seen))])
        .unwrap();
    let before = fs::read(dir.path().join("relayer.redb")).unwrap();
    let store = Store::open_read_only(dir.path()).unwrap();
    assert_eq!(store.load().unwrap().packets.len(), 1);
    assert!(matches!(store.write(&[]), Err(StoreError::Denied { .. })));
    drop(store);
    assert!(before == fs::read(dir.path().join("relayer.redb")).unwrap());
}

#[test]
fn a_file_that_is_no_store_is_told_and_left_alone() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("relayer.redb");
    fs::write(&path, b"these are the operator's holiday pictures".repeat(300)).unwrap();
    let before = fs::read(&path).unwrap();
    let error = Store::open(dir.path(), Keep::default()).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    assert!(error.to_string().contains("move the file away"));
    assert!(before == fs::read(&path).unwrap());
}

#[test]
fn a_cut_or_overwritten_store_is_an_error_and_no_panic() {
    let dir = tempdir().unwrap();
    let records: Vec<Record> = (1..=400)
        .map(|n| Record::Packet(packet("client-0", n, Stage::Seen)))
        .collect();
    open(dir.path()).write(&records).unwrap();
    let whole = fs::read(dir.path().join("relayer.redb")).unwrap();
    let mut refused = 0;
    for part in 1..40 {
        let damaged = tempdir().unwrap();
        let mut bytes = whole.clone();
        if part % 2 == 0 {
            bytes.truncate(whole.len() * part / 40);
        } else {
            let at = whole.len() * part / 40;
            let until = (at + 9_000).min(whole.len());
            bytes[at..until].fill(0xa5);
        }
        fs::write(damaged.path().join("relayer.redb"), &bytes).unwrap();
        // What was not damaged may be read; what was is an error.
        let read = Store::open(damaged.path(), Keep::default()).and_then(|store| store.load());
        match read {
            Ok(restored) => assert!(restored.packets.len() <= 400),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 10, "only {refused} damaged stores were refused");
}
