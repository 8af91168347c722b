//! The tables, and writing to them.

use crate::codec::{decode_totals, encode_cursor, encode_packet, encode_totals, end_key, packet_key};
use crate::codec_flight::encode_flight;
use crate::error::StoreError;
use crate::log::{day_of, line};
use crate::migrate::{META, SCHEMA_KEY, STEPS, Step, migrate, newer};
use crate::owner;
use redb::{
    Builder, Database, ReadOnlyDatabase, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition,
    WriteTransaction,
};
use relayer_core::{Keep, PacketRecord, Record, Totals};
use std::fmt;
use std::fs;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

type Table = TableDefinition<'static, &'static [u8], &'static [u8]>;

/// Packets that are not settled, by end and sequence.
pub(crate) const LIVE: Table = TableDefinition::new("packets_live");
/// Packets that are parked, by end and sequence: not settled either, but of their records next to nothing stays in memory.
pub(crate) const PARKED: Table = TableDefinition::new("packets_parked");
/// Packets that are settled, by end and sequence.
pub(crate) const SETTLED: Table = TableDefinition::new("packets_settled");
/// Cursors, by end.
pub(crate) const CURSORS: Table = TableDefinition::new("cursors");
/// Submissions that are not over, by id.
pub(crate) const FLYING: TableDefinition<'static, u64, &'static [u8]> =
    TableDefinition::new("submissions_flying");
/// Submissions that are over, by id.
pub(crate) const LANDED: TableDefinition<'static, u64, &'static [u8]> =
    TableDefinition::new("submissions_over");
/// Settled packets in the order of their end: (time, key in [`SETTLED`]). Only a hint: an entry counts if the record is
/// there and names the same time.
pub(crate) const SETTLED_AT: TableDefinition<'static, (u64, &'static [u8]), ()> =
    TableDefinition::new("packets_settled_at");
/// How the packets of each end ended, by end.
pub(crate) const TOTALS: Table = TableDefinition::new("totals");
/// The log: (day, number) -> (time, line).
pub(crate) const LOG: TableDefinition<'static, (u32, u32), (u64, &'static str)> = TableDefinition::new("log");
/// Lines of a day, those beyond the bound included.
pub(crate) const LOG_DAYS: TableDefinition<'static, u32, u32> = TableDefinition::new("log_days");

/// The schema that this program writes.
pub const SCHEMA: u64 = 3;
const _: () = assert!(
    STEPS.len() as u64 + 1 == SCHEMA,
    "a migration step goes with a new schema"
);

const FILE: &str = "relayer.redb";
/// Bound: memory for pages; redb's own default is a gigabyte.
const CACHE_BYTES: usize = 32 * 1024 * 1024;

/// A store, opened for writing by the daemon or only for reading by a command.
pub struct Store {
    db: Handle,
    dir: PathBuf,
    path: PathBuf,
    pub(crate) keep: Keep,
}

pub(crate) enum Handle {
    Write(Database),
    Read(ReadOnlyDatabase),
}

impl Store {
    /// Opens the store in the folder `dir` for writing; makes both if they are not there, and brings an older schema
    /// forward.
    ///
    /// # Errors
    /// [`StoreError`]; the file is left as it is.
    pub fn open(dir: &Path, keep: Keep) -> Result<Self, StoreError> {
        Self::open_with(dir, keep, STEPS)
    }

    pub(crate) fn open_with(dir: &Path, keep: Keep, steps: &[Step]) -> Result<Self, StoreError> {
        fs::create_dir_all(dir).map_err(|error| StoreError::io(dir.to_owned(), &error))?;
        let path = dir.join(FILE);
        let db = guarded(&path, || Builder::new().set_cache_size(CACHE_BYTES).create(&path))?;
        Self::from_handle(Handle::Write(db), dir, path, keep, steps)
    }

