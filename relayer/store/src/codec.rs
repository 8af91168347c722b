//! Records as bytes: version byte, then the fields in the order of the type.
//!
//! A change of a type is a new version: reading keeps the old ones, writing always writes the newest.

use crate::bytes::{Reader, Unreadable, Writer, invalid};
use crate::codec_packet::{read_packet, write_packet};
use crate::codec_steps::{read_fact, read_standing, write_fact, write_standing};
use chain::{Blame, BlockNumber, ChainName, TxHash};
use relayer_core::{Change, Cursor, EndName, FrontCursor, PacketId, PacketRecord, Pruned, Totals, Trouble};
use std::sync::Arc;
use wire::{Acknowledgement, Seconds, Sequence};

/// The version that is written.
pub(crate) const VERSION: u8 = 1;
/// The version of packets. In the first one it was not written since when a packet is known; up to the second one all were of
/// IBC v2.
pub(crate) const PACKET_VERSION: u8 = 3;
/// The version of cursors. In the first one nothing was passed over, and before the third there was one reading of an end.
pub(crate) const CURSOR_VERSION: u8 = 3;

fn version(reader: &mut Reader<'_>) -> Result<(), Unreadable> {
    up_to(reader, VERSION).map(drop)
}

/// The version of a record whose newest one is `known`.
pub(crate) fn up_to(reader: &mut Reader<'_>, known: u8) -> Result<u8, Unreadable> {
    match reader.u8()? {
        found if (1..=known).contains(&found) => Ok(found),
        found => Err(Unreadable::Version { found, known }),
    }
}

/// The key of an end: chain and client or channel, each with its length, so that no two ends share a key.
pub(crate) fn end_key(end: &EndName) -> Vec<u8> {
    let mut writer = Writer::default();
    write_end(&mut writer, end);
    writer.finish()
}

/// The key of a packet: its end and its sequence, so that packets of an end follow each other in order.
pub(crate) fn packet_key(id: &PacketId) -> Vec<u8> {
    let mut key = end_key(&id.source);
    key.extend_from_slice(&id.sequence.get().to_be_bytes());
    key
}

pub(crate) fn encode_packet(record: &PacketRecord) -> Vec<u8> {
    let mut writer = Writer::default();
    let w = &mut writer;
    w.u8(PACKET_VERSION);
    write_packet_id(w, &record.id);
    write_packet(w, &record.packet);
    write_standing(w, record.standing);
    w.u64(record.sent.0);
    w.hash(record.sent_tx.0);
    w.u8(u8::from(record.is_proven));
    w.option(record.acknowledgement.as_ref(), |w, (ack, block)| {
        w.bytes(ack.as_bytes());
        w.u64(block.0);
    });
    w.option(record.settled, |w, block| w.u64(block.0));
    w.u32(record.attempts);
    w.u64(record.not_before.0);
    w.option(record.trouble.as_ref(), write_trouble);
    w.list(record.history.iter(), write_change);
    w.u32(record.history_dropped);
    w.u64(record.known_since.0);
    writer.finish()
}

pub(crate) fn decode_packet(bytes: &[u8]) -> Result<PacketRecord, Unreadable> {
    let mut reader = Reader::new(bytes);
    let r = &mut reader;
    let version = up_to(r, PACKET_VERSION)?;
    let mut record = PacketRecord {
        id: read_packet_id(r)?,
        packet: Arc::new(read_packet(r, version)?),
        standing: read_standing(r)?,
        sent: BlockNumber(r.u64()?),
        sent_tx: TxHash(r.hash()?),
        known_since: Seconds(0),
        is_proven: match r.u8()? {
            0 => false,
            1 => true,
            found => {
                return Err(Unreadable::Tag {
                    kind: "a truth value",
                    found,
                });
            }
        },
        acknowledgement: r.option(|r| {
            let ack = Acknowledgement::new(r.bytes()?).map_err(invalid("an acknowledgement"))?;
            Ok((ack, BlockNumber(r.u64()?)))
        })?,
        settled: r.option(|r| r.u64().map(BlockNumber))?,
        attempts: r.u32()?,
        not_before: Seconds(r.u64()?),
        trouble: r.option(read_trouble)?,
        history: r.list(read_change)?,
        history_dropped: r.u32()?,
    };
    record.known_since = match version {
        // The nearest that the first version knew.
        1 => record
            .history
            .first()
            .map_or(record.not_before, |change| change.at),
        _ => Seconds(r.u64()?),
    };
    reader.finish()?;
    Ok(record)
}

pub(crate) fn encode_cursor(cursor: &Cursor) -> Vec<u8> {
    let mut w = Writer::default();
    w.u8(CURSOR_VERSION);
    write_end(&mut w, &cursor.end);
    w.u64(cursor.next.0);
    w.option(cursor.last, |w, sequence| w.u64(sequence.get()));
    w.list(cursor.passed.iter(), |w, (sequence, block)| {
        w.u64(sequence.get());
        w.u64(block.0);
    });
    w.u64(cursor.unread.0);
    w.list(cursor.ended.iter(), |w, sequence| w.u64(sequence.get()));
    w.option(cursor.front.as_ref(), |w, front| {
        w.u64(front.next.0);
        w.list(front.taken.iter(), |w, (first, last)| {
            w.u64(first.get());
            w.u64(last.get());
        });
    });
    w.finish()
}

