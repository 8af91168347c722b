//! Schema versions: a store of an older schema is moved forward step by step in one transaction when it is opened for
//! writing; one of a newer schema is refused untouched.

use crate::codec::decode_packet;
use crate::error::StoreError;
use crate::store::{PARKED, SETTLED, SETTLED_AT, change_totals};
use redb::{ReadableTable, TableDefinition, WriteTransaction};
use std::path::Path;

/// Facts about the store itself.
pub(crate) const META: TableDefinition<'static, &'static str, u64> = TableDefinition::new("meta");
pub(crate) const SCHEMA_KEY: &str = "schema";

/// Moves the tables from one schema to the next.
pub(crate) type Step = fn(&WriteTransaction) -> Result<(), redb::Error>;

/// The steps, the first from schema 1 to 2. A new schema appends one; the current schema is their number plus one.
pub(crate) const STEPS: &[Step] = &[order_settled, add_parked];

/// 1 to 2: settled packets are ordered by their end, and counted.
fn order_settled(tx: &WriteTransaction) -> Result<(), redb::Error> {
    let (settled, mut settled_at) = (tx.open_table(SETTLED)?, tx.open_table(SETTLED_AT)?);
    for row in settled.iter()? {
        let (key, value) = row?;
        // A record that cannot be read stays as it is, and is named when somebody asks for it.
        let Ok(record) = decode_packet(value.value()) else {
            continue;
        };
        settled_at.insert((record.since().0, key.value()), ())?;
        change_totals(tx, &record, |totals| totals.settle(record.standing.stage))?;
    }
    Ok(())
}

/// 2 to 3: packets that only their application can move on are moved to a table of their own, by and by.
fn add_parked(tx: &WriteTransaction) -> Result<(), redb::Error> {
    drop(tx.open_table(PARKED)?);
    Ok(())
}

/// Brings the tables of `tx` to the newest schema of `steps`; a store without a schema is new and gets it.
pub(crate) fn migrate(path: &Path, tx: &WriteTransaction, steps: &[Step]) -> Result<(), StoreError> {
    let known = u64::try_from(steps.len()).unwrap_or(u64::MAX).saturating_add(1);
    let found = found(tx).map_err(|error| StoreError::of(path, error))?;
    let from = found.unwrap_or(known);
    if from > known {
        return Err(newer(path, from, known));
    }
    let done = usize::try_from(from.saturating_sub(1)).unwrap_or(usize::MAX);
    for step in steps.iter().skip(done) {
        step(tx).map_err(|error| StoreError::of(path, error))?;
    }
    if found == Some(known) {
        return Ok(());
    }
    let write = || -> Result<(), redb::Error> {
        tx.open_table(META)?.insert(SCHEMA_KEY, known)?;
        Ok(())
    };
    write().map_err(|error| StoreError::of(path, error))
}

/// The schema of the store; the table is closed again, because a step may open it.
fn found(tx: &WriteTransaction) -> Result<Option<u64>, redb::Error> {
    let meta = tx.open_table(META)?;
    let found = meta.get(SCHEMA_KEY)?.map(|value| value.value());
    Ok(found)
}

/// Refuses a store that is newer than this program.
pub(crate) fn newer(path: &Path, found: u64, known: u64) -> StoreError {
    let short = |version: u64| u32::try_from(version).unwrap_or(u32::MAX);
    StoreError::Newer {
        path: path.to_owned(),
        found: short(found),
        known: short(known),
    }
}
