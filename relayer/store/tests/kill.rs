//! A process that writes is killed at random moments: what it had reported as durable is there, whole, and nothing else
//! is damaged.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the test kills a process that it starts: this binary, told by its environment to write"
)]

use chain::{BlockNumber, ChainName, TxHash};
use redb::{Builder, DatabaseError};
use relayer_core::{Cursor, EndName, Keep, PacketId, PacketRecord, Record};
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use store::{Store, StoreError};
use tempfile::tempdir;
use wire::{ClientId, Encoding, Packet, Payload, PortId, Seconds, Sequence, Value, Version};

const DIR: &str = "STORE_KILL_TEST_DIR";
/// Packets written in one transaction, together with a cursor that counts them.
const BATCH: u64 = 7;

/// Ends the child whatever happens to the test.
struct Writer(Child);

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn end() -> EndName {
    EndName {
        chain: ChainName("a".into()),
        id: ClientId::new("client-0").unwrap().into(),
    }
}

fn batch(number: u64) -> Vec<Record> {
    let mut records: Vec<Record> = (1..=BATCH)
        .map(|at| packet(number * BATCH + at))
        .map(Record::Packet)
        .collect();
    let last = Sequence::new((number + 1) * BATCH).ok();
    records.push(Record::Cursor(Cursor {
        end: end(),
        next: BlockNumber(number),
        unread: BlockNumber(number),
        last,
        passed: Vec::new(),
        ended: Vec::new(),
        front: None,
    }));
    records
}

fn packet(sequence: u64) -> PacketRecord {
    let sequence = Sequence::new(sequence).unwrap();
    let packet = Packet {
        sequence,
        source_client: ClientId::new("client-0").unwrap(),
        destination_client: ClientId::new("client-0").unwrap(),
        timeout: Seconds(sequence.get()),
        payload: Payload {
            source_port: PortId::new("transfer").unwrap(),
            destination_port: PortId::new("transfer").unwrap(),
            version: Version::new("ics20-1").unwrap(),
            encoding: Encoding::new("application/x-solidity-abi").unwrap(),
            value: Value::new(vec![7; 200 + (sequence.get() % 100) as usize]).unwrap(),
        },
    };
    let id = PacketId {
        source: end(),
        sequence,
    };
    PacketRecord::seen(
        id,
        packet,
        BlockNumber(1),
        TxHash(wire::COMMITMENTS_SLOT),
        Seconds(1),
    )
}

/// Runs in the child only: writes batch after batch and reports each once it is durable.
#[test]
fn child_writes_until_it_is_killed() {
    let Ok(dir) = env::var(DIR) else {
        return;
    };
    let store = Store::open(Path::new(&dir), Keep::default()).unwrap();
    let restored = store.load().unwrap();
    let from = restored.cursors.first().map_or(0, |cursor| cursor.next.0 + 1);
    let mut out = std::io::stdout();
    for number in from..from + 100_000 {
        store.write(&batch(number)).unwrap();
        writeln!(out, "durable {number}").unwrap();
        out.flush().unwrap();
    }
}

/// Starts a writer and kills it at some moment after it has reported `batches` batches; the last that it reported.
fn write_and_kill(dir: &Path, batches: usize) -> Option<u64> {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "child_writes_until_it_is_killed", "--nocapture"]);
    let child = command.env(DIR, dir).stdout(Stdio::piped()).spawn().unwrap();
    let mut writer = Writer(child);
    let lines = BufReader::new(writer.0.stdout.take().unwrap()).lines();
    let numbers = lines.map_while(Result::ok).filter_map(|line| {
        line.split_once("durable ")
            .and_then(|(_, number)| number.trim().parse::<u64>().ok())
    });
    numbers.take(batches).last()
}

/// Every batch is there whole or not at all, and all that were reported are.
fn check(store: &Store, reported: Option<u64>, round: usize) {
    let restored = store.load().unwrap();
    let cursor = restored.cursors.first().unwrap();
    assert!(
        Some(cursor.next.0) >= reported,
        "round {round}: batch {reported:?} was reported and is lost"
    );
    let expected = (cursor.next.0 + 1) * BATCH;
    assert_eq!(
        restored.packets.len() as u64,
        expected,
        "round {round}: a batch is there in part"
    );
    for record in &restored.packets {
        assert_eq!(*record, packet(record.id.sequence.get()));
    }
}

#[test]
fn a_killed_writer_loses_nothing_that_it_reported() {
    let dir = tempdir().unwrap();
    let mut reported = None;
    for round in 0..12 {
        // A number of batches that differs from round to round; the kill then meets any moment of the next one.
        reported = write_and_kill(dir.path(), 1 + (round * 7 % 13)).or(reported);
        check(
            &Store::open(dir.path(), Keep::default()).unwrap(),
            reported,
            round,
        );
    }
    assert!(reported.is_some_and(|number| number > 20));
}

#[test]
fn what_a_killed_writer_left_is_read_without_a_daemon() {
    let dir = tempdir().unwrap();
    let mut reported = None;
    for round in 0..4 {
        reported = write_and_kill(dir.path(), 1 + round).or(reported);
        let as_it_is = Builder::new().open_read_only(dir.path().join("relayer.redb"));
        assert!(
            matches!(as_it_is, Err(DatabaseError::RepairAborted)),
            "the kill left nothing to repair"
        );
        // Twice: the first reader repairs, the second finds it clean.
        for _ in 0..2 {
            let store = Store::open_read_only(dir.path()).unwrap();
            check(&store, reported, round);
            assert!(matches!(store.write(&[]), Err(StoreError::Denied { .. })));
        }
    }
}
