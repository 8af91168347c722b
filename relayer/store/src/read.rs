//! Reading: what the machine starts from, and what commands and HTTP show.

use crate::bytes::Unreadable;
use crate::codec::{decode_cursor, decode_packet, decode_totals, end_key, packet_key};
use crate::codec_flight::decode_flight;
use crate::error::StoreError;
use crate::log::LogEntry;
use crate::store::{CURSORS, FLYING, LANDED, LIVE, LOG, PARKED, SETTLED, Store, TOTALS};
use chain::SubmissionId;
use redb::{ReadOnlyTable, ReadableTable, ReadableTableMetadata, TableDefinition};
use relayer_core::{Cursor, EndName, FlightRecord, Leg, PacketId, PacketRecord, Restored, Totals};
use wire::{Seconds, Sequence};

type Table = TableDefinition<'static, &'static [u8], &'static [u8]>;
type Opened = ReadOnlyTable<&'static [u8], &'static [u8]>;

impl Store {
    /// Everything that is not over: what `Relayer::open` starts from. Of parked packets only where they are.
    ///
    /// # Errors
    /// [`StoreError::Record`] with the key of the first record that cannot be read, and others.
    pub fn load(&self) -> Result<Restored, StoreError> {
        let last = |table| -> Result<Option<SubmissionId>, StoreError> {
            let of = |error: redb::Error| StoreError::of(self.path(), error);
            let table = self
                .begin_read()?
                .open_table(table)
                .map_err(|error| of(error.into()))?;
            let last = table.last().map_err(|error| of(error.into()))?;
            Ok(last.map(|(id, _)| SubmissionId(id.value())))
        };
        Ok(Restored {
            packets: self.all(LIVE, "packets_live", decode_packet)?,
            parked: self.all(PARKED, "packets_parked", id_and_leg)?,
            cursors: self.all(CURSORS, "cursors", decode_cursor)?,
            flights: self.flights_of(FLYING, "submissions_flying", usize::MAX)?,
            last_submission: last(FLYING)?.max(last(LANDED)?),
        })
    }

    /// One packet, live, parked or settled.
    ///
    /// # Errors
    /// [`StoreError::Record`] if it cannot be read, and others.
    pub fn packet(&self, id: &PacketId) -> Result<Option<PacketRecord>, StoreError> {
        let key = packet_key(id);
        for (table, name) in [
            (LIVE, "packets_live"),
            (PARKED, "packets_parked"),
            (SETTLED, "packets_settled"),
        ] {
            let found = self.of_key(table, name, &key, decode_packet)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The record of a parked packet, for a machine that wakes it.
    ///
    /// # Errors
    /// [`StoreError::Record`] if it cannot be read, and others.
    pub fn parked_packet(&self, id: &PacketId) -> Result<Option<PacketRecord>, StoreError> {
        self.of_key(PARKED, "packets_parked", &packet_key(id), decode_packet)
    }

    /// Settled packets of one end with a sequence above `after`, in order, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Record`] if one of them cannot be read, and others.
    pub fn settled(
        &self,
        end: &EndName,
        after: Option<Sequence>,
        limit: usize,
    ) -> Result<Vec<PacketRecord>, StoreError> {
        self.of_end(SETTLED, "packets_settled", end, after, limit)
    }

    /// Live packets of one end with a sequence above `after`, in order, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Record`] if one of them cannot be read, and others.
    pub fn live(
        &self,
        end: &EndName,
        after: Option<Sequence>,
        limit: usize,
    ) -> Result<Vec<PacketRecord>, StoreError> {
        self.of_end(LIVE, "packets_live", end, after, limit)
    }

    /// Parked packets of one end with a sequence above `after`, in order, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Record`] if one of them cannot be read, and others.
    pub fn parked(
        &self,
        end: &EndName,
        after: Option<Sequence>,
        limit: usize,
    ) -> Result<Vec<PacketRecord>, StoreError> {
        self.of_end(PARKED, "packets_parked", end, after, limit)
    }

    /// How many packets are live and how many are settled; parked ones are neither.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn counts(&self) -> Result<(u64, u64), StoreError> {
        let count = |table: Table| -> Result<u64, StoreError> {
            let of = |error: redb::Error| StoreError::of(self.path(), error);
            let table = self
                .begin_read()?
                .open_table(table)
                .map_err(|error| of(error.into()))?;
            table.len().map_err(|error| of(error.into()))
        };
        Ok((count(LIVE)?, count(SETTLED)?))
    }

    /// How the packets sent from `end` ended, those whose records were forgotten included.
    ///
    /// # Errors
    /// [`StoreError::Record`] if it cannot be read, and others.
    pub fn totals(&self, end: &EndName) -> Result<Totals, StoreError> {
        let found = self.of_key(TOTALS, "totals", &end_key(end), decode_totals)?;
        Ok(found.unwrap_or_default())
    }

    /// How far the events of `end` were read; none if they never were.
    ///
    /// # Errors
    /// [`StoreError::Record`] if it cannot be read, and others.
    pub fn cursor(&self, end: &EndName) -> Result<Option<Cursor>, StoreError> {
        self.of_key(CURSORS, "cursors", &end_key(end), decode_cursor)
    }

    /// The newest submissions that are over, newest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Record`] if one of them cannot be read, and others.
    pub fn past_flights(&self, limit: usize) -> Result<Vec<FlightRecord>, StoreError> {
        self.flights_of(LANDED, "submissions_over", limit)
    }

    /// The newest lines of the log, newest first, at most `limit`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn log(&self, limit: usize) -> Result<Vec<LogEntry>, StoreError> {
        let of = |error: redb::Error| StoreError::of(self.path(), error);
        let table = self
            .begin_read()?
            .open_table(LOG)
            .map_err(|error| of(error.into()))?;
        let lines = table.iter().map_err(|error| of(error.into()))?.rev().take(limit);
        lines
            .map(|line| {
                let (_, line) = line.map_err(|error| of(error.into()))?;
                let (at, text) = line.value();
                Ok(LogEntry {
                    at: Seconds(at),
                    text: text.to_owned(),
                })
            })
            .collect()
    }

