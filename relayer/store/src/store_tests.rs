//! What only the inside of the store can bring about: other schemas, damaged records, a full disk.

use crate::codec::packet_key;
use crate::codec_tests::packet_record;
use crate::error::StoreError;
use crate::migrate::{META, SCHEMA_KEY};
use crate::store::{Handle, LIVE, PARKED, SCHEMA, SETTLED, SETTLED_AT, Store, TOTALS};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use redb::backends::InMemoryBackend;
use redb::{Database, ReadableTable, StorageBackend, WriteTransaction};
use relayer_core::{Keep, Leg, PacketRecord, Record, Stage, Standing, Totals};
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::tempdir;
use wire::{Seconds, Sequence};

fn live_packet() -> PacketRecord {
    let mut record = packet_record()
        .new_tree(&mut TestRunner::deterministic())
        .unwrap()
        .current();
    record.standing = Standing {
        leg: Leg::Deliver,
        stage: Stage::Seen,
    };
    record
}

fn raw(dir: &Path, work: impl FnOnce(&WriteTransaction)) {
    let db = Database::create(dir.join("relayer.redb")).unwrap();
    let tx = db.begin_write().unwrap();
    work(&tx);
    tx.commit().unwrap();
}

#[test]
fn a_newer_schema_is_refused_and_left_as_it_is() {
    let dir = tempdir().unwrap();
    drop(Store::open(dir.path(), Keep::default()).unwrap());
    raw(dir.path(), |tx| {
        drop(
            tx.open_table(META)
                .unwrap()
                .insert(SCHEMA_KEY, SCHEMA + 3)
                .unwrap(),
        )
    });
    for opened in [
        Store::open(dir.path(), Keep::default()),
        Store::open_read_only(dir.path()),
    ] {
        let error = opened.unwrap_err();
        assert!(
            matches!(
                error,
                StoreError::Newer { found, known, .. }
                    if u64::from(found) == SCHEMA + 3 && u64::from(known) == SCHEMA
            ),
            "{error}"
        );
    }
    raw(dir.path(), |tx| {
        let meta = tx.open_table(META).unwrap();
        assert_eq!(meta.get(SCHEMA_KEY).unwrap().unwrap().value(), SCHEMA + 3);
    });
}

#[test]
fn an_older_schema_is_brought_forward_step_by_step() {
    fn doubles(tx: &WriteTransaction) -> Result<(), redb::Error> {
        let mut meta = tx.open_table(META)?;
        let old = meta.get("test")?.map_or(1, |value| value.value());
        meta.insert("test", old * 2)?;
        Ok(())
    }
    fn adds(tx: &WriteTransaction) -> Result<(), redb::Error> {
        let mut meta = tx.open_table(META)?;
        let old = meta.get("test")?.map_or(1, |value| value.value());
        meta.insert("test", old + 5)?;
        Ok(())
    }
    let dir = tempdir().unwrap();
    drop(Store::open_with(dir.path(), Keep::default(), &[]).unwrap());
    drop(Store::open_with(dir.path(), Keep::default(), &[doubles, adds]).unwrap());
    drop(Store::open_with(dir.path(), Keep::default(), &[doubles, adds]).unwrap());
    raw(dir.path(), |tx| {
        let meta = tx.open_table(META).unwrap();
        assert_eq!(
            meta.get("test").unwrap().unwrap().value(),
            7,
            "each step once, in order"
        );
        assert_eq!(meta.get(SCHEMA_KEY).unwrap().unwrap().value(), 3);
    });
}

#[test]
fn a_step_that_fails_leaves_the_old_schema() {
    fn fails(tx: &WriteTransaction) -> Result<(), redb::Error> {
        tx.open_table(META)?.insert("half", 1)?;
        Err(redb::Error::Corrupted("test".into()))
    }
    let dir = tempdir().unwrap();
    drop(Store::open_with(dir.path(), Keep::default(), &[]).unwrap());
    Store::open_with(dir.path(), Keep::default(), &[fails]).unwrap_err();
    raw(dir.path(), |tx| {
        let meta = tx.open_table(META).unwrap();
        assert!(meta.get("half").unwrap().is_none());
        assert_eq!(meta.get(SCHEMA_KEY).unwrap().unwrap().value(), 1);
    });
}

fn settled_packet(sequence: u64, ended: u64) -> PacketRecord {
    let mut record = live_packet();
    record.id.sequence = Sequence::new(sequence).unwrap();
    record.standing.stage = Stage::Acked;
    (record.history, record.not_before) = (Vec::new(), Seconds(ended));
    record
}

/// Takes away what schema 3 brought.
fn back_to_schema_2(dir: &Path) {
    raw(dir, |tx| {
        tx.delete_table(PARKED).unwrap();
        let mut meta = tx.open_table(META).unwrap();
        drop(meta.insert(SCHEMA_KEY, 2).unwrap());
    });
}

/// Takes away what schema 2 brought.
fn back_to_schema_1(dir: &Path) {
    back_to_schema_2(dir);
    raw(dir, |tx| {
        tx.delete_table(SETTLED_AT).unwrap();
        tx.delete_table(TOTALS).unwrap();
        let mut meta = tx.open_table(META).unwrap();
        drop(meta.insert(SCHEMA_KEY, 1).unwrap());
    });
}

