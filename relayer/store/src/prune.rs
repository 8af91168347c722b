//! Forgetting what is over: a little at a time, so that no write of the daemon waits long for it.
//!
//! Which records go is decided by [`relayer_core::Keep`]; here they are found, oldest first, and deleted in one
//! transaction together with what points at them. A crash leaves a step done or not done. What cannot be read stays.

use crate::codec::{decode_packet, packet_key};
use crate::codec_flight::decode_flight;
use crate::error::StoreError;
use crate::log::day_of;
use crate::store::{LANDED, LOG, LOG_DAYS, SETTLED, SETTLED_AT, Store, change_totals};
use redb::{ReadableTable, ReadableTableMetadata, WriteTransaction};
use relayer_core::{FlightRecord, PacketRecord};
use wire::Seconds;

/// Bound: records of one kind that one step looks at.
const STEP: usize = 256;
/// Bound: lines of the log that one step deletes; they are small.
const STEP_LINES: usize = 2_048;

/// What one step deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Records of packets.
    pub packets: usize,
    /// Records of submissions.
    pub submissions: usize,
    /// Lines of the log.
    pub log_lines: usize,
    /// Whether the next step would delete more.
    pub has_more: bool,
}

impl Store {
    /// Deletes some of what is over and was kept long enough at `now`, in one transaction.
    ///
    /// # Errors
    /// As [`Store::write`]; nothing is deleted then.
    pub fn prune(&self, now: Seconds) -> Result<Forgotten, StoreError> {
        let mut forgotten = Forgotten::default();
        self.transact(|tx| {
            let step = || -> Result<Forgotten, redb::Error> {
                let (packets, has_more_packets) = self.prune_packets(tx, now)?;
                let submissions = self.prune_submissions(tx, now)?;
                let log_lines = self.prune_log(tx, now)?;
                Ok(Forgotten {
                    packets,
                    submissions,
                    log_lines,
                    has_more: has_more_packets || submissions >= STEP || log_lines >= STEP_LINES,
                })
            };
            forgotten = step().map_err(|error| StoreError::of(self.path(), error))?;
            Ok(())
        })?;
        Ok(forgotten)
    }

    /// How many were deleted, and whether there may be more.
    fn prune_packets(&self, tx: &WriteTransaction, now: Seconds) -> Result<(usize, bool), redb::Error> {
        let (mut settled, mut settled_at) = (tx.open_table(SETTLED)?, tx.open_table(SETTLED_AT)?);
        let mut oldest: Vec<PacketRecord> = Vec::new();
        let mut stale: Vec<(u64, Vec<u8>)> = Vec::new();
        for row in settled_at.iter()?.take(STEP) {
            let (entry, _) = row?;
            let (at, key) = entry.value();
            let record = settled
                .get(key)?
                .and_then(|value| decode_packet(value.value()).ok());
            match record.filter(|record| record.since() == Seconds(at)) {
                Some(record) => oldest.push(record),
                None => stale.push((at, key.to_vec())),
            }
        }
        let held = settled.len()?;
        let due = self.keep.packets(held, &oldest, now);
        for record in &due {
            let key = packet_key(&record.id);
            settled.remove(key.as_slice())?;
            settled_at.remove((record.since().0, key.as_slice()))?;
            change_totals(tx, record, |totals| totals.prune(record))?;
        }
        for (at, key) in &stale {
            settled_at.remove((*at, key.as_slice()))?;
        }
        Ok((due.len(), due.len().saturating_add(stale.len()) >= STEP))
    }

    fn prune_submissions(&self, tx: &WriteTransaction, now: Seconds) -> Result<usize, redb::Error> {
        let mut landed = tx.open_table(LANDED)?;
        let mut oldest: Vec<FlightRecord> = Vec::new();
        for row in landed.iter()?.take(STEP) {
            oldest.extend(decode_flight(row?.1.value()).ok());
        }
        let held = landed.len()?;
        let due = self.keep.submissions(held, &oldest, now);
        for id in &due {
            landed.remove(id.0)?;
        }
        Ok(due.len())
    }

    fn prune_log(&self, tx: &WriteTransaction, now: Seconds) -> Result<usize, redb::Error> {
        let (mut log, mut days) = (tx.open_table(LOG)?, tx.open_table(LOG_DAYS)?);
        let since = day_of(self.keep.log_since(now));
        let mut due: Vec<(u32, u32)> = Vec::new();
        for row in log.range((0, 0)..(since, 0))?.take(STEP_LINES) {
            due.push(row?.0.value());
        }
        for key in &due {
            log.remove(key)?;
        }
        if due.len() < STEP_LINES {
            days.retain_in(0..since, |_, _| false)?;
        }
        Ok(due.len())
    }
}