    /// A table; none in a store of an older schema that is opened only for reading.
    fn opened(&self, table: Table) -> Result<Option<Opened>, StoreError> {
        match self.begin_read()?.open_table(table) {
            Ok(opened) => Ok(Some(opened)),
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(StoreError::of(self.path(), error)),
        }
    }

    fn of_key<T>(
        &self,
        table: Table,
        name: &'static str,
        key: &[u8],
        decode: impl Fn(&[u8]) -> Result<T, Unreadable>,
    ) -> Result<Option<T>, StoreError> {
        let of = |error: redb::Error| StoreError::of(self.path(), error);
        let Some(opened) = self.opened(table)? else {
            return Ok(None);
        };
        let value = opened.get(key).map_err(|error| of(error.into()))?;
        value
            .map(|value| decode(value.value()).map_err(bad_record(name, key)))
            .transpose()
    }

    fn flights_of(
        &self,
        table: TableDefinition<'static, u64, &'static [u8]>,
        name: &'static str,
        limit: usize,
    ) -> Result<Vec<FlightRecord>, StoreError> {
        let of = |error: redb::Error| StoreError::of(self.path(), error);
        let table = self
            .begin_read()?
            .open_table(table)
            .map_err(|error| of(error.into()))?;
        let rows = table.iter().map_err(|error| of(error.into()))?.rev().take(limit);
        rows.map(|row| {
            let (key, value) = row.map_err(|error| of(error.into()))?;
            decode_flight(value.value()).map_err(bad_record(name, &key.value().to_be_bytes()))
        })
        .collect()
    }

    fn of_end(
        &self,
        table: Table,
        name: &'static str,
        end: &EndName,
        after: Option<Sequence>,
        limit: usize,
    ) -> Result<Vec<PacketRecord>, StoreError> {
        let key = |sequence: u64| {
            let mut key = end_key(end);
            key.extend_from_slice(&sequence.to_be_bytes());
            key
        };
        let (from, to) = (
            key(after.map_or(0, |after| after.get().saturating_add(1))),
            key(u64::MAX),
        );
        let of = |error: redb::Error| StoreError::of(self.path(), error);
        let Some(table) = self.opened(table)? else {
            return Ok(Vec::new());
        };
        let rows = table
            .range(from.as_slice()..=to.as_slice())
            .map_err(|error| of(error.into()))?;
        rows.take(limit)
            .map(|row| {
                let (key, value) = row.map_err(|error| of(error.into()))?;
                decode_packet(value.value()).map_err(bad_record(name, key.value()))
            })
            .collect()
    }

    fn all<T>(
        &self,
        table: Table,
        name: &'static str,
        decode: impl Fn(&[u8]) -> Result<T, Unreadable>,
    ) -> Result<Vec<T>, StoreError> {
        let of = |error: redb::Error| StoreError::of(self.path(), error);
        let Some(table) = self.opened(table)? else {
            return Ok(Vec::new());
        };
        let rows = table.iter().map_err(|error| of(error.into()))?;
        rows.map(|row| {
            let (key, value) = row.map_err(|error| of(error.into()))?;
            decode(value.value()).map_err(bad_record(name, key.value()))
        })
        .collect()
    }
}

/// What the machine keeps of a parked packet.
fn id_and_leg(value: &[u8]) -> Result<(PacketId, Leg), Unreadable> {
    let record = decode_packet(value)?;
    Ok((record.id, record.standing.leg))
}

fn bad_record(table: &'static str, key: &[u8]) -> impl FnOnce(Unreadable) -> StoreError {
    // Keys hold names between binary lengths: what is readable is shown, the rest as hexadecimal escapes.
    let key = key.escape_ascii().to_string();
    move |why| StoreError::Record { table, key, why }
}
