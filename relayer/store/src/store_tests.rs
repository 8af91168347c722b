//! What only the inside of the store can bring about: other schemas, damaged records, a full disk.

use crate::codec_tests::packet_record;
use crate::error::StoreError;
use crate::log::LogBounds;
use crate::migrate::{META, SCHEMA_KEY};
use crate::store::{Handle, LIVE, SCHEMA, Store};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use redb::backends::InMemoryBackend;
use redb::{Database, ReadableTable, StorageBackend, WriteTransaction};
use relayer_core::{Leg, PacketRecord, Record, Stage, Standing};
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::tempdir;

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
    drop(Store::open(dir.path(), LogBounds::default()).unwrap());
    raw(dir.path(), |tx| {
        drop(
            tx.open_table(META)
                .unwrap()
                .insert(SCHEMA_KEY, SCHEMA + 3)
                .unwrap(),
        )
    });
    for opened in [
        Store::open(dir.path(), LogBounds::default()),
        Store::open_read_only(dir.path()),
    ] {
        let error = opened.unwrap_err();
        assert!(
            matches!(
                error,
                StoreError::Newer {
                    found: 4,
                    known: 1,
                    ..
                }
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
    drop(Store::open(dir.path(), LogBounds::default()).unwrap());
    drop(Store::open_with(dir.path(), LogBounds::default(), &[doubles, adds]).unwrap());
    drop(Store::open_with(dir.path(), LogBounds::default(), &[doubles, adds]).unwrap());
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
    drop(Store::open(dir.path(), LogBounds::default()).unwrap());
    Store::open_with(dir.path(), LogBounds::default(), &[fails]).unwrap_err();
    raw(dir.path(), |tx| {
        let meta = tx.open_table(META).unwrap();
        assert!(meta.get("half").unwrap().is_none());
        assert_eq!(meta.get(SCHEMA_KEY).unwrap().unwrap().value(), SCHEMA);
    });
}

#[test]
fn a_damaged_record_is_named_and_the_others_are_read() {
    let dir = tempdir().unwrap();
    let record = live_packet();
    let store = Store::open(dir.path(), LogBounds::default()).unwrap();
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
    let store = Store::open(dir.path(), LogBounds::default()).unwrap();
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
    let store = Store::from_handle(Handle::Write(db), dir.path(), path, LogBounds::default(), &[]).unwrap();
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