    pub(crate) fn from_handle(
        db: Handle,
        dir: &Path,
        path: PathBuf,
        keep: Keep,
        steps: &[Step],
    ) -> Result<Self, StoreError> {
        let store = Self {
            db,
            dir: dir.to_owned(),
            path,
            keep,
        };
        store.transact(|tx| {
            migrate(&store.path, tx, steps)?;
            // Every table exists from the start, so that reading never has to ask whether it does.
            let of = |error| StoreError::of(&store.path, error);
            for table in [LIVE, PARKED, SETTLED, CURSORS, TOTALS] {
                tx.open_table(table).map_err(of)?;
            }
            for table in [FLYING, LANDED] {
                tx.open_table(table).map_err(of)?;
            }
            tx.open_table(SETTLED_AT).map_err(of)?;
            tx.open_table(LOG).map_err(of)?;
            tx.open_table(LOG_DAYS).map_err(of)?;
            Ok(())
        })?;
        Ok(store)
    }

    /// Opens the store only for reading. Works while no daemon has it open. What a killed daemon left half done is
    /// first taken back, as the daemon itself would do at its next start; nothing else is written.
    ///
    /// # Errors
    /// [`StoreError::Locked`] while a daemon runs, [`StoreError::Missing`] before the first, and others.
    pub fn open_read_only(dir: &Path) -> Result<Self, StoreError> {
        match Self::read_only(dir) {
            Err(StoreError::Unclean { path }) => {
                repair(&path)?;
                Self::read_only(dir)
            }
            opened => opened,
        }
    }

    fn read_only(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(FILE);
        if !path.exists() {
            return Err(StoreError::Missing { path });
        }
        let db = guarded(&path, || {
            Builder::new().set_cache_size(CACHE_BYTES).open_read_only(&path)
        })?;
        let store = Self {
            db: Handle::Read(db),
            dir: dir.to_owned(),
            path,
            keep: Keep::default(),
        };
        let found = store.schema()?;
        if found > SCHEMA {
            return Err(newer(&store.path, found, SCHEMA));
        }
        Ok(store)
    }

    /// Makes all `records` durable in one transaction, with their lines in the log. When this returns `Ok` they survive
    /// a crash; when it does not, none of them is written.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`] and others; the store can be used again afterwards.
    pub fn write(&self, records: &[Record]) -> Result<(), StoreError> {
        self.transact(|tx| {
            self.put_all(tx, records)
                .and_then(|()| self.append_log(tx, records))
                .map_err(|error| StoreError::of(&self.path, error))
        })
    }

    /// Tells other processes where this one can be asked over HTTP.
    ///
    /// # Errors
    /// When the file beside the store cannot be written.
    pub fn announce(&self, address: SocketAddr) -> Result<(), StoreError> {
        owner::announce(&self.dir, address)
    }

