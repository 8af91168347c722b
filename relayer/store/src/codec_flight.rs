//! Submissions as bytes, with the place of their transactions and how they ended.

use crate::bytes::{Reader, Unreadable, Writer};
use crate::codec::{read_end, read_packet_id, up_to, write_end, write_packet_id};
use chain::{
    BlockNumber, ChainName, Fee, Gas, Nonce, Outcome, Revert, Seat, Skip, SubmissionId, Ticket, TxHash,
    WeiPerGas,
};
use relayer_core::{FlightRecord, FlightState};
use wire::Seconds;

/// The version of submissions. In the first one nothing was skipped; up to the second one all went to EVM chains, and a
/// ticket was a nonce.
pub(crate) const FLIGHT_VERSION: u8 = 3;

pub(crate) fn encode_flight(record: &FlightRecord) -> Vec<u8> {
    let mut writer = Writer::default();
    let w = &mut writer;
    w.u8(FLIGHT_VERSION);
    w.u64(record.id.0);
    w.text(&record.chain.0);
    write_end(w, &record.end);
    w.list(record.packets.iter(), write_packet_id);
    w.u32(record.updates);
    w.u64(record.made.0);
    match &record.state {
        FlightState::Sending => w.u8(0),
        FlightState::Pending => w.u8(1),
        FlightState::Included(outcome) => {
            w.u8(2);
            write_outcome(w, outcome);
        }
        FlightState::Final(outcome) => {
            w.u8(3);
            write_outcome(w, outcome);
        }
        FlightState::Dropped => w.u8(4),
    }
    w.option(record.ticket.as_ref(), write_ticket);
    w.list(record.txs.iter(), |w, tx| w.hash(tx.0));
    w.u128(record.fee.max.0);
    w.u128(record.fee.tip.0);
    writer.finish()
}

pub(crate) fn decode_flight(bytes: &[u8]) -> Result<FlightRecord, Unreadable> {
    let mut reader = Reader::new(bytes);
    let r = &mut reader;
    let version = up_to(r, FLIGHT_VERSION)?;
    let record = FlightRecord {
        id: SubmissionId(r.u64()?),
        chain: ChainName(r.text()?),
        end: read_end(r)?,
        packets: r.list(read_packet_id)?,
        updates: r.u32()?,
        made: Seconds(r.u64()?),
        state: match r.u8()? {
            0 => FlightState::Sending,
            1 => FlightState::Pending,
            2 => FlightState::Included(read_outcome(r, version)?),
            3 => FlightState::Final(read_outcome(r, version)?),
            4 => FlightState::Dropped,
            found => {
                return Err(Unreadable::Tag {
                    kind: "a submission's state",
                    found,
                });
            }
        },
        ticket: r.option(|r| read_ticket(r, version))?,
        txs: r.list(|r| r.hash().map(TxHash))?,
        fee: Fee {
            max: WeiPerGas(r.u128()?),
            tip: WeiPerGas(r.u128()?),
        },
    };
    reader.finish()?;
    Ok(record)
}

fn write_outcome(w: &mut Writer, outcome: &Outcome) {
    w.u64(outcome.block.0);
    w.u64(outcome.gas.0);
    w.u128(outcome.price.0);
    w.option(outcome.reverted.as_ref(), |w, revert| {
        w.option(revert.message, Writer::u32);
        w.bytes(&revert.data);
        w.text(&revert.text);
        w.option(revert.gas, |w, gas| w.u64(gas.0));
    });
    w.list(outcome.skipped.iter(), |w, skip| {
        w.u32(skip.message);
        w.text(&skip.text);
    });
}

fn write_ticket(w: &mut Writer, ticket: &Ticket) {
    match ticket {
        Ticket::Nonce(nonce) => {
            w.u8(0);
            w.u64(nonce.0);
        }
        Ticket::Seat(seat) => {
            w.u8(1);
            w.text(&seat.account);
            w.u64(seat.sequence);
            w.u64(seat.signed_at.0);
            w.u64(seat.last.0);
        }
    }
}

fn read_ticket(r: &mut Reader<'_>, version: u8) -> Result<Ticket, Unreadable> {
    let kind = match version {
        1 | 2 => 0,
        _ => r.u8()?,
    };
    Ok(match kind {
        0 => Ticket::Nonce(Nonce(r.u64()?)),
        1 => Ticket::Seat(Seat {
            account: r.text()?,
            sequence: r.u64()?,
            signed_at: BlockNumber(r.u64()?),
            last: BlockNumber(r.u64()?),
        }),
        found => {
            return Err(Unreadable::Tag {
                kind: "a ticket",
                found,
            });
        }
    })
}

fn read_outcome(r: &mut Reader<'_>, version: u8) -> Result<Outcome, Unreadable> {
    Ok(Outcome {
        block: BlockNumber(r.u64()?),
        gas: Gas(r.u64()?),
        price: WeiPerGas(r.u128()?),
        reverted: r.option(|r| {
            Ok(Revert {
                message: r.option(Reader::u32)?,
                data: r.bytes()?.to_vec().into(),
                text: r.text()?,
                gas: r.option(|r| r.u64().map(Gas))?,
            })
        })?,
        skipped: match version {
            1 => Vec::new(),
            _ => r.list(|r| {
                Ok(Skip {
                    message: r.u32()?,
                    text: r.text()?,
                })
            })?,
        },
    })
}