pub(crate) fn decode_cursor(bytes: &[u8]) -> Result<Cursor, Unreadable> {
    let mut r = Reader::new(bytes);
    let version = up_to(&mut r, CURSOR_VERSION)?;
    let (end, next) = (read_end(&mut r)?, BlockNumber(r.u64()?));
    let cursor = Cursor {
        end,
        next,
        last: r.option(read_sequence)?,
        passed: match version {
            1 => Vec::new(),
            _ => r.list(|r| Ok((read_sequence(r)?, BlockNumber(r.u64()?))))?,
        },
        unread: match version {
            1 | 2 => next,
            _ => BlockNumber(r.u64()?),
        },
        ended: match version {
            1 | 2 => Vec::new(),
            _ => r.list(read_sequence)?,
        },
        front: match version {
            1 | 2 => None,
            _ => r.option(read_front)?,
        },
    };
    r.finish()?;
    Ok(cursor)
}

fn read_front(r: &mut Reader<'_>) -> Result<FrontCursor, Unreadable> {
    Ok(FrontCursor {
        next: BlockNumber(r.u64()?),
        taken: r.list(|r| Ok((read_sequence(r)?, read_sequence(r)?)))?,
    })
}

pub(crate) fn encode_totals(totals: &Totals) -> Vec<u8> {
    let mut w = Writer::default();
    w.u8(VERSION);
    for count in [totals.acked, totals.timed_out, totals.refused] {
        w.u64(count);
    }
    w.option(totals.pruned, |w, pruned| {
        w.u64(pruned.count);
        w.u64(pruned.first.get());
        w.u64(pruned.last.get());
        w.u64(pruned.ended.0);
    });
    w.finish()
}

pub(crate) fn decode_totals(bytes: &[u8]) -> Result<Totals, Unreadable> {
    let mut r = Reader::new(bytes);
    version(&mut r)?;
    let totals = Totals {
        acked: r.u64()?,
        timed_out: r.u64()?,
        refused: r.u64()?,
        pruned: r.option(|r| {
            Ok(Pruned {
                count: r.u64()?,
                first: read_sequence(r)?,
                last: read_sequence(r)?,
                ended: Seconds(r.u64()?),
            })
        })?,
    };
    r.finish()?;
    Ok(totals)
}

pub(crate) fn write_end(w: &mut Writer, end: &EndName) {
    w.text(&end.chain.0);
    w.text(&end.id.to_string());
}

pub(crate) fn read_end(r: &mut Reader<'_>) -> Result<EndName, Unreadable> {
    let chain = ChainName(r.text()?);
    let id = r.text()?.parse().map_err(invalid("a client or a channel"))?;
    Ok(EndName { chain, id })
}

pub(crate) fn write_packet_id(w: &mut Writer, id: &PacketId) {
    write_end(w, &id.source);
    w.u64(id.sequence.get());
}

pub(crate) fn read_packet_id(r: &mut Reader<'_>) -> Result<PacketId, Unreadable> {
    Ok(PacketId {
        source: read_end(r)?,
        sequence: read_sequence(r)?,
    })
}

pub(crate) fn read_sequence(r: &mut Reader<'_>) -> Result<Sequence, Unreadable> {
    Sequence::new(r.u64()?).map_err(invalid("a sequence"))
}

fn write_change(w: &mut Writer, change: &Change) {
    w.u64(change.at.0);
    write_standing(w, change.standing);
    write_fact(w, &change.fact);
    w.option(change.source, |w, block| w.u64(block.0));
    w.option(change.destination, |w, block| w.u64(block.0));
}

fn read_change(r: &mut Reader<'_>) -> Result<Change, Unreadable> {
    Ok(Change {
        at: Seconds(r.u64()?),
        standing: read_standing(r)?,
        fact: read_fact(r)?,
        source: r.option(|r| r.u64().map(BlockNumber))?,
        destination: r.option(|r| r.u64().map(BlockNumber))?,
    })
}

fn write_trouble(w: &mut Writer, trouble: &Trouble) {
    w.u64(trouble.at.0);
    w.u8(match trouble.blame {
        Blame::Peer => 0,
        Blame::Chain => 1,
        Blame::Operator => 2,
        Blame::Us => 3,
    });
    w.text(&trouble.text);
}

fn read_trouble(r: &mut Reader<'_>) -> Result<Trouble, Unreadable> {
    let at = Seconds(r.u64()?);
    let blame = match r.u8()? {
        0 => Blame::Peer,
        1 => Blame::Chain,
        2 => Blame::Operator,
        3 => Blame::Us,
        found => {
            return Err(Unreadable::Tag {
                kind: "a blame",
                found,
            });
        }
    };
    Ok(Trouble::new(at, blame, &r.text()?))
}