    /// The file, for messages.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn put_all(&self, tx: &WriteTransaction, records: &[Record]) -> Result<(), redb::Error> {
        let (mut live, mut parked) = (tx.open_table(LIVE)?, tx.open_table(PARKED)?);
        let mut settled = tx.open_table(SETTLED)?;
        let (mut flying, mut landed) = (tx.open_table(FLYING)?, tx.open_table(LANDED)?);
        let (mut cursors, mut settled_at) = (tx.open_table(CURSORS)?, tx.open_table(SETTLED_AT)?);
        for record in records {
            match record {
                Record::Packet(packet) if packet.standing.stage.is_final() => {
                    let (key, value) = (packet_key(&packet.id), encode_packet(packet));
                    let is_known = settled.insert(key.as_slice(), value.as_slice())?.is_some();
                    live.remove(key.as_slice())?;
                    parked.remove(key.as_slice())?;
                    settled_at.insert((packet.since().0, key.as_slice()), ())?;
                    if !is_known {
                        change_totals(tx, packet, |totals| totals.settle(packet.standing.stage))?;
                    }
                }
                Record::Packet(packet) => {
                    let (key, value) = (packet_key(&packet.id), encode_packet(packet));
                    live.insert(key.as_slice(), value.as_slice())?;
                    parked.remove(key.as_slice())?;
                    settled.remove(key.as_slice())?;
                }
                Record::Parked(packet) => {
                    let (key, value) = (packet_key(&packet.id), encode_packet(packet));
                    parked.insert(key.as_slice(), value.as_slice())?;
                    live.remove(key.as_slice())?;
                }
                Record::Unsent(id) => {
                    let key = packet_key(id);
                    live.remove(key.as_slice())?;
                    parked.remove(key.as_slice())?;
                }
                Record::Cursor(cursor) => {
                    let (key, value) = (end_key(&cursor.end), encode_cursor(cursor));
                    cursors.insert(key.as_slice(), value.as_slice())?;
                }
                Record::Flight(flight) => {
                    let (key, value) = (flight.id.0, encode_flight(flight));
                    let is_over = flight.state.is_over();
                    let (to, from) = if is_over {
                        (&mut landed, &mut flying)
                    } else {
                        (&mut flying, &mut landed)
                    };
                    to.insert(key, value.as_slice())?;
                    from.remove(key)?;
                }
            }
        }
        Ok(())
    }

    fn append_log(&self, tx: &WriteTransaction, records: &[Record]) -> Result<(), redb::Error> {
        let (mut log, mut days) = (tx.open_table(LOG)?, tx.open_table(LOG_DAYS)?);
        for entry in records.iter().filter_map(line) {
            let day = day_of(entry.at);
            let count = days.get(day)?.map_or(0, |count| count.value());
            days.insert(day, count.saturating_add(1))?;
            if count < self.keep.log_lines_per_day {
                log.insert((day, count), (entry.at.0, entry.text.as_str()))?;
            }
        }
        Ok(())
    }

    pub(crate) fn transact(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let Handle::Write(db) = &self.db else {
            return Err(StoreError::Denied {
                path: self.path.clone(),
            });
        };
        let tx = db
            .begin_write()
            .map_err(|error| StoreError::of(&self.path, error))?;
        work(&tx)?;
        tx.commit().map_err(|error| StoreError::of(&self.path, error))
    }

    pub(crate) fn begin_read(&self) -> Result<ReadTransaction, StoreError> {
        let tx = match &self.db {
            Handle::Write(db) => db.begin_read(),
            Handle::Read(db) => db.begin_read(),
        };
        tx.map_err(|error| StoreError::of(&self.path, error))
    }

    fn schema(&self) -> Result<u64, StoreError> {
        let of = |error: redb::Error| StoreError::of(&self.path, error);
        let meta = self
            .begin_read()?
            .open_table(META)
            .map_err(|error| of(error.into()))?;
        let found = meta.get(SCHEMA_KEY).map_err(|error| of(error.into()))?;
        Ok(found.map_or(SCHEMA, |value| value.value()))
    }
}

/// Changes the totals of the end that `packet` was sent from.
pub(crate) fn change_totals(
    tx: &WriteTransaction,
    packet: &PacketRecord,
    change: impl FnOnce(&mut Totals),
) -> Result<(), redb::Error> {
    let mut table = tx.open_table(TOTALS)?;
    let key = end_key(&packet.id.source);
    let kept = table
        .get(key.as_slice())?
        .map(|value| decode_totals(value.value()));
    let mut totals = match kept {
        None => Totals::default(),
        Some(Ok(totals)) => totals,
        // What cannot be read is not overwritten: counting stops, carrying packets does not.
        Some(Err(_)) => return Ok(()),
    };
    change(&mut totals);
    table.insert(key.as_slice(), encode_totals(&totals).as_slice())?;
    Ok(())
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.path)
            .field("keep", &self.keep)
            .finish_non_exhaustive()
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if matches!(self.db, Handle::Write(_)) {
            owner::withdraw(&self.dir);
        }
    }
}

/// Lets redb take back what a killed process left half done. The lock keeps a daemon out meanwhile, and us while it runs.
fn repair(path: &Path) -> Result<(), StoreError> {
    let opened = guarded(path, || Builder::new().set_cache_size(CACHE_BYTES).open(path));
    match opened {
        Ok(db) => {
            drop(db);
            Ok(())
        }
        // Who may only read learns who can repair it.
        Err(StoreError::Denied { path }) => Err(StoreError::Unclean { path }),
        Err(error) => Err(error),
    }
}

/// Opens a file that may hold anything: redb answers some damage with a panic in debug builds.
fn guarded<T>(path: &Path, open: impl FnOnce() -> Result<T, redb::DatabaseError>) -> Result<T, StoreError> {
    match catch_unwind(AssertUnwindSafe(open)) {
        Ok(opened) => opened.map_err(|error| StoreError::of(path, error)),
        Err(_) => Err(StoreError::Corrupt {
            path: path.to_owned(),
            text: "its pages do not fit together".into(),
        }),
    }
}
