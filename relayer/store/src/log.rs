//! The event log: one line for every stage change of a packet and every change of a submission, newest kept.
//!
//! Bound: at most so many lines a day and so many days ([`relayer_core::Keep`]). When a day is full its later lines are counted, not kept: the
//! records themselves are never bounded this way.

use relayer_core::Record;
use wire::Seconds;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// When (Unix seconds).
    pub at: Seconds,
    /// What happened, with the packet's or submission's id.
    pub text: String,
}

/// Seconds of a day; days are counted from the Unix epoch.
const DAY: u64 = 86_400;

pub(crate) fn day_of(at: Seconds) -> u32 {
    u32::try_from(at.0 / DAY).unwrap_or(u32::MAX)
}

/// The line that a record stands for; none for cursors, which move with every page, nor where nothing moves.
pub(crate) fn line(record: &Record) -> Option<LogEntry> {
    match record {
        Record::Packet(packet) => {
            let at = packet.since();
            let why = packet.history.last().map_or_else(
                || format!("sent in block {} by {}", packet.sent, packet.sent_tx),
                |change| change.fact.to_string(),
            );
            let (leg, stage) = (packet.standing.leg, packet.standing.stage);
            Some(LogEntry {
                at,
                text: format!("packet {} {leg}: {stage}: {why}", packet.id),
            })
        }
        Record::Flight(flight) => {
            let tx = flight
                .txs
                .last()
                .map_or_else(|| "not sent".to_owned(), ToString::to_string);
            let state = match &flight.state {
                relayer_core::FlightState::Sending => "sending",
                relayer_core::FlightState::Pending => "pending",
                relayer_core::FlightState::Included(_) => "included",
                relayer_core::FlightState::Final(_) => "final",
                relayer_core::FlightState::Dropped => "dropped",
            };
            let count = flight.packets.len();
            let text = format!(
                "submission {} to {}: {state}: {count} packets, {tx}",
                flight.id.0, flight.end
            );
            Some(LogEntry {
                at: flight.made,
                text,
            })
        }
        // A packet that is parked has not moved, and one that was never sent did not either.
        Record::Parked(_) | Record::Unsent(_) | Record::Cursor(_) => None,
    }
}