#[test]
fn a_store_of_schema_1_is_read_as_it_is_and_ordered_when_it_is_written() {
    let dir = tempdir().unwrap();
    let keep = Keep {
        finished: Seconds(100),
        ..Keep::default()
    };
    let store = Store::open(dir.path(), keep).unwrap();
    let (old, new) = (settled_packet(1, 50), settled_packet(2, 90));
    let records = [old.clone(), new.clone()].map(Record::Packet);
    store.write(&records).unwrap();
    drop(store);
    back_to_schema_1(dir.path());
    let source = &old.id.source;
    let read = Store::open_read_only(dir.path()).unwrap();
    assert_eq!(read.totals(source).unwrap(), Totals::default());
    assert_eq!(read.packet(&old.id).unwrap(), Some(old.clone()));
    drop(read);
    let store = Store::open(dir.path(), keep).unwrap();
    assert_eq!(store.totals(source).unwrap().acked, 2);
    assert_eq!(store.prune(Seconds(150)).unwrap().packets, 1);
    assert_eq!(store.packet(&old.id).unwrap(), None);
    assert_eq!(store.packet(&new.id).unwrap(), Some(new));
}

#[test]
fn a_store_of_schema_2_is_read_as_it_is_and_takes_parked_packets_when_it_is_written() {
    let dir = tempdir().unwrap();
    let (live, settled) = (live_packet(), settled_packet(7, 90));
    let store = Store::open(dir.path(), Keep::default()).unwrap();
    let records = [live.clone(), settled.clone()].map(Record::Packet);
    store.write(&records).unwrap();
    drop(store);
    back_to_schema_2(dir.path());
    let source = &live.id.source;
    let read = Store::open_read_only(dir.path()).unwrap();
    assert_eq!(read.packet(&live.id).unwrap(), Some(live.clone()));
    assert_eq!(read.parked(source, None, 9).unwrap(), []);
    assert_eq!(read.load().unwrap().parked, []);
    drop(read);
    let store = Store::open(dir.path(), Keep::default()).unwrap();
    let restored = store.load().unwrap();
    assert_eq!((restored.packets, restored.parked), (vec![live.clone()], vec![]));
    assert_eq!(store.packet(&settled.id).unwrap(), Some(settled));
    store.write(&[Record::Parked(live.clone())]).unwrap();
    drop(store);
    let restored = Store::open(dir.path(), Keep::default()).unwrap().load().unwrap();
    assert_eq!(
        (restored.packets, restored.parked),
        (vec![], vec![(live.id, Leg::Deliver)])
    );
}

#[test]
fn what_cannot_be_read_is_not_pruned_and_holds_nothing_up() {
    let dir = tempdir().unwrap();
    let keep = Keep {
        finished: Seconds(100),
        ..Keep::default()
    };
    let store = Store::open(dir.path(), keep).unwrap();
    let packets = [1, 2].map(|n| settled_packet(n, n));
    store.write(&packets.clone().map(Record::Packet)).unwrap();
    drop(store);
    let key = packet_key(&packets[0].id);
    raw(dir.path(), |tx| {
        let mut table = tx.open_table(SETTLED).unwrap();
        drop(table.insert(key.as_slice(), [9].as_slice()).unwrap());
    });
    let store = Store::open(dir.path(), keep).unwrap();
    assert_eq!(store.prune(Seconds(1_000)).unwrap().packets, 1);
    assert!(matches!(
        store.packet(&packets[0].id),
        Err(StoreError::Record { .. })
    ));
    assert_eq!(store.packet(&packets[1].id).unwrap(), None);
}

#[test]
fn a_damaged_record_is_named_and_the_others_are_read() {
    let dir = tempdir().unwrap();
    let record = live_packet();
    let store = Store::open(dir.path(), Keep::default()).unwrap();
    store.write(&[Record::Packet(record.clone())]).unwrap();
    drop(store);
    raw(dir.path(), |tx| {
        drop(
            tx.open_table(LIVE)
                .unwrap()
                .insert(b"a bad key".as_slice(), [1, 2, 3].as_slice())
                .unwrap(),
        );
    });
    let store = Store::open(dir.path(), Keep::default()).unwrap();
    let error = store.load().unwrap_err();
    assert!(
        matches!(&error, StoreError::Record { table: "packets_live", key, .. } if key == "a bad key"),
        "{error}"
    );
    assert_eq!(store.packet(&record.id).unwrap(), Some(record));
}

/// A disk that can become full.
#[derive(Debug)]
struct Disk {
    memory: InMemoryBackend,
    is_full: Arc<AtomicBool>,
}

impl Disk {
    fn check(&self) -> Result<(), Error> {
        if self.is_full.load(Ordering::Relaxed) {
            Err(Error::from(ErrorKind::StorageFull))
        } else {
            Ok(())
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, Error> {
        self.memory.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        self.memory.read(offset, out)
    }
    fn set_len(&self, len: u64) -> Result<(), Error> {
        self.check()?;
        self.memory.set_len(len)
    }
    fn sync_data(&self) -> Result<(), Error> {
        self.check()?;
        self.memory.sync_data()
    }
    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        self.check()?;
        self.memory.write(offset, data)
    }
}

#[test]
fn a_full_disk_says_so_and_keeps_what_was_written() {
    let dir = tempdir().unwrap();
    let is_full = Arc::new(AtomicBool::new(false));
    let disk = Disk {
        memory: InMemoryBackend::new(),
        is_full: Arc::clone(&is_full),
    };
    let db = Database::builder().create_with_backend(disk).unwrap();
    let path = dir.path().join("relayer.redb");
    let store = Store::from_handle(Handle::Write(db), dir.path(), path, Keep::default(), &[]).unwrap();
    let record = live_packet();
    store.write(&[Record::Packet(record.clone())]).unwrap();
    is_full.store(true, Ordering::Relaxed);
    let mut second = record.clone();
    second.id.sequence = second.id.sequence.next().unwrap();
    let error = store.write(&[Record::Packet(second.clone())]).unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error}");
    assert_eq!(store.packet(&record.id).unwrap(), Some(record));
    assert_eq!(store.packet(&second.id).unwrap(), None);
}
